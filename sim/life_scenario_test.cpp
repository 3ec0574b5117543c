// The scenarios of data/scenarios/life-*.toml: stories of acts, dates and steps that are not open.
// Lawyers write them; this plays them, and asks whether a reason, an act, a clock or a crossing
// that the specification settles was left out.
#include <fstream>

#include "exchange/legality.hpp"
#include "node/clocks.hpp"
#include "sim/life_player_test.hpp"

namespace comity::sim {
namespace {

using testing::IsEmpty;

std::vector<Story> all_stories() {
  std::vector<Story> stories;
  for (const auto& file : treaty::sample::data_files()) {
    if (!file.path.starts_with("scenarios/life-")) continue;
    auto loaded = story::load(file.bytes, file.path);
    if (!loaded) ADD_FAILURE() << loaded.error().detail;
    if (loaded) stories.insert(stories.end(), loaded->begin(), loaded->end());
  }
  return stories;
}

const law::Profile* profile_named(const std::string& name) {
  if (name.empty()) return nullptr;
  static std::map<std::string, law::Profile> loaded;
  const auto known = loaded.find(name);
  if (known != loaded.end()) return &known->second;
  auto profile = law::load_profile(as_bytes(treaty::sample::file("profiles/" + name + ".toml")),
                                   name + ".toml", treaty::sample::treaties());
  if (!profile) ADD_FAILURE() << profile.error().detail;
  return profile ? &loaded.emplace(name, *std::move(profile)).first->second : nullptr;
}

bool expects_something(const StoryStep& step) {
  return !step.act.empty() || !step.due.empty() || !step.not_due.empty() || !step.phase.empty() ||
         step.outcome != "taken" || step.told_oversight;
}

/// Every story, once a process.
const Shown& played() {
  static const Shown all = [] {
    Shown shown;
    std::set<std::string> names;
    for (const auto& one : all_stories()) {
      SCOPED_TRACE(one.name);
      EXPECT_TRUE(names.insert(one.name).second) << "comes twice";
      EXPECT_TRUE(std::ranges::any_of(one.steps, expects_something)) << "expects nothing";
      Player(one, profile_named(one.profile), shown).play();
    }
    return shown;
  }();
  return all;
}

/// "the delivery is void" fits "the delivery is …".
bool fits(const std::string& detail, std::string_view pattern) {
  constexpr std::string_view k_gap = "…";
  const auto first = pattern.find(k_gap);
  if (first == pattern.npos) return detail == pattern;
  if (!detail.starts_with(pattern.substr(0, first))) return false;
  std::size_t from = first;
  for (auto rest = pattern.substr(first + k_gap.size());;) {
    const auto gap = rest.find(k_gap);
    const auto literal = rest.substr(0, gap);
    if (gap == rest.npos) return literal.empty() || std::string_view(detail).ends_with(literal);
    from = detail.find(literal, from);
    if (from == detail.npos) return false;
    from += literal.size();
    rest = rest.substr(gap + k_gap.size());
  }
}

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// The first column of the table of crossings in spec/acts.md §8.
std::vector<std::string> crossings_of_the_specification() {
  std::ifstream file(source_dir() + "/spec/acts.md");
  std::vector<std::string> crossings;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| these cross |")) {
      is_inside = true;
    } else if (is_inside && !line.starts_with("|")) {
      break;
    } else if (is_inside && !line.starts_with("| ---")) {
      crossings.push_back(trimmed(line.substr(1, line.find('|', 1) - 1)));
    }
  }
  return crossings;
}

TEST(LifeScenarios, EndAsTheirAuthorsExpect) {
  played();
}

// One reason left out fails here: each is met by some step that is not open.
TEST(LifeScenarios, MeetEveryReasonWhyAStepIsNotOpen) {
  std::vector<std::string_view> missing;
  for (const auto pattern : exchange::k_illegal)
    if (std::ranges::none_of(played().illegal,
                             [&](const auto& detail) { return fits(detail, pattern); }))
      missing.push_back(pattern);
  // The form of an annulment refuses it before (act.form); the rule stays for whoever has no form.
  std::erase(missing,
             exchange::k_illegal.at(static_cast<std::size_t>(exchange::Illegal::nothing_falls)));
  EXPECT_THAT(missing, IsEmpty());
}

