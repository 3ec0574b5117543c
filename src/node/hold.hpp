// What keeps preserved data from being released: the time that the requesting State was told, and
// every request of that State for these data, by whatever way it came, until it is decided and
// carried out (42(8)). It releases nothing by itself.
#pragma once

#include "node/clocks.hpp"
#include "node/office.hpp"

namespace comity::node {

/// What keeps a preservation beyond the date that its acceptance told.
struct Hold {
  /// Exchanges with the same State that are not decided and carried out: one goes on from the
  /// other, names it in its form, or asks for an account, address or device that the other names.
  std::vector<ExchangeId> by;
  /// The longest of its extensions that stand (42(9)).
  std::optional<Extension> extended;
};
/// At either State.
Result<Hold> hold_on(Turn& turn, const Loaded& preservation);

/// Of a closure by the State that preserves; anything else may be closed. Fault: decision.held.
Result<void> check_release(Turn& turn, const Loaded& loaded);

}  // namespace comity::node
