// The scenarios of data/scenarios/: a request under a State's profile, what the law engine must
// find, and which decisions are open. Lawyers write them; this only plays them. A key that it does
// not know refuses the file, and a scenario that expects nothing is an error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/source_dir_test.hpp"
#include "law/sample_test.hpp"
#include "treaty/data_file.hpp"

namespace comity::law {
namespace {

using formats::Fields;
using treaty::sample::day;
using treaty::sample::state;

constexpr std::string_view k_format = "comity-scenarios/1";
constexpr std::array<std::string_view, 3> k_findings = {"met", "not met", "a human must say"};

using Words = std::map<std::string, std::string>;

struct Ruling {
  Decision decision;
  std::vector<std::string> unanswered;
  std::map<std::string, bool> answers;
  std::string outcome, about;
  std::optional<std::vector<std::string>> second_review;
};

struct Scenario {
  std::string name, instrument, measure, from, to, profile, on;
  std::vector<std::string> roles, without, withheld;
  bool exercise = true;
  Json request = Json::object();
  Words findings, says, national;
  std::string proposal, governing;
  std::optional<std::vector<std::string>> marked, refusal_grounds, proposed_grounds;
  std::vector<std::string> asks, does_not_ask, no_finding;
  std::optional<bool> acceptance_open, without_treaty;
  std::vector<Ruling> rulings;
};

Result<Words> read_words(Fields& fields, std::string_view key) {
  Words words;
  TRY_LET(auto inner, fields.optional_object(key));
  if (!inner) return words;
  for (const auto& [code, value] : fields.optional_value(key)->members()) {
    TRY_LET(words[code], inner->text(code));
  }
  return words;
}

Result<std::optional<std::vector<std::string>>> read_list(Fields& fields, std::string_view key) {
  if (!fields.has(key)) return std::nullopt;
  TRY_LET(auto list, fields.texts(key));
  return std::optional(std::move(list));
}

Result<Ruling> read_ruling(Fields& fields) {
  Ruling ruling;
  constexpr std::array<std::string_view, 2> kinds = {"accept", "refuse"};
  TRY_LET(const std::size_t kind, fields.choice("decide", kinds));
  ruling.decision.kind = static_cast<DecisionKind>(kind);
  TRY_LET(const auto answers, read_words(fields, "answers"));
  for (const auto& [code, answer] : answers) {
    if (answer != "yes" && answer != "no") return fields.refuse("answers", "are yes or no");
    ruling.answers.emplace(code, answer == "yes");
  }
  TRY_LET(ruling.unanswered, fields.optional_texts("unanswered"));
  TRY_LET(ruling.decision.grounds, fields.optional_texts("on"));
  TRY_LET(const auto reasons, fields.optional_text("reasons"));
  ruling.decision.reasons = reasons.value_or("As examined.");
  TRY_LET(const auto without_reasons, fields.optional_boolean("without_reasons"));
  if (without_reasons.value_or(false)) ruling.decision.reasons.clear();
  TRY_LET(const auto consulted, fields.optional_boolean("consulted"));
  ruling.decision.consultation_offered = consulted.value_or(true);
  TRY_LET(const auto impossible, fields.optional_text("consultation_impossible"));
  ruling.decision.consultation_impossible = impossible.value_or("");
  TRY_LET(ruling.outcome, fields.text("then"));
  TRY_LET(const auto about, fields.optional_text("about"));
  ruling.about = about.value_or("");
  TRY_LET(ruling.second_review, read_list(fields, "second_review"));
  return ruling;
}

Result<void> read_expectations(Fields& fields, Scenario& scenario) {
  TRY_LET(Fields expect, fields.object("expect"));
  TRY_LET(scenario.findings, read_words(expect, "findings"));
  for (const auto& [code, verdict] : scenario.findings)
    if (std::ranges::find(k_findings, verdict) == k_findings.end())
      return expect.refuse("findings", code + ": must be met, not met or a human must say");
  TRY_LET(scenario.says, read_words(expect, "says"));
  TRY_LET(scenario.national, read_words(expect, "national"));
  TRY_LET(const auto proposal, expect.optional_text("proposal"));
  scenario.proposal = proposal.value_or("");
  TRY_LET(const auto governing, expect.optional_text("governing"));
  scenario.governing = governing.value_or("");
  TRY_LET(scenario.marked, read_list(expect, "marked"));
  TRY_LET(scenario.refusal_grounds, read_list(expect, "refusal_grounds"));
  TRY_LET(scenario.proposed_grounds, read_list(expect, "proposed_grounds"));
  TRY_LET(scenario.asks, expect.optional_texts("asks"));
  TRY_LET(scenario.does_not_ask, expect.optional_texts("does_not_ask"));
  TRY_LET(scenario.no_finding, expect.optional_texts("no_finding"));
  TRY_LET(scenario.acceptance_open, expect.optional_boolean("acceptance_open"));
  TRY_LET(scenario.without_treaty, expect.optional_boolean("without_treaty"));
  return expect.end();
}

Result<Scenario> read_scenario(Fields& fields) {
  Scenario scenario;
  const auto text_or = [&](std::string_view key, std::string other) -> Result<std::string> {
    TRY_LET(auto given, fields.optional_text(key));
    return std::move(given).value_or(std::move(other));
  };
  TRY_LET(scenario.name, fields.text("name"));
  TRY_LET(scenario.instrument, text_or("instrument", "un-cybercrime-2024"));
  TRY_LET(scenario.measure, fields.text("measure"));
  TRY_LET(scenario.from, text_or("from", "BFA"));
  TRY_LET(scenario.to, text_or("to", "KGZ"));
  TRY_LET(scenario.profile, text_or("profile", ""));
  TRY_LET(scenario.on, text_or("on", "2026-03-06"));
  TRY_LET(scenario.roles, fields.optional_texts("signed_as"));
  TRY_LET(const auto unknown, fields.optional_boolean("signed_by_nobody"));
  if (!unknown.value_or(false) && scenario.roles.empty()) scenario.roles = {"central-authority"};
  TRY_LET(const auto exercise, fields.optional_boolean("exercise"));
  scenario.exercise = exercise.value_or(true);
  if (const auto* request = fields.optional_value("request")) scenario.request = *request;
  TRY_LET(scenario.without, fields.optional_texts("without"));
  TRY_LET(scenario.withheld, fields.optional_texts("withheld"));
  TRY(read_expectations(fields, scenario));
  TRY_LET(const auto rulings, fields.optional_array("decision"));
  for (std::size_t i = 0; i < rulings.size(); ++i) {
    auto item = formats::item_fields(fields, "decision", i, rulings[i]);
    TRY_LET(Ruling ruling, read_ruling(item));
    TRY(item.end());
    scenario.rulings.push_back(std::move(ruling));
  }
  return scenario;
}

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> scenarios;
  for (const auto& file : treaty::sample::data_files()) {
    if (!file.path.starts_with("scenarios/assess-")) continue;
    const auto loaded = treaty::read_data_file<std::vector<Scenario>>(
        file.bytes, file.path, [&](Fields& fields) -> Result<std::vector<Scenario>> {
          TRY_LET(const std::string format, fields.text("format"));
          if (format != k_format) return fields.refuse("format", "must be comity-scenarios/1");
          TRY(treaty::read_texts(fields, "about"));
          TRY_LET(const auto items, fields.array("scenario"));
          std::vector<Scenario> list;
          for (std::size_t i = 0; i < items.size(); ++i) {
            auto item = formats::item_fields(fields, "scenario", i, items[i]);
            TRY_LET(Scenario scenario, read_scenario(item));
            TRY(item.end());
            list.push_back(std::move(scenario));
          }
          return list;
        });
    if (!loaded) ADD_FAILURE() << loaded.error().detail;
    if (loaded) scenarios.insert(scenarios.end(), loaded->begin(), loaded->end());
  }
  return scenarios;
}

const Profile& profile_of(const std::string& name) {
  static std::map<std::string, Profile> loaded;
  if (const auto known = loaded.find(name); known != loaded.end()) return known->second;
  auto profile = load_profile(as_bytes(treaty::sample::file("profiles/" + name + ".toml")),
                              name + ".toml", treaty::sample::treaties());
  if (!profile) ADD_FAILURE() << profile.error().detail;
  CHECK(profile.has_value());
  return loaded.emplace(name, *std::move(profile)).first->second;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
  });
  return text;
}

