// The envelope around a good act, in every way that CMS (RFC 5652) and BER allow and Comity does
// not: what another reader could take for something else (spec/acts.md §1).
#include "crypto/der.hpp"
#include "forged_test.hpp"
#include "snapshot.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;
using enum Fate;
using enum Kind;
using Lengths = Der::Lengths;

Der oid(std::string_view hex) {
  return Der::primitive(crypto::der::k_oid, must(from_hex(hex)));
}
Der algorithm(std::string_view hex) {
  return Der::constructed(crypto::der::k_sequence, {oid(hex)});
}
const Der k_null = Der::primitive(crypto::der::k_null, {});
const Der k_version_3 = Der::primitive(crypto::der::k_integer, Bytes{3});
constexpr auto k_sha1 = "2b0e03021a", k_sha512 = "608648016503040203";
constexpr auto k_ecdsa_sha1 = "2a8648ce3d0401", k_ed25519 = "2b6570";
constexpr auto k_rsa = "2a864886f70d01010b", k_smime = "2a864886f70d01090f";
constexpr auto k_time_stamp = "2a864886f70d010910020e", k_tst_info = "2a864886f70d0109100104";
constexpr auto k_signed_data = "2a864886f70d010702", k_enveloped = "2a864886f70d010703";
constexpr auto k_certificate_v1 = "2a864886f70d010910020c";

/// The attributes changed, and signed again by the forger.
Edit attributes(std::function<void(std::vector<Der>&)> change) {
  return cms([=](Envelope& e) {
    change(e.attributes().inside);
    e.sign_again();
  });
}
Der attribute(std::string_view type, Der value) {
  return Der::constructed(crypto::der::k_sequence,
                          {oid(type), Der::constructed(crypto::der::k_set, {std::move(value)})});
}
/// The signature's two numbers.
Edit numbers(std::function<void(Der& r, Der& s)> change) {
  return cms([=](Envelope& e) {
    auto pair = Der::read(e.signature().content);
    change(pair.inside[0], pair.inside[1]);
    e.signature().content = pair.write();
  });
}
/// What another State's authority would put around the same content.
Envelope by_cub(Envelope& e) {
  const auto& authority = world().cub.authority();
  const auto content = e.content().at({1, 0}).content;
  return {authority.sign(content, crypto::CmsForm::encapsulated, world().cub.now), authority.key};
}
/// A certificate of the same key and name, issued later.
const crypto::Certificate& twin() {
  static const auto one = [] {
    auto& state = world().bfa;
    Seeded random("twin");
    const auto& own = state.authority().certificate;
    return must(crypto::issue(state.root_key(), state.root(), own.public_spki(), own.subject(),
                              crypto::Usage::authority, own.not_before(), own.not_after(), random));
  }();
  return one;
}
Bytes padded(Bytes bytes, std::size_t size) {
  bytes.resize(size);
  return bytes;
}

Bytes nested(const Bytes& p7m) {
  Der all = Der::read(p7m);
  for (int i = 0; i < 1000; ++i) all = Der::constructed(crypto::der::k_sequence, {all});
  return all.write();
}

