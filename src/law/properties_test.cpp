// What must hold of every assessment, whatever the request, the profile and the answers: safeguards
// only ever close, only a field that a finding names can change it, and nothing is accepted with a
// question open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "law/sample_test.hpp"

namespace comity::law {
namespace {

using treaty::sample::instrument;
using treaty::sample::state;
using treaty::sample::treaties;

struct Drawn {
  const treaty::Instrument* instrument;
  const treaty::Measure* measure;
  Json fields;
  Profile profile;
  StateCode from, to;

  Assessment assess() const {
    const auto& registers = treaty::sample::exercise_registers();
    const auto on = treaty::sample::day("2026-04-15");
    return law::assess(
        {.instrument = *instrument,
         .measure = *measure,
         .status = *treaty::register_of(registers, instrument->code),
         .profile = profile,
         .requesting = from,
         .requested = to,
         .sender_roles = measure->roles,
         .fields = fields,
         .exercise = true,
         .on = on,
         .governing = treaty::governing(treaties(), registers, *instrument, from, to, on)});
  }
};

const std::vector<Profile>& profiles() {
  static const auto loaded = [] {
    std::vector<Profile> list;
    for (const auto& data : treaty::sample::data_files())
      if (data.path.starts_with("profiles/")) {
        auto profile = load_profile(data.bytes, data.path, treaties());
        if (!profile) std::fprintf(stderr, "%s\n", profile.error().detail.c_str());
        CHECK(profile.has_value());
        list.push_back(*std::move(profile));
      }
    return list;
  }();
  return loaded;
}

Json any_value(const treaty::Field& field) {
  const auto words = *rc::gen::element<std::string>(
      "Nothing special.", "A journalist wrote an opinion.", "Протест у министерства.", "x");
  switch (field.kind) {
    case treaty::FieldKind::codes:
      return Json::array({(*rc::gen::elementOf(field.codes)).code});
    case treaty::FieldKind::code:
      return (*rc::gen::elementOf(field.codes)).code;
    case treaty::FieldKind::integer:
      return *rc::gen::inRange<int>(0, 12);
    case treaty::FieldKind::boolean:
      return *rc::gen::arbitrary<bool>();
    case treaty::FieldKind::text:
    case treaty::FieldKind::long_text:
      return words;
    default:
      return field.example;
  }
}

Drawn any_matter() {
  const auto* code = *rc::gen::element("un-cybercrime-2024", "budapest-2001", "untoc-2000",
                                       "uncac-2003", "example-protocol");
  const auto& of = instrument(code);
  const auto& measure = of.measures[*rc::gen::inRange<std::size_t>(0, of.measures.size())];
  auto fields = treaty::sample::full_form(measure);
  for (const auto& field : measure.fields) {
    const auto what = *rc::gen::inRange(0, 6);
    if (what == 0) fields.members().erase(field.code);
    if (what == 1) fields.set(field.code, any_value(field));
    if (what == 2) fields.set(field.code, Json::array({7, "nonsense"}));
  }
  const auto states = std::vector<std::string>{"BFA", "KGZ", "BLR", "EGY", "CUB", "VEN", "IRN"};
  const bool budapest = of.code == "budapest-2001";
  const auto from = state(budapest ? "XAA" : *rc::gen::elementOf(states));
  const auto to = state(budapest ? "XBB" : *rc::gen::elementOf(states));
  return {&of, &measure, std::move(fields), *rc::gen::elementOf(profiles()), from, to};
}

std::vector<Answer> any_answers(const std::vector<const Assessment*>& to) {
  std::vector<Answer> answers;
  std::set<std::string> asked;
  for (const auto* assessment : to)
    for (const auto& question : assessment->questions)
      if (asked.insert(question.code).second && *rc::gen::inRange(0, 12) != 0) {
        const bool clears = *rc::gen::inRange(0, 12) != 0;
        answers.push_back({question.code, clears == (question.accept_if == treaty::AcceptIf::yes),
                           *rc::gen::inRange(0, 16) == 0 ? "" : "As examined."});
      }
  return answers;
}

// Those answers that this assessment asks for.
std::vector<Answer> fitting(const Assessment& assessment, const std::vector<Answer>& answers) {
  std::vector<Answer> fit;
  for (const auto& answer : answers)
    if (std::ranges::find(assessment.questions, answer.code, &Question::code) !=
        assessment.questions.end())
      fit.push_back(answer);
  return fit;
}

bool may_accept(const Assessment& assessment, const std::vector<Answer>& answers) {
  return decision_allowed(assessment, fitting(assessment, answers), {.kind = DecisionKind::accept})
      .has_value();
}

void remove_one(std::vector<std::string>& list) {
  if (!list.empty())
    list.erase(list.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(list)));
}

// One more safeguard, of any kind that a profile can have.
void tighten(Drawn& drawn) {
  auto& profile = drawn.profile;
  auto& published = profile.published;
  switch (*rc::gen::inRange(0, 11)) {
    case 0:
      remove_one(profile.languages);
      break;
    case 1:
      if (!published.scopes.empty()) published.scopes.pop_back();
      break;
    case 2:
      remove_one(published.measures);
      break;
    case 3:
      remove_one(published.data_categories);
      break;
    case 4:
      published.dual_criminality = "required";
      published.dual_criminality_for.clear();
      break;
    case 5:
      if (!profile.offences.empty()) profile.offences.pop_back();
      break;
    case 6:
      std::erase_if(profile.partners, [&](const auto& one) { return one.state == drawn.from; });
      profile.partners.push_back({drawn.from, Trust::suspended, {{"en", "For a reason."}}, ""});
      break;
    case 7:
      profile.rules.push_back({.code = "more",
                               .question = {{"en", "One more question?"}},
                               .provision = {{"en", "A provision"}},
                               .accept_if = treaty::AcceptIf::no});
      break;
    case 8:
      profile.harm_test = {{"en", "Was there grave harm?"}};
      break;
    case 9:
      profile.authorisations.clear();
      for (const auto* category :
           {"subscriber", "traffic", "content", "traffic-realtime", "content-realtime"})
        profile.authorisations.push_back(
            {category, Body::court, {{"en", "A court"}}, {{"en", "A provision"}}});
      break;
    default:
      published.without_treaty.clear();
      break;
  }
}

}  // namespace

