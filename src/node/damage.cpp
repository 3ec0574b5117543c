#include "node/damage.hpp"

#include "formats/fields.hpp"

namespace comity::node {
namespace {
constexpr std::string_view k_setting = "damaged";
}

formats::Json to_json(const Damage& damage) {
  return formats::Json::object({{"code", row_of(damage.code).name},
                                {"detail", damage.detail},
                                {"found_at", to_text_ms(damage.found_at)}});
}

Result<DamagedItems> damaged_items(Store& store) {
  DamagedItems items;
  TRY_LET(const auto kept, store.setting(k_setting));
  if (!kept || kept->empty()) return items;
  TRY_LET(const auto json, formats::parse_json(as_bytes(*kept)));
  for (const auto& [id, one] : json.members()) {
    TRY_LET(const auto item, ItemId::from_hex(id));
    formats::Fields fields(one, "damaged");
    TRY_LET(const auto name, fields.text("code"));
    TRY_LET(auto detail, fields.optional_text("detail"));
    TRY_LET(const auto found_at, fields.instant("found_at"));
    const auto code = fault_code(name);
    if (!code) return fault(FaultCode::store_corrupt, "the list of damaged items");
    items.emplace(item, Damage{*code, std::move(detail).value_or(""), found_at});
  }
  return items;
}

Result<void> put_damaged_items(Store& store, const DamagedItems& items) {
  auto json = formats::Json::object();
  for (const auto& [item, damage] : items) json.set(item.hex(), to_json(damage));
  return store.put_setting(k_setting, formats::canonical(json));
}

}  // namespace comity::node
