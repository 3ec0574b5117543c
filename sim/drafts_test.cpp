// What an officer drafts is his word: whatever it is, he gets an answer and the node goes on.
#include <gmock/gmock.h>

#include "sim/pair_test.hpp"

namespace comity::sim {
namespace {

struct Drafts : testing::Test, Pair {
  ExchangeId exchange = accepted_request();
  Json of(std::string_view type) {
    return Json::object({{"type", type}, {"exchange", exchange.hex()}});
  }
  FaultCode refused(Member& at, const Json& input) {
    const auto who = approver(at);
    const auto made = ask(at, [=](node::Desk& desk) { return desk.make_draft(who, input); });
    EXPECT_FALSE(made) << formats::canonical(input);
    return made ? FaultCode::crypto_internal : made.error().code;
  }
};

TEST_F(Drafts, ThatSayWhatNoActMaySayAreRefused) {
  EXPECT_EQ(refused(answering, of("consultation").set("about", "the period").set("text", "Why?")),
            FaultCode::act_form);
  EXPECT_EQ(refused(asking, of("closure").set("outcome", "all is done")), FaultCode::act_form);
  EXPECT_EQ(refused(asking, of("supplement").set("text", "More").set("answers", Digest{}.hex())),
            FaultCode::act_form);
  EXPECT_EQ(refused(asking, of("query").set("kind", "information")), FaultCode::act_form);
  EXPECT_TRUE(decide(asking, approver(asking), of("query").set("kind", "status")));
}

TEST_F(Drafts, ThatAcceptUnderAConditionWithoutACodeAreRefused) {
  const auto& measure = treaty::sample::measure("stored-data");
  const auto sent = expect(decide(asking, approver(asking),
                                  Json::object({{"type", "request"},
                                                {"to", answering.state().text()},
                                                {"measure", measure.code},
                                                {"fields", treaty::sample::full_form(measure)}})));
  exchange = *ExchangeId::from_hex(sent.at("exchange").text());
  carry_all();
  const auto who = approver(answering);
  const auto id = exchange;
  const auto assessment =
      expect(ask(answering, [=](node::Desk& desk) { return desk.assessment(who, id); }));
  auto answers = Json::array();
  for (const auto& question : assessment.at("questions").items())
    answers.push_back(
        Json::object({{"code", question.at("code").text()},
                      {"answer", question.at("accept_if").text() == "no" ? "no" : "yes"},
                      {"reasons", "As examined (exercise)"}}));
  const auto condition = Json::object({{"code", "for this case"}, {"text", "No other."}});
  EXPECT_EQ(refused(answering, of("acceptance")
                                   .set("answers", std::move(answers))
                                   .set("conditions", Json::array({condition}))),
            FaultCode::act_form);
}

}  // namespace
}  // namespace comity::sim