// clang-format off
std::vector<Forgery> members() {
  return {
      {"two-signers", request, faulted, format_cms,
       cms([](Envelope& e) { e.signers().inside.push_back(e.signer()); })},
      {"second-signer-of-another-state", request, faulted, format_cms,
       cms([](Envelope& e) { e.signers().inside.push_back(by_cub(e).signer()); })},
      {"no-signer", request, faulted, format_cms, cms([](Envelope& e) { e.signers().inside.clear(); })},
      {"signer-of-another-state", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer() = by_cub(e).signer(); })},
      {"root-certificate-beside", request, faulted, format_cms,
       cms([](Envelope& e) { e.certificates().inside.push_back(Der::read(world().bfa.root().der())); })},
      {"same-certificate-twice", request, faulted, format_cms,
       cms([](Envelope& e) { e.certificates().inside.push_back(e.certificates().inside[0]); })},
      {"no-certificate", request, faulted, format_cms, cms([](Envelope& e) { e.certificates().inside.clear(); })},
      {"no-certificates-at-all", request, faulted, format_cms,
       cms([](Envelope& e) { e.data().inside.erase(e.data().inside.begin() + 3); })},
      {"certificate-of-another-state", request, faulted, format_cms,
       cms([](Envelope& e) { e.certificates() = by_cub(e).certificates(); })},
      {"certificate-that-is-none", request, faulted, format_certificate,
       cms([](Envelope& e) { e.certificates().inside[0].inside[0].inside.pop_back(); })},
      {"attribute-certificate-instead", request, faulted, format_cms,
       cms([](Envelope& e) { e.certificates().inside[0].tag = 0xa2; })},
      {"twin-certificate", request, faulted, crypto_signature, cms([](Envelope& e) {
         const auto own = Der::read(twin().der());
         e.certificates().inside[0] = own, e.signer().at({1, 1}) = own.at({0, 1}); })},
      {"revocation-list-beside", request, faulted, format_cms,
       cms([](Envelope& e) { e.data().inside.insert(e.data().inside.begin() + 4, Der::constructed(0xa1, {})); })},
      {"unsigned-attribute", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside.push_back(Der::constructed(0xa1, {attribute(k_smime, k_null)})); })},
      {"unsigned-time-stamp", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside.push_back(Der::constructed(0xa1, {attribute(k_time_stamp, k_null)}));
         })},
      {"unsigned-attributes-empty", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside.push_back(Der::constructed(0xa1, {})); })},
      {"something-behind-the-signers", request, faulted, format_cms,
       cms([](Envelope& e) { e.data().inside.push_back(k_null); })},
      {"something-behind-the-data", request, faulted, format_cms,
       cms([](Envelope& e) { e.tree.inside.push_back(k_null); })},
      {"version-3", request, faulted, format_cms, cms([](Envelope& e) { e.data().inside[0] = k_version_3; })},
      {"signer-version-3", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside[0] = k_version_3; })},
      {"signer-by-key-id", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside[1] = Der::primitive(0x80, Bytes(20)); })},
      {"signer-by-the-roots-name", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().at({1, 1}).content.back() ^= 1; })},
  };
}

std::vector<Forgery> contents() {
  return {
      {"no-content", request, faulted, format_cms, cms([](Envelope& e) { e.content().inside.pop_back(); })},
      {"empty-content", request, faulted, crypto_signature,
       cms([](Envelope& e) { e.content().at({1, 0}).content.clear(); })},
      {"other-content", request, faulted, crypto_signature,
       cms([](Envelope& e) { e.content().at({1, 0}).content.push_back(' '); })},
      {"two-contents", request, faulted, format_cms,
       cms([](Envelope& e) { e.content().at({1}).inside.push_back(e.content().at({1, 0})); })},
      {"content-in-pieces", request, faulted, format_cms,
       cms([](Envelope& e) { e.content().at({1, 0}) = Der::constructed(0x24, {e.content().at({1, 0})}); })},
      {"content-type-of-a-time-stamp", request, faulted, format_cms,
       cms([](Envelope& e) { e.content().inside[0] = oid(k_tst_info); })},
      {"content-that-is-signed-data", request, faulted, format_cms,
       cms([](Envelope& e) { e.content().inside[0] = oid(k_signed_data); })},
      {"signed-twice-over", request, rejected, act_form,
       content([](const Bytes& b) { return world().bfa.authority().sign(b, crypto::CmsForm::encapsulated,
         world().bfa.now); })},
      {"enveloped-data", request, faulted, format_cms, cms([](Envelope& e) { e.tree.inside[0] = oid(k_enveloped); })},
      {"digests-of-two-kinds", request, faulted, format_cms,
       cms([](Envelope& e) { e.digests().inside.push_back(algorithm(k_sha512)); })},
      {"no-digest-named", request, faulted, format_cms, cms([](Envelope& e) { e.digests().inside.clear(); })},
      {"digest-named-sha1", request, faulted, format_cms,
       cms([](Envelope& e) { e.digests().inside[0] = algorithm(k_sha1); })},
      {"signers-digest-sha1", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside[2] = algorithm(k_sha1); })},
      {"signers-digest-sha512", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside[2] = algorithm(k_sha512); })},
      {"digest-attribute-of-another-content", request, faulted, crypto_signature,
       attributes([](auto& all) { all[2].at({1, 0}).content.back() ^= 1; })},
      {"digest-attribute-of-twenty-bytes", request, faulted, format_cms,
       attributes([](auto& all) { all[2].at({1, 0}).content.resize(20); })},
      {"digest-attribute-empty", request, faulted, format_cms,
       attributes([](auto& all) { all[2].at({1, 0}).content.clear(); })},
      {"type-attribute-of-a-time-stamp", request, faulted, format_cms,
       attributes([](auto& all) { all[0].at({1}).inside[0] = oid(k_tst_info); })},
  };
}

