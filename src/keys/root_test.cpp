#include "keys/root.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/certificate_request.hpp"
#include "keys/hardening.hpp"
#include "keys/keys_test.hpp"

namespace comity::keys {
namespace {

using namespace sample;

class Root : public NodeWithKeys {
 protected:
  directory::Entry entry() {
    return {.state = root.state(),
            .names = {{"en", "Kyrgyz Republic"}},
            .exercise = true,
            .serial = 1,
            .issued_at = k_now,
            .valid_from = k_now,
            .valid_to = k_now.plus_s(365 * k_day_s),
            .root = root.certificate(),
            .next_root = std::nullopt,
            .authorities =
                {{"authority", {{"en", "Exercise authority"}}, {"central-authority"}, authority}},
            .endpoint = {"kgz.example", 8443},
            .tls = {tls},
            .logs = {"kgz.example/", made.logs.partner, made.logs.internal, made.logs.anchor},
            .languages = {"en"},
            .second_contacts = {{"Duty officer", "+996 312 000000", "At any hour"}},
            .revoked = {},
            .published = {"un-cybercrime-2024", {"convention"}, "required", {}, {}, 90}};
  }
};

}  // namespace

TEST_F(Root, LiesInADirectoryOfItsOwnAndIsNeverOverwritten) {
  EXPECT_EQ(mode_of(folder / "root"), std::filesystem::perms::owner_all);
  EXPECT_EQ(mode_of(folder / "root/root.key"), k_owner_only);
  EXPECT_TRUE(StateRoot::is_in(folder / "root"));
  EXPECT_FALSE(StateRoot::is_in(folder / "elsewhere"));
  EXPECT_EQ(
      StateRoot::make(folder / "root", root.state(), "Again", k_validity, random).error().code,
      FaultCode::store_exists);
  const auto opened = StateRoot::open(folder / "root");
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->certificate(), root.certificate());
}

TEST_F(Root, IsRefusedWhenOthersMayReadItOrItIsNotWhole) {
  permit(folder / "root/root.key", std::filesystem::perms::others_read);
  EXPECT_EQ(StateRoot::open(folder / "root").error().code, FaultCode::store_permissions);
  std::filesystem::permissions(folder / "root/root.key", k_owner_only);
  std::filesystem::copy_file(keys / "authority.crt", folder / "root/root.crt",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(StateRoot::open(folder / "root").error().code, FaultCode::crypto_key);
  std::filesystem::copy_file(keys / "authority.key", folder / "root/root.key",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(StateRoot::open(folder / "root").error().code, FaultCode::crypto_usage);
  EXPECT_EQ(StateRoot::open(folder / "elsewhere").error().code, FaultCode::store_io);
}

TEST_F(Root, CertifiesEachForItsUseAlone) {
  const auto officer =
      root.issue_officer(crypto::P256Key::generate(random).public_spki(), "Head of unit",
                         {"approver", "executor"}, k_validity, random);
  ASSERT_TRUE(officer) << officer.error().detail;
  EXPECT_THAT(officer->subject().roles,
              testing::ElementsAre("officer:approver", "officer:executor"));
  EXPECT_THAT(authority.subject().roles, testing::ElementsAre("authority:central-authority"));
  EXPECT_THAT(tls.hosts(), testing::ElementsAre("127.0.0.1", "kgz.example"));
  for (const auto& [certificate, usage] :
       {std::pair(*officer, crypto::Usage::officer), std::pair(authority, crypto::Usage::authority),
        std::pair(tls, crypto::Usage::tls)})
    EXPECT_TRUE(crypto::verify_issued(certificate, root.certificate(), usage, k_now));
  EXPECT_FALSE(root.issue_authority(made.authority_spki, "No roles", {}, k_validity, random));
  EXPECT_FALSE(root.issue_tls(made.tls_spki, "No hosts", {}, k_validity, random));
}

TEST_F(Root, OutlivesWhatItCertifies) {
  const auto certificate = root.issue_authority(made.authority_spki, "Late", {"central-authority"},
                                                {k_now, at("2099-01-01T00:00:00Z")}, random);
  ASSERT_TRUE(certificate) << certificate.error().detail;
  EXPECT_EQ(certificate->not_after(), root.certificate().not_after());
}

TEST_F(Root, CertifiesAKeyThatLiesOnAnotherMachine) {
  const auto request =
      request_certificate(keys, CertifiedKey::authority, {root.state(), "Exercise authority", {}});
  ASSERT_TRUE(request) << request.error().detail;
  const auto asked = crypto::read_request(*request);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->spki, made.authority_spki);
  const auto renewed = root.issue_authority(asked->spki, asked->subject.common_name,
                                            {"central-authority"}, k_validity, random);
  ASSERT_TRUE(renewed);
  EXPECT_TRUE(install_certificate(keys, CertifiedKey::authority, *renewed));
}

TEST_F(Root, SignsEntriesAndRevocations) {
  const auto file = root.sign_entry(entry());
  ASSERT_TRUE(file) << file.error().detail;
  const auto opened = directory::open_entry(*file, k_now);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(*opened, entry());

  directory::Revocation revocation{.state = root.state(),
                                   .exercise = true,
                                   .serial = 1,
                                   .certificate = authority.fingerprint(),
                                   .revoked_from = k_now,
                                   .made_at = k_now,
                                   .reason = "the machine was stolen"};
  const auto word = root.sign_revocation(revocation);
  ASSERT_TRUE(word) << word.error().detail;
  const auto told = directory::open_revocation(
      *word, {.entry = entry(), .p7m = *file, .accepted_at = k_now}, k_now);
  ASSERT_TRUE(told) << told.error().detail;
  EXPECT_EQ(told->revocation, revocation);
  EXPECT_THAT(told->signers, testing::ElementsAre(root.certificate()));
  revocation.state = StateCode::from_text("BFA").value();
  EXPECT_EQ(root.sign_revocation(revocation).error().code, FaultCode::directory_entry);
}

TEST_F(Root, GivesTheNodeItsTlsKey) {
  const auto key = load_tls_key(keys);
  ASSERT_TRUE(key) << key.error().detail;
  EXPECT_EQ(key->certificate, tls);
  EXPECT_EQ(crypto::P256Key::from_pem(as_text(key->private_key_pem.view()))->public_spki(),
            made.tls_spki);
}

TEST(Hardening, LeavesNoCoreAndNoFileForOthers) {
  const Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    rlimit core{1, 1};
    const bool hardened = harden_process() && ::getrlimit(RLIMIT_CORE, &core) == 0 &&
                          core.rlim_cur == 0 && core.rlim_max == 0;
    std::ofstream(folder / "file") << "x";
    ::_exit(hardened && mode_of(folder / "file") == k_owner_only ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Hardening, LocksMemoryOnlyWhereThereIsNoLimit) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit little{4096, RLIM_INFINITY};
    // Whoever may not lift the limit sees the first half.
    const bool refused = ::setrlimit(RLIMIT_MEMLOCK, &little) != 0 || !lock_memory();
    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
    const bool locked = ::setrlimit(RLIMIT_MEMLOCK, &none) != 0 || lock_memory();
    ::_exit(refused && locked ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace comity::keys
