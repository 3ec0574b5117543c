// The scrub at the desk: which item is looked at next, and what becomes of what was found. The node
// finds damage by itself and names it; only a human has an item fetched again, and only from the
// State that sent it.
#include "node/damage.hpp"
#include "node/office.hpp"

namespace comity::node {
namespace {

constexpr std::size_t k_scrub_page = 256;  // looked at in one turn

/// A live item that still grows is verified as it grows.
bool is_at_rest(const ItemRecord& item) {
  const bool lies_here = item.state == ItemState::sealed || item.state == ItemState::released ||
                         item.state == ItemState::arrived;
  return lies_here && !evidence::is_opening(item.manifest);
}

Result<void> tell(Turn& turn, const ItemRecord& item, custody::EntryKind kind, Json facts,
                  std::string_view state, std::string_view code) {
  TRY_LET(const auto loaded, load_exchange(turn, item.exchange));
  TRY(note(turn, partner_log(loaded.record.partner), kind, std::move(facts),
           {.exchange = item.exchange, .item = item.id}));
  auto notice = Json::object({{"kind", "item"},
                              {"item", item.id.hex()},
                              {"exchange", item.exchange.hex()},
                              {"state", state}});
  if (!code.empty()) notice.set("code", code);
  turn.notices.push_back(std::move(notice));
  return {};
}

}  // namespace

Result<std::optional<ScrubOrder>> Desk::scrub_next(const std::optional<ItemId>& after) {
  TRY_LET(const auto items, turn_.store().item_page({.after = after, .limit = k_scrub_page}));
  for (const auto& item : items) {
    if (!is_at_rest(item)) continue;
    TRY_LET(auto manifest, evidence::read_manifest(item.manifest));
    return ScrubOrder{.item = item.id, .shape = std::move(manifest.sealed)};
  }
  if (items.size() < k_scrub_page) return std::nullopt;
  return ScrubOrder{.item = items.back().id, .shape = {}};
}

Result<void> Desk::item_scrubbed(const ItemId& id, const Result<void>& outcome) {
  TRY_LET(const auto item, turn_.store().item(id));
  // Destroyed, or being fetched again, while it was read: that says nothing.
  if (!item || !is_at_rest(*item)) return {};
  TRY_LET(auto damaged, damaged_items(turn_.store()));
  const auto known = damaged.find(id);
  if (outcome) {
    if (known == damaged.end()) return {};
    damaged.erase(known);
    TRY(put_damaged_items(turn_.store(), damaged));
    return tell(turn_, *item, custody::EntryKind::item_mended,
                Json::object({{"manifest", exchange::act_id(item->manifest).hex()}}), "mended", "");
  }
  const auto& why = outcome.error();
  if (known != damaged.end() && known->second.code == why.code &&
      known->second.detail == why.detail)
    return {};
  if (known == damaged.end() && damaged.size() >= k_damaged_items_max) return {};
  damaged.insert_or_assign(id, Damage{why.code, why.detail, turn_.now});
  TRY(put_damaged_items(turn_.store(), damaged));
  const auto code = row_of(why.code).name;
  return tell(turn_, *item, custody::EntryKind::item_damaged, Json::object({{"code", code}}),
              "damaged", code);
}

Result<Json> Desk::fetch_again(const Officer& who, const ItemId& id) {
  TRY(require_role(who, {"executor", "approver"}));
  TRY_LET(auto item, turn_.store().item(id));
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  if (item->state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  if (item->ours)
    return fault(FaultCode::conflict, "the item is ours: restore its bytes from a backup");
  TRY_LET(const auto damaged, damaged_items(turn_.store()));
  if (item->state != ItemState::arrived || !damaged.contains(id))
    return fault(FaultCode::conflict, "nothing is known to be wrong with the item");
  TRY_LET(const auto loaded, load_exchange(turn_, item->exchange));
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_refetch,
           Json::object({{"officer", who.fingerprint.hex()}}),
           {.exchange = item->exchange, .item = id}));
  TRY(put_item_state(turn_, *item, ItemState::announced));
  return Json::object({{"item", id.hex()}, {"state", name_of(item->state)}});
}

}  // namespace comity::node
