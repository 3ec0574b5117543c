#include "directory/revocation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "directory/sample_test.hpp"

namespace comity::directory {
namespace {

using crypto::Certificate;
using crypto::P256Key;
using sample::at;
using sample::k_now;
using sample::Nation;

struct Revoking : testing::Test {
  Nation kgz{"KGZ"};
  Accepted current = kgz.accepted(5);
  Revocation told{kgz.state,
                  true,
                  5,
                  kgz.authority.fingerprint(),
                  at("2026-03-01T10:00:00Z"),
                  at("2026-03-01T11:00:00Z"),
                  "The key was stolen"};

  Bytes signature(const P256Key& key, const Certificate& certificate) const {
    return *crypto::cms_sign(revocation_content(told), key, certificate, told.made_at,
                             crypto::CmsForm::detached);
  }
  Bytes by_two() const {
    return revocation_file(revocation_content(told),
                           {signature(kgz.first_key, kgz.first_officer),
                            signature(kgz.second_key, kgz.second_officer)});
  }
  Bytes by_root() const {
    return revocation_file(revocation_content(told), {signature(kgz.root_key, kgz.root)});
  }
  std::string code_of(const Bytes& file) const {
    const auto opened = open_revocation(file, current, k_now);
    return opened ? "taken" : std::string(row_of(opened.error().code).name);
  }
};

}  // namespace

TEST_F(Revoking, IsTakenFromTheRootOrFromTwoOfficers) {
  const auto by_officers = open_revocation(by_two(), current, k_now);
  ASSERT_TRUE(by_officers) << by_officers.error().detail;
  EXPECT_EQ(by_officers->revocation, told);
  EXPECT_EQ(by_officers->signers, (std::vector{kgz.first_officer, kgz.second_officer}));
  EXPECT_EQ(open_revocation(by_root(), current, k_now)->signers, std::vector{kgz.root});
}

TEST_F(Revoking, IsNotTakenFromOneOfficerNorFromOneTwice) {
  const auto content = revocation_content(told);
  const auto first = signature(kgz.first_key, kgz.first_officer);
  EXPECT_EQ(code_of(revocation_file(content, {first})), "officer.two");
  EXPECT_EQ(code_of(revocation_file(content, {first, first})), "officer.two");
  EXPECT_EQ(code_of(revocation_file(content, {})), "officer.two");
  const auto again =
      kgz.certify(kgz.second_key, "Officer one", {"officer:approver"}, crypto::Usage::officer);
  EXPECT_EQ(code_of(revocation_file(content, {first, signature(kgz.second_key, again)})),
            "officer.two");
  EXPECT_EQ(code_of(revocation_file(content, {first, first, first})), "directory.entry");
}

TEST_F(Revoking, IsNotTakenFromOfficersWithoutTheRole) {
  const auto drafter =
      kgz.certify(kgz.second_key, "Officer three", {"officer:drafter"}, crypto::Usage::officer);
  EXPECT_EQ(code_of(revocation_file(
                revocation_content(told),
                {signature(kgz.first_key, kgz.first_officer), signature(kgz.second_key, drafter)})),
            "directory.role");
  EXPECT_EQ(code_of(revocation_file(revocation_content(told),
                                    {signature(kgz.first_key, kgz.first_officer),
                                     signature(kgz.authority_key, kgz.authority)})),
            "crypto.usage");
}

TEST_F(Revoking, IsNotTakenFromARevokedOfficer) {
  current.entry.revoked = {{kgz.first_officer.fingerprint(), at("2026-02-01T00:00:00Z"), "left"}};
  EXPECT_EQ(code_of(by_two()), "directory.revoked");
  EXPECT_EQ(code_of(by_root()), "taken");
}

TEST_F(Revoking, IsNotTakenFromAnotherState) {
  Nation bfa("BFA");
  EXPECT_NE(code_of(revocation_file(revocation_content(told),
                                    {signature(bfa.first_key, bfa.first_officer),
                                     signature(bfa.second_key, bfa.second_officer)})),
            "taken");
  EXPECT_EQ(code_of(revocation_file(revocation_content(told), {signature(bfa.root_key, bfa.root)})),
            "officer.two");
  told.state = bfa.state;
  EXPECT_EQ(code_of(by_root()), "directory.entry");
}

TEST_F(Revoking, IsOldOnceTheRootHasSpokenAgain) {
  told.serial = 4;
  EXPECT_EQ(code_of(by_two()), "directory.serial");
  told.serial = 6;  // a newer entry that has not come here yet
  EXPECT_EQ(code_of(by_two()), "taken");
}

TEST_F(Revoking, KeepsExercisesApartAndTimesInOrder) {
  told.exercise = false;
  EXPECT_EQ(code_of(by_root()), "directory.exercise");
  told.exercise = true;
  told.revoked_from = told.made_at.plus_s(1);
  EXPECT_EQ(code_of(by_root()), "directory.entry");
  told.made_at = told.revoked_from = k_now.plus_s(k_hour_s + 1);
  EXPECT_EQ(code_of(by_root()), "directory.entry");
}

TEST_F(Revoking, TakesTrustAwayFromItsTimeOn) {
  const auto after = revoke(current, told);
  EXPECT_TRUE(
      usable_at(after, kgz.authority, crypto::Usage::authority, told.revoked_from.plus_ms(-1)));
  EXPECT_EQ(
      usable_at(after, kgz.authority, crypto::Usage::authority, told.revoked_from).error().code,
      FaultCode::directory_revoked);
  EXPECT_TRUE(usable_at(after, kgz.point, crypto::Usage::authority, k_now));
  told.certificate.reset();
  const auto all = revoke(current, told);
  EXPECT_EQ(all.status, EntryStatus::revoked);
  EXPECT_FALSE(usable_at(all, kgz.point, crypto::Usage::authority, k_now));
}

TEST_F(Revoking, NeverGivesTrustBack) {
  auto later = told;
  later.revoked_from = told.revoked_from.plus_s(60);
  EXPECT_EQ(revoke(revoke(current, told), later), revoke(current, told));
  const auto earlier = revoke(revoke(current, later), told);
  EXPECT_EQ(earlier.revoked_since[0].revoked_from, told.revoked_from);
  later.certificate.reset();
  auto whole = told;
  whole.certificate.reset();
  EXPECT_EQ(revoke(revoke(current, whole), later).revoked_from, told.revoked_from);
}

TEST_F(Revoking, IsStillHeardWhenTheEntryIsRevokedAlready) {
  auto whole = told;
  whole.certificate.reset();
  current = revoke(current, whole);
  EXPECT_EQ(code_of(by_two()), "taken");
}

TEST_F(Revoking, HidesNothingFromItsReader) {
  told.reason = "all \u202Efine";
  EXPECT_EQ(code_of(by_root()), "directory.entry");
  EXPECT_EQ(code_of(Bytes(k_revocation_bytes_max + 1, ' ')), "directory.entry");
  EXPECT_EQ(code_of(to_bytes("{}")), "directory.entry");
}

RC_GTEST_FIXTURE_PROP(Revoking, NoChangedByteIsTakenAsAnotherRevocation, ()) {
  auto file = by_root();
  file[*rc::gen::inRange<std::size_t>(0, file.size())] ^= *rc::gen::inRange<std::uint8_t>(1, 255);
  const auto opened = open_revocation(file, current, k_now);
  const bool harmless = !opened || opened->revocation == told;
  RC_ASSERT(harmless);
}

}  // namespace comity::directory
