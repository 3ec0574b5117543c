#include "wire/message.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

#include "base/check.hpp"
#include "wire/limits.hpp"

namespace comity::wire {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using Error = boost::beast::error_code;

std::string lower(string_view text) {
  std::string out(text.data(), text.size());
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = char(c + ('a' - 'A'));
  return out;
}

/// Collects a head as Beast's parser finds it. It is shown one whole head and nothing of a body.
template <bool is_request>
class Collector final : public http::basic_parser<is_request> {
 public:
  explicit Collector(Head& head) : head_(head) {
    this->eager(false);
    this->header_limit(k_head_bytes_max + 1);
    this->body_limit(boost::none);
  }

  bool has_too_many_fields() const { return has_too_many_fields_; }

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       Error& error) override {
    if (version != 11) error = http::error::bad_version;
    head_.method = method;
    head_.target = target;
  }
  void on_response_impl(int status, string_view, int version, Error& error) override {
    if (version != 11) error = http::error::bad_version;
    head_.status = status;
  }
  void on_field_impl(http::field, string_view name, string_view value, Error& error) override {
    has_too_many_fields_ = head_.fields.size() >= k_head_fields_max;
    if (has_too_many_fields_)
      error = http::error::header_limit;
    else
      head_.fields.emplace_back(lower(name), std::string(value));
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(string_view, Error&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, Error&) override { return 0; }
  void on_finish_impl(Error&) override {}

  Head& head_;
  bool has_too_many_fields_ = false;
};

auto broken(const std::string& what) {
  return fault(FaultCode::peer_protocol, what);
}

/// RFC 9112 §5.2 lets a server refuse folded lines, and a bare CR or NUL is never right.
Result<void> check_raw(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == 0) return broken("a NUL in the head");
    if (head[i] == '\r' && head.substr(i + 1, 1) != "\n") return broken("a bare CR in the head");
    if (head[i] == '\n' && (i == 0 || head[i - 1] != '\r')) return broken("a bare LF in the head");
    if (head[i] == '\n' && i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t'))
      return broken("a folded header line");
  }
  return {};
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// One length, said once (RFC 9112 §6.3, the shapes of request smuggling).
Result<void> check_framing(Head& head) {
  const std::string* length = nullptr;
  const std::string* encoding = nullptr;
  for (const auto& [name, value] : head.fields) {
    if (name == "content-length") {
      if (length) return broken("Content-Length comes twice");
      length = &value;
    } else if (name == "transfer-encoding") {
      if (encoding) return broken("Transfer-Encoding comes twice");
      encoding = &value;
    }
  }
  if (length && encoding) return broken("both Content-Length and Transfer-Encoding");
  if (encoding && lower(*encoding) != "chunked") return broken("an unknown Transfer-Encoding");
  if (length && !is_digits(*length)) return broken("Content-Length is not a number");
  head.chunked = encoding != nullptr;
  if (length) {
    std::uint64_t value = 0;
    for (const char c : *length) value = value * 10 + std::uint64_t(c - '0');
    head.length = value;
  }
  return {};
}

template <bool is_request>
Result<void> parse(std::string_view raw, Head& head) {
  Collector<is_request> parser(head);
  Error error;
  const std::size_t used = parser.put({raw.data(), raw.size()}, error);
  if (parser.has_too_many_fields()) return fault(FaultCode::limit_count, "headers");
  if (error) return broken("the head: " + error.message());
  if (used != raw.size() || !parser.is_header_done()) return broken("the head ends early");
  head.keep_alive = parser.keep_alive();
  return {};
}

}  // namespace

Result<std::size_t> MessageReader::take_head(View bytes) {
  CHECK(!has_head_);
  const auto offered = as_text(bytes.first(std::min(bytes.size(), k_head_bytes_max)));
  const auto end = offered.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() > k_head_bytes_max) return fault(FaultCode::limit_size, "the head");
    return 0;
  }
  const auto raw = offered.substr(0, end + 4);
  TRY(check_raw(raw));
  if (kind_ == Kind::request)
    TRY(parse<true>(raw, head_));
  else
    TRY(parse<false>(raw, head_));
  TRY(check_framing(head_));

  const bool is_bodiless = kind_ == Kind::answer_without_body || head_.status / 100 == 1 ||
                           head_.status == 204 || head_.status == 304;  // RFC 9112 §6.3
  if (is_bodiless)
    body_ = BodyReader::none();
  else if (head_.chunked)
    body_ = BodyReader::chunked();
  else if (head_.length)
    body_ = BodyReader::of_length(*head_.length);
  else if (kind_ != Kind::request)  // without a length, a body that was cut would look whole
    return broken("an answer without a length");
  has_head_ = true;
  return raw.size();
}

}  // namespace comity::wire
