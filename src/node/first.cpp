#include "node/first.hpp"

#include "formats/fields.hpp"
#include "node/footing.hpp"
#include "node/office.hpp"

namespace comity::node {
namespace {
constexpr std::string_view k_setting = "first";
}

Result<void> load_first(Office& office) {
  office.first.clear();
  TRY_LET(const auto kept, office.ports.store.setting(k_setting));
  if (!kept) return {};
  TRY_LET(const auto json, formats::parse_json(as_bytes(*kept)));
  if (!json.is_object()) return fault(FaultCode::store_corrupt, "what goes first");
  for (const auto& [id, said] : json.members()) {
    TRY_LET(const auto item, ItemId::from_hex(id));
    formats::Fields fields(said, "first");
    FirstWord word;
    TRY_LET(const auto officer, fields.text("officer"));
    TRY_LET(word.officer, Digest::from_hex(officer));
    TRY_LET(word.since, fields.instant("since"));
    office.first.emplace(item, word);
  }
  return {};
}

Result<void> put_first(Office& office, FirstWords words) {
  auto json = Json::object();
  for (const auto& [item, word] : words)
    json.set(item.hex(),
             Json::object({{"officer", word.officer.hex()}, {"since", to_text_ms(word.since)}}));
  TRY(office.ports.store.put_setting(k_setting, formats::canonical(json)));
  office.first = std::move(words);
  return {};
}

Result<void> forget_first(Office& office, const ItemId& item) {
  if (!office.first.contains(item)) return {};
  auto words = office.first;
  words.erase(item);
  return put_first(office, std::move(words));
}

Cargo cargo_of(const Turn& turn, const ItemRecord& item, const ExchangeRecord& exchange,
               const evidence::Manifest& manifest) {
  const auto* measure = measure_of(turn.office.charter, exchange.instrument, exchange.measure);
  return {.item = item.id,
          .bytes = manifest.sealed.total_size(),
          .in_emergency = measure != nullptr && measure->emergency};
}

std::optional<WhyFirst> why_first(const Office& office, const Cargo& cargo) {
  if (const auto by_itself = why_first(cargo)) return by_itself;
  if (office.first.contains(cargo.item)) return WhyFirst::officer;
  return std::nullopt;
}

Result<void> check_is_to_move(Turn& turn, const ItemRecord& item) {
  switch (item.state) {
    case ItemState::sealing:
      return fault(FaultCode::conflict, "the item is being sealed");
    case ItemState::failed:
      return fault(FaultCode::evidence_unknown, "the item is failed");
    case ItemState::destroyed:
      return fault(FaultCode::evidence_destroyed, item.id.hex());
    case ItemState::arrived:
      return fault(FaultCode::conflict, "the item has arrived");
    case ItemState::sealed:
    case ItemState::released:
    case ItemState::announced:
      break;
  }
  if (evidence::is_opening(item.manifest))
    return fault(FaultCode::conflict, "the item moves as it grows, and waits for no other");
  if (item.state != ItemState::released) return {};
  TRY_LET(const auto loaded, load_exchange(turn, item.exchange));
  const auto situation = loaded.life.now();
  const auto* delivery = situation.delivery(item.delivery);
  if (delivery != nullptr && delivery->state != exchange::DeliveryState::under_way)
    return fault(FaultCode::conflict, "the item has arrived");
  return {};
}

Result<std::optional<Json>> shown_first(Turn& turn, const ItemRecord& item) {
  const bool is_on_its_way = item.state == ItemState::sealed || item.state == ItemState::released ||
                             item.state == ItemState::announced;
  if (!is_on_its_way || evidence::is_opening(item.manifest)) return std::nullopt;
  TRY_LET(const auto manifest, evidence::read_manifest(item.manifest));
  TRY_LET(const auto exchange, turn.store().exchange(item.exchange));
  if (!exchange) return fault(FaultCode::store_corrupt, "an item without its exchange");
  const auto why = why_first(turn.office, cargo_of(turn, item, *exchange, manifest));
  if (!why || !check_is_to_move(turn, item)) return std::nullopt;
  auto json = Json::object({{"why", name_of(*why)}});
  if (*why == WhyFirst::officer) {
    const auto& word = turn.office.first.at(item.id);
    json.set("officer", word.officer.hex()).set("since", to_text_ms(word.since));
  }
  return json;
}

}  // namespace comity::node