Assessment assess(const Scenario& scenario) {
  const auto& treaties = treaty::sample::treaties();
  const auto& registers = treaty::sample::exercise_registers();
  const auto& instrument = treaty::sample::instrument(scenario.instrument);
  const auto* measure = instrument.measure(scenario.measure);
  CHECK(measure != nullptr);
  auto fields = treaty::sample::full_form(*measure);
  for (const auto& [code, value] : scenario.request.members()) fields.set(code, value);
  for (const auto& code : scenario.without)
    if (fields.members().erase(code) == 0) ADD_FAILURE() << code << " is not in the form";
  for (const auto& code : scenario.withheld) fields.members().erase(code);
  const auto* own = treaty::register_of(registers, instrument.code);
  CHECK(own != nullptr);
  const auto from = state(scenario.from), to = state(scenario.to);
  const auto name = scenario.profile.empty() ? lower(scenario.to) : scenario.profile;
  std::vector<std::string> without_treaty;
  if (std::filesystem::exists(source_dir() + "/data/profiles/" + lower(scenario.from) + ".toml"))
    without_treaty = profile_of(lower(scenario.from)).published.without_treaty;
  return law::assess(
      {.instrument = instrument,
       .measure = *measure,
       .status = *own,
       .profile = profile_of(name),
       .requesting = from,
       .requested = to,
       .sender_roles = scenario.roles,
       .fields = fields,
       .absent = scenario.withheld,
       .exercise = scenario.exercise,
       .on = day(scenario.on),
       .parent_status =
           instrument.parent.empty() ? nullptr : treaty::register_of(registers, instrument.parent),
       .governing = treaty::governing(treaties, registers, instrument, from, to, day(scenario.on)),
       .requesting_without_treaty = without_treaty});
}

