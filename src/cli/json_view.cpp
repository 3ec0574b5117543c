#include "cli/json_view.hpp"

namespace comity::cli {

using formats::Json;

std::string as_words(const Json& value) {
  if (value.is_null()) return {};
  return value.is_text() ? value.text() : formats::canonical(value);
}

std::string text_at(const Json& json, std::string_view key) {
  const Json* value = json.find(key);
  if (value == nullptr || value->is_array() || value->is_object()) return {};
  return as_words(*value);
}

std::span<const Json> items_at(const Json& json, std::string_view key) {
  const Json* value = json.find(key);
  if (value == nullptr || !value->is_array()) return {};
  return value->items();
}

std::int64_t number_at(const Json& json, std::string_view key) {
  const Json* value = json.find(key);
  return value != nullptr && value->is_integer() ? value->integer() : 0;
}

bool is_true_at(const Json& json, std::string_view key) {
  const Json* value = json.find(key);
  return value != nullptr && value->is_bool() && value->boolean();
}

std::string joined_at(const Json& json, std::string_view key, std::string_view between) {
  std::string text;
  for (const auto& item : items_at(json, key)) {
    if (!text.empty()) text += between;
    text += as_words(item);
  }
  return text;
}

}  // namespace comity::cli
