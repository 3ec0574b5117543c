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

std::string refusal(ActType type, const std::vector<Signer>& signers) {
  const auto checked = check_duties(type, signers);
  if (checked) return "accepted";
  EXPECT_EQ(checked.error().code, FaultCode::act_officer);
  return checked.error().detail;
}

}  // namespace

TEST(Duties, OfDecisionsAreTheApprovers) {
  for (const auto type : {ActType::request, ActType::consultation, ActType::acceptance,
                          ActType::refusal, ActType::withdrawal, ActType::closure}) {
    EXPECT_EQ(refusal(type, {signer("approver", 1, {"officer:approver"})}), "accepted");
    EXPECT_THAT(refusal(type, {signer("approver", 1, {"officer:drafter", "officer:executor"})}),
                HasSubstr("holds no role"));
    EXPECT_THAT(refusal(type, {signer("drafter", 1, {"officer:approver"})}),
                HasSubstr("no officer signed as approver"));
    EXPECT_THAT(refusal(type, {}), HasSubstr("no officer signed"));
  }
}

TEST(Duties, OfWritingAreTheDraftersOrApprovers) {
  for (const auto type : {ActType::supplement, ActType::query}) {
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
              HasSubstr("2 signatures"));
  EXPECT_EQ(refusal(ActType::arrival, {}), "accepted");
  EXPECT_EQ(refusal(ActType::completion, {}), "accepted");
  EXPECT_THAT(refusal(ActType::completion, {approver}), HasSubstr("0 are asked"));
  EXPECT_THAT(refusal(ActType::arrival, {approver}), HasSubstr("0 are asked"));
}

}  // namespace comity::exchange
