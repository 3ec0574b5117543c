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
  exchange = sent_request();
  const auto condition = Json::object({{"code", "for this case"}, {"text", "No other."}});
  EXPECT_EQ(refused(answering, of("acceptance")
                                   .set("answers", answers_to(exchange))
                                   .set("conditions", Json::array({condition}))),
            FaultCode::act_form);
}

}  // namespace
}  // namespace comity::sim
