// What the heart keeps of live items: which are open, and what may be done with each now. Records
// and heads never pass here (spec/live.md); the shell asks for orders, and carries them out until
// they change.
#pragma once

#include "evidence/live.hpp"
#include "node/office.hpp"
#include "treaty/record.hpp"

namespace comity::node {

/// What either kind of manifest says of the item that it is for.
struct Described {
  ItemId item;
  ExchangeId exchange;
  std::string name;
  std::vector<Digest> recipients;
  std::optional<evidence::Opening> opening;  // of a live item
};
/// Faults: as evidence::read_manifest and read_opening.
Result<Described> describe(View manifest);

/// That this opening lies within what the request asks for and its measure lets be sent as it
/// comes. Fault: format.manifest.
Result<void> check_opening(Turn& turn, const evidence::Opening& opening);

/// The item is open from now on, at either side.
Result<void> note_live(Turn& turn, const ItemId& item);
/// This completion of ours was not taken, or is void with an act before it: it is said again later,
/// as an arrival is, or the other State would wait for it for ever (spec/live.md §6).
Result<void> completion_void(Turn& turn, const ActRecord& completion);
/// After a restore: what was taken since the backup is not known, so nothing of ours goes on. Two
/// different chunks under one nonce would betray both (spec/live.md §7).
Result<void> forget_own_live(Turn& turn);

/// The final manifest of a live item, from the act that completes it; nothing for any other act.
/// Faults: act.form, act.part, format.manifest.
Result<std::optional<Bytes>> completion_of(Turn& turn, const exchange::Substance& substance,
                                           const std::vector<exchange::Part>& parts);

}  // namespace comity::node
