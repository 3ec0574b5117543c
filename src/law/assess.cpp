#include "law/assess.hpp"

#include <algorithm>
#include <array>

#include "law/evaluate.hpp"

namespace comity::law {
namespace {

using treaty::Check;
using treaty::CheckKind;
using treaty::NotMet;

constexpr std::array<std::string_view, 3> k_verdicts = {"met", "not_met", "human_must_say"};
constexpr std::array<std::string_view, 4> k_proposals = {"may_accept_after_answers", "ask",
                                                         "may_refuse_on", "outside"};

bool closes(NotMet not_met) {
  return not_met == NotMet::block || not_met == NotMet::ask_first;
}

// Whether a treaty on mutual assistance takes the place of the clause by which a ground is known.
bool is_replaced(const Matter& matter, std::string_view clause) {
  return matter.governing != nullptr && matter.instrument.yields_at(clause);
}

bool is_replaced_ground(const Matter& matter, const std::string& code) {
  const auto* ground = matter.measure.ground(code);
  return ground != nullptr && is_replaced(matter, ground->clause);
}

// A check that only asks whether a ground arises, of those that yield. What must be affirmed (that
// it is necessary), and what brings a second reviewer (rights), is a safeguard and stays.
bool is_replaced(const Matter& matter, const Check& check) {
  const bool asks_for_ground =
      check.kind == CheckKind::dual_criminality ||
      (check.kind == CheckKind::human && check.accept_if != treaty::AcceptIf::yes &&
       check.second_review == treaty::SecondReview::never);
  return asks_for_ground && !check.grounds.empty() && is_replaced(matter, check.clauses[0]) &&
         std::ranges::all_of(check.grounds,
                             [&](const auto& code) { return is_replaced_ground(matter, code); });
}

Finding find(const Check& check, const Matter& matter, const treaty::Instrument& instrument) {
  auto judgment = evaluate(check, matter);
  const auto& reason = judgment.verdict == Verdict::met       ? check.reason_met
                       : judgment.verdict == Verdict::not_met ? check.reason_not_met
                                                              : check.reason_human;
  const bool verified = std::ranges::all_of(check.clauses, [&](const std::string& cite) {
    const auto* clause = instrument.clause(cite);
    return clause != nullptr && clause->text_verified;
  });
  Finding finding{.code = check.code,
                  .title = treaty::in_language(check.title, matter.language),
                  .verdict = judgment.verdict,
                  .articles = check.clauses,
                  .text_verified = verified,
                  .reason = treaty::in_language(reason, matter.language),
                  .detail = std::move(judgment.detail),
                  .fields = check.fields,
                  .grounds = std::move(judgment.grounds).value_or(check.grounds),
                  .not_met = check.not_met,
                  .national = std::move(judgment.national)};
  if (check.kind == CheckKind::complete)  // any field can fill or make a gap
    for (const auto& field : matter.measure.fields) finding.fields.push_back(field.code);
  if (&instrument != &matter.instrument) {
    for (auto& article : finding.articles) article = instrument.code + ' ' + article;
  } else {
    std::erase_if(finding.grounds,
                  [&](const auto& code) { return is_replaced_ground(matter, code); });
  }
  return finding;
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
std::vector<std::string> refusal_grounds(const Matter& matter, const Assessment& assessment) {
  std::vector<std::string> grounds;
  for (const auto& ground : matter.measure.grounds) {
    if (is_replaced(matter, ground.clause)) continue;
    const bool arises = std::ranges::any_of(assessment.findings, [&](const Finding& finding) {
      return finding.verdict != Verdict::met &&
             std::ranges::find(finding.grounds, ground.code) != finding.grounds.end();
    });
    if (ground.declaration.empty() ||
        (arises && has_effective_declaration(matter, ground.declaration)))
      grounds.push_back(ground.code);
  }
  if (!assessment.governing.empty())
    for (const auto& ground : matter.governing->measures.front().grounds)
      add_new(grounds, {ground.code});
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
                       {"grounds", list_json(finding.grounds)},
                       {"national", finding.national}});
}

Json question_json(const Question& question) {
  return Json::object({{"code", question.code},
                       {"text", question.text},
                       {"articles", list_json(question.articles)},
                       {"grounds", list_json(question.grounds)},
                       {"accept_if", name_of(question.accept_if)}});
}

void add(Assessment& assessment, const Check& check, const Matter& matter, Finding finding,
         bool marked) {
  if (marked) assessment.marked.push_back(finding.code);
  if (raises_question(finding))
    assessment.questions.push_back(
        {.code = finding.code,
         .text = treaty::in_language(check.question, matter.language),
         .articles = finding.articles,
         .grounds = finding.grounds,
         .accept_if = check.accept_if,
         .second_review_if_closing = check.second_review == treaty::SecondReview::if_closing});
  assessment.findings.push_back(std::move(finding));
}

// The profile's own rules for this measure: each is a finding and a question of its own.
void add_own_rules(Assessment& assessment, const Check& check, const Matter& matter) {
  bool any = false;
  for (const auto& rule : matter.profile.rules) {
    if (!rule.measures.empty() &&
        std::ranges::find(rule.measures, matter.measure.code) == rule.measures.end())
      continue;
    any = true;
    Finding finding{.code = "own." + rule.code,
                    .title = treaty::in_language(check.title, matter.language),
                    .verdict = Verdict::human_must_say,
                    .articles = check.clauses,
                    .reason = treaty::in_language(check.reason_human, matter.language),
                    .fields = check.fields,
                    .national = treaty::in_language(rule.provision, matter.language)};
    const auto known = matter.measure.ground(rule.ground);
    if (known != nullptr && !is_replaced(matter, known->clause)) finding.grounds = {rule.ground};
    assessment.questions.push_back({.code = finding.code,
                                    .text = treaty::in_language(rule.question, matter.language),
                                    .articles = finding.articles,
                                    .grounds = finding.grounds,
                                    .accept_if = rule.accept_if});
    assessment.findings.push_back(std::move(finding));
  }
  if (any) return;
  assessment.findings.push_back({.code = check.code,
                                 .title = treaty::in_language(check.title, matter.language),
                                 .verdict = Verdict::met,
                                 .articles = check.clauses,
                                 .reason = treaty::in_language(check.reason_met, matter.language),
                                 .fields = check.fields});
}

void add_check(Assessment& assessment, const Check& check, const Matter& matter,
               const treaty::Instrument& instrument) {
  if (check.kind == CheckKind::rules) return add_own_rules(assessment, check, matter);
  auto finding = find(check, matter, instrument);
  const bool marked = check.second_review == treaty::SecondReview::if_marked &&
                      finding.verdict == Verdict::human_must_say;
  if (check.kind == CheckKind::in_force)
    assessment.without_treaty = finding.verdict == Verdict::human_must_say;
  add(assessment, check, matter, std::move(finding), marked);
}

// The rules of the treaty on mutual assistance come with its one measure.
const treaty::Measure* governing_measure(const Matter& matter) {
  if (matter.governing == nullptr || matter.governing->measures.empty()) return nullptr;
  return &matter.governing->measures.front();
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
  bool yielded = false;
  for (const auto& check : matter.measure.checks) {
    if (is_replaced(matter, check)) {
      yielded = true;
      continue;
    }
    add_check(assessment, check, matter, matter.instrument);
  }
  if (const auto* governing = governing_measure(matter); governing != nullptr && yielded) {
    assessment.governing = matter.governing->code;
    for (const auto& check : governing->checks)
      add_check(assessment, check, matter, *matter.governing);
  }
  assessment.proposal = propose(assessment.findings);
  assessment.acceptance_open = std::ranges::none_of(assessment.findings, [](const Finding& one) {
    return one.verdict == Verdict::not_met && closes(one.not_met);
  });
  assessment.refusal_grounds = refusal_grounds(matter, assessment);
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
       {"refusal_grounds", list_json(assessment.refusal_grounds)},
       {"marked", list_json(assessment.marked)},
       {"governing", assessment.governing},
       {"without_treaty", assessment.without_treaty}});
}

}  // namespace comity::law