TEST(LifeScenarios, MeetEveryCodeThatRefusesAStep) {
  const auto& outcomes = played().outcomes;
  for (const auto* code :
       {"act.sequence", "act.fork", "act.gap", "act.seen", "act.illegal", "act.form",
        "act.incomplete", "officer.two", "officer.role", "decision.held", "decision.consultation",
        "decision.ground", "decision.unanswered", "decision.answer", "decision.authorisation",
        "evidence.use", "request.conflict"})
    EXPECT_TRUE(outcomes.contains(code)) << code;
}

TEST(LifeScenarios, SeeEveryActTakenAndRefused) {
  for (std::size_t i = 0; i < exchange::k_act_types; ++i) {
    const std::string name(exchange::name_of(static_cast<exchange::ActType>(i)));
    const bool is_of_the_node = name == "arrival" || name == "completion";
    EXPECT_TRUE(is_of_the_node || played().acts_taken.contains(name)) << name << " is never taken";
    EXPECT_TRUE(played().acts_refused.contains(name)) << name << " is never refused";
  }
  for (std::size_t i = 0; i < exchange::k_notice_kinds; ++i)
    EXPECT_TRUE(played().notices.contains(
        std::string(exchange::name_of(static_cast<exchange::NoticeKind>(i)))))
        << exchange::name_of(static_cast<exchange::NoticeKind>(i));
  for (std::size_t i = 0; i < exchange::k_proposal_kinds; ++i)
    EXPECT_TRUE(played().proposals.contains(
        std::string(exchange::name_of(static_cast<exchange::ProposalKind>(i)))))
        << exchange::name_of(static_cast<exchange::ProposalKind>(i));
}

TEST(LifeScenarios, TellEveryCrossingThatTheSpecificationSettles) {
  std::set<std::string> told;
  for (const auto& story : all_stories())
    if (!story.crossing.empty()) told.insert(story.crossing);
  const auto settled = crossings_of_the_specification();
  EXPECT_GE(settled.size(), 20u);
  for (const auto& one : settled) EXPECT_TRUE(told.erase(one)) << one << ": no scenario tells it";
  EXPECT_THAT(told, IsEmpty()) << "not in the specification";
}

TEST(LifeScenarios, ReadEveryClockAndEachWarning) {
  std::set<std::string> clocks, warnings;
  for (const auto& one : played().dues) {
    clocks.insert(one.substr(0, one.find(' ')));
    if (one.starts_with("preservation ")) warnings.insert(one.substr(one.find(' ') + 1));
  }
  for (std::size_t i = 0; i < node::k_clocks; ++i) {
    const std::string name(node::name_of(static_cast<node::Clock>(i)));
    EXPECT_TRUE(clocks.contains(name)) << name;
  }
  EXPECT_EQ(warnings,
            (std::set<std::string>{"later", "three-weeks", "two-weeks", "week", "overdue"}));
}

TEST(LifeScenarios, RefuseAFileThatSaysWhatNobodyKnows) {
  const auto refusal = [](const std::string& story) {
    const auto text = "format = \"comity-life/1\"\nabout.en = \"A\"\n[[scenario]]\n" + story;
    const auto loaded = story::load(as_bytes(text), "life-x.toml");
    return loaded ? "loaded" : loaded.error().detail;
  };
  const std::string good = "name = \"N\"\n[[scenario.step]]\nact = \"query\"\n";
  EXPECT_EQ(refusal(good), "loaded");
  EXPECT_THAT(refusal(good + "thn = \"act.illegal\"\n"), testing::HasSubstr("life-x.toml:7"));
  EXPECT_THAT(refusal("name = \"N\"\n"), testing::HasSubstr("step"));
  EXPECT_THAT(refusal(good + "do = \"seal\"\n"), testing::HasSubstr("beside an act"));
  EXPECT_THAT(refusal(good + "day = \"3\"\n"), testing::HasSubstr("day"));
  EXPECT_THAT(refusal(good + "due = [{ day = 3 }]\n"), testing::HasSubstr("clock"));
}

}  // namespace
}  // namespace comity::sim