std::string spoken(std::string_view name) {
  std::string words(name);
  std::ranges::replace(words, '_', ' ');
  return words;
}

void check_findings(const Scenario& scenario, const Assessment& assessment) {
  const auto find = [&](const std::string& code) -> const Finding* {
    const auto found = std::ranges::find(assessment.findings, code, &Finding::code);
    if (found == assessment.findings.end()) ADD_FAILURE() << "no finding " << code;
    return found == assessment.findings.end() ? nullptr : &*found;
  };
  for (const auto& [code, verdict] : scenario.findings)
    if (const auto* found = find(code)) {
      const auto is = found->verdict == Verdict::human_must_say ? std::string("a human must say")
                                                                : spoken(name_of(found->verdict));
      EXPECT_EQ(is, verdict) << code << ": " << found->reason << ' ' << found->detail;
    }
  for (const auto& [code, words] : scenario.says)
    if (const auto* found = find(code))
      EXPECT_THAT(found->reason + ' ' + found->detail, testing::HasSubstr(words)) << code;
  for (const auto& [code, words] : scenario.national)
    if (const auto* found = find(code)) EXPECT_THAT(found->national, testing::HasSubstr(words));
  for (const auto& code : scenario.no_finding)
    EXPECT_EQ(std::ranges::find(assessment.findings, code, &Finding::code),
              assessment.findings.end())
        << code;
  const auto is_asked = [&](const std::string& code) {
    return std::ranges::find(assessment.questions, code, &Question::code) !=
           assessment.questions.end();
  };
  for (const auto& code : scenario.asks) EXPECT_TRUE(is_asked(code)) << code;
  for (const auto& code : scenario.does_not_ask) EXPECT_FALSE(is_asked(code)) << code;
}

void check_whole(const Scenario& scenario, const Assessment& assessment) {
  if (!scenario.proposal.empty())
    EXPECT_EQ(spoken(name_of(assessment.proposal.kind)), scenario.proposal);
  if (scenario.proposed_grounds) EXPECT_EQ(assessment.proposal.grounds, *scenario.proposed_grounds);
  EXPECT_EQ(assessment.governing, scenario.governing);
  if (scenario.marked) EXPECT_EQ(assessment.marked, *scenario.marked);
  if (scenario.refusal_grounds) EXPECT_EQ(assessment.refusal_grounds, *scenario.refusal_grounds);
  if (scenario.acceptance_open) EXPECT_EQ(assessment.acceptance_open, *scenario.acceptance_open);
  EXPECT_EQ(assessment.without_treaty, scenario.without_treaty.value_or(false));
}

