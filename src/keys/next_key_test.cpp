#include "keys/next_key.hpp"

#include "crypto/certificate_request.hpp"
#include "formats/checkpoint.hpp"
#include "keys/key_files.hpp"
#include "keys/keys_test.hpp"

namespace comity::keys {
namespace {

using sample::k_now;
using sample::k_owner_only;
using sample::k_validity;

class NextKey : public sample::NodeWithKeys {
 protected:
  crypto::Certificate certify_next() {
    const auto request = crypto::read_request(*make_next_request(keys, NodeKey::authority, random));
    return *root.issue_authority(request->spki, "Exercise authority", {"central-authority"},
                                 k_validity, random);
  }
  std::filesystem::path file(std::string_view name) const { return keys / name; }
};

TEST_F(NextKey, WaitsBesideThePresentOne) {
  const auto request = crypto::read_request(*make_next_request(keys, NodeKey::authority, random));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->subject.common_name, "Exercise authority");
  EXPECT_NE(request->spki, authority.public_spki());
  EXPECT_EQ(sample::mode_of(file("authority.next")), k_owner_only);
  EXPECT_EQ((*FileAuthoritySigner::load(keys))->certificate(), authority);
  // Asked for again, it is the same one: a request may get lost on its way.
  EXPECT_EQ(crypto::read_request(*make_next_request(keys, NodeKey::authority, random))->spki,
            request->spki);
}

TEST_F(NextKey, TakesThePlaceAndTheOldOneIsGone) {
  const auto certificate = certify_next();
  ASSERT_TRUE(install_next(keys, NodeKey::authority, certificate, random));
  EXPECT_EQ((*FileAuthoritySigner::load(keys))->certificate(), certificate);
  EXPECT_FALSE(std::filesystem::exists(file("authority.next")));
  EXPECT_FALSE(std::filesystem::exists(file("authority.old")));
  EXPECT_EQ(sample::mode_of(file("authority.key")), k_owner_only);
}

TEST_F(NextKey, IsPutInPlaceByNoOthersCertificate) {
  const auto certificate = certify_next();
  EXPECT_EQ(install_next(keys, NodeKey::authority, authority, random).error().code,
            FaultCode::crypto_key);
  EXPECT_EQ(install_next(keys, NodeKey::tls, certificate, random).error().code,
            FaultCode::crypto_key);
  EXPECT_EQ(install_next(keys, NodeKey::authority, {}, random).error().code, FaultCode::bad_usage);
  EXPECT_EQ((*FileAuthoritySigner::load(keys))->certificate(), authority);
}

TEST_F(NextKey, IsFinishedByDoingItAgainWhereverItBrokeOff) {
  const auto certificate = certify_next();
  // The present key is aside, the next one is not in its place.
  std::filesystem::rename(file("authority.key"), file("authority.old"));
  EXPECT_FALSE(FileAuthoritySigner::load(keys));
  ASSERT_TRUE(install_next(keys, NodeKey::authority, certificate, random));
  EXPECT_EQ((*FileAuthoritySigner::load(keys))->certificate(), certificate);
  EXPECT_FALSE(std::filesystem::exists(file("authority.old")));
  // The next key is in its place, its certificate is not.
  const auto later = certify_next();
  std::filesystem::rename(file("authority.key"), file("authority.old"));
  std::filesystem::rename(file("authority.next"), file("authority.key"));
  EXPECT_EQ(FileAuthoritySigner::load(keys).error().code, FaultCode::crypto_key);
  ASSERT_TRUE(install_next(keys, NodeKey::authority, later, random));
  EXPECT_EQ((*FileAuthoritySigner::load(keys))->certificate(), later);
  EXPECT_FALSE(std::filesystem::exists(file("authority.old")));
}

TEST_F(NextKey, FollowsALostOne) {
  const auto certificate = certify_next();
  std::filesystem::remove(file("authority.key"));
  ASSERT_TRUE(install_next(keys, NodeKey::authority, certificate, random));
  EXPECT_EQ((*FileAuthoritySigner::load(keys))->certificate(), certificate);
}

TEST_F(NextKey, OfALogSignsAlongWhileItWaits) {
  const std::string origin = "kgz.comity.example/partner/BFA";
  const auto text = origin + "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  const auto next = make_next_log_key(keys, NodeKey::log_partner, random);
  ASSERT_TRUE(next);
  const auto present = made.logs.partner;
  {
    const auto signer = *FileLogSigner::load(keys);
    const auto note = *signer->sign_checkpoint("partner/BFA", origin, text);
    for (const auto& key : {present, *next}) {
      const auto verifier = formats::make_verifier(origin, key);
      EXPECT_TRUE(formats::open_checkpoint(as_bytes(note), std::span(&verifier, 1))) << note;
    }
    EXPECT_EQ(signer->published({}).partner, present);
    auto named = made.logs;
    EXPECT_TRUE(signer->holds(named));
    named.partner = *next;
    EXPECT_TRUE(signer->holds(named));
    named.internal = *next;
    EXPECT_FALSE(signer->holds(named));
  }
  ASSERT_TRUE(install_next(keys, NodeKey::log_partner, {}, random));
  const auto signer = *FileLogSigner::load(keys);
  EXPECT_EQ(signer->published({}).partner, *next);
  const auto note = *signer->sign_checkpoint("partner/BFA", origin, text);
  const auto old = formats::make_verifier(origin, present);
  EXPECT_FALSE(formats::open_checkpoint(as_bytes(note), std::span(&old, 1)));
  EXPECT_EQ(install_next(keys, NodeKey::log_partner, {}, random).error().code,
            FaultCode::crypto_key);
}

TEST_F(NextKey, IsNamedAsItsFileIs) {
  for (const auto which : {NodeKey::authority, NodeKey::tls, NodeKey::log_partner,
                           NodeKey::log_internal, NodeKey::log_anchor})
    EXPECT_EQ(*node_key(name_of(which)), which);
  EXPECT_EQ(node_key("root").error().code, FaultCode::bad_usage);
}

}  // namespace
}  // namespace comity::keys
