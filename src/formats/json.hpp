// JSON as a value, read strictly and written in one way only (RFC 8259 within I-JSON, RFC 7493).
// Signed documents are the bytes of `canonical`; whoever holds the value can make those bytes
// again. It must never guess: no floats, no duplicate keys, no integer that another reader would
// round.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "formats/text.hpp"

namespace comity::formats {

/// The largest magnitude that every JSON reader keeps exact (RFC 7493 §2.2): 2^53 - 1.
inline constexpr std::int64_t k_json_integer_max = 9007199254740991;

/// A JSON value: null, boolean, integer, text, array or object. Copyable, compared by content.
/// Asking a value for a kind that it is not is a bug; outside documents are read through Fields.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;  // sorted as canonical JSON wants it
  enum class Kind { null, boolean, integer, text, array, object };

  Json() = default;
  Json(std::nullptr_t) {}
  template <std::same_as<bool> T>
  Json(T value) : value_(value) {}
  /// Beyond ±(2^53 - 1) is a bug.
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  Json(T value)
      : value_(checked(std::in_range<std::int64_t>(value), static_cast<std::int64_t>(value))) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array values) : value_(std::move(values)) {}
  Json(Object members) : value_(std::move(members)) {}

  /// Json::object({{"a", 1}, {"b", "x"}}); a key that comes twice is a bug.
  struct Member;
  static Json object(std::initializer_list<Member> members = {});
  static Json array(std::initializer_list<Json> values = {}) { return Json(Array(values)); }

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  bool is_null() const { return kind() == Kind::null; }
  bool is_bool() const { return kind() == Kind::boolean; }
  bool is_integer() const { return kind() == Kind::integer; }
  bool is_text() const { return kind() == Kind::text; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_object() const { return kind() == Kind::object; }

  bool boolean() const;
  std::int64_t integer() const;
  const std::string& text() const;
  const Array& items() const;     // of an array
  const Object& members() const;  // of an object
  Array& items();
  Object& members();

  /// Members of an object, items of an array, 0 of anything else.
  std::size_t size() const;
  /// The member of an object; nullptr if this is no object or has no such member.
  const Json* find(std::string_view key) const;
  /// The member, which must be there.
  const Json& at(std::string_view key) const;
  /// The member, made (as null) if it is not there. A null value becomes an object first.
  Json& operator[](std::string_view key);
  Json& set(std::string_view key, Json value);
  template <typename T>
  Json& set_optional(std::string_view key, const std::optional<T>& value) {
    return value ? set(key, Json(*value)) : *this;
  }
  /// Adds to an array. A null value becomes an array first.
  Json& push_back(Json value);

  bool operator==(const Json&) const = default;

 private:
  static std::int64_t checked(bool in_range, std::int64_t value);

  std::variant<std::monostate, bool, std::int64_t, std::string, Array, Object> value_;
};

/// One line of Json::object's list. The value is mutable so that it moves out of the list, which
/// the language makes constant: an object in an object is built once and never copied.
struct Json::Member {
  std::string_view key;
  mutable Json value;
};

/// How large a document may be. The defaults suit acts and API bodies.
struct JsonLimits {
  std::size_t bytes_max = 1 << 20;
  std::size_t depth_max = 32;  // nested arrays and objects, the outermost counted
};

/// Reads one document, whole. Refuses duplicate keys, keys outside ASCII, floats, exponents, -0,
/// integers beyond ±(2^53 - 1), control characters (\n and \t may stand escaped in text) and DEL,
/// invalid UTF-8, unpaired surrogates, a byte order mark, and bytes after the value.
/// Faults: format.json with the byte offset; limit.size, limit.depth.
Result<Json> parse_json(View bytes, const JsonLimits& limits = {});

/// The one text of a value (RFC 8785): keys sorted, no white space, shortest escapes.
std::string canonical(const Json& value);
/// Reads a document and requires that its bytes are the canonical ones. Fault: as parse_json.
Result<Json> parse_canonical(View bytes, const JsonLimits& limits = {});
/// For people: two spaces a level, members sorted.
std::string pretty(const Json& value);

}  // namespace comity::formats
