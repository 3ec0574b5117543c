#include "law/assess.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "law/sample_test.hpp"

namespace comity::law {
namespace {

using sample::Case;
using sample::day;
using sample::finding;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> codes(const std::vector<Question>& questions) {
  std::vector<std::string> list;
  for (const auto& question : questions) list.push_back(question.code);
  return list;
}

}  // namespace

TEST(StoredData, IsExaminedInOrderAndAsksWhatOnlyAPersonKnows) {
  const auto assessment = Case("stored-data").assess();
  std::vector<std::string> order;
  for (const auto& one : assessment.findings) order.push_back(one.code);
  EXPECT_THAT(
      order, ElementsAre("authority", "legal-basis", "partner", "offered", "scope", "language",
                         "completeness", "dual-criminality", "de-minimis", "persecution",
                         "human-rights", "protected-activity", "necessity", "proportionality",
                         "data-category", "data-protection", "essential-interests",
                         "similar-offence", "legal-system", "own-rules", "domestic-authorisation"));
  EXPECT_THAT(codes(assessment.questions),
              ElementsAre("dual-criminality", "de-minimis", "persecution", "human-rights",
                          "necessity", "proportionality", "data-protection", "essential-interests",
                          "similar-offence", "legal-system", "domestic-authorisation"));
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::may_accept_after_answers);
  EXPECT_TRUE(assessment.acceptance_open);
}

TEST(StoredData, CitesAnArticleForEveryFindingAndSaysThatItIsUnverified) {
  for (const auto* measure : {"preservation", "stored-data"})
    for (const auto& one : Case(measure).assess().findings) {
      EXPECT_FALSE(one.articles.empty()) << one.code;
      EXPECT_FALSE(one.text_verified) << one.code;
      EXPECT_FALSE(one.reason.empty()) << one.code;
    }
}

TEST(StoredData, ComesFromACentralAuthorityOnly) {
  Case matter("stored-data");
  matter.sender_roles = {"contact-point-24-7"};
  auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "authority").verdict, Verdict::not_met);
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::outside);
  EXPECT_FALSE(assessment.acceptance_open);
  matter.sender_roles.clear();
  EXPECT_THAT(finding(matter.assess(), "authority").detail, HasSubstr("Roles held: none"));
}

TEST(StoredData, NeedsTheConventionInForceBetweenBothOnTheDay) {
  Case matter("stored-data");
  matter.on = day("2024-12-31");
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "legal-basis").verdict, Verdict::not_met);
  EXPECT_THAT(finding(assessment, "legal-basis").detail, HasSubstr("only on 2025-01-01"));
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::outside);
  EXPECT_FALSE(assessment.acceptance_open);
}

TEST(StoredData, NeverMixesExerciseAndReality) {
  Case matter("stored-data");
  matter.exercise = false;
  EXPECT_EQ(matter.assess().proposal.kind, ProposalKind::outside);
  matter.exercise = true;
  matter.profile.exercise = false;
  EXPECT_EQ(matter.assess().proposal.kind, ProposalKind::outside);
}

TEST(StoredData, TakesASeriousCrimeFromFourYearsOn) {
  Case matter("stored-data");
  matter.fields.set("offences", Json::array({"serious-crime"})).set("max_penalty_years", 4);
  EXPECT_EQ(finding(matter.assess(), "scope").verdict, Verdict::met);
  matter.fields.set("max_penalty_years", 3);
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "scope").verdict, Verdict::not_met);
  EXPECT_FALSE(assessment.acceptance_open);
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::may_refuse_on);
  EXPECT_THAT(assessment.proposal.grounds, testing::Contains("R21A"));
}

TEST(StoredData, TakesAConventionOffenceWhateverItsPenalty) {
  Case matter("stored-data");
  matter.fields.set("max_penalty_years", 1);
  EXPECT_EQ(finding(matter.assess(), "scope").verdict, Verdict::met);
}

