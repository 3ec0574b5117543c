#include "directory/trust.hpp"

#include <gtest/gtest.h>

#include "directory/sample_test.hpp"

namespace comity::directory {
namespace {

using sample::at;
using sample::k_now;
using sample::Nation;

struct Trust : testing::Test {
  Nation kgz{"KGZ"};
  Nation renewed{"KGZ", 99};  // the same State under another root
  Accepted current = kgz.accepted(5);

  Result<Change> offer(const Entry& offered, std::optional<Digest> given = {}) const {
    return consider(current, offered, given, true, k_now);
  }
};

}  // namespace

TEST_F(Trust, BeginsWithAConfirmedFingerprint) {
  const auto entry = kgz.entry();
  EXPECT_EQ(*consider({}, entry, fingerprint(entry), true, k_now), Change::first);
  EXPECT_EQ(consider({}, entry, {}, true, k_now).error().code, FaultCode::directory_fingerprint);
  EXPECT_EQ(consider({}, entry, Digest{{1}}, true, k_now).error().code,
            FaultCode::directory_fingerprint);
}

TEST_F(Trust, TakesARenewalUnderTheSameRoot) {
  EXPECT_EQ(*offer(kgz.entry(6)), Change::renewal);
  EXPECT_EQ(*offer(kgz.entry(6), kgz.root.fingerprint()), Change::renewal);
}

TEST_F(Trust, RefusesAWrongFingerprintAlsoForARenewal) {
  EXPECT_EQ(offer(kgz.entry(6), Digest{{1}}).error().code, FaultCode::directory_fingerprint);
}

TEST_F(Trust, RefusesARolledBackEntry) {
  EXPECT_EQ(offer(kgz.entry(5)).error().code, FaultCode::directory_serial);
  EXPECT_EQ(offer(kgz.entry(4), kgz.root.fingerprint()).error().code, FaultCode::directory_serial);
}

TEST_F(Trust, TakesTheAnnouncedRootAndNoOther) {
  EXPECT_EQ(offer(renewed.entry(6)).error().code, FaultCode::directory_root);
  current.entry.next_root = renewed.root.fingerprint();
  EXPECT_EQ(*offer(renewed.entry(6)), Change::root_announced);
  EXPECT_EQ(offer(renewed.entry(5)).error().code, FaultCode::directory_serial);
}

TEST_F(Trust, TakesAnotherRootOnlyWhenItsFingerprintIsConfirmedAnew) {
  EXPECT_EQ(*offer(renewed.entry(6), renewed.root.fingerprint()), Change::root_confirmed);
  EXPECT_EQ(offer(renewed.entry(6), kgz.root.fingerprint()).error().code,
            FaultCode::directory_fingerprint);
}

TEST_F(Trust, AsksForTheFingerprintAgainAfterARevocation) {
  current.status = EntryStatus::revoked;
  EXPECT_EQ(offer(kgz.entry(6)).error().code, FaultCode::directory_fingerprint);
  EXPECT_EQ(*offer(kgz.entry(6), kgz.root.fingerprint()), Change::renewal);
  current.entry.next_root = renewed.root.fingerprint();
  EXPECT_EQ(offer(renewed.entry(6)).error().code, FaultCode::directory_fingerprint);
}

TEST_F(Trust, RefusesAnotherStatesEntry) {
  Nation bfa("BFA");
  EXPECT_EQ(offer(bfa.entry(6), bfa.root.fingerprint()).error().code, FaultCode::directory_entry);
}

TEST_F(Trust, NeverMixesExercisesWithTheRealThing) {
  EXPECT_EQ(consider({}, kgz.entry(), kgz.root.fingerprint(), false, k_now).error().code,
            FaultCode::directory_exercise);
  auto real = kgz.entry(6);
  real.exercise = false;
  EXPECT_EQ(offer(real, kgz.root.fingerprint()).error().code, FaultCode::directory_exercise);
}

TEST_F(Trust, RefusesAnEntryOutOfItsTime) {
  const auto entry = kgz.entry(6);
  EXPECT_EQ(consider(current, entry, {}, true, entry.valid_to).error().code,
            FaultCode::directory_expired);
  EXPECT_TRUE(consider(current, entry, {}, true, entry.valid_to.plus_ms(-1)));
  EXPECT_EQ(consider(current, entry, {}, true, entry.valid_from.plus_ms(-1)).error().code,
            FaultCode::directory_entry);
  EXPECT_TRUE(consider(current, entry, {}, true, entry.valid_from));
}

TEST_F(Trust, NoticesChangedKeys) {
  const auto before = kgz.entry();
  EXPECT_TRUE(keys_changed({}, before));
  EXPECT_FALSE(keys_changed(before, kgz.entry(2)));
  EXPECT_TRUE(keys_changed(before, renewed.entry(2)));
  auto after = kgz.entry(2);
  after.authorities.pop_back();
  EXPECT_FALSE(keys_changed(before, after));
  EXPECT_TRUE(keys_changed(after, before));
}

TEST_F(Trust, ExpiresByTimeAlone) {
  EXPECT_EQ(status_at(current, k_now), EntryStatus::in_force);
  EXPECT_EQ(status_at(current, current.entry.valid_to), EntryStatus::expired);
  current.status = EntryStatus::superseded;
  EXPECT_EQ(status_at(current, k_now), EntryStatus::superseded);
}

TEST_F(Trust, FindsTheAuthorityThatIsCompetent) {
  const std::vector<std::string> both = {"contact-point-24-7", "central-authority"};
  EXPECT_EQ((*authority_for(current, kgz.point, both, k_now))->code, "point");
  EXPECT_EQ((*authority_for(current, "justice", both, k_now))->certificate, kgz.authority);
  EXPECT_EQ(authority_for(current, kgz.point, {"central-authority"}, k_now).error().code,
            FaultCode::directory_role);
  EXPECT_EQ(authority_for(current, "porter", both, k_now).error().code, FaultCode::directory_role);
  EXPECT_EQ(authority_for(current, kgz.first_officer, both, k_now).error().code,
            FaultCode::directory_role);
}

TEST_F(Trust, RelicsOfTheTimeBeforeARevocationStayValid) {
  const auto stolen = at("2026-03-01T00:00:00Z");
  current.entry.revoked = {{kgz.authority.fingerprint(), stolen, "theft"}};
  EXPECT_TRUE(usable_at(current, kgz.authority, crypto::Usage::authority, stolen.plus_ms(-1)));
  EXPECT_EQ(usable_at(current, kgz.authority, crypto::Usage::authority, stolen).error().code,
            FaultCode::directory_revoked);
  EXPECT_TRUE(usable_at(current, kgz.point, crypto::Usage::authority, k_now));
  EXPECT_EQ(unrevoked_at(std::vector{kgz.accepted(4), current}, kgz.authority.fingerprint(), k_now)
                .error()
                .code,
            FaultCode::directory_revoked);
  EXPECT_TRUE(unrevoked_at(std::vector{kgz.accepted(4), current}, kgz.authority.fingerprint(),
                           stolen.plus_ms(-1)));
}

TEST_F(Trust, ShowsWhichRevocationsANewerEntryLifts) {
  const Revoked listed{kgz.authority.fingerprint(), at("2026-01-20T00:00:00Z"), "theft"};
  const Revoked told{kgz.point.fingerprint(), at("2026-02-20T00:00:00Z"), "loss"};
  current.entry.revoked = {listed};
  current.revoked_since = {told};
  auto after = kgz.entry(6);
  EXPECT_EQ(lifted_by(current, after), (std::vector{listed, told}));
  after.revoked = {listed, told};
  EXPECT_TRUE(lifted_by(current, after).empty());
  after.revoked[0].revoked_from = listed.revoked_from.plus_s(1);
  EXPECT_EQ(lifted_by(current, after), std::vector{listed});
  after.revoked = {listed};
  auto accepted = kgz.accepted(6);
  accepted.entry = after;
  EXPECT_TRUE(unrevoked_at(std::vector{current, accepted}, told.certificate, k_now));
  EXPECT_FALSE(unrevoked_at(std::vector{current, accepted}, listed.certificate, k_now));
}

TEST_F(Trust, UsesNothingOfARevokedOrExpiredEntry) {
  EXPECT_EQ(usable_at(current, kgz.authority, crypto::Usage::authority, current.entry.valid_to)
                .error()
                .code,
            FaultCode::directory_expired);
  current.status = EntryStatus::revoked;
  current.revoked_from = k_now;
  EXPECT_TRUE(usable_at(current, kgz.authority, crypto::Usage::authority, k_now.plus_ms(-1)));
  EXPECT_EQ(usable_at(current, kgz.authority, crypto::Usage::authority, k_now).error().code,
            FaultCode::directory_revoked);
  current.revoked_from.reset();
  EXPECT_FALSE(usable_at(current, kgz.authority, crypto::Usage::authority, k_now.plus_ms(-1)));
}

TEST_F(Trust, TakesNoCertificateForAnotherUseOrOfAnotherRoot) {
  EXPECT_EQ(usable_at(current, kgz.tls, crypto::Usage::authority, k_now).error().code,
            FaultCode::crypto_usage);
  EXPECT_FALSE(usable_at(current, renewed.authority, crypto::Usage::authority, k_now));
}

}  // namespace comity::directory
