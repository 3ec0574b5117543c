#include "cli/guide.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treaty/sample_test.hpp"

namespace comity::cli {
namespace {

using formats::Json;
using treaty::sample::measure;

struct Told {
  Result<Json> form;
  std::string said;
};

Told guided(const std::string& of, Json begun, std::vector<std::string> lines,
            std::string_view language = "en") {
  std::size_t next = 0;
  std::string said;
  const Talk talk{[&]() -> std::optional<std::string> {
                    if (next == lines.size()) return std::nullopt;
                    return lines[next++];
                  },
                  [&](std::string_view words) { said += words; }};
  auto form = guide(measure(of), std::move(begun), talk, language);
  return {std::move(form), std::move(said)};
}

}  // namespace

TEST(Guide, MakesALiftingFieldByField) {
  const auto told =
      guided("preservation-lifting", Json::object(),
             {"Exercise Authority", "0123", std::string(32, 'a'), "The case is closed.", "", "3"});
  ASSERT_TRUE(told.form) << told.form.error().detail;
  EXPECT_EQ(told.form->at("requesting_authority").text(), "Exercise Authority");
  EXPECT_EQ(told.form->at("preservation").text(), std::string(32, 'a'));
  EXPECT_EQ(told.form->at("language").text(), "en");  // the third of the list
  EXPECT_TRUE(treaty::gaps(measure("preservation-lifting"), *told.form).empty());
  EXPECT_THAT(told.said, testing::HasSubstr("It must be the number of an exchange"));
  EXPECT_THAT(told.said, testing::HasSubstr("(article 42(3)(a), required)"));
}

TEST(Guide, AsksAgainForWhatIsRequiredAndLeavesOutWhatIsNot) {
  const auto told = guided("preservation-lifting", Json::object(),
                           {"", "Exercise Authority", std::string(32, 'a'), "Closed.", "", ""});
  ASSERT_TRUE(told.form);
  EXPECT_THAT(told.said, testing::HasSubstr("It is required."));
  EXPECT_EQ(told.form->find("language"), nullptr);
}

TEST(Guide, KeepsWhatTheFormBegan) {
  const auto told =
      guided("preservation-lifting", Json::object({{"preservation", std::string(32, 'b')}}),
             {"Exercise Authority", "", "Closed.", "", ""});
  ASSERT_TRUE(told.form);
  EXPECT_EQ(told.form->at("preservation").text(), std::string(32, 'b'));
  EXPECT_THAT(told.said, testing::HasSubstr("There is: " + std::string(32, 'b')));
}

TEST(Guide, EndsWithAFaultWhenTheLinesEnd) {
  const auto told = guided("preservation-lifting", Json::object(), {"Exercise Authority"});
  ASSERT_FALSE(told.form);
  EXPECT_EQ(told.form.error().code, FaultCode::bad_usage);
  EXPECT_THAT(told.form.error().detail, testing::HasSubstr("preservation"));
}

TEST(Guide, AsksRowsColumnByColumnAndConditionsOnlyWhenTheyArise) {
  const auto told = guided("contact-point-help", Json::object(),
                           {"Exercise Contact Point", "2", "Which provider serves it?", "", "1, 2",
                            "5", "mail.example", "", "", "", ""});
  ASSERT_TRUE(told.form) << told.form.error().detail << told.said;
  EXPECT_EQ(told.form->at("help_kind").text(), "locate-provider");
  EXPECT_EQ(told.form->at("offences").size(), 2u);
  EXPECT_EQ(told.form->at("data").items()[0].at("kind").text(), "domain");
  EXPECT_EQ(told.form->find("suspect"), nullptr);
  EXPECT_TRUE(treaty::gaps(measure("contact-point-help"), *told.form).empty());
}

TEST(Guide, SpeaksTheLanguageAskedFor) {
  const auto told = guided("preservation-lifting", Json::object(), {}, "fr");
  EXPECT_THAT(told.said, testing::HasSubstr("Levée d'une conservation"));
  EXPECT_THAT(told.said, testing::HasSubstr("Autorité dont émane la demande"));
}

}  // namespace comity::cli
