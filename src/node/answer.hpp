// What is given on a request that ends in words and not in an item: help, proof of service, the
// appointment and the outcome of a hearing, information offered. It travels as the part "answer" of
// a supplement, by the measure's own form of an answer, and is judged at both ends
// (spec/acts.md §6). It must never stand in for evidence: what is sealed is delivered.
#pragma once

#include "node/drafting.hpp"
#include "node/history.hpp"

namespace comity::node {

/// The part, from the fields of the form; nothing if the officer gives none. Faults: act.measure if
/// the measure has no such form; act.illegal for the side that does not give; act.incomplete.
Result<void> draft_answer(Turn& turn, Drafting& drafting, const Loaded& loaded,
                          formats::Fields& fields);

/// Of a supplement that came; one without that part is none of ours. `author`: who gives. Faults as
/// above, and act.part for a part that is not one object.
Result<void> check_answer(const Charter& charter, const exchange::Substance& substance,
                          const std::vector<exchange::Part>& parts, Side author);

/// By when the request is to be done, as its form says, or the latest answer that names a time.
Result<std::optional<Instant>> execute_by(Turn& turn, const treaty::Measure& measure,
                                          const Json& asked, const std::vector<StandingAct>& acts);

}  // namespace comity::node