void check_ruling(const Ruling& ruling, const Assessment& assessment) {
  std::vector<Answer> answers;
  for (auto answer : sample::clear_answers(assessment)) {
    if (std::ranges::find(ruling.unanswered, answer.code) != ruling.unanswered.end()) continue;
    if (const auto own = ruling.answers.find(answer.code); own != ruling.answers.end())
      answer.yes = own->second;
    answers.push_back(std::move(answer));
  }
  for (const auto& [code, yes] : ruling.answers)
    if (std::ranges::find(answers, code, &Answer::code) == answers.end())
      answers.push_back({code, yes, "As examined."});
  const auto allowed = decision_allowed(assessment, answers, ruling.decision);
  const auto outcome = allowed ? "allowed" : std::string(row_of(allowed.error().code).name);
  EXPECT_EQ(outcome, ruling.outcome) << (allowed ? "" : allowed.error().detail);
  if (!allowed) EXPECT_THAT(allowed.error().detail, testing::HasSubstr(ruling.about));
  if (ruling.second_review) EXPECT_EQ(second_review(assessment, answers), *ruling.second_review);
}

bool expects_something(const Scenario& one) {
  return !one.findings.empty() || !one.rulings.empty() || !one.proposal.empty() ||
         one.marked.has_value() || one.refusal_grounds.has_value() || !one.asks.empty() ||
         !one.says.empty() || !one.does_not_ask.empty();
}

}  // namespace

TEST(Scenarios, EndAsTheirAuthorsExpect) {
  const auto scenarios = all_scenarios();
  std::set<std::string> names;
  EXPECT_GE(scenarios.size(), 120u);
  for (const auto& scenario : scenarios) {
    SCOPED_TRACE(scenario.name);
    EXPECT_TRUE(names.insert(scenario.name).second) << "comes twice";
    EXPECT_TRUE(expects_something(scenario)) << "expects nothing";
    const auto assessment = assess(scenario);
    check_findings(scenario, assessment);
    check_whole(scenario, assessment);
    for (const auto& ruling : scenario.rulings) check_ruling(ruling, assessment);
  }
}

// Each ground that any instrument knows is one on which some scenario refuses.
TEST(Scenarios, RefuseOnEveryGround) {
  std::set<std::string> missing, used;
  for (const auto& instrument : treaty::sample::treaties().instruments)
    for (const auto& ground : instrument.grounds) missing.insert(ground.code);
  for (const auto& scenario : all_scenarios())
    for (const auto& ruling : scenario.rulings)
      if (ruling.outcome == "allowed")
        for (const auto& ground : ruling.decision.grounds) missing.erase(ground);
  EXPECT_THAT(missing, testing::IsEmpty());
}

// And each fault by which the engine keeps a decision from being taken, and a decision of each
// kind.
TEST(Scenarios, KeepFromDecidingInEveryWay) {
  std::set<std::string> outcomes;
  for (const auto& scenario : all_scenarios())
    for (const auto& ruling : scenario.rulings) {
      outcomes.insert(ruling.outcome);
      if (ruling.outcome == "allowed")
        outcomes.insert(ruling.decision.kind == DecisionKind::accept ? "accepted" : "refused");
    }
  outcomes.erase("allowed");
  EXPECT_THAT(outcomes, testing::UnorderedElementsAre("accepted", "refused", "decision.closed",
                                                      "decision.unanswered", "decision.answer",
                                                      "decision.ground", "decision.reasons",
                                                      "decision.consultation"));
}

// And each State of the exercise, and each measure, is in one at least.
TEST(Scenarios, VisitEveryProfileAndMeasure) {
  std::set<std::string> states, measures;
  for (const auto& scenario : all_scenarios()) {
    states.insert(lower(scenario.to));
    measures.insert(scenario.instrument + ' ' + scenario.measure);
  }
  for (const auto* code :
       {"blr", "bfa", "cub", "prk", "egy", "irn", "irq", "kgz", "lao", "nic", "rus", "ven"})
    EXPECT_TRUE(states.contains(code)) << code;
  for (const auto& instrument : treaty::sample::treaties().instruments)
    if (instrument.kind == treaty::InstrumentKind::convention)
      for (const auto& measure : instrument.measures)
        EXPECT_TRUE(measures.contains(instrument.code + ' ' + measure.code)) << measure.code;
}

}  // namespace comity::law