std::vector<Forgery> signatures() {
  return {
      {"no-signed-attributes", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside.erase(e.signer().inside.begin() + 3); })},
      {"no-type-attribute", request, faulted, format_cms, attributes([](auto& all) { all.erase(all.begin()); })},
      {"no-time-attribute", request, faulted, format_cms, attributes([](auto& all) { all.erase(all.begin() + 1); })},
      {"no-digest-attribute", request, faulted, format_cms,
       attributes([](auto& all) { all.erase(all.begin() + 2); })},
      {"no-certificate-attribute", request, faulted, format_cms, attributes([](auto& all) { all.pop_back(); })},
      {"certificate-attribute-of-version-1", request, faulted, format_cms,
       attributes([](auto& all) { all[3].inside[0] = oid(k_certificate_v1); })},
      {"certificate-attribute-of-another", request, faulted, crypto_signature,
       attributes([](auto& all) { all[3].at({1, 0, 0, 0, 0}).content.back() ^= 1; })},
      {"an-attribute-more", request, faulted, format_cms,
       attributes([](auto& all) { all.push_back(attribute(k_smime, Der::constructed(0x30, {}))); })},
      {"an-attribute-twice", request, faulted, format_cms,
       attributes([](auto& all) { all.insert(all.begin(), all[0]); })},
      {"attributes-out-of-order", request, faulted, format_cms,
       attributes([](auto& all) { std::swap(all[0], all[1]); })},
      {"two-signing-times", request, faulted, format_cms,
       attributes([](auto& all) { all[1].at({1}).inside.push_back(all[1].at({1, 0})); })},
      {"signing-time-that-is-none", request, faulted, format_cms,
       attributes([](auto& all) { all[1].at({1, 0}).content[2] = '9'; })},
      {"signature-over-other-attributes", request, faulted, crypto_signature,
       cms([](Envelope& e) { e.attributes().at({1, 1, 0}).content[11] ^= 1; })},
      {"signature-named-ecdsa-sha1", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside[4] = algorithm(k_ecdsa_sha1); })},
      {"signature-named-rsa", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside[4] = algorithm(k_rsa); })},
      {"signature-named-ed25519", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside[4] = algorithm(k_ed25519); })},
      {"signature-named-with-null", request, faulted, format_cms,
       cms([](Envelope& e) { e.signer().inside[4].inside.push_back(k_null); })},
      {"signature-empty", request, faulted, crypto_signature,
       cms([](Envelope& e) { e.signature().content.clear(); })},
      {"signature-of-zeroes", request, faulted, crypto_signature,
       numbers([](Der& r, Der& s) { r.content = s.content = {0}; })},
      {"signature-with-a-negative-number", request, faulted, crypto_signature,
       numbers([](Der& r, Der&) { r.content[0] |= 0x80; })},
      {"signature-with-a-padded-number", request, faulted, crypto_signature,
       numbers([](Der&, Der& s) { s.content.insert(s.content.begin(), 2, 0); })},
      {"signature-with-a-number-beyond-the-order", request, faulted, crypto_signature,
       numbers([](Der& r, Der&) { r.content = Bytes(33, 0xff), r.content[0] = 0; })},
      {"signature-with-numbers-swapped", request, faulted, crypto_signature,
       numbers([](Der& r, Der& s) { std::swap(r, s); })},
      {"signature-with-more-behind", request, faulted, crypto_signature,
       cms([](Envelope& e) { e.signature().content.push_back(0); })},
      {"signature-of-raw-numbers", request, faulted, crypto_signature,
       cms([](Envelope& e) { e.signature().content.assign(64, 1); })},
  };
}

