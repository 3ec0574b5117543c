// Each primitive against the vectors of its standard, then against hostile input.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/sha256_state.hpp"
#include "crypto/x25519.hpp"

namespace comity::crypto {
namespace {

Bytes un(std::string_view text) {
  return from_hex(text).value();
}
Secret secret(std::string_view text) {
  return Secret(un(text));
}
template <typename IdType>
IdType id(std::string_view text) {
  return IdType::from_hex(text).value();
}

}  // namespace

TEST(Sha256, TakesTheVectorsOfFips180) {
  EXPECT_EQ(sha256(as_bytes("")).hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(as_bytes("abc")).hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).hex(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256 million;
  const Bytes letters(1000, 'a');
  for (int i = 0; i < 1000; ++i) million.update(letters);
  EXPECT_EQ(million.finish().hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(million.finish(), sha256(View{})) << "finish begins anew";
}

RC_GTEST_PROP(Sha256, IsTheSameHoweverTheBytesCome, (const Bytes& a, const Bytes& b)) {
  Bytes whole = a;
  append(whole, b);
  Sha256 pieces;
  pieces.update(a);
  Sha256 copy = pieces;
  pieces.update(b);
  RC_ASSERT(pieces.finish() == sha256(whole));
  RC_ASSERT(sha256({a, b}) == sha256(whole));
  RC_ASSERT(copy.finish() == sha256(a));
}

TEST(Sha256State, GoesOnFromAStateWithoutTheBytesBefore) {
  Bytes bytes(5 * k_sha256_block_bytes + 13);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  // The initial value of FIPS 180-4 §5.3.3.
  EXPECT_EQ(Sha256State().state().hex(),
            "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19");
  for (std::size_t blocks = 0; blocks <= 5; ++blocks) {
    const auto at = blocks * k_sha256_block_bytes;
    Sha256State first;
    first.update(View(bytes).first(at));
    Sha256State rest(first.state(), at);
    rest.update(View(bytes).subspan(at));
    EXPECT_EQ(rest.finish(), sha256(bytes)) << blocks;
  }
}

TEST(Sha256State, CountsWhatCameBeforeBeyondFourGibibits) {
  const Digest state = id<Digest>(std::string(64, '7'));
  const std::uint64_t before = (std::uint64_t{1} << 40) + k_sha256_block_bytes;
  Sha256State from(state, before);
  // The padding holds the length in bits (FIPS 180-4 §5.1.1): written out, it ends in the same.
  Sha256State padded(state, before);
  Bytes padding(k_sha256_block_bytes);
  padding[0] = 0x80;
  for (int i = 0; i < 8; ++i) padding[63 - i] = static_cast<std::uint8_t>(before * 8 >> (8 * i));
  padded.update(padding);
  EXPECT_EQ(from.finish(), padded.state());
}

TEST(Hmac, TakesTheVectorsOfRfc4231) {
  EXPECT_EQ(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There")).hex(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")).hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(Bytes(20, 0xaa), Bytes(50, 0xdd)).hex(),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(hmac_sha256(Bytes(131, 0xaa),
                        as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))
                .hex(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hkdf, TakesTheVectorsOfRfc5869) {
  EXPECT_EQ(hex(hkdf_sha256(Bytes(22, 0x0b), un("000102030405060708090a0b0c"),
                            un("f0f1f2f3f4f5f6f7f8f9"), 42)
                    .view()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865");
  EXPECT_EQ(hex(hkdf_sha256(Bytes(22, 0x0b), {}, {}, 42).view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8");
  EXPECT_EQ(hkdf_sha256({}, {}, {}, k_hkdf_bytes_max).size(), k_hkdf_bytes_max);
}

TEST(ChaCha20Poly1305, TakesTheVectorOfRfc8439) {
  // The keystream of RFC 8439 §2.4.2 (block counter 1 on, as the AEAD begins).
  ChaCha20Poly1305 box(un("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
  AeadNonce nonce{};
  nonce[7] = 0x4a;
  const auto text = as_bytes(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.");
  Bytes sealed(text.size() + k_aead_tag_bytes);
  box.seal(nonce, text, sealed);
  EXPECT_EQ(hex(View(sealed).first(32)),
            "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b");
  EXPECT_EQ(hex(View(sealed).last(16)), "81db63fcb189a03121ae0ac72a3f1f36");  // computed apart
  Bytes opened(text.size());
  ASSERT_TRUE(box.open(nonce, sealed, opened));
  EXPECT_EQ(as_text(opened), as_text(text));
}

TEST(ChaCha20Poly1305, RefusesEveryFlippedBitAndGivesNothingOut) {
  ChaCha20Poly1305 box(Bytes(32, 7));
  Bytes sealed(5 + k_aead_tag_bytes);
  box.seal({}, as_bytes("proof"), sealed);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    Bytes opened(5, 0xff);
    ASSERT_EQ(box.open({}, changed, opened).error().code, FaultCode::crypto_open);
    ASSERT_EQ(opened, Bytes(5, 0));
  }
  Bytes none;
  EXPECT_FALSE(box.open({}, Bytes(15), none));
}

RC_GTEST_PROP(ChaCha20Poly1305, OpensWhatItSealedInPlace,
              (const Bytes& plaintext, const AeadNonce& nonce)) {
  static ChaCha20Poly1305 box(Bytes(32, 1));
  Bytes buffer = plaintext;
  buffer.resize(plaintext.size() + k_aead_tag_bytes);
  box.seal(nonce, View(buffer).first(plaintext.size()), buffer);
  RC_ASSERT(box.open(nonce, buffer, std::span(buffer).first(plaintext.size())).has_value());
  buffer.resize(plaintext.size());
  RC_ASSERT(buffer == plaintext);
}

TEST(X25519, TakesTheVectorsOfRfc7748) {  // §6.1
  const auto alice = X25519Key::from_bytes(
                         secret("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
                         .value();
  const auto bob = X25519Key::from_bytes(
                       secret("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
                       .value();
  EXPECT_EQ(alice.public_key().hex(),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(bob.public_key().hex(),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const char* shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(hex(alice.agree(bob.public_key()).value().view()), shared);
  EXPECT_EQ(hex(bob.agree(alice.public_key()).value().view()), shared);
}

TEST(X25519, RefusesPointsThatForceAZeroSecret) {
  SystemRandom random;
  const auto key = X25519Key::generate(random);
  for (const auto* small_order :
       {"0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    EXPECT_EQ(key.agree(id<X25519Public>(small_order)).error().code, FaultCode::crypto_key)
        << small_order;
  EXPECT_FALSE(X25519Key::from_bytes(Secret(31)));
  EXPECT_FALSE(X25519Key::from_bytes(Secret(33)));
}

TEST(Ed25519, TakesTheVectorsOfRfc8032) {
  struct Vector {
    const char *seed, *public_key, *message, *signature;
  };
  for (const auto& v : {
           Vector{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                  "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
           Vector{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
                  "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
       }) {
    const auto key = Ed25519Key::from_seed(secret(v.seed)).value();
    EXPECT_EQ(key.public_key().hex(), v.public_key);
    EXPECT_EQ(key.sign(un(v.message)).hex(), v.signature);
    EXPECT_TRUE(ed25519_verify(key.public_key(), un(v.message), key.sign(un(v.message))));
  }
}

TEST(Ed25519, RefusesEveryFlippedBitOfSignatureAndMessage) {
  SystemRandom random;
  const auto key = Ed25519Key::generate(random);
  Bytes message = to_bytes("size 42");
  const auto signature = key.sign(message);
  for (std::size_t bit = 0; bit < 512; ++bit) {
    auto changed = signature;
    changed.bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    ASSERT_FALSE(ed25519_verify(key.public_key(), message, changed)) << bit;
  }
  message[0] ^= 1;
  EXPECT_FALSE(ed25519_verify(key.public_key(), message, signature));
  EXPECT_FALSE(Ed25519Key::from_seed(Secret(64)));
}

}  // namespace comity::crypto
