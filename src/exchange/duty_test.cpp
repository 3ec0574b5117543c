#include "exchange/duty.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/sample_test.hpp"

namespace comity::exchange {
namespace {

using testing::HasSubstr;

Signer signer(std::string duty, std::uint8_t who, std::vector<std::string> roles) {
  return {std::move(duty), "Officer " + std::to_string(who), sample::id<Digest>(who),
          sample::id<Digest>(static_cast<std::uint8_t>(100 + who)), std::move(roles)};
}

std::string refusal(ActType type, const std::vector<Signer>& signers, Haste haste = Haste::none) {
  const auto checked = check_duties(type, signers, haste);
  if (checked) return "accepted";
  EXPECT_EQ(checked.error().code, FaultCode::act_officer);
  return checked.error().detail;
}

}  // namespace

TEST(Duties, OfDecisionsAreTheApprovers) {
  for (const auto type : {ActType::request, ActType::consultation, ActType::acceptance,
                          ActType::refusal, ActType::withdrawal, ActType::closure, ActType::return_,
                          ActType::postponement, ActType::resumption, ActType::authorisation,
                          ActType::proposal, ActType::reply, ActType::annulment}) {
    EXPECT_EQ(refusal(type, {signer("approver", 1, {"officer:approver"})}), "accepted");
    EXPECT_THAT(refusal(type, {signer("approver", 1, {"officer:drafter", "officer:executor"})}),
                HasSubstr("holds no role"));
    EXPECT_THAT(refusal(type, {signer("drafter", 1, {"officer:approver"})}),
                HasSubstr("no officer signed as approver"));
    EXPECT_THAT(refusal(type, {}), HasSubstr("no officer signed"));
  }
}

TEST(Duties, OfWritingAreTheDraftersOrApprovers) {
  for (const auto type : {ActType::supplement, ActType::query, ActType::notice}) {
    EXPECT_EQ(refusal(type, {signer("drafter", 1, {"officer:drafter"})}), "accepted");
    EXPECT_EQ(refusal(type, {signer("drafter", 1, {"officer:approver"})}), "accepted");
    EXPECT_NE(refusal(type, {signer("drafter", 1, {"officer:auditor"})}), "accepted");
  }
}

TEST(Duties, OfADeliveryAreTwoDifferentOfficers) {
  const auto executor = signer("executor", 1, {"officer:executor", "officer:approver"});
  const auto approver = signer("approver", 2, {"officer:approver"});
  EXPECT_EQ(refusal(ActType::delivery, {executor, approver}), "accepted");
  EXPECT_EQ(refusal(ActType::delivery, {approver, executor}), "accepted");
  EXPECT_THAT(refusal(ActType::delivery, {executor}), HasSubstr("as approver"));
  EXPECT_THAT(refusal(ActType::delivery, {approver}), HasSubstr("as executor"));
  for (const auto& alike : std::vector<std::function<void(Signer&)>>{
           [&](Signer& two) { two.certificate = executor.certificate; },
           [&](Signer& two) { two.key = executor.key; },
           [&](Signer& two) { two.name = executor.name; }}) {
    auto same = approver;
    alike(same);
    EXPECT_THAT(refusal(ActType::delivery, {executor, same}), HasSubstr("two different"));
  }
}

TEST(Duties, LetNobodySignWhoIsNotAsked) {
  const auto approver = signer("approver", 1, {"officer:approver"});
  EXPECT_THAT(refusal(ActType::request, {approver, signer("witness", 2, {"officer:approver"})}),
              HasSubstr("not asked for"));
  EXPECT_EQ(refusal(ActType::arrival, {}), "accepted");
  EXPECT_EQ(refusal(ActType::completion, {}), "accepted");
  EXPECT_THAT(refusal(ActType::completion, {approver}), HasSubstr("not asked for"));
  EXPECT_THAT(refusal(ActType::arrival, {approver}), HasSubstr("not asked for"));
  EXPECT_THAT(refusal(ActType::request, {approver, signer("approver", 2, {"officer:approver"})}),
              HasSubstr("two officers signed as approver"));
}

TEST(Duties, LetASecondReviewerStandBehindADecision) {
  const auto approver = signer("approver", 1, {"officer:approver"});
  for (const auto type : {ActType::acceptance, ActType::refusal, ActType::postponement}) {
    EXPECT_EQ(refusal(type, {approver, signer("reviewer", 2, {"officer:reviewer"})}), "accepted");
    EXPECT_EQ(refusal(type, {approver, signer("reviewer", 2, {"officer:approver"})}), "accepted");
    EXPECT_THAT(refusal(type, {approver, signer("reviewer", 2, {"officer:drafter"})}),
                HasSubstr("holds no role"));
    EXPECT_THAT(refusal(type, {approver, signer("reviewer", 1, {"officer:approver"})}),
                HasSubstr("two different"));
    EXPECT_THAT(refusal(type, {signer("reviewer", 2, {"officer:reviewer"})}),
                HasSubstr("no officer signed as approver"));
  }
}

TEST(Duties, OfAPreservationAreOneDutyOfficers) {
  const auto on_duty = signer("approver", 1, {"officer:duty"});
  for (const auto type : {ActType::request, ActType::acceptance, ActType::notice}) {
    EXPECT_EQ(refusal(type, {on_duty}, Haste::on_duty), "accepted");
    EXPECT_NE(refusal(type, {on_duty}), "accepted") << "nothing else is his alone";
  }
  EXPECT_NE(refusal(ActType::refusal, {on_duty}, Haste::on_duty), "accepted");
  EXPECT_NE(refusal(ActType::delivery, {on_duty}, Haste::on_duty), "accepted");
}

TEST(Duties, OfADeliveryInAnEmergencyIsOneAtFirst) {
  const auto approver = signer("approver", 1, {"officer:approver"});
  const auto executor = signer("executor", 2, {"officer:executor"});
  EXPECT_EQ(refusal(ActType::delivery, {approver}, Haste::emergency), "accepted");
  EXPECT_EQ(refusal(ActType::delivery, {approver, executor}, Haste::emergency), "accepted");
  EXPECT_NE(refusal(ActType::delivery, {executor}, Haste::emergency), "accepted");
}

TEST(Duties, FollowWhatTheActItselfSays) {
  const auto haste = [](const Body& body) {
    return haste_of(sample::act(body, Side::requester).substance);
  };
  EXPECT_EQ(haste(RequestBody{}), Haste::on_duty) << "nothing is delivered";
  EXPECT_EQ(haste(RequestBody{.recipient = std::string(sample::k_recipient)}), Haste::none);
  EXPECT_EQ(haste(AcceptanceBody{.secured_at = sample::k_made_at}), Haste::on_duty);
  EXPECT_EQ(haste(AcceptanceBody{}), Haste::none);
  EXPECT_EQ(haste(NoticeBody{.kind = NoticeKind::preservation_renewed, .until = Instant{1000}}),
            Haste::on_duty);
  EXPECT_EQ(haste(NoticeBody{.kind = NoticeKind::preservation_ending, .until = Instant{1000}}),
            Haste::none);
  DeliveryBody delivery{sample::id<Digest>(4), sample::id<ItemId>(7), "manifest"};
  EXPECT_EQ(haste(delivery), Haste::none);
  delivery.emergency = true;
  EXPECT_EQ(haste(delivery), Haste::emergency);
}

}  // namespace comity::exchange
