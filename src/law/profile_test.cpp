#include "law/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "law/explain.hpp"
#include "law/sample_test.hpp"

namespace comity::law {
namespace {

using treaty::sample::edited;
using treaty::sample::file;
using treaty::sample::treaties;

std::string refusal(const std::string& what, const std::string& with) {
  const auto text = edited(file("profiles/exercise.toml"), what, with);
  const auto loaded = load_profile(as_bytes(text), "p.toml", treaties());
  if (loaded) return "accepted";
  EXPECT_EQ(loaded.error().code, FaultCode::format_toml);
  return loaded.error().detail;
}

Profile shipped(const std::string& name) {
  auto loaded =
      load_profile(as_bytes(file("profiles/" + name + ".toml")), name + ".toml", treaties());
  if (!loaded) ADD_FAILURE() << loaded.error().detail;
  CHECK(loaded.has_value());
  return *std::move(loaded);
}

constexpr std::array<const char*, 12> k_twelve = {"blr", "bfa", "cub", "prk", "egy", "irn",
                                                  "irq", "kgz", "lao", "nic", "rus", "ven"};

std::vector<std::string> places(const std::vector<Saying>& sayings) {
  std::vector<std::string> list;
  for (const auto& one : sayings) list.push_back(one.place);
  return list;
}

}  // namespace

TEST(Profile, IsForExercisesAndSaysSo) {
  const auto& profile = sample::exercise_profile();
  EXPECT_TRUE(profile.fictional);
  EXPECT_TRUE(profile.exercise);
  EXPECT_TRUE(profile.illustrative);
  EXPECT_TRUE(profile.requires_dual_criminality(treaty::sample::measure("stored-data")));
  EXPECT_NE(profile.offence("illegal-access"), nullptr);
  EXPECT_EQ(profile.offence("intimate-images"), nullptr);
  EXPECT_FALSE(profile.offers("content-interception"));
  EXPECT_EQ(profile.published.scopes,
            (std::vector<std::string>{"core", "convention", "serious-crime"}));
}

TEST(Profile, PreservesForNoFewerDaysThanTheConvention) {
  auto profile = sample::exercise_profile();
  EXPECT_EQ(preservation_days(sample::convention(), profile), 90);
  profile.published.preservation_days = 7;
  EXPECT_EQ(preservation_days(sample::convention(), profile), 60);
  EXPECT_THAT(refusal("preservation_days = 90", "preservation_days = 59"),
              testing::HasSubstr("published.preservation_days: must be from 60"));
  EXPECT_EQ(refusal("preservation_days = 90", "preservation_days = 60"), "accepted");
}

TEST(Profile, RequiresDualCriminalityByMeasure) {
  auto profile = sample::exercise_profile();
  const auto& stored = treaty::sample::measure("stored-data");
  const auto& service = treaty::sample::measure("service-of-documents");
  profile.published.dual_criminality = "coercive";
  EXPECT_TRUE(profile.requires_dual_criminality(stored));
  EXPECT_FALSE(profile.requires_dual_criminality(service));
  profile.published.dual_criminality_for = {{"stored-data", "not-required"},
                                            {"service-of-documents", "required"}};
  EXPECT_FALSE(profile.requires_dual_criminality(stored));
  EXPECT_TRUE(profile.requires_dual_criminality(service));
}

TEST(Profile, ChoosesItsScopeSinceThereIsNoDefault) {
  EXPECT_THAT(refusal("scope = \"serious-crime\" ", "scope_ = \"core\" "),
              testing::HasSubstr("published.scope"));
  EXPECT_THAT(refusal("\"serious-crime\" ", "\"anything\" "),
              testing::HasSubstr("published.scope"));
}

TEST(Profile, IsRefusedWithItsLine) {
  EXPECT_THAT(refusal("exercise = true", "exercise = false"), testing::StartsWith("p.toml:8: "));
  EXPECT_THAT(refusal("\"required\"", "\"perhaps\""), testing::StartsWith("p.toml:35: "));
  EXPECT_THAT(refusal("reservations = []", "reservations = [\"x\"]"),
              testing::StartsWith("p.toml:13: instrument[0].reservations"));
  EXPECT_THAT(refusal("\"content\", \"traffic-realtime\"]", "\"thoughts\"]"),
              testing::StartsWith("p.toml:37: "));
  EXPECT_THAT(refusal("code = \"un-cybercrime-2024\"", "code = \"un-cybercrime-2025\""),
              testing::HasSubstr("is no instrument at hand"));
  EXPECT_THAT(refusal("\"stored-data\"", "\"remote-search\""), testing::HasSubstr("is no measure"));
  EXPECT_THAT(refusal("code = \"illegal-access\"", "code = \"libel\""),
              testing::HasSubstr("offence[0].code: is no offence"));
  EXPECT_THAT(refusal("code = \"illegal-interception\"", "code = \"illegal-access\""),
              testing::HasSubstr("comes twice"));
  EXPECT_THAT(refusal("[published]", "surprise = 1\n[published]"), testing::HasSubstr("surprise"));
  EXPECT_THAT(refusal("body = \"court\"", "body = \"neighbour\""), testing::HasSubstr("body"));
  EXPECT_THAT(refusal("channels = [\"node\"]", "channels = [\"pigeon\"]"),
              testing::HasSubstr("is unknown"));
  EXPECT_THAT(refusal("without_treaty = [\"reciprocity\"]", "without_treaty = [\"friendship\"]"),
              testing::HasSubstr("is unknown"));
  EXPECT_THAT(refusal("emergency_hours_max = 48", "emergency_hours_max = 0"),
              testing::HasSubstr("limits.emergency_hours_max"));
}

TEST(Profile, NamesAGroundThatExistsForEachRuleAndPartner) {
  const auto rule = [](const std::string& ground, const std::string& accept_if) {
    return refusal("[limits]",
                   "[[rule]]\ncode = \"x\"\nquestion.en = \"?\"\nprovision.en = \"p\"\n" + ground +
                       "accept_if = \"" + accept_if + "\"\n\n[limits]");
  };
  EXPECT_EQ(rule("ground = \"R21B\"\n", "no"), "accepted");
  EXPECT_EQ(rule("", "any"), "accepted");
  EXPECT_THAT(rule("ground = \"BECAUSE\"\n", "no"), testing::HasSubstr("is no ground"));
  EXPECT_THAT(rule("ground = \"R21B\"\n", "any"), testing::HasSubstr("which answer lets"));
  EXPECT_THAT(refusal("[limits]",
                      "[[partner]]\nstate = \"XAA\"\ntrust = \"suspended\"\nreasons.en = "
                      "\"r\"\nground = \"Z\"\n\n[limits]"),
              testing::HasSubstr("is no ground"));
  EXPECT_THAT(
      refusal("[limits]", "[[partner]]\nstate = \"XAA\"\ntrust = \"suspended\"\n\n[limits]"),
      testing::HasSubstr("partner[0].reasons"));
}

TEST(Profiles, OfTheTwelveLoadAndSayThatTheyAreIllustrative) {
  for (const auto* name : k_twelve) {
    const auto profile = shipped(name);
    EXPECT_TRUE(profile.illustrative && profile.fictional && profile.exercise) << name;
    ASSERT_TRUE(profile.state.has_value()) << name;
    const auto text = file(std::string("profiles/") + name + ".toml");
    EXPECT_THAT(text, testing::StartsWith("# ILLUSTRATIVE. Not legal advice, not verified"));
    for (const auto& offence : profile.offences)
      EXPECT_THAT(treaty::in_language(offence.provision), testing::HasSubstr("(illustrative)"))
          << name;
    EXPECT_THAT(review(profile, treaties())[0].words, testing::HasSubstr("illustrative"));
  }
}

TEST(Profiles, OfTheTwelveDifferFromOneAnother) {
  for (const auto* a : k_twelve)
    for (const auto* b : k_twelve)
      if (a != b)
        EXPECT_GE(
            difference(explain(shipped(a), treaties()), explain(shipped(b), treaties())).size(), 5u)
            << a << ' ' << b;
}

TEST(ProfileTemplate, LoadsOnlyOnceItsChoicesAreMade) {
  const auto text = file("profile-template.toml");
  const auto loaded = load_profile(as_bytes(text), "t.toml", treaties());
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().detail, testing::HasSubstr("CHOOSE"));
  auto chosen = edited(text, "languages = [\"CHOOSE\"]", "languages = [\"fr\"]");
  chosen = edited(chosen, "scope = \"CHOOSE\"", "scope = \"core\"");
  chosen = edited(chosen, "dual_criminality = \"CHOOSE\"", "dual_criminality = \"required\"");
  chosen = edited(chosen, "data_categories = [\"CHOOSE\"]", "data_categories = [\"content\"]");
  const auto again = load_profile(as_bytes(chosen), "t.toml", treaties());
  EXPECT_TRUE(again) << (again ? "" : again.error().detail);
}

