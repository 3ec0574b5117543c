#include "law/decide.hpp"

#include <algorithm>
#include <array>

namespace comity::law {
namespace {

using formats::Fields;
using treaty::AcceptIf;

constexpr std::array<std::string_view, 2> k_yes_no = {"no", "yes"};

const Answer* answer_to(const std::vector<Answer>& answers, std::string_view code) {
  const auto found = std::ranges::find(answers, code, &Answer::code);
  return found == answers.end() ? nullptr : &*found;
}

bool leaves_open(const Question& question, const Answer& answer) {
  if (question.accept_if == AcceptIf::any) return true;
  return answer.yes == (question.accept_if == AcceptIf::yes);
}

bool has_reasons(const std::string& reasons) {
  return reasons.size() <= k_reasons_bytes_max && !treaty::text_flaw(reasons, true);
}

void name(std::string& list, std::string_view code) {
  list += (list.empty() ? "" : ", ") + std::string(code);
}

Result<void> check_answers(const Assessment& assessment, const std::vector<Answer>& answers) {
  for (auto answer = answers.begin(); answer != answers.end(); ++answer) {
    if (std::ranges::find(assessment.questions, answer->code, &Question::code) ==
        assessment.questions.end())
      return fault(FaultCode::decision_answer, answer->code + ": was not asked");
    if (std::any_of(answers.begin(), answer,
                    [&](const Answer& one) { return one.code == answer->code; }))
      return fault(FaultCode::decision_answer, answer->code + ": is answered twice");
  }
  return {};
}

Result<void> check_acceptance(const Assessment& assessment, const std::vector<Answer>& answers) {
  std::string closed, unanswered, contrary;
  for (const auto& finding : assessment.findings)
    if (finding.verdict == Verdict::not_met &&
        (finding.not_met == treaty::NotMet::block || finding.not_met == treaty::NotMet::ask_first))
      name(closed, finding.code);
  if (!assessment.acceptance_open) return fault(FaultCode::decision_closed, closed);
  for (const auto& question : assessment.questions) {
    const auto* answer = answer_to(answers, question.code);
    if (answer == nullptr || !has_reasons(answer->reasons))
      name(unanswered, question.code);
    else if (!leaves_open(question, *answer))
      name(contrary, question.code);
  }
  if (!unanswered.empty()) return fault(FaultCode::decision_unanswered, unanswered);
  if (!contrary.empty()) return fault(FaultCode::decision_answer, contrary);
  return {};
}

// A ground is contradicted when its questions were answered, and each answer says that it does not
// arise, while no finding says that it does.
bool is_contradicted(const Assessment& assessment, const std::vector<Answer>& answers,
                     const std::string& ground) {
  const auto rests_on = [&](const auto& rule) {
    return std::ranges::find(rule.grounds, ground) != rule.grounds.end();
  };
  bool denied = false;
  for (const auto& question : assessment.questions) {
    if (!rests_on(question)) continue;
    const auto* answer = answer_to(answers, question.code);
    if (answer == nullptr || question.accept_if == AcceptIf::any) return false;
    if (!leaves_open(question, *answer)) return false;
    denied = true;
  }
  return denied && std::ranges::none_of(assessment.findings, [&](const Finding& finding) {
           return rests_on(finding) && finding.verdict == Verdict::not_met;
         });
}

Result<void> check_refusal(const Assessment& assessment, const std::vector<Answer>& answers,
                           const Decision& decision) {
  if (decision.grounds.empty()) return fault(FaultCode::decision_ground, "no ground is named");
  for (const auto& ground : decision.grounds) {
    const auto& known = assessment.refusal_grounds;
    if (std::ranges::find(known, ground) == known.end())
      return fault(FaultCode::decision_ground,
                   ground + ": can not refuse " + assessment.measure + " here");
    if (std::ranges::count(decision.grounds, ground) > 1)
      return fault(FaultCode::decision_ground, ground + ": is named twice");
    if (is_contradicted(assessment, answers, ground))
      return fault(FaultCode::decision_answer, ground + ": the answers given say the contrary");
  }
  if (!has_reasons(decision.reasons))
    return fault(FaultCode::decision_reasons, "a refusal gives its reasons");
  if (!decision.consultation_offered && !has_reasons(decision.consultation_impossible))
    return fault(FaultCode::decision_consultation);
  return {};
}

}  // namespace

Result<void> decision_allowed(const Assessment& assessment, const std::vector<Answer>& answers,
                              const Decision& decision) {
  TRY(check_answers(assessment, answers));
  return decision.kind == DecisionKind::accept ? check_acceptance(assessment, answers)
                                               : check_refusal(assessment, answers, decision);
}

std::vector<std::string> second_review(const Assessment& assessment,
                                       const std::vector<Answer>& answers) {
  auto codes = assessment.marked;
  for (const auto& question : assessment.questions) {
    const auto* answer = answer_to(answers, question.code);
    if (question.second_review_if_closing && answer != nullptr && !leaves_open(question, *answer))
      codes.push_back(question.code);
  }
  return codes;
}

Json to_json(const std::vector<Answer>& answers) {
  Json json = Json::array();
  for (const auto& answer : answers)
    json.push_back(Json::object({{"code", answer.code},
                                 {"answer", k_yes_no[answer.yes ? 1 : 0]},
                                 {"reasons", answer.reasons}}));
  return json;
}

Result<std::vector<Answer>> read_answers(const Json& json) {
  const auto whole = Json::object({{"answers", json}});
  Fields fields(whole, "");
  TRY_LET(const std::span<const Json> items, fields.array("answers", k_answers_max));
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, "answers", i, items[i]);
    Answer answer;
    TRY_LET(answer.code, item.text("code", 64));
    TRY_LET(const std::size_t yes, item.choice("answer", k_yes_no));
    answer.yes = yes == 1;
    TRY_LET(answer.reasons, item.text("reasons", k_reasons_bytes_max));
    if (const auto flaw = treaty::text_flaw(answer.reasons, true))
      return item.refuse("reasons", *flaw);
    TRY(item.end());
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace comity::law