TEST(StoredData, AsksAPersonWhenTheProfileIsNarrowerThanTheConvention) {
  Case matter("stored-data");
  matter.profile.published.scopes = {"convention"};
  matter.fields.set("offences", Json::array({"serious-crime"})).set("max_penalty_years", 10);
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "scope").verdict, Verdict::human_must_say);
  EXPECT_THAT(codes(assessment.questions), testing::Contains("scope"));
  EXPECT_TRUE(assessment.acceptance_open);
}

TEST(StoredData, IsAskedAboutBeforeAcceptanceWhenSomethingIsMissing) {
  Case matter("stored-data");
  matter.fields.members().erase("summary_of_facts");
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "completeness").verdict, Verdict::not_met);
  EXPECT_THAT(finding(assessment, "completeness").detail,
              HasSubstr("\"Summary of the relevant facts\" is missing (article 40(15)(c))"));
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::ask);
  EXPECT_FALSE(assessment.acceptance_open);
}

TEST(StoredData, IsAskedAboutRatherThanRefusedWhenTheOffenceIsMissing) {
  Case matter("stored-data");
  matter.fields.members().erase("offences");
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "scope").detail, "No offence is named.");
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::ask);
}

TEST(StoredData, DoesNotTakeAWithheldPartForAMissingOne) {
  Case matter("stored-data");
  matter.fields.members().erase("summary_of_facts");
  matter.absent = {"summary_of_facts"};
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "completeness").verdict, Verdict::met);
  EXPECT_EQ(finding(assessment, "completeness").detail, "Not at hand: summary_of_facts.");
}

TEST(StoredData, GoesOnWithReasonsInALanguageThatIsNotAccepted) {
  Case matter("stored-data");
  matter.fields.set("language", "zh");
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "language").verdict, Verdict::not_met);
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::ask);
  EXPECT_TRUE(assessment.acceptance_open);
}

TEST(StoredData, ShowsTheDomesticProvisionAndLetsAPersonCompareTheConduct) {
  Case matter("stored-data");
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "dual-criminality").verdict, Verdict::human_must_say);
  EXPECT_THAT(finding(assessment, "dual-criminality").detail, HasSubstr("section 301"));
}

TEST(StoredData, MayBeRefusedWhereNoDomesticProvisionCorresponds) {
  Case matter("stored-data");
  matter.fields.set("offences", Json::array({"intimate-images"}));
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "dual-criminality").verdict, Verdict::not_met);
  EXPECT_EQ(assessment.proposal, (Proposal{ProposalKind::may_refuse_on, {"R08_DUAL_CRIMINALITY"}}));
  EXPECT_TRUE(assessment.acceptance_open);  // a person may find a provision all the same
}

TEST(StoredData, AsksNothingAboutDualCriminalityWhereTheProfileDoesNotRequireIt) {
  Case matter("stored-data");
  matter.profile.published.dual_criminality = "not-required";
  matter.fields.set("offences", Json::array({"intimate-images"}));
  EXPECT_EQ(finding(matter.assess(), "dual-criminality").verdict, Verdict::met);
}

TEST(StoredData, MayBeRefusedForACategoryThatIsNotOffered) {
  Case matter("stored-data");
  matter.profile.published.data_categories = {"subscriber"};
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "data-category").detail, "Not offered: content.");
  EXPECT_EQ(assessment.proposal, (Proposal{ProposalKind::may_refuse_on, {"R21D"}}));
}

TEST(Preservation, HasItsOwnShortPath) {
  const auto assessment = Case("preservation").assess();
  EXPECT_THAT(codes(assessment.questions),
              ElementsAre("persecution", "essential-interests", "similar-offence"));
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::may_accept_after_answers);
  EXPECT_THAT(assessment.refusal_grounds, ElementsAre("R21B", "R21C", "R22"));
}

TEST(Preservation, ComesFromEitherKindOfAuthority) {
  Case matter("preservation");
  for (const auto* role : {"contact-point-24-7", "central-authority"}) {
    matter.sender_roles = {role};
    EXPECT_EQ(finding(matter.assess(), "authority").verdict, Verdict::met);
  }
}

