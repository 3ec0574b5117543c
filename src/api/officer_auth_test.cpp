#include "api/officer_auth.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/p256.hpp"

namespace comity::api {
namespace {

const StateCode k_kgz = *StateCode::from_text("KGZ");
const StateCode k_bfa = *StateCode::from_text("BFA");
const Instant k_now = *instant_from_text("2026-01-31T12:00:00Z");

class OfficerCall : public testing::Test {
 protected:
  OfficerCall() {
    call.method = "POST";
    call.target = "/v1/drafts?x=%41";
    call.body = to_bytes(R"({"type":"request"})");
    claim = {Digest{{1}}, to_text_ms(k_now), k_now, std::string(32, 'a'), {}};
    sign();
  }
  void sign() {
    claim.signature = key.sign(as_bytes(call_text(call, k_kgz, claim, body_hash_of(call))));
  }
  bool holds(const node::Call& shown, const StateCode& node = k_kgz) const {
    return check_signature(claim, call_text(shown, node, claim, body_hash_of(shown)),
                           key.public_spki())
        .has_value();
  }

  SystemRandom random;
  const crypto::P256Key key = crypto::P256Key::generate(random);
  node::Call call;
  OfficerClaim claim;
};

TEST_F(OfficerCall, SignsExactlyTheTextOfTheContract) {
  call.body.clear();
  EXPECT_EQ(call_text(call, k_kgz, claim, "bulk"),
            "comity-call/1\nPOST\n/v1/drafts?x=%41\nKGZ\n2026-01-31T12:00:00.000Z\n" +
                std::string(32, 'a') + "\nbulk\n");
  EXPECT_EQ(body_hash_of(call), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(OfficerCall, IsBoundToAllThatItSays) {
  EXPECT_TRUE(holds(call));
  EXPECT_FALSE(holds(call, k_bfa)) << "a call to one node is none to another";
  for (auto change : {+[](node::Call& c) { c.method = "PUT"; },
                      +[](node::Call& c) { c.target = "/v1/drafts?x=A"; },
                      +[](node::Call& c) { c.body.back() = ' '; }}) {
    node::Call other = call;
    change(other);
    EXPECT_FALSE(holds(other));
  }
  claim.nonce[0] = 'b';
  EXPECT_FALSE(holds(call));
}

TEST_F(OfficerCall, OfAnotherKeyIsRefused) {
  const auto other = crypto::P256Key::generate(random);
  const auto text = call_text(call, k_kgz, claim, body_hash_of(call));
  const auto refused = check_signature(claim, text, other.public_spki());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, FaultCode::unauthenticated);
  EXPECT_FALSE(check_signature(claim, text, {})) << "an officer without a key";
}

TEST_F(OfficerCall, IsTakenWithinItsTimeOnly) {
  EXPECT_TRUE(check_time(claim, k_now.plus_s(k_call_window_s)));
  EXPECT_TRUE(check_time(claim, k_now.plus_s(-k_call_window_s)));
  EXPECT_FALSE(check_time(claim, k_now.plus_ms(k_call_window_s * 1000 + 1)));
  EXPECT_FALSE(check_time(claim, k_now.plus_ms(-k_call_window_s * 1000 - 1)));
}

TEST_F(OfficerCall, IsTakenOnce) {
  NonceCache nonces;
  EXPECT_TRUE(nonces.take(claim, k_now));
  EXPECT_FALSE(nonces.take(claim, k_now));
  // To the last moment at which its time is still taken.
  EXPECT_FALSE(nonces.take(claim, k_now.plus_s(k_call_window_s)));
  claim.officer = Digest{{2}};
  EXPECT_TRUE(nonces.take(claim, k_now)) << "another officer may draw the same nonce";
}

TEST_F(OfficerCall, FromAClockAheadIsRememberedForAsLongAsItIsTaken) {
  NonceCache nonces;
  claim.at = k_now.plus_s(k_call_window_s);
  EXPECT_TRUE(nonces.take(claim, k_now));
  const Instant last = claim.at.plus_s(k_call_window_s);
  EXPECT_TRUE(check_time(claim, last));
  EXPECT_FALSE(nonces.take(claim, last));
}

TEST_F(OfficerCall, NoncesAreNeverForgottenEarly) {
  NonceCache nonces(2);
  EXPECT_TRUE(nonces.take(claim, k_now));
  claim.nonce[0] = 'b';
  EXPECT_TRUE(nonces.take(claim, k_now));
  claim.nonce[0] = 'c';
  const auto refused = nonces.take(claim, k_now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, FaultCode::limit_rate);
  claim.at = k_now.plus_s(k_call_window_s + 1);
  EXPECT_TRUE(nonces.take(claim, claim.at)) << "room again when their time is over";
}

TEST_F(OfficerCall, HeaderComesBack) {
  const auto back = parse_officer_header(officer_header(claim));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->officer, claim.officer);
  EXPECT_EQ(back->time, claim.time);
  EXPECT_EQ(back->at, claim.at);
  EXPECT_EQ(back->nonce, claim.nonce);
  EXPECT_EQ(back->signature, claim.signature);
}

TEST_F(OfficerCall, HeaderHasOneSpelling) {
  const std::string good = officer_header(claim);
  const auto with = [&](std::string_view what, std::string_view instead) {
    std::string text = good;
    return text.replace(text.find(what), what.size(), instead);
  };
  for (const auto& bad :
       {std::string(), std::string("v1"), good + " ", good + " more", " " + good, with("v1", "v2"),
        with("v1 ", "v1  "), with("01000", "01G00"), with("2026-01-31T", "2026-01-31 "),
        with("aaaa", "AAAA"), with("aaaa", "aaa"), good.substr(0, good.size() - 1)}) {
    const auto refused = parse_officer_header(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, FaultCode::unauthenticated);
  }
  claim.signature.assign(k_call_signature_bytes_max, 7);
  EXPECT_TRUE(parse_officer_header(officer_header(claim)));
  claim.signature.push_back(7);
  EXPECT_FALSE(parse_officer_header(officer_header(claim)));
}

RC_GTEST_PROP(OfficerHeader, NeverBreaksOnAnyText, (const std::string& text)) {
  const auto claim = parse_officer_header(text);
  if (claim) RC_ASSERT(officer_header(*claim) == text);
}

}  // namespace
}  // namespace comity::api
