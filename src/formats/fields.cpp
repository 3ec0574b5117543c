#include "formats/fields.hpp"

#include <algorithm>

namespace comity::formats {
namespace {

constexpr std::string_view k_kind_names[] = {"null",   "true or false", "an integer",
                                             "a text", "an array",      "an object"};

std::string_view name_of(Json::Kind kind) {
  return k_kind_names[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string Fields::path(std::string_view key) const {
  return where_.empty() ? std::string(key) : where_ + '.' + std::string(key);
}

std::unexpected<Fault> Fields::refuse(std::string_view key, std::string_view why) const {
  return fault(FaultCode::format_field, path(key) + ": " + std::string(why));
}

std::unexpected<Fault> Fields::at_path(std::string_view key, const Fault& inner) const {
  return fault(inner.code, path(key) + ": " + inner.detail);
}

const Json* Fields::optional_value(std::string_view key) {
  if (!json_->is_object()) return nullptr;
  const auto& members = json_->members();
  const auto at = members.find(key);
  if (at == members.end()) return nullptr;
  if (std::ranges::find(asked_, at->first) == asked_.end()) asked_.push_back(at->first);
  return &at->second;
}

Result<const Json*> Fields::value(std::string_view key) {
  if (!json_->is_object()) return fault(FaultCode::format_field, where_ + ": must be an object");
  const auto* found = optional_value(key);
  if (found == nullptr) return refuse(key, "is missing");
  return found;
}

Result<const Json*> Fields::required(std::string_view key, Json::Kind kind) {
  TRY_LET(const Json* found, value(key));
  if (found->kind() != kind) return refuse(key, "must be " + std::string(name_of(kind)));
  return found;
}

Result<std::string> Fields::text(std::string_view key, std::size_t bytes_max) {
  TRY_LET(const Json* found, required(key, Json::Kind::text));
  const auto& text = found->text();
  if (text.empty()) return refuse(key, "must not be empty");
  if (text.size() > bytes_max)
    return refuse(key, "must have at most " + std::to_string(bytes_max) + " bytes");
  return text;
}

Result<std::int64_t> Fields::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  TRY_LET(const Json* found, required(key, Json::Kind::integer));
  const auto number = found->integer();
  if (number < min || number > max)
    return refuse(key, "must be from " + std::to_string(min) + " to " + std::to_string(max));
  return number;
}

Result<bool> Fields::boolean(std::string_view key) {
  TRY_LET(const Json* found, required(key, Json::Kind::boolean));
  return found->boolean();
}

Result<Instant> Fields::instant(std::string_view key) {
  return parsed<Instant>(key, instant_from_text);
}

Result<StateCode> Fields::state(std::string_view key) {
  return parsed<StateCode>(key, StateCode::from_text);
}

Result<Bytes> Fields::bytes_base64(std::string_view key, std::size_t bytes_max) {
  TRY_LET(const Json* found, required(key, Json::Kind::text));
  if (found->text().size() > (bytes_max + 2) / 3 * 4)
    return refuse(key, "must have at most " + std::to_string(bytes_max) + " bytes");
  auto bytes = from_base64(found->text());
  if (!bytes) return at_path(key, bytes.error());
  if (bytes->size() > bytes_max)
    return refuse(key, "must have at most " + std::to_string(bytes_max) + " bytes");
  return bytes;
}

Result<std::span<const Json>> Fields::array(std::string_view key, std::size_t items_max) {
  TRY_LET(const Json* found, required(key, Json::Kind::array));
  if (found->size() > items_max)
    return refuse(key, "must have at most " + std::to_string(items_max) + " items");
  return std::span<const Json>(found->items());
}

Result<std::span<const Json>> Fields::optional_array(std::string_view key, std::size_t items_max) {
  if (!has(key)) return std::span<const Json>();
  return array(key, items_max);
}

Result<std::vector<std::string>> Fields::texts(std::string_view key, std::size_t items_max,
                                               std::size_t bytes_max) {
  TRY_LET(const auto items, array(key, items_max));
  std::vector<std::string> texts;
  for (const auto& item : items) {
    if (!item.is_text() || item.text().empty() || item.text().size() > bytes_max)
      return refuse(key,
                    "each item must be a text of 1 to " + std::to_string(bytes_max) + " bytes");
    texts.push_back(item.text());
  }
  return texts;
}

Result<std::vector<std::string>> Fields::optional_texts(std::string_view key, std::size_t items_max,
                                                        std::size_t bytes_max) {
  if (!has(key)) return std::vector<std::string>();
  return texts(key, items_max, bytes_max);
}

Result<Fields> Fields::object(std::string_view key) {
  TRY_LET(const Json* found, required(key, Json::Kind::object));
  return Fields(*found, path(key));
}

Result<std::size_t> Fields::choice(std::string_view key, std::span<const std::string_view> names) {
  TRY_LET(const Json* found, required(key, Json::Kind::text));
  const auto at = std::ranges::find(names, std::string_view(found->text()));
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  std::string all;
  for (const auto name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return refuse(key, "must be one of: " + all);
}

Result<void> Fields::end() const {
  if (!json_->is_object()) return fault(FaultCode::format_field, where_ + ": must be an object");
  for (const auto& [key, value] : json_->members())
    if (std::ranges::find(asked_, key) == asked_.end()) return refuse(key, "is not known here");
  return {};
}

namespace {

template <typename T>
Result<std::optional<T>> wrapped(Result<T> value) {
  if (!value) return std::unexpected(std::move(value).error());
  return std::optional<T>(*std::move(value));
}

}  // namespace

Result<std::optional<std::string>> Fields::optional_text(std::string_view key,
                                                         std::size_t bytes_max) {
  if (!has(key)) return std::nullopt;
  return wrapped(text(key, bytes_max));
}

Result<std::optional<std::int64_t>> Fields::optional_integer(std::string_view key, std::int64_t min,
                                                             std::int64_t max) {
  if (!has(key)) return std::nullopt;
  return wrapped(integer(key, min, max));
}

Result<std::optional<bool>> Fields::optional_boolean(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return wrapped(boolean(key));
}

Result<std::optional<Instant>> Fields::optional_instant(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return wrapped(instant(key));
}

Result<std::optional<StateCode>> Fields::optional_state(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return wrapped(state(key));
}

Result<std::optional<Bytes>> Fields::optional_bytes_base64(std::string_view key,
                                                           std::size_t bytes_max) {
  if (!has(key)) return std::nullopt;
  return wrapped(bytes_base64(key, bytes_max));
}

Result<std::optional<Fields>> Fields::optional_object(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return wrapped(object(key));
}

Result<std::optional<std::size_t>> Fields::optional_choice(
    std::string_view key, std::span<const std::string_view> names) {
  if (!has(key)) return std::nullopt;
  return wrapped(choice(key, names));
}

Fields item_fields(const Fields& fields, std::string_view key, std::size_t index,
                   const Json& item) {
  return Fields(item, fields.path(key) + '[' + std::to_string(index) + ']');
}

}  // namespace comity::formats
