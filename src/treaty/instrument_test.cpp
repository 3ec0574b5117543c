#include "treaty/instrument.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treaty/sample_test.hpp"

namespace comity::treaty {
namespace {

using sample::convention;
using sample::edited;

std::string refusal(const std::string& text) {
  const auto loaded = load_instrument(as_bytes(text), "i.toml", sample::treaties().vocabulary);
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

TEST(Convention, HasSixtyEightArticlesAndTheMeasuresThatConcernElectronicEvidence) {
  EXPECT_EQ(convention().articles.size(), 68u);
  std::vector<std::string> codes;
  for (const auto& measure : convention().measures) codes.push_back(measure.code);
  EXPECT_THAT(codes,
              testing::ElementsAre("preservation", "preservation-extension", "preservation-lifting",
                                   "traffic-disclosure", "stored-data", "realtime-traffic",
                                   "content-interception", "emergency-data", "contact-point-help",
                                   "service-of-documents", "testimony", "police-information",
                                   "spontaneous-information"));
}

TEST(Convention, SaysOfEachMeasureWhatFollowsFromIt) {
  for (const auto& measure : convention().measures) {
    EXPECT_EQ(measure.preserves,
              measure.code.starts_with("preservation") && measure.code != "preservation-lifting");
    EXPECT_EQ(measure.court_authorised, measure.code == "content-interception");
    EXPECT_EQ(measure.not_evidence, measure.code == "police-information");
    EXPECT_EQ(measure.offers, measure.code == "spontaneous-information");
    EXPECT_EQ(measure.emergency, measure.code == "emergency-data");
  }
}

TEST(Convention, KnowsItsCoreOffencesAndTheElementsThatAStateMayAdd) {
  EXPECT_EQ(convention().offence("illegal-access")->scope, Scope::core);
  EXPECT_EQ(convention().offence("forgery")->scope, Scope::convention);
  EXPECT_EQ(convention().offence("serious-crime")->scope, Scope::serious_crime);
  EXPECT_TRUE(convention().offence("illegal-access")->attempt);
  EXPECT_EQ(convention().offence("illegal-access")->elements[0].code, "security-infringed");
}

TEST(Convention, YieldsParagraphs8To31OfArticle40AndNothingElse) {
  for (const auto* cite : {"40(8)", "40(15)(c)", "40(22)", "40(31)"})
    EXPECT_TRUE(convention().yields_at(cite)) << cite;
  for (const auto* cite : {"40(7)", "40(32)", "40", "42(8)", "40(8", "40()", "4(8)", ""})
    EXPECT_FALSE(convention().yields_at(cite)) << cite;
}

TEST(Protocol, HasAllThatItsParentHasAndAddsToIt) {
  const auto& protocol = sample::instrument("example-protocol");
  EXPECT_EQ(protocol.kind, InstrumentKind::protocol);
  EXPECT_EQ(protocol.measures.size(), convention().measures.size() + 1);
  EXPECT_EQ(protocol.offences.size(), convention().offences.size() + 2);
  EXPECT_EQ(protocol.clause("42(8)")->instrument, convention().code);
  EXPECT_EQ(protocol.clause("P1")->instrument, protocol.code);
  const auto& offences = protocol.measure("stored-data")->field("offences")->codes;
  EXPECT_NE(std::ranges::find(offences, "unlawful-agent", &Code::code), offences.end());
  EXPECT_EQ(std::ranges::find(convention().measure("stored-data")->field("offences")->codes,
                              "unlawful-agent", &Code::code),
            convention().measure("stored-data")->field("offences")->codes.end());
}

TEST(Protocol, IsRefusedWithoutItsParentAndForWhatTheParentHas) {
  const auto text = sample::file("instruments/example-protocol.toml");
  const auto told = [&](const std::string& of, const std::vector<Instrument>& parents) {
    const auto loaded =
        load_instrument(as_bytes(of), "p.toml", sample::treaties().vocabulary, parents);
    return loaded ? std::string("accepted") : loaded.error().detail;
  };
  EXPECT_EQ(told(text, {convention()}), "accepted");
  EXPECT_THAT(told(text, {}), testing::HasSubstr("parent: is not among the instruments"));
  EXPECT_THAT(
      told(edited(text, "code = \"synthetic-likeness\"", "code = \"forgery\""), {convention()}),
      testing::HasSubstr("which is the parent's"));
  EXPECT_THAT(told(edited(text, "P1.en", "42.en"), {convention()}),
              testing::HasSubstr("is the parent's"));
  EXPECT_THAT(told(edited(text, "kind = \"protocol\"", "kind = \"convention\""), {convention()}),
              testing::HasSubstr("belongs to a protocol"));
}

TEST(Treaties, AreFiveAndTwoExamples) {
  std::vector<std::string> codes;
  for (const auto& instrument : sample::treaties().instruments) codes.push_back(instrument.code);
  EXPECT_THAT(codes,
              testing::ElementsAre("budapest-2001", "example-assistance-treaty", "example-protocol",
                                   "un-cybercrime-2024", "uncac-2003", "untoc-2000"));
  for (const auto& instrument : sample::treaties().instruments)
    EXPECT_EQ(instrument.example, instrument.code.starts_with("example-")) << instrument.code;
}

TEST(Treaties, OfferNoAccessAcrossBorders) {
  for (const auto& instrument : sample::treaties().instruments) {
    EXPECT_FALSE(instrument.articles.contains("32") && instrument.code == "budapest-2001");
    for (const auto& measure : instrument.measures)
      EXPECT_THAT(measure.code, testing::Not(testing::HasSubstr("access-across")));
  }
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
                         "authority", "legal-basis", "partner", "offered", "scope", "language",
                         "completeness", "dual-criminality", "de-minimis", "persecution",
                         "human-rights", "protected-activity", "necessity", "proportionality",
                         "data-category", "data-protection", "essential-interests",
                         "similar-offence", "legal-system", "own-rules", "domestic-authorisation"));
}

TEST(InstrumentFile, IsRefusedForAnUnknownKeyWithItsLine) {
  EXPECT_THAT(
      refusal(edited(sample::convention_text(), "revision = 2", "surprise = 1\nrevision = 2")),
      testing::AllOf(testing::StartsWith(line_of(sample::convention_text(), "revision = 2")),
                     testing::HasSubstr("surprise")));
}

TEST(InstrumentFile, IsRefusedForACitationThatLeadsNowhere) {
  EXPECT_EQ(changed("clause = \"42(3)(a)\"", "clause = \"42(3)(z)\"", "not among the clauses"), "");
  EXPECT_EQ(changed("\"42(7)\" = {", "\"99(7)\" = {", "of no article"), "");
}

TEST(InstrumentFile, IsRefusedForACodeThatLeadsNowhere) {
  EXPECT_EQ(changed("roles = [\"contact-point-24-7\"", "roles = [\"porter\"", "is no role"), "");
  EXPECT_EQ(changed("{ code = \"R21B\", clause = \"42(6)\" }",
                    "{ code = \"R99\", clause = \"42(6)\" }", "is no ground"),
            "");
  EXPECT_EQ(changed("grounds = [\"R42_5\"]", "grounds = [\"R36\"]", "no ground of the measure"),
            "");
  EXPECT_EQ(changed("limit = \"serious_crime_years_min\"", "limit = \"x\"", "is no limit"), "");
  EXPECT_EQ(changed("fields = [\"offences\"]", "fields = [\"offense\"]", "no field of the measure"),
            "");
  EXPECT_EQ(changed("declaration = \"preservation-dual-criminality\"\nfields",
                    "declaration = \"x\"\nfields", "no declaration"),
            "");
  EXPECT_EQ(changed("path = \"preservation\"", "path = \"shortcut\"", "is none of the instrument"),
            "");
  EXPECT_EQ(changed("contents = [\"request\"", "contents = [\"all\"", "is none of the instrument"),
            "");
  EXPECT_EQ(changed("without_checks = [\"partner\"", "without_checks = [\"persecution\"",
                    "no check of the path"),
            "");
  EXPECT_EQ(changed("without_fields = [\"authorisation\"]", "without_fields = [\"shame\"]",
                    "no field of the measure"),
            "");
  EXPECT_EQ(changed("before = \"scope\"", "before = \"dinner\"", "no check before it"), "");
  EXPECT_EQ(changed("categories = [\"traffic\"]", "categories = [\"gossip\"]", "data-category"),
            "");
  EXPECT_EQ(changed("elements = [\"dishonest-intent\"", "elements = [\"malice\"", "element"), "");
}

TEST(InstrumentFile, IsRefusedForWrongKindsAndDoubles) {
  EXPECT_EQ(changed("text_verified = false, seen_in = \"UNTOC 2(b)\"",
                    "text_verified = true, seen_in = \"UNTOC 2(b)\"", "verified_on"),
            "");
  EXPECT_EQ(
      changed("format = \"comity-instrument/1\"", "format = \"comity-instrument/2\"", "format"),
      "");
  EXPECT_EQ(changed("adopted_on = \"2024-12-24\"", "adopted_on = \"2024-12-32\"", "adopted_on"),
            "");
  EXPECT_EQ(changed("kind = \"convention\"", "kind = \"treaty\"", "kind"), "");
  EXPECT_EQ(changed("after_last = { days = 90 }", "after_last = { days = 90, months = 3 }",
                    "and one of them"),
            "");
  EXPECT_EQ(changed("second_review = \"if_closing\"", "second_review = \"maybe\"", "second_review"),
            "");
}

TEST(Field, IsRefusedForWhatItsKindDoesNotAllow) {
  const auto told = [](const std::string& field) {
    const auto text = edited(sample::convention_text(),
                             "{ code = \"offence_provision\", requirement = \"optional\", basis = "
                             "\"policy\", clause = \"42(3)(b)\" }",
                             field);
    return refusal(text);
  };
  const std::string head =
      "requirement = \"optional\", basis = \"policy\", clause = \"42(3)(b)\", ";
  EXPECT_EQ(told("{ code = \"offence_provision\", " + head + "bytes_max = 200 }"), "accepted");
  EXPECT_THAT(told("{ code = \"offence_provision\", " + head + "kind = \"essay\" }"),
              testing::HasSubstr("kind"));
  EXPECT_THAT(told("{ code = \"offence_provision\", " + head + "surprise = 1 }"),
              testing::HasSubstr("surprise"));
  EXPECT_THAT(told("{ code = \"offences\", " + head + "list = \"offence\" }"),
              testing::HasSubstr("comes twice"));
  EXPECT_THAT(told("{ code = \"preservation_days\", " + head + "example = 59 }"),
              testing::HasSubstr("comes twice"));
  EXPECT_THAT(told("{ code = \"proceeding\", " + head + "list = \"none\" }"),
              testing::HasSubstr("is no list"));
  EXPECT_THAT(told("{ code = \"proceeding\", " + head + "only = [\"war\"] }"),
              testing::HasSubstr("is not in the list"));
  EXPECT_THAT(told("{ code = \"deadline_reason\", basis = \"policy\", clause = \"42(3)(b)\", "
                   "requirement = \"when\", when = { present = \"nothing\" } }"),
              testing::HasSubstr("no other field"));
  EXPECT_THAT(told("{ code = \"max_penalty_years\", " + head + "min_limit = \"x\", max = 99 }"),
              testing::HasSubstr("is no limit"));
  EXPECT_THAT(told("{ code = \"max_penalty_years\", " + head + "example = 100 }"),
              testing::HasSubstr("the example of \"max_penalty_years\" must be a number from 0"));
  EXPECT_THAT(told("{ code = \"unheard_of\", " + head + "kind = \"text\", place = \"body\" }"),
              testing::HasSubstr("label"));
}

TEST(InstrumentFile, IsRefusedWhenItIsNoToml) {
  EXPECT_THAT(refusal("format = "), testing::StartsWith("i.toml:1"));
  EXPECT_NE(refusal(""), "accepted");
}

}  // namespace comity::treaty
