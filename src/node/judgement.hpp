// The assessment of a request under our own law, and the decision taken on it, as kept. It proposes
// to people; nothing in here accepts or refuses.
#pragma once

#include "law/assess.hpp"
#include "law/decide.hpp"
#include "node/office.hpp"

namespace comity::node {

/// Of a request from another State. Fault: act.illegal for one of ours.
Result<law::Assessment> assess_request(Turn& turn, const ExchangeId& exchange);
/// Keeps assessment and answers together; gives the SHA-256 that a decision names.
Result<Digest> keep_decision(Turn& turn, const law::Assessment& assessment,
                             const std::vector<law::Answer>& answers);
/// Whether an acceptance or refusal rests on an assessment that asks for a second legal reviewer.
bool needs_second_reviewer(Turn& turn, const exchange::Substance& substance);

}  // namespace comity::node
