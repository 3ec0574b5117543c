// An officer's word at the desk: an item goes first at this end of the line, or in its turn again.
// It may be said while bytes move; whoever moves them is told by a notice.
#include <fmt/format.h>

#include "node/office.hpp"
#include "node/screening.hpp"

namespace comity::node {
namespace {

Result<ItemRecord> item_for(Turn& turn, const Officer& who, const ItemId& id) {
  TRY(require_role(who, {"executor", "approver"}));
  TRY_LET(auto item, turn.store().item(id));
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  TRY(check_no_screener(turn, item->exchange, who));
  return *std::move(item);
}

Result<void> tell(Turn& turn, const Officer& who, const ItemRecord& item, bool goes_first) {
  TRY_LET(const auto exchange, turn.store().exchange(item.exchange));
  if (!exchange) return fault(FaultCode::store_corrupt, "an item without its exchange");
  TRY(note(turn, partner_log(exchange->partner), custody::EntryKind::item_precedence,
           Json::object({{"officer", who.fingerprint.hex()}, {"goes_first", goes_first}}),
           {.exchange = item.exchange, .item = item.id}));
  turn.notices.push_back(Json::object({{"kind", "item"},
                                       {"item", item.id.hex()},
                                       {"exchange", item.exchange.hex()},
                                       {"state", name_of(item.state)},
                                       {"goes_first", goes_first}}));
  return {};
}

}  // namespace

Result<Json> Desk::go_first(const Officer& who, const ItemId& id) {
  TRY_LET(const auto item, item_for(turn_, who, id));
  TRY(check_is_to_move(turn_, item));
  TRY_LET(const auto before, shown_first(turn_, item));
  if (before)
    return fault(FaultCode::conflict, "the item goes first already: " + before->at("why").text());
  auto words = turn_.office.first;
  if (words.size() >= k_first_items_max)
    return fault(FaultCode::limit_count, fmt::format("{} items go first", k_first_items_max));
  words.emplace(id, FirstWord{.officer = who.fingerprint, .since = turn_.now});
  TRY(tell(turn_, who, item, true));
  TRY(put_first(turn_.office, std::move(words)));
  TRY_LET(auto first, shown_first(turn_, item));
  return Json::object({{"item", id.hex()}, {"first", first.value_or(Json())}});
}

Result<Json> Desk::go_in_turn(const Officer& who, const ItemId& id) {
  TRY_LET(const auto item, item_for(turn_, who, id));
  if (!turn_.office.first.contains(id))
    return fault(FaultCode::conflict, "no officer said that the item goes first");
  TRY(tell(turn_, who, item, false));
  TRY(forget_first(turn_.office, id));
  return Json::object({{"item", id.hex()}});
}

std::set<ItemId> Desk::first_items() {
  std::set<ItemId> items;
  for (const auto& [item, word] : turn_.office.first) items.insert(item);
  return items;
}

}  // namespace comity::node
