// Reads an object of an outside document field by field: each of the kind and size expected, each
// at most once, none left over. Faults name the path ("act.request.measure") and what was expected.
#pragma once

#include <span>

#include "base/id.hpp"
#include "base/time.hpp"
#include "formats/json.hpp"

namespace comity::formats {

inline constexpr std::size_t k_text_bytes_max = 4096;  // of a text, unless the caller says else
inline constexpr std::size_t k_bytes_max = 65536;      // of decoded base64, unless …
inline constexpr std::size_t k_items_max = 1000;       // of an array, unless …

/// A reader over one object, borrowed: the Json must outlive it. Required readers fault when the
/// field is absent; optional ones give nullopt (null counts as wrong, not as absent).
/// A required text must not be empty. All faults are format.field unless said otherwise.
///
///   Fields fields(json, "act");
///   TRY_LET(act.author, fields.state("author"));
///   TRY_LET(act.expires, fields.optional_instant("expires"));
///   TRY(fields.end());
class Fields {
 public:
  Fields(const Json& object, std::string where) : json_(&object), where_(std::move(where)) {}
  Fields(Json&& object, std::string where) = delete;  // it would not outlive the reader

  Result<std::string> text(std::string_view key, std::size_t bytes_max = k_text_bytes_max);
  Result<std::optional<std::string>> optional_text(std::string_view key,
                                                   std::size_t bytes_max = k_text_bytes_max);
  Result<std::int64_t> integer(std::string_view key, std::int64_t min = 0,
                               std::int64_t max = k_json_integer_max);
  Result<std::optional<std::int64_t>> optional_integer(std::string_view key, std::int64_t min = 0,
                                                       std::int64_t max = k_json_integer_max);
  Result<bool> boolean(std::string_view key);
  Result<std::optional<bool>> optional_boolean(std::string_view key);
  Result<Instant> instant(std::string_view key);
  Result<std::optional<Instant>> optional_instant(std::string_view key);
  Result<StateCode> state(std::string_view key);
  Result<std::optional<StateCode>> optional_state(std::string_view key);
  Result<Digest> digest(std::string_view key) { return id<Digest>(key); }
  Result<std::optional<Digest>> optional_digest(std::string_view key) {
    return optional_id<Digest>(key);
  }
  /// Any Id<…> in lower-case hex.
  template <typename T>
  Result<T> id(std::string_view key) {
    return parsed<T>(key, [](std::string_view text) { return T::from_hex(text); });
  }
  template <typename T>
  Result<std::optional<T>> optional_id(std::string_view key) {
    return optional_parsed<T>(key, [](std::string_view text) { return T::from_hex(text); });
  }
  /// Canonical padded base64.
  Result<Bytes> bytes_base64(std::string_view key, std::size_t bytes_max = k_bytes_max);
  Result<std::optional<Bytes>> optional_bytes_base64(std::string_view key,
                                                     std::size_t bytes_max = k_bytes_max);

  /// The items of an array; borrowed.
  Result<std::span<const Json>> array(std::string_view key, std::size_t items_max = k_items_max);
  /// As array, but empty when absent.
  Result<std::span<const Json>> optional_array(std::string_view key,
                                               std::size_t items_max = k_items_max);
  /// An array of non-empty texts.
  Result<std::vector<std::string>> texts(std::string_view key, std::size_t items_max = k_items_max,
                                         std::size_t bytes_max = k_text_bytes_max);
  /// As texts, but empty when absent.
  Result<std::vector<std::string>> optional_texts(std::string_view key,
                                                  std::size_t items_max = k_items_max,
                                                  std::size_t bytes_max = k_text_bytes_max);
  /// A reader over a member object.
  Result<Fields> object(std::string_view key);
  Result<std::optional<Fields>> optional_object(std::string_view key);
  /// The member as it is, of any kind; borrowed. nullptr when an optional one is absent.
  Result<const Json*> value(std::string_view key);
  const Json* optional_value(std::string_view key);

  /// A text that must be one of `names`; gives its index.
  Result<std::size_t> choice(std::string_view key, std::span<const std::string_view> names);
  Result<std::optional<std::size_t>> optional_choice(std::string_view key,
                                                     std::span<const std::string_view> names);
  /// A text read by `parse` (std::string_view → Result<T>); its fault gets this field's path.
  template <typename T, typename Parse>
  Result<T> parsed(std::string_view key, Parse&& parse) {
    TRY_LET(const std::string raw, text(key));
    auto value = parse(std::string_view(raw));
    if (!value) return at_path(key, value.error());
    return *std::move(value);
  }
  template <typename T, typename Parse>
  Result<std::optional<T>> optional_parsed(std::string_view key, Parse&& parse) {
    if (!has(key)) return std::nullopt;
    TRY_LET(T value, parsed<T>(key, std::forward<Parse>(parse)));
    return std::optional<T>(std::move(value));
  }

  bool has(std::string_view key) const { return json_->find(key) != nullptr; }
  /// "act.request" or "act.parts[3]", for faults of the caller's own rules.
  const std::string& where() const { return where_; }
  std::string path(std::string_view key) const;
  /// A format.field fault about one field.
  std::unexpected<Fault> refuse(std::string_view key, std::string_view why) const;

  /// Call last: a field that nobody asked for is a fault, and so is anything that is no object.
  Result<void> end() const;

 private:
  Result<const Json*> required(std::string_view key, Json::Kind kind);
  std::unexpected<Fault> at_path(std::string_view key, const Fault& inner) const;

  const Json* json_;
  std::string where_;
  std::vector<std::string_view> asked_;  // views into the object's own keys
};

/// A reader over item `index` of an array read from `fields` under `key`.
Fields item_fields(const Fields& fields, std::string_view key, std::size_t index, const Json& item);

}  // namespace comity::formats
