// Judges an act that arrived, strictly and in a fixed order: form, whose it is, addressee, time,
// role, instrument, officers, parts, form of the measure, place in the exchange. It changes
// nothing. What is not provably the partner's is answered with a fault; what is, and can not be
// taken, gets a signed rejection, so that the partner can prove why (spec/peer-protocol.md §4).
#pragma once

#include <variant>

#include "node/live.hpp"

namespace comity::node {

/// An act that may be taken.
struct Taken {
  exchange::Act act;
  Digest id;
  Side side{};
  Loaded loaded;  // the exchange, with the act not yet added
  exchange::Step step;
  std::optional<Described> delivered;  // of a delivery
  std::optional<Bytes> completed;      // of a completion: the final manifest
  bool is_new_exchange = false;
};
/// The partner's, but not to be taken: to be rejected with its signature.
struct NotTaken {
  Fault why;
  std::optional<ExchangeId> exchange;
};
/// Taken or rejected before: the same answer again.
struct Known {
  ActRecord record;
};
using Judged = std::variant<Taken, NotTaken, Known>;

/// Fault: the act is not provably the partner's, or comes before one that is missing (act.gap).
Result<Judged> judge_arrival(Turn& turn, const directory::Accepted& partner, View p7m,
                             const std::vector<exchange::Part>& parts);

}  // namespace comity::node
