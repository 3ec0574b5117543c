#include "cli/node.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_view.hpp"
#include "cli/page.hpp"

namespace comity::cli {
namespace {

constexpr int k_answer_deadline_s = 120;
constexpr int k_alive_deadline_s = 10;
constexpr std::size_t k_id_digits = 32;
constexpr std::size_t k_prefix_digits_min = 6;
constexpr std::size_t k_exchanges_page = 1000, k_items_page = 200;  // as the node gives at most
constexpr formats::JsonLimits k_answer_limits{.bytes_max = wire::k_answer_bytes_max,
                                              .depth_max = 64};

Result<Json> answer_of(const wire::Response& response) {
  if (response.status < 200 || response.status > 299)
    return std::unexpected(fault_of(response.status, response.body));
  if (response.body.empty()) return Json::object();
  return formats::parse_json(response.body, k_answer_limits);
}

std::vector<std::string> ids_in(const Json& answer, std::string_view list, std::string_view key) {
  std::vector<std::string> ids;
  for (const auto& item : items_at(answer, list)) {
    auto id = text_at(item, key);
    if (id.empty()) id = text_at(item, "id");
    ids.push_back(std::move(id));
  }
  return ids;
}

Result<void> check_prefix(std::string_view prefix) {
  const bool is_hex = prefix.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (is_hex && prefix.size() >= k_prefix_digits_min && prefix.size() <= k_id_digits) return {};
  return fault(FaultCode::bad_usage,
               fmt::format("'{}': an id, or at least {} of its first digits, in small letters",
                           prefix, k_prefix_digits_min));
}

/// A call that the node itself broke off is no matter of another State's node.
std::unexpected<Fault> broken(const Fault& fault) {
  if (fault.code != FaultCode::peer_unreachable) return std::unexpected(fault);
  return comity::fault(FaultCode::node_down,
                       "it ended before it answered (" + fault.detail + "); its log says why");
}

}  // namespace

Result<Node> Node::reach(Context& context) {
  TRY_LET(auto home, store::Home::open(context.home_directory()));
  std::vector<OfficerKey> officers;
  for (const auto& file : context.officer_files()) {
    TRY_LET(auto officer, OfficerKey::load(file));
    officers.push_back(std::move(officer));
  }
  TRY_LET(auto client, wire::Client::over_socket(home.socket().string()));
  return Node(context, std::move(home), std::move(officers), std::move(client));
}

wire::Headers Node::headers(const OfficerKey* officer, std::string_view method,
                            std::string_view target, std::optional<View> body) {
  wire::Headers headers;
  if (body && !body->empty()) headers["content-type"] = "application/json";
  if (officer != nullptr)
    headers["comity-officer"] = officer->call_header(method, target, home_.settings().state,
                                                     context_->clock.now(), context_->random, body);
  return headers;
}

Result<Json> Node::ask(const OfficerKey* officer, std::string_view method,
                       const std::string& target, const std::optional<Json>& body, int deadline_s) {
  const std::string text = body ? formats::canonical(*body) : std::string();
  const auto response = client_.ask(
      method, target, headers(officer, method, target, as_bytes(text)), as_bytes(text), deadline_s);
  if (!response) {
    const auto code = response.error().code;
    if (method != "GET" && code != FaultCode::node_down)
      context_->kept =
          "It is not known whether the node carried this out: look before you repeat it.";
    return broken(response.error());
  }
  return answer_of(*response);
}

Result<Json> Node::get(std::string_view path, const Query& query) {
  return ask(first(), "GET", wire::target(path, query), std::nullopt, k_answer_deadline_s);
}

Result<Json> Node::post(std::string_view path, const Json& body) {
  return post_as(first(), path, body);
}

Result<Json> Node::post_as(const OfficerKey* officer, std::string_view path, const Json& body) {
  return ask(officer, "POST", std::string(path), body, k_answer_deadline_s);
}

Result<Json> Node::post_slowly(std::string_view path, const Json& body, int deadline_s) {
  return ask(first(), "POST", std::string(path), body, deadline_s);
}

Result<Json> Node::remove(std::string_view path) {
  return ask(first(), "DELETE", std::string(path), std::nullopt, k_answer_deadline_s);
}

Result<Json> Node::put(std::string_view path, node::Source& source, int stall_s) {
  client_.set_stall_s(stall_s);
  const auto response =
      client_.send_bulk("PUT", path, headers(first(), "PUT", path, std::nullopt), source);
  if (!response) return broken(response.error());
  return answer_of(*response);
}

Result<Json> Node::put_file(std::string_view path, int file) {
  const auto response =
      client_.send_file("PUT", path, headers(first(), "PUT", path, std::nullopt), file);
  if (!response) return broken(response.error());
  return answer_of(*response);
}

Result<void> Node::fetch(std::string_view path, const Query& query, node::Sink& sink) {
  client_.set_stall_s(k_bulk_stall_s);
  const std::string target = wire::target(path, query);
  const auto response = client_.fetch("GET", target, headers(first(), "GET", target, View()), sink);
  if (!response) {
    // A node that is there all the same broke off because what lies on its disk fails its check.
    const bool is_there = response.error().code == FaultCode::peer_unreachable &&
                          client_.ask("GET", "/healthz", {}, {}, k_alive_deadline_s);
    if (!is_there) return broken(response.error());
    return fault(FaultCode::evidence_hash,
                 "the node broke it off; its log names the place, and so does 'comity log check "
                 "--evidence' while it rests");
  }
  if (response->status < 200 || response->status > 299)
    return std::unexpected(fault_of(response->status, response->body));
  return {};
}

Result<void> Node::listen(std::string_view path, node::Sink& sink, int stall_s) {
  TRY_LET(auto client, wire::Client::over_socket(home_.socket().string()));
  client.set_stall_s(stall_s);
  const auto response = client.fetch("GET", path, headers(first(), "GET", path, View()), sink);
  if (!response) return broken(response.error());
  if (response->status < 200 || response->status > 299)
    return std::unexpected(fault_of(response->status, response->body));
  return {};
}

/// Two are enough to know that the digits fit several.
Result<Json> Node::beginning_with(std::string_view path, std::string_view prefix) {
  TRY(check_prefix(prefix));
  return get(path, {{"id", std::string(prefix)}, {"limit", "2"}});
}

Result<std::string> Node::exchange_id(std::string_view prefix) {
  if (prefix.size() == k_id_digits) return std::string(prefix);
  TRY_LET(const Json known, beginning_with("/v1/exchanges", prefix));
  return by_prefix(prefix, ids_in(known, "exchanges", "id"), "exchange");
}

Result<std::string> Node::draft_id(std::string_view prefix) {
  if (prefix.size() == k_id_digits) return std::string(prefix);
  TRY_LET(const Json known, get("/v1/drafts"));
  return by_prefix(prefix, ids_in(known, "drafts", "draft"), "draft");
}

Result<std::string> Node::item_id(std::string_view prefix) {
  if (prefix.size() == k_id_digits) return std::string(prefix);
  TRY_LET(const Json known, beginning_with("/v1/items", prefix));
  return by_prefix(prefix, ids_in(known, "items", "id"), "item");
}

Result<Json> Node::exchanges(Query query, std::size_t most) {
  return pages("/v1/exchanges", "exchanges", std::move(query), most, k_exchanges_page);
}

Result<Json> Node::items(Query query, std::size_t most) {
  return pages("/v1/items", "items", std::move(query), most, k_items_page);
}

Result<Json> Node::pages(std::string_view path, std::string_view name, Query query,
                         std::size_t most, std::size_t page_size) {
  auto all = Json::array();
  for (;;) {
    auto asked = query;
    asked.emplace_back("limit", std::to_string(std::min(page_size, most - all.size())));
    TRY_LET(Json page, get(path, asked));
    for (const auto& one : items_at(page, name)) all.push_back(one);
    const Json* next = page.find("next");
    if (next == nullptr || !next->is_text() || all.size() >= most)
      return page.set(std::string(name), std::move(all));
    std::erase_if(query, [](const auto& one) { return one.first == "after"; });
    query.emplace_back("after", next->text());
  }
}

Result<std::size_t> list_limit(std::int64_t given) {
  if (given < 1) return fault(FaultCode::bad_usage, "--limit must be 1 or more");
  return static_cast<std::size_t>(given);
}

void tell_more(const Json& answer) {
  const Json* next = answer.find("next");
  if (next != nullptr && next->is_text())
    say_aside("There are more: name what is looked for, or a larger --limit.\n");
}

Fault fault_of(int status, View body) {
  const auto json = formats::parse_json(body, k_answer_limits);
  if (json) {
    const auto code = fault_code(text_at(*json, "code"));
    if (code) return {*code, text_at(*json, "detail")};
  }
  return {FaultCode::peer_protocol, fmt::format("the node answered with status {}", status)};
}

Result<std::string> by_prefix(std::string_view prefix, const std::vector<std::string>& ids,
                              std::string_view what) {
  TRY(check_prefix(prefix));
  std::string found;
  for (const auto& id : ids) {
    if (!id.starts_with(prefix)) continue;
    if (!found.empty() && found != id)
      return fault(FaultCode::bad_usage,
                   fmt::format("more than one {} begins with {}", what, prefix));
    found = id;
  }
  if (found.empty())
    return fault(FaultCode::not_found, fmt::format("no {} begins with {}", what, prefix));
  return found;
}

}  // namespace comity::cli
