#include "treaty/instrument.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treaty/sample_test.hpp"

namespace comity::treaty {
namespace {

using sample::convention;
using sample::edited;

std::string refusal(const std::string& text) {
  const auto loaded = load_instrument(as_bytes(text), "i.toml");
  if (loaded) return "accepted";
  EXPECT_EQ(loaded.error().code, FaultCode::format_toml);
  return loaded.error().detail;
}

// The number of the first line that holds `what`.
std::string line_of(const std::string& text, const std::string& what) {
  const auto at = text.find(what);
  CHECK(at != std::string::npos);
  return "i.toml:" + std::to_string(1 + std::count(text.begin(), text.begin() + at, '\n')) + ": ";
}

std::string changed(const std::string& what, const std::string& with, const std::string& why) {
  const auto text = sample::convention_text();
  const auto told = refusal(edited(text, what, with));
  if (!told.starts_with(line_of(text, what))) return "not at " + line_of(text, what) + told;
  return told.find(why) == std::string::npos ? told : "";
}

}  // namespace

TEST(Convention, HasSixtyEightArticlesAndTheThreeMeasures) {
  EXPECT_EQ(convention().articles.size(), 68u);
  ASSERT_EQ(convention().measures.size(), 3u);
  EXPECT_NE(convention().measure("preservation"), nullptr);
  EXPECT_NE(convention().measure("stored-data"), nullptr);
  EXPECT_NE(convention().measure("real-time-traffic"), nullptr);
  EXPECT_EQ(convention().measure("content-interception"), nullptr);
}

TEST(Convention, SaysThatNoClauseWasComparedWithTheCertifiedText) {
  for (const auto& [cite, clause] : convention().clauses) {
    EXPECT_FALSE(clause.text_verified) << cite;
    EXPECT_EQ(clause.cite(), cite);
    EXPECT_EQ(clause.instrument, "un-cybercrime-2024");
    EXPECT_FALSE(clause.seen_in.empty()) << cite;
  }
  EXPECT_FALSE(convention().clause("40(28)")->number_verified);
  EXPECT_EQ(convention().clause("42(3)(b)")->article, "42");
  EXPECT_EQ(convention().clause("42(3)(b)")->paragraph, "(3)(b)");
}

TEST(Convention, KnowsWhoMaySendEachMeasure) {
  EXPECT_THAT(convention().measure("preservation")->roles,
              testing::ElementsAre("contact-point-24-7", "central-authority"));
  EXPECT_THAT(convention().measure("stored-data")->roles,
              testing::ElementsAre("central-authority"));
}

TEST(Convention, LetsPreservationBeRefusedOnFourGroundsOnly) {
  std::vector<std::string> grounds;
  for (const auto& ground : convention().measure("preservation")->grounds)
    grounds.push_back(ground.code);
  EXPECT_THAT(grounds, testing::ElementsAre("R21B", "R21C", "R22", "R42_5"));
  EXPECT_EQ(convention().measure("preservation")->ground("R42_5")->declaration,
            "preservation-dual-criminality");
}

TEST(Convention, ExaminesStoredDataInTheSettledOrder) {
  std::vector<std::string> order;
  for (const auto& check : convention().measure("stored-data")->checks) order.push_back(check.code);
  EXPECT_THAT(order, testing::ElementsAre(
                         "authority", "legal-basis", "scope", "language", "completeness",
                         "dual-criminality", "de-minimis", "persecution", "human-rights",
                         "necessity", "data-category", "data-protection", "essential-interests",
                         "similar-offence", "legal-system", "domestic-authorisation"));
}

TEST(InstrumentFile, IsRefusedForAnUnknownKeyWithItsLine) {
  EXPECT_THAT(
      refusal(edited(sample::convention_text(), "revision = 1", "surprise = 1\nrevision = 1")),
      testing::AllOf(testing::StartsWith(line_of(sample::convention_text(), "revision = 1")),
                     testing::HasSubstr("surprise")));
}

TEST(InstrumentFile, IsRefusedForACitationThatLeadsNowhere) {
  EXPECT_EQ(changed("clause = \"42(3)(a)\"", "clause = \"42(3)(z)\"", "not among the clauses"), "");
  EXPECT_EQ(changed("\"42(7)\" = {", "\"99(7)\" = {", "of no article"), "");
}

TEST(InstrumentFile, IsRefusedForACodeThatLeadsNowhere) {
  EXPECT_EQ(changed("list = \"proceeding\"", "list = \"none\"", "is no list"), "");
  EXPECT_EQ(changed("roles = [\"contact-point-24-7\"", "roles = [\"porter\"", "is no role"), "");
  EXPECT_EQ(changed("{ code = \"R21B\", clause = \"42(6)\" }",
                    "{ code = \"R99\", clause = \"42(6)\" }", "is no ground"),
            "");
  EXPECT_EQ(changed("grounds = [\"R42_5\"]", "grounds = [\"R36\"]", "no ground of the measure"),
            "");
  EXPECT_EQ(changed("min_limit = \"preservation_days_min\"", "min_limit = \"x\"", "is no limit"),
            "");
  EXPECT_EQ(changed("limit = \"serious_crime_years_min\"", "limit = \"x\"", "is no limit"), "");
  EXPECT_EQ(changed("fields = [\"offences\"]", "fields = [\"offense\"]", "no field of the measure"),
            "");
  EXPECT_EQ(changed("when = { field = \"confidential\"", "when = { field = \"nothing\"",
                    "no other field"),
            "");
  EXPECT_EQ(changed("declaration = \"preservation-dual-criminality\"\nfields",
                    "declaration = \"x\"\nfields", "no declaration"),
            "");
}

TEST(InstrumentFile, IsRefusedForWrongKindsAndDoubles) {
  EXPECT_EQ(changed("kind = \"long_text\"", "kind = \"essay\"", "kind"), "");
  EXPECT_EQ(changed("text_verified = false, seen_in = \"UNTOC 2(b)\"",
                    "text_verified = true, seen_in = \"UNTOC 2(b)\"", "verified_on"),
            "");
  EXPECT_EQ(changed("code = \"offence_provision\"", "code = \"offences\"", "comes twice"), "");
  EXPECT_EQ(
      changed("format = \"comity-instrument/1\"", "format = \"comity-instrument/2\"", "format"),
      "");
  EXPECT_EQ(changed("example = 90", "example = 59", "must be a number from 60"), "");
  EXPECT_EQ(changed("adopted_on = \"2024-12-24\"", "adopted_on = \"2024-12-32\"", "adopted_on"),
            "");
}

TEST(InstrumentFile, IsRefusedWhenItIsNoToml) {
  EXPECT_THAT(refusal("format = "), testing::StartsWith("i.toml:1"));
  EXPECT_NE(refusal(""), "accepted");
}

}  // namespace comity::treaty
