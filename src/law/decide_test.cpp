#include "law/decide.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "law/sample_test.hpp"

namespace comity::law {
namespace {

using sample::Case;
using sample::clear_answers;

std::string outcome(const Assessment& assessment, const std::vector<Answer>& answers,
                    const Decision& decision) {
  const auto allowed = decision_allowed(assessment, answers, decision);
  return allowed ? "allowed"
                 : std::string(row_of(allowed.error().code).name) + " " + allowed.error().detail;
}

const Decision k_accept{.kind = DecisionKind::accept};

Decision refusal(const std::string& ground) {
  return {DecisionKind::refuse, {ground}, "For the reasons found", true, ""};
}

}  // namespace

TEST(Acceptance, IsOpenOnceEveryQuestionIsAnsweredWithReasons) {
  for (const auto* measure : {"preservation", "stored-data"}) {
    const auto assessment = Case(measure).assess();
    EXPECT_EQ(outcome(assessment, clear_answers(assessment), k_accept), "allowed");
  }
}

TEST(Acceptance, IsNeverOpenWithAnUnansweredQuestion) {
  for (const auto* measure : {"preservation", "stored-data"}) {
    const auto assessment = Case(measure).assess();
    for (std::size_t i = 0; i < assessment.questions.size(); ++i) {
      const auto expected = "decision.unanswered " + assessment.questions[i].code;
      auto answers = clear_answers(assessment);
      answers[i].reasons = " \n";
      EXPECT_EQ(outcome(assessment, answers, k_accept), expected);
      answers[i].reasons = std::string(k_reasons_bytes_max + 1, 'x');
      EXPECT_EQ(outcome(assessment, answers, k_accept), expected);
      answers[i].reasons = std::string(k_reasons_bytes_max, 'x');
      EXPECT_EQ(outcome(assessment, answers, k_accept), "allowed");
      answers.erase(answers.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_EQ(outcome(assessment, answers, k_accept), expected);
    }
    EXPECT_THAT(outcome(assessment, {}, k_accept), testing::StartsWith("decision.unanswered"));
  }
}

TEST(Acceptance, IsNotOpenAgainstAnAnswer) {
  const auto assessment = Case("stored-data").assess();
  for (std::size_t i = 0; i < assessment.questions.size(); ++i) {
    auto answers = clear_answers(assessment);
    answers[i].yes = !answers[i].yes;
    const auto& question = assessment.questions[i];
    EXPECT_EQ(outcome(assessment, answers, k_accept), question.accept_if == treaty::AcceptIf::any
                                                          ? "allowed"
                                                          : "decision.answer " + question.code);
  }
}

TEST(Acceptance, IsClosedWhileTheRequestIsIncompleteOrWithoutBasis) {
  Case matter("stored-data");
  matter.fields.members().erase("purpose");
  auto assessment = matter.assess();
  EXPECT_EQ(outcome(assessment, clear_answers(assessment), k_accept),
            "decision.closed completeness");
  matter.on = sample::day("2024-12-31");
  assessment = matter.assess();
  EXPECT_EQ(outcome(assessment, clear_answers(assessment), k_accept),
            "decision.closed legal-basis, completeness");
}

TEST(Acceptance, TakesAnswersToWhatWasAskedOnce) {
  const auto assessment = Case("preservation").assess();
  auto answers = clear_answers(assessment);
  answers.push_back(answers[0]);
  EXPECT_EQ(outcome(assessment, answers, k_accept),
            "decision.answer persecution: is answered twice");
  answers.back().code = "weather";
  EXPECT_EQ(outcome(assessment, answers, k_accept), "decision.answer weather: was not asked");
}

TEST(Refusal, RestsOnEachGroundThatTheMeasureKnows) {
  for (const auto* measure : {"preservation", "stored-data"}) {
    const auto assessment = Case(measure).assess();
    for (const auto& ground : assessment.refusal_grounds)
      EXPECT_EQ(outcome(assessment, {}, refusal(ground)), "allowed") << ground;
  }
}

TEST(Refusal, OfPreservationHasNoOtherGround) {
  const auto assessment = Case("preservation").assess();
  for (const auto* ground :
       {"R21A", "R21D", "R06", "R08_DUAL_CRIMINALITY", "R08_DE_MINIMIS", "R36", "R42_5", "BECAUSE"})
    EXPECT_EQ(outcome(assessment, {}, refusal(ground)),
              "decision.ground " + std::string(ground) + ": can not refuse preservation here");
}

TEST(Refusal, OfPreservationOnTheDeclaredReservation) {
  Case matter("preservation");
  matter.reserve();
  matter.fields.set("offences", Json::array({"serious-crime"}));
  const auto assessment = matter.assess();
  EXPECT_EQ(outcome(assessment, {}, refusal("R42_5")), "allowed");
  EXPECT_EQ(outcome(assessment, clear_answers(assessment), refusal("R42_5")),
            "decision.answer R42_5: the answers given say the contrary");
}

TEST(Refusal, NeedsAGroundAndReasons) {
  const auto assessment = Case("stored-data").assess();
  auto decision = refusal("R22");
  decision.grounds.clear();
  EXPECT_EQ(outcome(assessment, {}, decision), "decision.ground no ground is named");
  decision = refusal("R22");
  decision.grounds.push_back("R22");
  EXPECT_EQ(outcome(assessment, {}, decision), "decision.ground R22: is named twice");
  decision = refusal("R22");
  decision.reasons = "";
  EXPECT_EQ(outcome(assessment, {}, decision), "decision.reasons a refusal gives its reasons");
}

TEST(Refusal, ComesAfterConsultationWasOfferedOrSaysWhyItWasImpossible) {
  const auto assessment = Case("stored-data").assess();
  auto decision = refusal("R22");
  decision.consultation_offered = false;
  EXPECT_EQ(outcome(assessment, {}, decision), "decision.consultation ");
  decision.consultation_impossible = "The requesting State has closed its office.";
  EXPECT_EQ(outcome(assessment, {}, decision), "allowed");
}

TEST(Refusal, DoesNotContradictTheAnswersGiven) {
  const auto assessment = Case("stored-data").assess();
  auto answers = clear_answers(assessment);
  EXPECT_EQ(outcome(assessment, answers, refusal("R22")),
            "decision.answer R22: the answers given say the contrary");
  std::ranges::find(answers, "persecution", &Answer::code)->yes = true;
  EXPECT_EQ(outcome(assessment, answers, refusal("R22")), "allowed");
}

TEST(Refusal, MayRestOnWhatTheAssessmentFound) {
  Case matter("stored-data");
  matter.fields.set("offences", Json::array({"intimate-images"}));
  const auto assessment = matter.assess();
  EXPECT_EQ(outcome(assessment, {}, refusal("R08_DUAL_CRIMINALITY")), "allowed");
}

TEST(Answers, ComeBackFromJson) {
  const auto answers = clear_answers(Case("stored-data").assess());
  EXPECT_EQ(*read_answers(to_json(answers)), answers);
}

TEST(Answers, AreReadStrictly) {
  const auto why = [](std::string_view text) {
    const auto answers = read_answers(*formats::parse_json(as_bytes(text)));
    return answers ? std::string("taken") : answers.error().detail;
  };
  EXPECT_EQ(why("[]"), "taken");
  EXPECT_THAT(why("{}"), testing::HasSubstr("answers"));
  EXPECT_THAT(why(R"([{"code":"a","answer":"maybe","reasons":"x"}])"),
              testing::StartsWith("answers[0].answer"));
  EXPECT_THAT(why(R"([{"code":"a","answer":"yes"}])"), testing::StartsWith("answers[0].reasons"));
  EXPECT_THAT(why(R"([{"code":"a","answer":"yes","reasons":"x","by":"me"}])"),
              testing::StartsWith("answers[0].by"));
}

}  // namespace comity::law
