#include "wire/message.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <variant>

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

/// Collects what Beast's parser finds; copies only the head, never the body.
template <bool is_request>
class Collector final : public http::basic_parser<is_request> {
 public:
  explicit Collector(bool bodiless) {
    this->eager(false);  // one piece a call, so that a body is a view into the caller's bytes
    this->skip(bodiless);
    this->header_limit(k_head_bytes_max + 1);
    this->body_limit(boost::none);  // whoever takes the body counts it
  }

  Head head;
  View piece;
  bool too_many_fields = false;

 private:
  static View view(string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       Error& error) override {
    if (version != 11) error = http::error::bad_version;
    head.method = method;
    head.target = target;
  }
  void on_response_impl(int status, string_view, int version, Error& error) override {
    if (version != 11) error = http::error::bad_version;
    head.status = status;
  }
  void on_field_impl(http::field, string_view name, string_view value, Error& error) override {
    // Trailers could add to what was already judged (RFC 9110 §6.5.1); we have no use for any.
    if (this->is_header_done()) error = http::error::bad_chunk;
    too_many_fields = head.fields.size() >= k_head_fields_max;
    if (too_many_fields) error = http::error::header_limit;
    if (!error) head.fields.emplace_back(lower(name), std::string(value));
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(string_view body, Error&) override {
    piece = view(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view extensions, Error& error) override {
    if (!extensions.empty()) error = http::error::bad_chunk_extension;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, Error&) override {
    piece = view(body);
    return body.size();
  }
  void on_finish_impl(Error&) override {}
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

}  // namespace

const std::string* Head::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

class MessageReader::Parser {
 public:
  explicit Parser(Kind kind)
      : parser_(kind == Kind::request
                    ? Either(std::in_place_type<Request>, false)
                    : Either(std::in_place_type<Answer>, kind == Kind::answer_without_body)) {}

  template <typename Do>
  decltype(auto) with(Do&& then) {
    return std::visit(std::forward<Do>(then), parser_);
  }

 private:
  using Request = Collector<true>;
  using Answer = Collector<false>;
  using Either = std::variant<Request, Answer>;
  Either parser_;
};

MessageReader::MessageReader(Kind kind) : parser_(std::make_unique<Parser>(kind)) {}
MessageReader::~MessageReader() = default;

Result<std::size_t> MessageReader::take_head(View bytes) {
  const auto offered = as_text(bytes.first(std::min(bytes.size(), k_head_bytes_max)));
  const auto end = offered.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() > k_head_bytes_max) return fault(FaultCode::limit_size, "the head");
    return 0;
  }
  const std::size_t size = end + 4;
  TRY(check_raw(offered.substr(0, size)));
  return parser_->with([&](auto& parser) -> Result<std::size_t> {
    Error error;
    const std::size_t used = parser.put({bytes.data(), size}, error);
    if (parser.too_many_fields) return fault(FaultCode::limit_count, "headers");
    if (error) return broken("the head: " + error.message());
    if (used != size || !parser.is_header_done()) return broken("the head ends early");
    TRY(check_framing(parser.head));
    if (parser.need_eof()) {
      // Without a length, a body that was cut would look whole.
      return broken("a body without a length");
    }
    parser.head.keep_alive = parser.keep_alive();
    return size;
  });
}

const Head& MessageReader::head() const {
  return parser_->with([](auto& parser) -> const Head& { return parser.head; });
}

Result<MessageReader::Piece> MessageReader::take_body(View bytes) {
  return parser_->with([&](auto& parser) -> Result<Piece> {
    CHECK(parser.is_header_done() && !parser.is_done());
    Error error;
    parser.piece = {};
    if (bytes.empty()) return Piece{};
    const std::size_t used = parser.put({bytes.data(), bytes.size()}, error);
    if (error && error != http::error::need_more) return broken("the body: " + error.message());
    return Piece{used, parser.piece};
  });
}

bool MessageReader::done() const {
  return parser_->with([](auto& parser) { return parser.is_done(); });
}

}  // namespace comity::wire
