#include "court/parts_list.hpp"

#include "exchange/act.hpp"
#include "formats/fields.hpp"

namespace comity::court {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::size_t k_list_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t k_name_bytes_max = 64;
constexpr std::size_t k_media_type_bytes_max = 127;
constexpr std::size_t k_why_bytes_max = 1000;

Result<ListedPart> read_part(Fields& fields) {
  ListedPart part;
  TRY_LET(part.name, fields.text("name", k_name_bytes_max));
  TRY_LET(part.media_type, fields.text("media_type", k_media_type_bytes_max));
  TRY_LET(const bool present, fields.boolean("present"));
  if (present) {
    TRY_LET(const Bytes salt, fields.bytes_base64("salt", std::tuple_size_v<Salt>));
    if (salt.size() != std::tuple_size_v<Salt>) return fields.refuse("salt", "has 16 bytes");
    std::copy(salt.begin(), salt.end(), part.salt.emplace().begin());
  } else {
    TRY_LET(part.why_absent, fields.text("why_absent", k_why_bytes_max));
  }
  TRY(fields.end());
  return part;
}

}  // namespace

Bytes write_parts_list(const std::vector<ListedPart>& parts) {
  auto list = Json::array();
  for (const auto& part : parts) {
    auto row = Json::object(
        {{"media_type", part.media_type}, {"name", part.name}, {"present", part.present()}});
    if (part.salt)
      row.set("salt", base64(*part.salt));
    else
      row.set("why_absent", part.why_absent);
    list.push_back(std::move(row));
  }
  return to_bytes(formats::canonical(list));
}

Result<std::vector<ListedPart>> read_parts_list(View bytes) {
  TRY_LET(const Json json, formats::parse_canonical(bytes, {.bytes_max = k_list_bytes_max}));
  if (!json.is_array()) return fault(FaultCode::format_field, "a list of parts is an array");
  if (json.size() > exchange::k_parts_max)
    return fault(FaultCode::limit_count, "a list of that many parts");
  std::vector<ListedPart> parts;
  for (const auto& item : json.items()) {
    Fields fields(item, "parts[" + std::to_string(parts.size()) + "]");
    TRY_LET(ListedPart part, read_part(fields));
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace comity::court