TEST(Preservation, NeedsNoDualCriminality) {
  Case matter("preservation");
  matter.fields.set("offences", Json::array({"intimate-images", "serious-crime"}));
  matter.profile.offences.clear();
  EXPECT_EQ(matter.assess().proposal.kind, ProposalKind::may_accept_after_answers);
}

TEST(Preservation, IsHeldWhileWhatIsMissingIsAskedFor) {
  Case matter("preservation");
  matter.fields.members().erase("necessity");
  const auto assessment = matter.assess();
  EXPECT_EQ(assessment.proposal.kind, ProposalKind::ask);
  EXPECT_TRUE(assessment.acceptance_open);
  EXPECT_THAT(finding(assessment, "completeness").detail, HasSubstr("42(3)(e)"));
}

TEST(Preservation, KnowsTheReservationOnlyWhenItIsDeclaredAndShown) {
  Case matter("preservation");
  matter.fields.set("offences", Json::array({"serious-crime"}));
  matter.profile.published.declarations = {"preservation-dual-criminality"};
  auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "dual-criminality-reservation").verdict, Verdict::met);
  EXPECT_THAT(finding(assessment, "dual-criminality-reservation").detail,
              HasSubstr("register does not show it"));
  EXPECT_THAT(assessment.refusal_grounds, ElementsAre("R21B", "R21C", "R22"));
  matter.reserve();
  assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "dual-criminality-reservation").verdict, Verdict::human_must_say);
  EXPECT_THAT(assessment.refusal_grounds, ElementsAre("R21B", "R21C", "R22", "R42_5"));
}

TEST(Preservation, IsNotSubjectToTheReservationForTheConventionsOwnOffences) {
  Case matter("preservation");
  matter.reserve();
  const auto assessment = matter.assess();
  EXPECT_EQ(finding(assessment, "dual-criminality-reservation").verdict, Verdict::met);
  EXPECT_THAT(assessment.refusal_grounds, ElementsAre("R21B", "R21C", "R22"));
}

TEST(Assessment, IsTheSameForTheSameMatterAndWritesItselfAsJson) {
  for (const auto* measure : {"preservation", "stored-data"}) {
    const auto first = Case(measure).assess(), second = Case(measure).assess();
    EXPECT_EQ(first, second);
    const auto text = formats::canonical(to_json(first));
    EXPECT_EQ(text, formats::canonical(to_json(second)));
    const auto json = *formats::parse_canonical(as_bytes(text));
    EXPECT_EQ(json.at("findings").size(), first.findings.size());
    EXPECT_EQ(json.at("findings").items()[0].at("articles").size(),
              first.findings[0].articles.size());
    EXPECT_EQ(json.at("proposal").at("kind").text(), "may_accept_after_answers");
  }
}

RC_GTEST_PROP(Assessment, HoldsForAnyForm, ()) {
  Case matter(*rc::gen::element("preservation", "stored-data"));
  const auto odd = Json::array({"serious-crime", 7, "nonsense"});
  for (const auto& field : matter.measure.fields) {
    const auto what = *rc::gen::inRange(0, 4);
    if (what == 0) matter.fields.members().erase(field.code);
    if (what == 1) matter.fields.set(field.code, odd);
  }
  const auto assessment = matter.assess();
  RC_ASSERT(assessment == matter.assess());
  RC_ASSERT(assessment.findings.size() == matter.measure.checks.size());
  // No form, however odd, is ever proposed for acceptance while the form has a gap.
  if (!treaty::gaps(matter.measure, matter.fields).empty())
    RC_ASSERT(assessment.proposal.kind != ProposalKind::may_accept_after_answers);
  // And a rights question is asked of every one.
  RC_ASSERT(std::ranges::find(assessment.questions, "persecution", &Question::code) !=
            assessment.questions.end());
}

}  // namespace comity::law
