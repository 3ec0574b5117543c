#include "formats/survey.hpp"

#include <gmock/gmock.h>

namespace comity::formats {
namespace {

Survey sample() {
  return {.by = "comity-survey 0.1.0; libarchive 3.6.2",
          .form = "ewf-e01",
          .whole = true,
          .facts = {{"medium_bytes", std::int64_t{512}}, {"first_at", "2026-03-09T08:30:00.500Z"}},
          .checks = {{.what = "md5", .stated = "00ff", .found = "00ff"},
                     {.what = "sha1", .stated = "11"}},
          .flaws = {"truncated"},
          .walls = {"seccomp"}};
}

Result<Survey> read(const Json& json) {
  return survey_from_answer(as_bytes(canonical(json)));
}

Json changed(std::string_view key, Json value) {
  auto json = to_json(sample());
  json.set(key, std::move(value));
  return json;
}

Json facts(std::size_t count) {
  auto json = Json::object();
  for (std::size_t i = 0; i < count; ++i) json.set("f" + std::to_string(i), 1);
  return json;
}

Json codes(std::size_t count) {
  auto json = Json::array();
  for (std::size_t i = 0; i < count; ++i) json.push_back("c" + std::to_string(i));
  return json;
}

}  // namespace

TEST(SurveyText, SaysWhatItIsAndComesBackTheSame) {
  EXPECT_EQ(read(to_json(sample())), sample());
  const Survey missed{.by = "comity 0.1.0", .missed = "crashed"};
  EXPECT_EQ(read(to_json(missed)), missed);
  EXPECT_FALSE(sample().disagrees());
}

TEST(SurveyText, CarriesNoWordOfTheContent) {
  for (const char* words : {"Subject: hello", "a@mail.example", "a/b", "UPPER", "", "-x",
                            "an_identifier_of_thirty_three_byt"}) {
    EXPECT_FALSE(read(changed("form", words))) << words;
    EXPECT_FALSE(read(changed("facts", Json::object({{"a", words}})))) << words;
    EXPECT_FALSE(read(changed("flaws", Json::array({words})))) << words;
  }
  EXPECT_FALSE(read(changed("by", "x\u202e")));
  EXPECT_FALSE(read(changed("facts", Json::object({{"a", -1}}))));
  EXPECT_FALSE(read(changed("facts", Json::object({{"a", Json::array()}}))));
  EXPECT_FALSE(read(changed("subject", "x")));
}

TEST(SurveyText, CanNotSayThatHashesAgreeWhichDoNot) {
  auto check =
      Json::object({{"what", "md5"}, {"stated", "00"}, {"found", "01"}, {"agrees", false}});
  const auto honest = read(changed("checks", Json::array({check})));
  ASSERT_TRUE(honest);
  EXPECT_TRUE(honest->disagrees());
  check.set("agrees", true);
  EXPECT_FALSE(read(changed("checks", Json::array({check}))));
  EXPECT_FALSE(
      read(changed("checks", Json::array({Json::object({{"what", "md5"}, {"stated", "0"}})}))));
}

TEST(SurveyText, IsBounded) {
  EXPECT_TRUE(read(changed("facts", facts(k_survey_facts_max))));
  EXPECT_FALSE(read(changed("facts", facts(k_survey_facts_max + 1))));
  for (const char* list : {"flaws", "walls"}) {
    EXPECT_TRUE(read(changed(list, codes(k_survey_list_max))));
    EXPECT_FALSE(read(changed(list, codes(k_survey_list_max + 1))));
  }
  EXPECT_TRUE(read(changed("by", std::string(k_survey_program_max, 'x'))));
  EXPECT_FALSE(read(changed("by", std::string(k_survey_program_max + 1, 'x'))));
  EXPECT_TRUE(is_survey_code(std::string(k_survey_code_max, 'x')));
  EXPECT_FALSE(is_survey_code(std::string(k_survey_code_max + 1, 'x')));
  EXPECT_EQ(survey_from_answer(Bytes(k_survey_bytes_max + 1, ' ')).error().code,
            FaultCode::limit_size);
  auto twice = codes(1);
  twice.push_back("c0");
  EXPECT_FALSE(read(changed("flaws", std::move(twice))));
}

}  // namespace comity::formats
