#include "law/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "law/sample_test.hpp"

namespace comity::law {
namespace {

using treaty::sample::edited;

std::string refusal(const std::string& what, const std::string& with) {
  const auto text = edited(treaty::sample::file("profiles/exercise.toml"), what, with);
  const auto loaded = load_profile(as_bytes(text), "p.toml", sample::convention());
  if (loaded) return "accepted";
  EXPECT_EQ(loaded.error().code, FaultCode::format_toml);
  return loaded.error().detail;
}

}  // namespace

TEST(Profile, IsForExercisesAndSaysSo) {
  const auto& profile = sample::exercise_profile();
  EXPECT_TRUE(profile.fictional);
  EXPECT_TRUE(profile.exercise);
  EXPECT_TRUE(profile.requires_dual_criminality());
  EXPECT_NE(profile.offence("illegal-access"), nullptr);
  EXPECT_EQ(profile.offence("intimate-images"), nullptr);
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

TEST(Profile, IsRefusedWithItsLine) {
  EXPECT_THAT(refusal("exercise = true", "exercise = false"), testing::StartsWith("p.toml:7: "));
  EXPECT_THAT(refusal("\"convention\"", "\"anything\""),
              testing::StartsWith("p.toml:13: published.scopes"));
  EXPECT_THAT(refusal("\"required\"", "\"perhaps\""), testing::StartsWith("p.toml:14: "));
  EXPECT_THAT(refusal("declarations = []", "declarations = [\"x\"]"),
              testing::StartsWith("p.toml:15: published.declarations"));
  EXPECT_THAT(refusal("\"content\"]", "\"thoughts\"]"), testing::StartsWith("p.toml:16: "));
  EXPECT_THAT(refusal("code = \"illegal-access\"", "code = \"libel\""),
              testing::StartsWith("p.toml:21: offence[0].code: is no offence"));
  EXPECT_THAT(refusal("code = \"illegal-interception\"", "code = \"illegal-access\""),
              testing::HasSubstr("comes twice"));
  EXPECT_THAT(refusal("[published]", "surprise = 1\n[published]"), testing::HasSubstr("surprise"));
}

}  // namespace comity::law
