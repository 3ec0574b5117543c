// What this State asks of its own officers beyond what every State must (spec/acts.md §5): who
// drafted a request does not approve it; a flagged decision needs a second reviewer; a deputy signs
// between dates; what one officer on call decided alone is reviewed. Private to the room.
#pragma once

#include "node/draft.hpp"
#include "node/drafting.hpp"
#include "node/statement_text.hpp"

namespace comity::node {

/// By a draft of an act: a reviewer is required when the assessment decided upon says so.
Asked asked_by_act(Turn& turn, const DraftRecord& draft);

/// `asked`: by the draft.
/// Faults: officer.two when drafter and approver are one, when whoever screened in the exchange
/// signs an act of it, or who takes part screens; officer.role when a deputy signs outside the
/// dates of the appointment.
Result<void> check_own_rules(Turn& turn, const DraftRecord& draft, const Asked& asked,
                             const exchange::Signer& signer);

/// Of an active officer whose certificate says "deputy". Faults: officer.unknown, officer.role.
Result<void> check_appointment(Turn& turn, const DeputyAppoint& said);
Result<Json> appoint_deputy(Turn& turn, const DeputyAppoint& said);

/// A review of an act that one officer decided alone: by another one, once.
struct Review {
  Digest act, reviewer;
  bool agrees = false;
  Instant at;
};
/// Of an act of ours that one officer decided alone, and that nobody reviewed. Fault:
/// request.conflict.
Result<void> check_review(Turn& turn, const ActReview& said);
/// Fault: also officer.two when the reviewer is who decided.
Result<Json> review_act(Turn& turn, const ActReview& said, const Digest& reviewer);
Result<std::optional<Review>> review_of_act(Turn& turn, const Digest& act);

/// Oversight is told at once of what one officer let leave in an emergency (41(3), 24(2)): by an
/// entry in the same transaction, and by a notice to whoever listens.
Result<void> tell_of_emergency(Turn& turn, const ActRecord& delivery, const ItemRecord& item,
                               const Digest& officer);

/// Whether what we send was decided by one officer alone, for another to look at afterwards: a
/// preservation by whoever was on call, or a delivery in an emergency.
bool was_decided_alone(Turn& turn, const exchange::Substance& substance,
                       const std::vector<exchange::OfficerSignature>& officers);

/// What one officer decided alone keeps its exchange on the lists of what is due, also when it
/// ended, until nothing is due there any more.
Result<void> await_review(Turn& turn, const ExchangeId& exchange);
Result<std::vector<ExchangeId>> awaiting_review(Turn& turn);
Result<void> end_review(Turn& turn, const ExchangeId& exchange);

}  // namespace comity::node