RC_GTEST_PROP(Safeguards, NeverTurnANoIntoAYes, ()) {
  const auto before = any_matter();
  auto after = before;
  for (auto times = *rc::gen::inRange(1, 4); times > 0; --times) tighten(after);
  const auto loose = before.assess(), tight = after.assess();
  const auto answers = any_answers({&loose, &tight});
  if (!may_accept(loose, answers)) RC_ASSERT(!may_accept(tight, answers));
}

RC_GTEST_PROP(Finding, ChangesOnlyWithAFieldThatItNames, ()) {
  const auto before = any_matter();
  auto after = before;
  const auto& field = *rc::gen::elementOf(before.measure->fields);
  if (*rc::gen::arbitrary<bool>())
    after.fields.members().erase(field.code);
  else
    after.fields.set(field.code, any_value(field));
  const auto first = before.assess(), second = after.assess();
  RC_ASSERT(first.findings.size() == second.findings.size());
  for (std::size_t i = 0; i < first.findings.size(); ++i) {
    const auto& named = first.findings[i].fields;
    if (std::ranges::find(named, field.code) == named.end())
      RC_ASSERT(first.findings[i] == second.findings[i]);
  }
}

RC_GTEST_PROP(Acceptance, NeverStandsWithAQuestionOpenOrAgainstAnAnswer, ()) {
  const auto matter = any_matter();
  const auto assessment = matter.assess();
  const auto answers = any_answers({&assessment});
  if (!may_accept(assessment, answers)) return;
  for (const auto& question : assessment.questions) {
    const auto answer = std::ranges::find(answers, question.code, &Answer::code);
    RC_ASSERT(answer != answers.end());
    RC_ASSERT(!answer->reasons.empty());
    if (question.accept_if != treaty::AcceptIf::any)
      RC_ASSERT(answer->yes == (question.accept_if == treaty::AcceptIf::yes));
  }
  for (const auto& finding : assessment.findings)
    if (finding.verdict == Verdict::not_met)
      RC_ASSERT(finding.not_met == treaty::NotMet::ask ||
                finding.not_met == treaty::NotMet::refuse);
  for (const auto& finding : assessment.findings)
    if (finding.verdict == Verdict::human_must_say)
      RC_ASSERT(std::ranges::find(assessment.questions, finding.code, &Question::code) !=
                assessment.questions.end());
}

RC_GTEST_PROP(Assessment, IsOneForOneMatter, ()) {
  const auto matter = any_matter();
  RC_ASSERT(matter.assess() == matter.assess());
  RC_ASSERT(formats::canonical(to_json(matter.assess())) ==
            formats::canonical(to_json(matter.assess())));
}

RC_GTEST_PROP(Refusal, NeedsAGroundThatTheMeasureKnows, ()) {
  const auto matter = any_matter();
  const auto assessment = matter.assess();
  std::set<std::string> grounds;
  for (const auto& of : treaties().instruments)
    for (const auto& ground : of.grounds) grounds.insert(ground.code);
  const auto ground = *rc::gen::elementOf(std::vector<std::string>(grounds.begin(), grounds.end()));
  const auto allowed =
      decision_allowed(assessment, {}, {DecisionKind::refuse, {ground}, "As examined.", true, ""});
  const auto& known = assessment.refusal_grounds;
  RC_ASSERT(allowed.has_value() == (std::ranges::find(known, ground) != known.end()));
}

// No ground is dead letters: some check of the measure lets it arise.
TEST(Grounds, AriseInSomeCheckOfEachMeasureThatKnowsThem) {
  for (const auto& of : treaties().instruments)
    for (const auto& measure : of.measures)
      for (const auto& ground : measure.grounds) {
        const bool arises = std::ranges::any_of(measure.checks, [&](const treaty::Check& check) {
          return std::ranges::find(check.grounds, ground.code) != check.grounds.end();
        });
        EXPECT_TRUE(arises) << of.code << ' ' << measure.code << ' ' << ground.code;
      }
}

TEST(RightsQuestions, AreAskedOfEveryMeasureThatCompels) {
  for (const auto& of : treaties().instruments) {
    if (of.kind == treaty::InstrumentKind::assistance) continue;  // joins another's checks
    for (const auto& measure : of.measures) {
      if (!measure.coercive || of.kind == treaty::InstrumentKind::protocol) continue;
      const auto rights = std::ranges::count_if(measure.checks, [](const treaty::Check& check) {
        return check.second_review != treaty::SecondReview::never;
      });
      EXPECT_GE(rights, 2) << of.code << ' ' << measure.code;
    }
  }
}

}  // namespace comity::law
