#include "crypto/p256.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/der.hpp"
#include "crypto/digest.hpp"
#include "crypto/pem.hpp"

namespace comity::crypto {
namespace {

Bytes un(std::string_view text) {
  return from_hex(text).value();
}

// RFC 6979 §A.2.5.
P256Key key_of_rfc6979() {
  return P256Key::from_scalar(
             Secret(un("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")))
      .value();
}
Bytes signature(std::string_view r, std::string_view s) {
  return der::wrap(der::k_sequence, {der::unsigned_integer(un(r)), der::unsigned_integer(un(s))});
}

/// Gives the bytes it was told to, then ones.
class Told final : public Random {
 public:
  explicit Told(Bytes first) : first_(std::move(first)) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = at_ < first_.size() ? first_[at_++] : 1;
  }

 private:
  Bytes first_;
  std::size_t at_ = 0;
};

constexpr auto k_order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

}  // namespace

TEST(P256, TakesTheVectorsOfRfc6979) {
  const auto key = key_of_rfc6979();
  EXPECT_EQ(hex(View(key.public_spki()).last(64)),
            "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  EXPECT_EQ(key.sign(as_bytes("sample")),
            signature("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
                      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"));
  EXPECT_EQ(key.sign(as_bytes("test")),
            signature("f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
                      "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"));
}

TEST(P256, VerifiesTheVectorOfNist) {
  // FIPS 186-4 SigVer.rsp, P-256 with SHA-256, the case "P (0)".
  const auto spki = [](std::string_view x, std::string_view y) {
    return un("3059301306072a8648ce3d020106082a8648ce3d03010703420004" + std::string(x) +
              std::string(y));
  };
  const auto key = P256Public::from_spki(
                       spki("e424dc61d4bb3cb7ef4344a7f8957a0c5134e16f7a67c074f82e6e12f49abf3c",
                            "970eed7aa2bc48651545949de1dddaf0127e5965ac85d1243d6f60e7dfaee927"))
                       .value();
  const Bytes message = un(
      "e1130af6a38ccb412a9c8d13e15dbfc9e69a16385af3c3f1e5da954fd5e7c45fd75e2b8c36699228e92840c056"
      "2fbf3772f07e17f1add56588dd45f7450e1217ad239922dd9c32695dc71ff2424ca0dec1321aa47064a044b7fe3c"
      "2b97d03ce470a592304c5ef21eed9f93da56bb232d1eeb0035f9bf0dfafdcc4606272b20a3");
  EXPECT_TRUE(key.verify(
      message, signature("bf96b99aa49c705c910be33142017c642ff540c76349b9dab72f981fd9347f4f",
                         "17c55095819089c2e03b9cd415abdf12444e323075d98f31920b9e0f57ec871c")));
  EXPECT_FALSE(key.verify(
      message, signature("bf96b99aa49c705c910be33142017c642ff540c76349b9dab72f981fd9347f50",
                         "17c55095819089c2e03b9cd415abdf12444e323075d98f31920b9e0f57ec871c")));
}

RC_GTEST_PROP(P256, VerifiesWhatItSignedAndNothingElse, (const Bytes& message, std::uint16_t at)) {
  static const P256Key key = key_of_rfc6979();
  const auto other_key = key.public_key();
  Bytes signed_bytes = key.sign(message);
  RC_ASSERT(signed_bytes == key.sign(message));
  RC_ASSERT(other_key.verify(message, signed_bytes));
  signed_bytes[at / 8 % signed_bytes.size()] ^= static_cast<std::uint8_t>(1 << at % 8);
  RC_ASSERT(!other_key.verify(message, signed_bytes));
}

TEST(P256, RefusesSignaturesThatAreNotDer) {
  const auto key = key_of_rfc6979();
  const auto other = key.public_key();
  const Bytes good = key.sign(as_bytes("sample"));
  Bytes trailing = good;
  trailing.push_back(0);
  EXPECT_FALSE(other.verify(as_bytes("sample"), trailing));
  Bytes padded = {0x30, 0x81, static_cast<std::uint8_t>(good.size() - 2)};
  append(padded, View(good).subspan(2));
  EXPECT_FALSE(other.verify(as_bytes("sample"), padded));
  EXPECT_FALSE(other.verify(as_bytes("sample"), {}));
  EXPECT_FALSE(other.verify(as_bytes("sample"), Bytes(1000, 0x30)));
  EXPECT_FALSE(other.verify(as_bytes("sample"), un("3006020100020100"))) << "r = s = 0";
}

TEST(P256, DrawsAgainOutsideTheOrder) {
  Told zero(Bytes(32, 0)), order(un(k_order));
  for (auto* random : {&zero, &order})
    EXPECT_EQ(P256Key::generate(*random).public_spki(),
              P256Key::from_scalar(Secret(Bytes(32, 1))).value().public_spki());
  EXPECT_FALSE(P256Key::from_scalar(Secret(un(k_order))));
  EXPECT_FALSE(P256Key::from_scalar(Secret(Bytes(32, 0))));
  EXPECT_FALSE(P256Key::from_scalar(Secret(Bytes(31, 1))));
}

TEST(P256, KeepsItsKeyInPem) {
  const auto key = key_of_rfc6979();
  const Secret pem = key.to_pem();
  const auto again = P256Key::from_pem(as_text(pem.view()));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->public_spki(), key.public_spki());
  EXPECT_TRUE(key.public_key().verify(as_bytes("x"), again->sign(as_bytes("x"))));
  EXPECT_EQ(P256Public::from_pem(key.public_key().to_pem()).value(), key.public_key());
}

TEST(P256, RefusesAKeyWhosePublicHalfIsNotItsOwn) {
  const Secret pem = key_of_rfc6979().to_pem();
  const Bytes good = from_pem("PRIVATE KEY", as_text(pem.view())).value();
  for (const std::size_t at : {std::size_t{40}, good.size() - 1, std::size_t{3}, std::size_t{30}}) {
    Bytes changed = good;
    changed[at] ^= 1;
    EXPECT_EQ(P256Key::from_pem(to_pem("PRIVATE KEY", changed)).error().code,
              FaultCode::crypto_key);
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(P256Key::from_pem(to_pem("PRIVATE KEY", View(good).first(size))));
}

TEST(P256, RefusesPublicKeysOfOtherShapes) {
  const Bytes good = key_of_rfc6979().public_spki();
  EXPECT_TRUE(P256Public::from_spki(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes changed = good;
    changed[at] ^= 1;
    EXPECT_FALSE(P256Public::from_spki(changed)) << at << ": off the curve or of another shape";
    EXPECT_FALSE(P256Public::from_spki(View(good).first(at)));
  }
  Bytes trailing = good;
  trailing.push_back(0);
  EXPECT_FALSE(P256Public::from_spki(trailing));
}

}  // namespace comity::crypto
