#include "directory/entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "directory/entry_json.hpp"
#include "directory/sample_test.hpp"

namespace comity::directory {
namespace {

using formats::Json;
using sample::k_now;
using sample::Nation;
using testing::HasSubstr;

Nation& kgz() {
  static Nation nation("KGZ");
  return nation;
}

// Why the entry's JSON, changed by hand and signed by the true root, is refused.
std::string refusal(const Json& json) {
  const auto content = to_bytes(formats::canonical(json));
  const auto p7m = crypto::cms_sign(content, kgz().root_key, kgz().root, kgz().entry().issued_at,
                                    crypto::CmsForm::encapsulated);
  const auto opened = open_entry(*p7m, k_now);
  if (opened) return "accepted";
  EXPECT_EQ(opened.error().code, FaultCode::directory_entry);
  return opened.error().detail;
}

std::string refusal(const Entry& entry) {
  return refusal(to_json(entry));
}

std::string with(std::string_view key, Json value) {
  auto json = to_json(kgz().entry());
  json.set(key, std::move(value));
  return refusal(json);
}

}  // namespace

TEST(Entry, ComesBackFromItsFile) {
  auto entry = kgz().entry();
  entry.revoked = {{Digest{{7}}, sample::at("2026-01-15T00:00:00Z"), "lost card"}};
  entry.names["ru"] = "Государство";
  const auto opened = open_entry(*sign_entry(entry, kgz().root_key), k_now);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(*opened, entry);
  entry.next_root.reset();
  EXPECT_EQ(*read_entry(entry_content(entry)), entry);
}

TEST(Entry, IsSignedByItsOwnRootAndNobodyElse) {
  const auto entry = kgz().entry();
  const auto content = entry_content(entry);
  Nation other("BFA");
  const auto by_stranger = crypto::cms_sign(content, other.root_key, other.root, entry.issued_at,
                                            crypto::CmsForm::encapsulated);
  EXPECT_EQ(open_entry(*by_stranger, k_now).error().code, FaultCode::directory_entry);
  const auto by_authority = crypto::cms_sign(content, kgz().authority_key, kgz().authority,
                                             entry.issued_at, crypto::CmsForm::encapsulated);
  EXPECT_EQ(open_entry(*by_authority, k_now).error().code, FaultCode::directory_entry);
  EXPECT_FALSE(sign_entry(entry, other.root_key));
}

TEST(Entry, SaysTheTimeOfItsSignature) {
  const auto entry = kgz().entry();
  const auto late = crypto::cms_sign(entry_content(entry), kgz().root_key, kgz().root,
                                     entry.issued_at.plus_s(1), crypto::CmsForm::encapsulated);
  EXPECT_THAT(open_entry(*late, k_now).error().detail, HasSubstr("issued_at"));
}

TEST(Entry, OpensOnlyWhileItsRootIsValid) {
  const auto p7m = *sign_entry(kgz().entry(), kgz().root_key);
  EXPECT_EQ(open_entry(p7m, sample::at("2031-01-01T00:00:00Z")).error().code,
            FaultCode::crypto_validity);
}

TEST(Entry, IsRefusedWithoutAnyOfItsMembersAndWithAnyOther) {
  const auto whole = to_json(kgz().entry());
  for (const auto& [key, value] : whole.members()) {
    if (key == "next_root") continue;  // the one that may be absent
    auto json = whole;
    json.members().erase(key);
    EXPECT_THAT(refusal(json), HasSubstr(key)) << key;
    json = whole;
    json.set(key, nullptr);
    EXPECT_NE(refusal(json), "accepted") << key;
  }
  EXPECT_THAT(with("next_root", nullptr), HasSubstr("next_root"));
  EXPECT_THAT(with("note", "x"), HasSubstr("note"));
}

TEST(Entry, IsRefusedWhenItsBytesAreNotTheCanonicalOnes) {
  auto content = entry_content(kgz().entry());
  content.push_back('\n');
  EXPECT_EQ(read_entry(content).error().code, FaultCode::directory_entry);
}

TEST(Entry, HoldsItsLimits) {
  EXPECT_EQ(read_entry(Bytes(k_entry_bytes_max + 1, ' ')).error().code, FaultCode::limit_size);
  auto entry = kgz().entry();
  entry.second_contacts.assign(k_second_contacts_max, entry.second_contacts[0]);
  EXPECT_EQ(refusal(entry), "accepted");
  entry.second_contacts.push_back(entry.second_contacts[0]);
  EXPECT_THAT(refusal(entry), HasSubstr("second_contacts"));
  entry = kgz().entry();
  entry.revoked.assign(k_revoked_max, {Digest{{7}}, entry.issued_at, "lost"});
  EXPECT_EQ(refusal(entry), "accepted");
  entry.revoked.push_back(entry.revoked[0]);
  EXPECT_THAT(refusal(entry), HasSubstr("revoked"));
  entry = kgz().entry();
  entry.tls.assign(k_tls_certificates_max + 1, entry.tls[0]);
  EXPECT_THAT(refusal(entry), HasSubstr("tls"));
}

TEST(HostileEntry, ShowsAnotherStatesRootOrCertificates) {
  Nation other("BFA");
  auto entry = kgz().entry();
  entry.state = other.state;
  EXPECT_THAT(refusal(entry), HasSubstr("another State"));
  entry = kgz().entry();
  entry.authorities[0].certificate = other.authority;
  EXPECT_THAT(refusal(entry), HasSubstr("authority justice"));
  entry = kgz().entry();
  entry.tls = {other.tls};
  EXPECT_THAT(refusal(entry), HasSubstr("tls"));
  entry = kgz().entry();
  entry.root = kgz().authority;
  EXPECT_THAT(refusal(entry), HasSubstr("root"));
}

TEST(HostileEntry, ClaimsARoleOrUseThatTheCertificateDoesNotCarry) {
  auto entry = kgz().entry();
  entry.authorities[1].roles = {"central-authority"};
  EXPECT_THAT(refusal(entry), HasSubstr("does not carry the role"));
  entry = kgz().entry();
  entry.authorities[0].certificate = kgz().first_officer;
  EXPECT_THAT(refusal(entry), HasSubstr("authority justice"));
  entry = kgz().entry();
  entry.tls = {kgz().authority};
  EXPECT_THAT(refusal(entry), HasSubstr("tls"));
}

TEST(HostileEntry, PointsToAHostThatItsCertificateDoesNotName) {
  auto entry = kgz().entry();
  entry.endpoint.host = "elsewhere.example";
  EXPECT_THAT(refusal(entry), HasSubstr("does not name the endpoint"));
  EXPECT_THAT(with("endpoint", Json::object({{"host", "node.example"}, {"port", 0}})),
              HasSubstr("endpoint.port"));
  EXPECT_THAT(with("endpoint", Json::object({{"host", "node.example"}, {"port", 65536}})),
              HasSubstr("endpoint.port"));
}

TEST(HostileEntry, LetsOneKeyServeTwice) {
  auto entry = kgz().entry();
  entry.logs.anchor = entry.logs.partner;
  EXPECT_THAT(refusal(entry), HasSubstr("key of its own"));
  entry = kgz().entry();
  entry.authorities[1] = entry.authorities[0];
  entry.authorities[1].code = "twin";
  EXPECT_THAT(refusal(entry), HasSubstr("serves elsewhere"));
  entry.authorities[1].code = "justice";
  EXPECT_THAT(refusal(entry), HasSubstr("serves elsewhere"));
}

TEST(Entry, NamesAnAuthorityTwiceWhileItsKeyChanges) {
  auto& nation = kgz();
  auto entry = nation.entry();
  const auto key = crypto::P256Key::generate(nation.random);
  auto next = entry.authorities[0];
  next.certificate = nation.certify(key, "Ministry of Justice", {"authority:central-authority"},
                                    crypto::Usage::authority);
  entry.authorities.push_back(next);
  EXPECT_TRUE(read_entry(entry_content(entry)));
  entry.authorities.back().names["en"] = "Ministry of Something Else";
  EXPECT_THAT(refusal(entry), HasSubstr("two authorities"));
  entry.authorities.back() = next;
  next.certificate = nation.certify(crypto::P256Key::generate(nation.random), "Ministry of Justice",
                                    {"authority:central-authority"}, crypto::Usage::authority);
  entry.authorities.push_back(next);
  EXPECT_THAT(refusal(entry), HasSubstr("more than twice"));
}

TEST(HostileEntry, BendsTime) {
  auto entry = kgz().entry();
  entry.valid_to = entry.valid_from;
  EXPECT_THAT(refusal(entry), HasSubstr("valid_to"));
  entry = kgz().entry();
  entry.valid_to = entry.root.not_after().plus_s(1);
  EXPECT_THAT(refusal(entry), HasSubstr("validity of its root"));
  entry = kgz().entry();
  entry.revoked = {{Digest{{7}}, entry.issued_at.plus_s(1), "tomorrow"}};
  EXPECT_THAT(refusal(entry), HasSubstr("revoked"));
  EXPECT_THAT(with("issued_at", "2026-02-01T00:00:00.500Z"), HasSubstr("whole second"));
}

TEST(HostileEntry, HidesSomethingInItsWords) {
  auto entry = kgz().entry();
  entry.names["en"] = "State \u202EZGK";
  EXPECT_THAT(refusal(entry), HasSubstr("direction-overriding"));
  entry = kgz().entry();
  entry.second_contacts[0].how = "call\nme";
  EXPECT_THAT(refusal(entry), HasSubstr("one line"));
  entry = kgz().entry();
  entry.second_contacts[0].phone = "+996 312 CALL-ME";
  EXPECT_THAT(refusal(entry), HasSubstr("international form"));
  entry = kgz().entry();
  entry.authorities[0].code = "Justice Ministry";
  EXPECT_THAT(refusal(entry), HasSubstr("code"));
  entry = kgz().entry();
  entry.logs.origin_prefix = "node.example+x/";
  EXPECT_THAT(refusal(entry), HasSubstr("origin_prefix"));
  entry = kgz().entry();
  entry.languages = {"en", "en"};
  EXPECT_THAT(refusal(entry), HasSubstr("none twice"));
}

TEST(HostileEntry, AnnouncesItsOwnRootAsTheNext) {
  auto entry = kgz().entry();
  entry.next_root = fingerprint(entry);
  EXPECT_THAT(refusal(entry), HasSubstr("next_root"));
}

RC_GTEST_PROP(HostileEntry, NoChangedByteOpensAsAnotherEntry, ()) {
  const auto entry = kgz().entry();
  auto p7m = *sign_entry(entry, kgz().root_key);
  const auto place = *rc::gen::inRange<std::size_t>(0, p7m.size());
  p7m[place] ^= *rc::gen::inRange<std::uint8_t>(1, 255);
  const auto opened = open_entry(p7m, k_now);
  const bool harmless = !opened || *opened == entry;
  RC_ASSERT(harmless);
}

}  // namespace comity::directory
