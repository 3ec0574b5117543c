#include "law/assess.hpp"

#include <algorithm>
#include <array>

#include "law/evaluate.hpp"

namespace comity::law {
namespace {

using treaty::Check;
using treaty::NotMet;

constexpr std::array<std::string_view, 3> k_verdicts = {"met", "not_met", "human_must_say"};
constexpr std::array<std::string_view, 4> k_proposals = {"may_accept_after_answers", "ask",
                                                         "may_refuse_on", "outside"};

bool closes(NotMet not_met) {
  return not_met == NotMet::block || not_met == NotMet::ask_first;
}

Finding find(const Check& check, const Matter& matter) {
  auto judgment = evaluate(check, matter);
  const auto& reason = judgment.verdict == Verdict::met       ? check.reason_met
                       : judgment.verdict == Verdict::not_met ? check.reason_not_met
                                                              : check.reason_human;
  const bool verified = std::ranges::all_of(check.clauses, [&](const std::string& cite) {
    const auto* clause = matter.instrument.clause(cite);
    return clause != nullptr && clause->text_verified;
  });
  return {.code = check.code,
          .title = treaty::in_language(check.title, matter.language),
          .verdict = judgment.verdict,
          .articles = check.clauses,
          .text_verified = verified,
          .reason = treaty::in_language(reason, matter.language),
          .detail = std::move(judgment.detail),
          .fields = check.fields,
          .grounds = check.grounds,
          .not_met = check.not_met};
}

// A person is asked what a machine can not say, and whether to go on where it says no.
bool raises_question(const Finding& finding) {
  return finding.verdict == Verdict::human_must_say ||
         (finding.verdict == Verdict::not_met && !closes(finding.not_met));
}

void add_new(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const auto& one : from)
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
}

Proposal propose(const std::vector<Finding>& findings) {
  bool outside = false, ask_first = false, ask = false;
  std::vector<std::string> grounds;
  for (const auto& finding : findings) {
    if (finding.verdict != Verdict::not_met) continue;
    outside |= finding.not_met == NotMet::block && finding.grounds.empty();
    ask_first |= finding.not_met == NotMet::ask_first;
    ask |= finding.not_met == NotMet::ask;
    if (finding.not_met == NotMet::block || finding.not_met == NotMet::refuse)
      add_new(grounds, finding.grounds);
  }
  if (outside) return {ProposalKind::outside, {}};
  // What is missing may be what a ground would rest on: ask before thinking of refusal.
  if (ask_first) return {ProposalKind::ask, {}};
  if (!grounds.empty()) return {ProposalKind::may_refuse_on, std::move(grounds)};
  return {ask ? ProposalKind::ask : ProposalKind::may_accept_after_answers, {}};
}

// A ground that hangs on a declaration needs the declaration, and a finding in which it arises.
std::vector<std::string> refusal_grounds(const Matter& matter,
                                         const std::vector<Finding>& findings) {
  std::vector<std::string> grounds;
  for (const auto& ground : matter.measure.grounds) {
    const bool arises = std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.verdict != Verdict::met &&
             std::ranges::find(finding.grounds, ground.code) != finding.grounds.end();
    });
    if (ground.declaration.empty() ||
        (arises && has_effective_declaration(matter, ground.declaration)))
      grounds.push_back(ground.code);
  }
  return grounds;
}

Json list_json(const std::vector<std::string>& list) {
  Json json = Json::array();
  for (const auto& one : list) json.push_back(one);
  return json;
}

Json finding_json(const Finding& finding) {
  return Json::object({{"code", finding.code},
                       {"title", finding.title},
                       {"verdict", name_of(finding.verdict)},
                       {"articles", list_json(finding.articles)},
                       {"text_verified", finding.text_verified},
                       {"reason", finding.reason},
                       {"detail", finding.detail},
                       {"fields", list_json(finding.fields)},
                       {"grounds", list_json(finding.grounds)}});
}

Json question_json(const Question& question) {
  return Json::object({{"code", question.code},
                       {"text", question.text},
                       {"articles", list_json(question.articles)},
                       {"grounds", list_json(question.grounds)},
                       {"accept_if", name_of(question.accept_if)}});
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  return k_verdicts[static_cast<std::size_t>(verdict)];
}
std::string_view name_of(ProposalKind kind) {
  return k_proposals[static_cast<std::size_t>(kind)];
}

Assessment assess(const Matter& matter) {
  Assessment assessment{.instrument = matter.instrument.code,
                        .measure = matter.measure.code,
                        .revision = matter.instrument.revision,
                        .requesting = matter.requesting,
                        .requested = matter.requested,
                        .exercise = matter.exercise,
                        .on = matter.on};
  for (const auto& check : matter.measure.checks) {
    assessment.findings.push_back(find(check, matter));
    if (raises_question(assessment.findings.back()))
      assessment.questions.push_back({check.code,
                                      treaty::in_language(check.question, matter.language),
                                      check.clauses, check.grounds, check.accept_if});
  }
  assessment.proposal = propose(assessment.findings);
  assessment.acceptance_open = std::ranges::none_of(assessment.findings, [](const Finding& one) {
    return one.verdict == Verdict::not_met && closes(one.not_met);
  });
  assessment.refusal_grounds = refusal_grounds(matter, assessment.findings);
  return assessment;
}

Json to_json(const Assessment& assessment) {
  Json findings = Json::array(), questions = Json::array();
  for (const auto& finding : assessment.findings) findings.push_back(finding_json(finding));
  for (const auto& question : assessment.questions) questions.push_back(question_json(question));
  return Json::object(
      {{"format", "comity-assessment/1"},
       {"instrument", assessment.instrument},
       {"instrument_revision", assessment.revision},
       {"measure", assessment.measure},
       {"requesting", assessment.requesting.text()},
       {"requested", assessment.requested.text()},
       {"exercise", assessment.exercise},
       {"on", to_text(assessment.on)},
       {"findings", std::move(findings)},
       {"questions", std::move(questions)},
       {"proposal", Json::object({{"kind", name_of(assessment.proposal.kind)},
                                  {"grounds", list_json(assessment.proposal.grounds)}})},
       {"acceptance_open", assessment.acceptance_open},
       {"refusal_grounds", list_json(assessment.refusal_grounds)}});
}

}  // namespace comity::law
