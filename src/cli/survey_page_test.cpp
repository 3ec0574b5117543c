#include "cli/survey_page.hpp"

#include <gmock/gmock.h>

#include "formats/survey.hpp"

namespace comity::cli {
namespace {

using formats::Json;
using testing::HasSubstr;
using testing::Not;

Json manifest_with(const formats::Survey& survey) {
  return Json::object({{"survey", formats::to_json(survey)}});
}

formats::Survey image(std::string_view found) {
  return {.by = "comity-survey 0",
          .form = "ewf-e01",
          .whole = true,
          .facts = {{"medium_bytes", std::int64_t{512}}},
          .checks = {{.what = "md5", .stated = "00", .found = std::string(found)}}};
}

}  // namespace

TEST(SurveyPage, SaysFormFactsAndChecksInALine) {
  const auto words = survey_words(manifest_with(image("00")));
  EXPECT_THAT(words, HasSubstr("ewf-e01, read to its end: medium_bytes 512"));
  EXPECT_THAT(words, HasSubstr("md5 it carries agrees"));
  EXPECT_EQ(survey_warning(manifest_with(image("00"))), "");
}

TEST(SurveyPage, NobodyOverlooksAHashThatDisagrees) {
  const auto manifest = manifest_with(image("01"));
  EXPECT_THAT(survey_words(manifest), HasSubstr("DISAGREES"));
  EXPECT_THAT(survey_warning(manifest), HasSubstr("ATTENTION"));
}

TEST(SurveyPage, AHashThatWasNotCheckedIsNotSaidToAgree) {
  auto survey = image("00");
  survey.checks[0].found.reset();
  const auto words = survey_words(manifest_with(survey));
  EXPECT_THAT(words, HasSubstr("was not checked"));
  EXPECT_THAT(words, Not(HasSubstr("agrees")));
}

TEST(SurveyPage, SaysWhyThereIsNoneAndNothingOfOldManifests) {
  EXPECT_THAT(survey_words(manifest_with({.by = "comity 0", .missed = "too-slow"})),
              HasSubstr("not surveyed (too-slow)"));
  EXPECT_EQ(survey_words(Json::object()), "");
  EXPECT_EQ(survey_warning(Json::object()), "");
}

}  // namespace comity::cli
