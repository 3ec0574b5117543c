#include "node/leftovers.hpp"

#include <algorithm>
#include <set>

#include "node/office.hpp"

namespace comity::node {
namespace {

constexpr std::string_view k_item = "item-", k_request = "request-";
constexpr std::string_view k_restored_setting = "restored";  // of a database from a backup
constexpr std::size_t k_page = 100;

bool is_kept(const ItemRecord& item) {
  return item.state == ItemState::sealed || item.state == ItemState::released ||
         item.state == ItemState::arrived;
}

Need need_if(bool is_needed) {
  return is_needed ? Need::needed : Need::leftover;
}

Result<Need> need_of_item_key(Store& store, const ItemId& id) {
  TRY_LET(const auto item, store.item(id));
  if (!item) return Need::unknown;
  return need_if(item->ours && (item->state == ItemState::sealing || is_kept(*item)));
}

Result<Need> need_of_request_key(Store& store, const ExchangeId& id) {
  TRY_LET(const auto exchange, store.exchange(id));
  if (exchange) {
    TRY_LET(const auto acts, store.acts(id));
    const bool stands = std::ranges::any_of(acts, [](const ActRecord& act) {
      return act.type == ActType::request && act.standing != Standing::rejected;
    });
    if (!stands) return Need::leftover;  // nobody took it: nothing can come
    TRY_LET(const auto items, store.items(id));
    // What came under it is destroyed together, but for what was annulled, which goes before.
    const bool may_come = exchange->phase == "accepted" || exchange->phase == "delivered";
    return need_if(may_come ||
                   std::ranges::any_of(items,
                                       [](const ItemRecord& item) {
                                         return !item.ours && (is_kept(item) ||
                                                               item.state == ItemState::announced);
                                       }) ||
                   std::ranges::none_of(items, [](const ItemRecord& item) {
                     return !item.ours && item.state == ItemState::destroyed;
                   }));
  }
  TRY_LET(const auto drafts, store.open_drafts());
  if (std::ranges::any_of(drafts, [&](const DraftRecord& draft) { return draft.exchange == id; }))
    return Need::needed;
  TRY_LET(const auto restored, store.setting(k_restored_setting));
  return restored ? Need::unknown : Need::leftover;
}

}  // namespace

Result<Need> need_of_bytes(Store& store, const ItemId& id) {
  TRY_LET(const auto item, store.item(id));
  if (!item) return Need::unknown;
  return need_if(is_kept(*item) || item->state == ItemState::announced);
}

Result<Need> need_of_key(Store& store, std::string_view name) {
  if (name.starts_with(k_item)) {
    if (const auto id = ItemId::from_hex(name.substr(k_item.size())))
      return need_of_item_key(store, *id);
  } else if (name.starts_with(k_request)) {
    if (const auto id = ExchangeId::from_hex(name.substr(k_request.size())))
      return need_of_request_key(store, *id);
  }
  return Need::unknown;  // not made here
}

Result<std::vector<Missing>> missing_of(Store& store, EvidenceKeys& keys,
                                        const HasBytes& has_bytes) {
  TRY_LET(const auto names, keys.names());
  const std::set<std::string> there(names.begin(), names.end());
  std::vector<Missing> missing;
  for (ItemFilter filter{.limit = k_page};;) {
    TRY_LET(const auto items, store.item_page(filter));
    for (const auto& item : items) {
      if (!is_kept(item)) continue;
      // Of a live item that is open, the shell asks the files themselves.
      if (evidence::is_opening(item.manifest)) continue;
      if (!there.contains(key_name_of(item))) missing.push_back({item.id, item.name, "key"});
      if (!has_bytes(item.id)) missing.push_back({item.id, item.name, "bytes"});
    }
    if (items.size() < k_page) return missing;
    filter.after = items.back().id;
  }
}

}  // namespace comity::node