TEST(ProfileTemplate, ExplainsEveryLine) {
  const auto text = file("profile-template.toml");
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.find(" = ") == std::string::npos || line.starts_with("#")) continue;
    ++lines;
    EXPECT_NE(line.find("# "), std::string::npos)
        << (line.find(".en = ") != std::string::npos && line.starts_with("  ") ? "" : line);
  }
  EXPECT_GT(lines, 30u);
}

TEST(Explain, TellsWhatIsPublicFromWhatNeverLeaves) {
  const auto sayings = explain(shipped("irn"), treaties());
  const auto at = [&](const std::string& place) {
    return *std::ranges::find(sayings, place, &Saying::place);
  };
  EXPECT_TRUE(at("published.scope").is_public);
  EXPECT_FALSE(at("partner.CUB").is_public);
  EXPECT_THAT(at("partner.CUB").words, testing::HasSubstr("It rests on R21B (article 40(21)(b)"));
  EXPECT_FALSE(at("offence.illegal-access").is_public);
  EXPECT_THAT(at("rule.death-penalty").words, testing::HasSubstr("death penalty"));
  for (const auto& one : sayings) EXPECT_FALSE(one.words.empty()) << one.place;
}

TEST(Explain, SaysWhereAPersonMustSay) {
  const auto sayings = explain(shipped("irq"), treaties());
  EXPECT_THAT(std::ranges::find(sayings, "partner.VEN", &Saying::place)->words,
              testing::HasSubstr("a person must say"));
}

