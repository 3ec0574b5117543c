// The acts of an exchange that stand, opened and read: what clocks, holds, conditions and
// statistics are told by. Rows say which acts there are; what they say is read from what was
// signed.
#pragma once

#include "exchange/body.hpp"
#include "node/office.hpp"

namespace comity::node {

struct StandingAct {
  ActRecord record;
  exchange::Act act;
  exchange::Body body;
};

/// In the order logged here; rejected ones are left out.
Result<std::vector<StandingAct>> history_of(Turn& turn, const ExchangeId& exchange);

/// The latest act of this body for which `fits`; null: none.
template <typename T, typename Fits>
const StandingAct* latest(const std::vector<StandingAct>& acts, Fits&& fits) {
  for (auto act = acts.rbegin(); act != acts.rend(); ++act)
    if (const auto* body = std::get_if<T>(&act->body); body != nullptr && fits(*body)) return &*act;
  return nullptr;
}
/// The latest notice of this kind; null: none.
const StandingAct* latest_notice(const std::vector<StandingAct>& acts, exchange::NoticeKind kind);

/// Until when a preservation is held, by its acceptance and the renewals since.
std::optional<Instant> preserved_until(const std::vector<StandingAct>& acts);

}  // namespace comity::node