std::vector<Forgery> encodings() {
  return {
      {"ber-indefinite", request, faulted, format_cms,
       cms([](Envelope& e) { e.tree.lengths = Lengths::indefinite; })},
      {"ber-indefinite-inside", request, faulted, format_cms,
       cms([](Envelope& e) { e.content().lengths = Lengths::indefinite; })},
      {"ber-padded-length", request, faulted, format_cms, cms([](Envelope& e) { e.tree.lengths = Lengths::padded; })},
      {"ber-padded-length-inside", request, faulted, format_cms,
       cms([](Envelope& e) { e.signature().lengths = Lengths::padded; })},
      {"ber-padded-attributes", request, faulted, format_cms,
       cms([](Envelope& e) { e.attributes().lengths = Lengths::padded; })},
      {"a-byte-behind", request, faulted, format_cms, p7m([](Bytes b) { return b.push_back(0), b; })},
      {"a-second-envelope-behind", request, faulted, format_cms,
       p7m([](Bytes b) { const Bytes twice = b; append(b, twice); return b; })},
      {"cut-short", request, faulted, format_cms, p7m([](Bytes b) { return b.pop_back(), b; })},
      {"cut-in-half", request, faulted, format_cms, p7m([](Bytes b) { return b.resize(b.size() / 2), b; })},
      {"empty", request, faulted, format_cms, p7m([](const Bytes&) { return Bytes{}; })},
      {"zeroes", request, faulted, format_cms, p7m([](const Bytes&) { return Bytes(1000); })},
      {"the-content-alone", request, faulted, format_cms,
       p7m([](const Bytes& b) { return must(crypto::cms_open(b)).content; })},
      {"the-certificate-alone", request, faulted, format_cms,
       p7m([](const Bytes&) { return world().bfa.authority().certificate.der(); })},
      {"in-pem", request, faulted, format_cms,
       p7m([](const Bytes& b) { return to_bytes("-----BEGIN CMS-----\n" + base64(b) + "\n-----END CMS-----\n"); })},
      {"a-length-of-four-gibibytes", request, faulted, format_cms,
       p7m([](const Bytes&) { return must(from_hex("3084ffffffff06092a864886f70d010702")); })},
      {"a-length-of-seventeen-bytes", request, faulted, format_cms,
       p7m([](const Bytes&) { return must(from_hex("3091ffffffffffffffffffffffffffffffffff")); })},
      {"at-the-limit-of-an-envelope", request, faulted, format_cms,
       p7m([](const Bytes& b) { return padded(b, crypto::k_cms_bytes_max); })},
      {"past-the-limit-of-an-envelope", request, faulted, limit_size,
       p7m([](const Bytes& b) { return padded(b, crypto::k_cms_bytes_max + 1); })},
      {"nested-a-thousand-deep", request, faulted, format_cms, p7m(nested)},
  };
}
// clang-format on

/// n − s, the other half of the pair that verifies as well as s.
Bytes mirrored(const Bytes& s) {
  const auto order =
      must(from_hex("00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"));
  Bytes number = order;
  int borrow = 0;
  for (std::size_t i = 0; i < number.size(); ++i) {
    auto& byte = number[number.size() - 1 - i];
    const int difference = byte - (i < s.size() ? s[s.size() - 1 - i] : 0) - borrow;
    borrow = difference < 0;
    byte = static_cast<std::uint8_t>(difference + 256 * borrow);
  }
  while (number.size() > 1 && number[0] == 0 && number[1] < 0x80) number.erase(number.begin());
  return number;
}

}  // namespace

class Enveloped : public Forged {};
TEST_P(Enveloped, IsNotTaken) {
  play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Members, Enveloped, testing::ValuesIn(members()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Contents, Enveloped, testing::ValuesIn(contents()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Signatures, Enveloped, testing::ValuesIn(signatures()),
                         test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Encodings, Enveloped, testing::ValuesIn(encodings()), test_name<Forgery>);

// From one signature anybody makes its mirror: it says the same, so it must be the same act.
TEST(Mirror, OfATakenActGetsItsReceiptAndChangesNothing) {
  auto& all = world();
  const auto taken = all.request();
  carry(taken);
  Envelope mirror(taken.p7m, all.bfa.authority().key);
  auto pair = Der::read(mirror.signature().content);
  pair.inside[1].content = mirrored(pair.inside[1].content);
  mirror.signature().content = pair.write();
  ASSERT_NE(mirror.tree.write(), taken.p7m);
  const auto letter = [&](View p7m) {
    return letter_of(Json::array({act_json(p7m, taken.parts)}));
  };
  const auto receipt = must(hand_over(all.kgz, all.bfa, letter(taken.p7m)));
  const auto before = bytes_of(all.kgz.folder());
  EXPECT_EQ(must(hand_over(all.kgz, all.bfa, letter(mirror.tree.write()))), receipt);
  EXPECT_EQ(bytes_of(all.kgz.folder()), before);
}

}  // namespace comity::corpus