TEST(Review, SeesALessIndependentBodyForAMoreIntrusiveCategory) {
  auto profile = shipped("kgz");
  EXPECT_THAT(places(review(profile, treaties())),
              testing::Not(testing::Contains("authorisation.content")));
  for (auto& one : profile.authorisations)
    if (one.category == "content") one.body = Body::police;
  EXPECT_THAT(places(review(profile, treaties())), testing::Contains("authorisation.content"));
}

TEST(Review, SeesWhatNobodyAuthorisesAndWhatNoProvisionAnswers) {
  auto profile = shipped("kgz");
  profile.authorisations.clear();
  profile.offences.clear();
  profile.published.measures.push_back("content-interception");
  const auto odd = places(review(profile, treaties()));
  EXPECT_THAT(odd, testing::Contains("authorisation.traffic"));
  EXPECT_THAT(odd, testing::Contains("offence.illegal-access"));
  EXPECT_THAT(odd, testing::Contains("published.measures"));
}

TEST(Difference, NamesWhatChangedOnBothSides) {
  auto after = shipped("kgz");
  after.published.preservation_days = 120;
  after.rules.push_back({.code = "new", .question = {{"en", "?"}}, .provision = {{"en", "p"}}});
  const auto changes = difference(explain(shipped("kgz"), treaties()), explain(after, treaties()));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].place, "published.preservation_days");
  EXPECT_THAT(changes[0].before, testing::HasSubstr("90"));
  EXPECT_THAT(changes[0].after, testing::HasSubstr("120"));
  EXPECT_EQ(changes[1].place, "rule.new");
  EXPECT_EQ(changes[1].before, "");
}

}  // namespace comity::law
