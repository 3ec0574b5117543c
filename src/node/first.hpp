// Which items go first on the line to their partner, and why: what is small or averts an emergency
// by itself, any other by an officer's word. The word holds at this node's end alone, until the
// item is there or an officer takes it back. It moves bytes and decides nothing else.
#pragma once

#include <map>

#include "formats/json.hpp"
#include "node/line.hpp"
#include "node/records.hpp"

namespace comity::evidence {
struct Manifest;
}

namespace comity::node {

struct Office;
struct Turn;

/// So many at once: where all go first, none does.
inline constexpr std::size_t k_first_items_max = 1000;

struct FirstWord {
  Digest officer;  // who said it last
  Instant since;
};
using FirstWords = std::map<ItemId, FirstWord>;

/// At start. Fault: store.corrupt.
Result<void> load_first(Office& office);
/// These hold from now on. Faults: the store's; then nothing is changed.
Result<void> put_first(Office& office, FirstWords words);
/// Nobody needs a word on this item any more. Costs nothing where none was said.
Result<void> forget_first(Office& office, const ItemId& item);

/// What the line has to know of an item; the law's part of it is its measure's.
Cargo cargo_of(const Turn& turn, const ItemRecord& item, const ExchangeRecord& exchange,
               const evidence::Manifest& manifest);
/// Officers' words counted too. Nothing: it goes in its turn.
std::optional<WhyFirst> why_first(const Office& office, const Cargo& cargo);

/// Fault when its bytes move no more, or not yet, or wait for nobody: request.conflict,
/// evidence.destroyed, evidence.unknown of one that was never sealed.
Result<void> check_is_to_move(Turn& turn, const ItemRecord& item);
/// {"why", "officer"?, "since"?} of an item that goes first and is still to move.
Result<std::optional<formats::Json>> shown_first(Turn& turn, const ItemRecord& item);

}  // namespace comity::node
