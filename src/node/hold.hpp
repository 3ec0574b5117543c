// What keeps preserved data from being released: the time that the requesting State was told, and
// every request of that State for these data, by whatever way it came, until it is decided and
// carried out (42(8)). It releases nothing by itself.
#pragma once

#include "node/clocks.hpp"
#include "node/office.hpp"

namespace comity::node {

/// Exchanges with the same State that keep this preservation: one goes on from the other, names it
/// in its form, or asks for an account, address or device that the other names too.
Result<std::vector<ExchangeId>> held_by(Turn& turn, const Loaded& preservation);

/// How long the extensions of this preservation that stand hold it (42(9)), at either State; nothing
/// when there is none.
Result<std::optional<Extension>> extension_of(Turn& turn, const Loaded& preservation);

/// Of a closure by the State that preserves; anything else may be closed. Fault: decision.held.
Result<void> check_release(Turn& turn, const Loaded& loaded);

}  // namespace comity::node
