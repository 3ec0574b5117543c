#include <boost/json/basic_parser_impl.hpp>

#include "base/check.hpp"
#include "formats/json.hpp"

namespace comity::formats {
namespace {

namespace boost_json = boost::json;
using ErrorCode = boost_json::error_code;

/// Takes the parser's events and builds the value. The DOM of Boost.JSON would keep the last of
/// two equal keys and turn 1e400 into infinity; here both are faults.
struct Builder {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  struct Open {
    Json value;              // an array or object still being read
    Json* member = nullptr;  // of the object: the one being read (a map keeps its nodes in place)
  };
  std::vector<Open> open;
  Json root;
  std::string partial;
  std::string_view why;  // set when an event is refused

  bool refuse(std::string_view reason, ErrorCode& ec) {
    why = reason;
    ec = boost_json::error::syntax;
    return false;
  }

  void add(Json value) {
    if (open.empty()) {
      root = std::move(value);
    } else if (auto& [parent, member] = open.back(); parent.is_array()) {
      parent.push_back(std::move(value));
    } else {
      *member = std::move(value);
    }
  }

  bool close() {
    Json value = std::move(open.back().value);
    open.pop_back();
    add(std::move(value));
    return true;
  }

  bool integer(std::int64_t value, boost_json::string_view digits, ErrorCode& ec) {
    if (digits.find_first_not_of("-0123456789") != boost_json::string_view::npos)
      return refuse("a number that is not an integer", ec);
    if (value == 0 && digits.starts_with('-')) return refuse("minus zero", ec);
    if (value < -k_json_integer_max || value > k_json_integer_max)
      return refuse("an integer beyond 2^53 - 1", ec);
    add(Json(value));
    return true;
  }

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_array_begin(ErrorCode&) {
    open.push_back({Json::array()});
    return true;
  }
  bool on_array_end(std::size_t, ErrorCode&) { return close(); }
  bool on_object_begin(ErrorCode&) {
    open.push_back({Json::object()});
    return true;
  }
  bool on_object_end(std::size_t, ErrorCode&) { return close(); }
  bool on_string_part(boost_json::string_view part, std::size_t, ErrorCode&) {
    partial.append(part.data(), part.size());
    return true;
  }
  bool on_string(boost_json::string_view part, std::size_t, ErrorCode& ec) {
    partial.append(part.data(), part.size());
    if (!is_plain_text(partial)) return refuse("a control character in text", ec);
    add(Json(std::exchange(partial, {})));
    return true;
  }
  bool on_key_part(boost_json::string_view part, std::size_t n, ErrorCode& ec) {
    return on_string_part(part, n, ec);
  }
  bool on_key(boost_json::string_view part, std::size_t, ErrorCode& ec) {
    partial.append(part.data(), part.size());
    for (const char c : partial)
      if (c < ' ' || c > '~') return refuse("a key outside printable ASCII", ec);
    auto& [object, member] = open.back();
    const auto [at, is_new] = object.members().emplace(std::exchange(partial, {}), Json());
    if (!is_new) return refuse("a key that comes twice", ec);
    member = &at->second;
    return true;
  }
  bool on_number_part(boost_json::string_view, ErrorCode&) { return true; }
  bool on_int64(std::int64_t value, boost_json::string_view digits, ErrorCode& ec) {
    return integer(value, digits, ec);
  }
  bool on_uint64(std::uint64_t, boost_json::string_view, ErrorCode& ec) {
    return refuse("an integer beyond 2^53 - 1", ec);
  }
  bool on_double(double, boost_json::string_view, ErrorCode& ec) {
    return refuse("a number that is not an integer within 2^53 - 1", ec);
  }
  bool on_bool(bool value, ErrorCode&) {
    add(Json(value));
    return true;
  }
  bool on_null(ErrorCode&) {
    add(Json());
    return true;
  }
  bool on_comment_part(boost_json::string_view, ErrorCode&) { return true; }
  bool on_comment(boost_json::string_view, ErrorCode&) { return true; }
};

}  // namespace

Result<Json> parse_json(View bytes, const JsonLimits& limits) {
  if (bytes.size() > limits.bytes_max)
    return fault(FaultCode::limit_size,
                 "JSON of more than " + std::to_string(limits.bytes_max) + " bytes");
  boost_json::parse_options options;
  options.max_depth = limits.depth_max;
  boost_json::basic_parser<Builder> parser(options);
  ErrorCode ec;
  // One call with the whole document, so that every number reaches the handler in one piece.
  const auto text = as_text(bytes);
  const std::size_t taken = parser.write_some(false, text.data(), text.size(), ec);
  if (ec == boost_json::error::too_deep)
    return fault(FaultCode::limit_depth,
                 "JSON of more than " + std::to_string(limits.depth_max) + " levels");
  const auto refuse = [&](std::string_view why) {
    return fault(FaultCode::format_json, std::string(why) + " at byte " + std::to_string(taken));
  };
  if (ec) {
    const auto why = parser.handler().why;
    return refuse(why.empty() ? std::string_view(ec.message()) : why);
  }
  if (taken != text.size()) return refuse("more after the document");
  return std::move(parser.handler().root);
}

Result<Json> parse_canonical(View bytes, const JsonLimits& limits) {
  TRY_LET(Json value, parse_json(bytes, limits));
  if (canonical(value) != as_text(bytes))
    return fault(FaultCode::format_json, "not in canonical form (RFC 8785)");
  return value;
}

}  // namespace comity::formats
