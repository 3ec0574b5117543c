#include "wire/head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "wire/limits.hpp"
#include "wire/problem.hpp"

namespace comity::wire {
namespace {

namespace urls = boost::urls;

auto refuse(const std::string& what) {
  return fault(FaultCode::bad_usage, what);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Fields that are lists by definition; any other may come once.
constexpr std::array<std::string_view, 8> k_list_fields = {
    "accept",        "accept-charset", "accept-encoding", "accept-language",
    "cache-control", "connection",     "pragma",          "via"};

/// Fields that only wire may write.
constexpr std::array<std::string_view, 4> k_framing_fields = {"connection", "content-length",
                                                              "content-type", "transfer-encoding"};

Result<std::string> path_of(const urls::url_view& url) {
  std::string path;
  if (!url.is_path_absolute()) return refuse("the path is not absolute");
  const auto segments = url.segments();
  if (segments.empty()) return "/";
  for (const auto segment : segments) {
    if (segment.empty()) return refuse("the path has an empty segment");
    if (segment == "." || segment == "..") return refuse("the path has a dot segment");
    for (const char c : segment) {
      if (c == '/' || c == '\\') return refuse("the path has an encoded slash");
      if (is_control(c) || static_cast<unsigned char>(c) >= 0x80)
        return refuse("the path has a character that no address here has");
    }
    path += '/';
    path += segment;
  }
  return path;
}

Result<void> query_into(const urls::url_view& url, std::map<std::string, std::string>& query) {
  if (!url.has_query() || url.encoded_query().empty()) return {};
  urls::encoding_opts options;
  options.space_as_plus = true;  // as browsers write forms; a plus itself always comes as %2B
  for (const auto parameter : url.params(options)) {
    const std::string name(parameter.key);
    const std::string value(parameter.value);
    if (name.empty() || std::any_of(name.begin(), name.end(), is_control) ||
        std::any_of(value.begin(), value.end(), is_control))
      return refuse("the query has an empty name or a control character");
    if (query.size() == k_query_names_max) return fault(FaultCode::limit_count, "the query");
    if (!query.emplace(name, value).second) return refuse("the query has a name twice: " + name);
  }
  return {};
}

Result<void> headers_into(const Head& head, std::map<std::string, std::string>& headers) {
  for (const auto& [name, value] : head.fields) {
    if (std::any_of(value.begin(), value.end(), is_control))
      return refuse("a header has a control character: " + name);
    const auto [at, is_new] = headers.emplace(name, value);
    if (is_new) continue;
    if (std::find(k_list_fields.begin(), k_list_fields.end(), name) == k_list_fields.end())
      return refuse("a header comes twice: " + name);
    at->second += ", " + value;
  }
  return {};
}

/// One range "bytes=first-[last]"; any other form may be ignored (RFC 9110 §14.2).
decltype(node::Call::range) range_of(std::string_view text) {
  constexpr std::string_view unit = "bytes=";
  if (!text.starts_with(unit)) return {};
  text.remove_prefix(unit.size());
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return {};
    return value;
  };
  const auto first = number(text.substr(0, dash));
  if (!first) return {};
  const auto rest = text.substr(dash + 1);
  if (rest.empty()) return {{*first, std::nullopt}};
  const auto last = number(rest);
  if (!last || *last < *first) return {};
  return {{*first, last}};
}

}  // namespace

bool is_framing_field(std::string_view name) {
  return std::any_of(k_framing_fields.begin(), k_framing_fields.end(), [&](std::string_view own) {
    return std::equal(name.begin(), name.end(), own.begin(), own.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), is_control);
}

Result<node::Call> call_of(const Head& head, node::Door door) {
  node::Call call;
  call.door = door;
  call.method = head.method;
  call.target = head.target;
  if (!std::all_of(head.method.begin(), head.method.end(),
                   [](char c) { return c >= 'A' && c <= 'Z'; }))
    return refuse("the method is not a plain word");
  const auto url = urls::parse_origin_form(head.target);
  if (!url) return refuse("the target is not a path and query");
  TRY_LET(call.path, path_of(*url));
  TRY(query_into(*url, call.query));
  TRY(headers_into(head, call.headers));
  const auto host = call.headers.find("host");
  if (host == call.headers.end() || host->second.empty()) return refuse("no Host");
  if (const auto range = call.headers.find("range");
      range != call.headers.end() && call.method == "GET")
    call.range = range_of(range->second);
  return call;
}

Result<void> check_same_site(const node::Call& call, std::string_view host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string_view::npos;
  const std::array<std::string, 2> own = {
      is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port),
      fmt::format("localhost:{}", port)};
  const auto is_own = [&](std::string_view authority) {
    return std::find(own.begin(), own.end(), authority) != own.end();
  };
  if (!is_own(call.headers.at("host")))
    return fault(FaultCode::forbidden, "Host is not this console's");
  if (const auto origin = call.headers.find("origin"); origin != call.headers.end()) {
    // The page's own origin, to the letter: another port of loopback is another program's.
    if (origin->second != "http://" + call.headers.at("host"))
      return fault(FaultCode::forbidden, "Origin is not this console's");
  }
  if (const auto site = call.headers.find("sec-fetch-site"); site != call.headers.end()) {
    if (site->second != "same-origin" && site->second != "none")
      return fault(FaultCode::forbidden, "the call comes from another site");
  }
  return {};
}

std::string answer_head(const node::Answer& answer, std::optional<std::uint64_t> length,
                        bool keep_alive) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, reason_phrase(answer.status));
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  const bool is_bodiless = answer.status == 204 || answer.status == 304;
  if (!is_bodiless && !answer.content_type.empty() && is_field_value(answer.content_type))
    add("Content-Type", answer.content_type);
  if (!length)
    add("Transfer-Encoding", "chunked");
  else if (!is_bodiless)
    add("Content-Length", std::to_string(*length));
  for (const auto& [name, value] : answer.headers)
    if (is_token(name) && is_field_value(value) && !is_framing_field(name)) add(name, value);
  if (!keep_alive) add("Connection", "close");
  head += "\r\n";
  return head;
}

}  // namespace comity::wire
