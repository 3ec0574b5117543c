#include "law/screen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treaty/sample_test.hpp"

namespace comity::law {
namespace {

using formats::Json;

std::vector<std::string> activities_in(const std::string& text) {
  std::vector<std::string> found;
  for (const auto& mark :
       screen(treaty::sample::convention().activities, Json::object({{"facts", text}}), {"facts"}))
    found.push_back(mark.activity);
  return found;
}

}  // namespace

TEST(Folded, MakesLatinAndCyrillicSmallAndLeavesTheRest) {
  EXPECT_EQ(folded("ABZ abz 09"), "abz abz 09");
  EXPECT_EQ(folded("ÀÉÞ × ÿ"), "àéþ × ÿ");
  EXPECT_EQ(folded("АПРЯЁЏ апряё"), "апряёџ апряё");
  EXPECT_EQ(folded("司法 العدل"), "司法 العدل");
  EXPECT_EQ(folded("bad\xC3"), "bad\xC3");
}

TEST(Screen, ReadsBeginningsOfWords) {
  EXPECT_THAT(activities_in("A Journalist."), testing::ElementsAre("journalism"));
  EXPECT_THAT(activities_in("(protest)"), testing::ElementsAre("assembly"));
  EXPECT_THAT(activities_in("megaprotest"), testing::IsEmpty());
  EXPECT_THAT(activities_in("Nothing of the kind."), testing::IsEmpty());
  EXPECT_THAT(activities_in(""), testing::IsEmpty());
}

TEST(Screen, ReadsArabicAndChineseAnywhereInAWord) {
  EXPECT_THAT(activities_in("والصحفي"), testing::ElementsAre("journalism"));
  EXPECT_THAT(activities_in("一名记者说"), testing::ElementsAre("journalism"));
}

TEST(Screen, NamesTheFieldAndTheWordButNotTheText) {
  const auto marks = screen(
      treaty::sample::convention().activities,
      Json::object({{"a", "x"}, {"persons", Json::array({Json::object({{"role", "журналист"}})})}}),
      {"a", "persons", "absent"});
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0], (Mark{"journalism", "журналист", "persons"}));
}

TEST(Screen, ReadsEveryActivityInItsOwnWords) {
  for (const auto& activity : treaty::sample::convention().activities)
    for (const auto& word : activity.marks)
      EXPECT_THAT(activities_in("1 " + word), testing::Contains(activity.code)) << word;
}

// Forms as they come carry no mark, or the screen would be cried at and not heard.
TEST(Screen, IsSilentOnTheExamplesOfAllForms) {
  for (const auto& instrument : treaty::sample::treaties().instruments)
    for (const auto& measure : instrument.measures)
      for (const auto& check : measure.checks)
        if (check.kind == treaty::CheckKind::screen)
          EXPECT_THAT(
              screen(instrument.activities, treaty::sample::full_form(measure), check.fields),
              testing::IsEmpty())
              << measure.code;
}

}  // namespace comity::law
