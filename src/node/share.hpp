// One more recipient of an item, as the rest of the room sees it: what is asked before officers
// sign, and what is done once they have.
#pragma once

#include "node/office.hpp"
#include "node/statement_text.hpp"

namespace comity::node {

/// That these officers may be asked for it. Faults: evidence.unknown, evidence.incomplete,
/// evidence.destroyed; request.conflict for an item of our own; format.bech32; request.forbidden
/// without the consent of the State that sent it, where that is needed.
Result<void> check_share(Turn& turn, const ItemShare& said);
/// Two officers have signed: the header may be asked for, under the statement's number.
Result<Json> carry(Turn& turn, const ItemShare& said, const std::vector<Digest>& officers);

}  // namespace comity::node
