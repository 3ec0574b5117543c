// Whether a person's decision is open under an assessment: acceptance with every question answered,
// refusal on a ground that the measure knows, with reasons and after consultation was offered.
// Who the person is, and that a second one signs, is enforced in `node`.
#pragma once

#include "law/assess.hpp"

namespace comity::law {

inline constexpr std::size_t k_reasons_bytes_max = 20'000;
inline constexpr std::size_t k_answers_max = 100;

/// A named person's answer to one question.
struct Answer {
  std::string code;  // of the question
  bool yes = false;
  std::string reasons;
  bool operator==(const Answer&) const = default;
};

enum class DecisionKind { accept, refuse };

struct Decision {
  DecisionKind kind{};
  std::vector<std::string> grounds;     // of a refusal: one at least
  std::string reasons;                  // of a refusal
  bool consultation_offered = false;    // a consultation act of this State stands in the exchange
  std::string consultation_impossible;  // else: why it could not be offered
};

/// Faults: decision.closed, decision.unanswered, decision.answer, decision.ground,
/// decision.reasons, decision.consultation; each names the findings, questions or grounds it is
/// about.
Result<void> decision_allowed(const Assessment& assessment, const std::vector<Answer>& answers,
                              const Decision& decision);

/// Why a second legal reviewer must look at the matter before it is decided, either way: codes of
/// findings that the rights screen marked, and of rights questions answered so that acceptance
/// closes. Empty: one decider suffices. That the second is another person is enforced in `node`.
std::vector<std::string> second_review(const Assessment& assessment,
                                       const std::vector<Answer>& answers);

/// [{"code": …, "answer": "yes" or "no", "reasons": …}], in the order given.
Json to_json(const std::vector<Answer>& answers);
/// Fault: format.field with the path.
Result<std::vector<Answer>> read_answers(const Json& json);

}  // namespace comity::law
