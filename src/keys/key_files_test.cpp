#include "keys/key_files.hpp"

#include <cstdlib>

#include "crypto/cms.hpp"
#include "formats/age_keys.hpp"
#include "formats/checkpoint.hpp"
#include "keys/key_pem.hpp"
#include "keys/keys_test.hpp"
#include "keys/memory_keys.hpp"
#include "keys/secret_file.hpp"

namespace comity::keys {
namespace {

using namespace sample;

class KeyFilesOfANode : public NodeWithKeys {
 protected:
  std::unique_ptr<FileEvidenceKeys> evidence() {
    return FileEvidenceKeys::open(keys, random).value();
  }
  Path identity_of(const std::string& name) { return keys / "evidence" / (name + ".age-identity"); }
};

std::string checkpoint_text(std::string origin) {
  return to_text(formats::Checkpoint{std::move(origin), 0, crypto::sha256(View()), {}});
}

int run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str());
}

}  // namespace

TEST_F(KeyFilesOfANode, AreForTheirOwnerAlone) {
  int secrets = 0;
  for (const auto& entry : std::filesystem::directory_iterator(keys)) {
    if (entry.is_directory()) continue;
    EXPECT_EQ(mode_of(entry.path()), k_owner_only) << entry.path();
    secrets += entry.path().extension() == ".key" ? 1 : 0;
  }
  EXPECT_EQ(secrets, 5);
  EXPECT_EQ(mode_of(keys), std::filesystem::perms::owner_all);
  EXPECT_EQ(make_node_keys(keys, random).error().code, FaultCode::store_exists);
  const auto again = read_node_keys(keys);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->authority_spki, made.authority_spki);
  EXPECT_EQ(again->tls_spki, made.tls_spki);
  EXPECT_EQ(again->logs, made.logs);
}

TEST_F(KeyFilesOfANode, SignAsTheAuthority) {
  const auto signer = FileAuthoritySigner::load(keys);
  ASSERT_TRUE(signer) << signer.error().detail;
  EXPECT_EQ((*signer)->certificate(), authority);
  const auto p7m = (*signer)->sign(as_bytes("{}"), k_now);
  ASSERT_TRUE(p7m);
  CmsOpener opener;
  const auto opened = opener.open(*p7m);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->content, to_bytes("{}"));
  EXPECT_EQ(opened->signer, authority);
  EXPECT_TRUE(
      opener.verify_issued(opened->signer, root.certificate(), crypto::Usage::authority, k_now));
  EXPECT_FALSE(
      opener.verify_issued(opened->signer, root.certificate(), crypto::Usage::officer, k_now));
  auto broken = *p7m;
  broken.back() ^= 1;
  EXPECT_FALSE(opener.open(broken));
}

TEST_F(KeyFilesOfANode, RefuseAKeyThatOthersMayRead) {
  for (const auto* name : {"authority.key", "tls.key", "log-partner.key", "log-anchor.key"}) {
    permit(keys / name, std::filesystem::perms::others_read);
    EXPECT_EQ(read_node_keys(keys).error().code, FaultCode::store_permissions) << name;
    std::filesystem::permissions(keys / name, k_owner_only);
  }
  permit(keys / "authority.key", std::filesystem::perms::group_read);
  EXPECT_EQ(FileAuthoritySigner::load(keys).error().code, FaultCode::store_permissions);
  permit(keys / "tls.key", std::filesystem::perms::group_read);
  EXPECT_EQ(load_tls_key(keys).error().code, FaultCode::store_permissions);
  permit(keys / "log-internal.key", std::filesystem::perms::group_read);
  EXPECT_EQ(FileLogSigner::load(keys).error().code, FaultCode::store_permissions);
}

TEST_F(KeyFilesOfANode, RefuseWhatIsNoKeyOrNotThePair) {
  const auto other = root.issue_authority(crypto::P256Key::generate(random).public_spki(), "Other",
                                          {"central-authority"}, k_validity, random);
  EXPECT_EQ(install_certificate(keys, CertifiedKey::authority, *other).error().code,
            FaultCode::crypto_key);
  const auto wrong_use =
      root.issue_officer(made.authority_spki, "Officer", {"approver"}, k_validity, random);
  EXPECT_EQ(install_certificate(keys, CertifiedKey::authority, *wrong_use).error().code,
            FaultCode::crypto_usage);
  EXPECT_TRUE(FileAuthoritySigner::load(keys)) << "the one in place still is";

  std::filesystem::copy_file(keys / "tls.key", keys / "authority.key",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(FileAuthoritySigner::load(keys).error().code, FaultCode::crypto_key);
  std::ofstream(keys / "authority.key") << "-----BEGIN PRIVATE KEY-----\n";
  EXPECT_EQ(FileAuthoritySigner::load(keys).error().code, FaultCode::format_pem);
  std::ofstream(keys / "authority.key") << std::string(k_secret_bytes_max + 1, 'x');
  EXPECT_EQ(FileAuthoritySigner::load(keys).error().code, FaultCode::limit_size);
  std::filesystem::remove(keys / "authority.key");
  EXPECT_EQ(FileAuthoritySigner::load(keys).error().code, FaultCode::store_io);
  std::filesystem::create_symlink(keys / "tls.key", keys / "authority.key");
  EXPECT_EQ(FileAuthoritySigner::load(keys).error().code, FaultCode::store_permissions);
  std::filesystem::copy_file(keys / "tls.key", keys / "log-anchor.key",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(FileLogSigner::load(keys).error().code, FaultCode::crypto_key);
}

TEST_F(KeyFilesOfANode, AreReadByOpenssl) {
  if (run("openssl version") != 0) GTEST_SKIP() << "no openssl here";
  EXPECT_EQ(run("openssl pkey -noout -in " + (keys / "authority.key").string()), 0);
  EXPECT_EQ(run("openssl pkey -noout -in " + (keys / "log-partner.key").string()), 0);
  const auto public_key = folder / "public.der";
  ASSERT_EQ(run("openssl pkey -in " + (keys / "log-partner.key").string() +
                " -pubout -outform DER -out " + public_key.string()),
            0);
  std::ifstream file(public_key, std::ios::binary);
  const std::string der((std::istreambuf_iterator<char>(file)), {});
  ASSERT_GE(der.size(), 32U);
  EXPECT_EQ(der.substr(der.size() - 32), as_text(made.logs.partner.view()));
}

TEST_F(KeyFilesOfANode, SignCheckpointsAndNothingElse) {
  const auto signer = FileLogSigner::load(keys).value();
  const std::vector<std::pair<std::string, crypto::Ed25519Public>> logs{
      {"partner/BFA", made.logs.partner},
      {"internal", made.logs.internal},
      {"anchor", made.logs.anchor}};
  for (const auto& [log, key] : logs) {
    const std::string origin = "kgz.example/" + log;
    const auto note = signer->sign_checkpoint(log, origin, checkpoint_text(origin));
    ASSERT_TRUE(note) << note.error().detail;
    const auto verifier = formats::parse_vkey(signer->verifier_key(log, origin));
    ASSERT_TRUE(verifier);
    EXPECT_EQ(verifier->key, key);
    EXPECT_TRUE(formats::open_checkpoint(as_bytes(*note), {&*verifier, 1}));
    EXPECT_FALSE(signer->sign_checkpoint(log, origin, checkpoint_text("other.example/log")));
    EXPECT_FALSE(signer->sign_checkpoint(log, origin, origin + "\nwe owe nothing\n"));
  }
  for (const auto* none : {"", "partner", "partner/", "partner/bfa", "internal/x", "root"})
    EXPECT_EQ(signer->sign_checkpoint(none, "o", checkpoint_text("o")).error().code,
              FaultCode::crypto_key)
        << none;
  EXPECT_EQ(signer->published("kgz.example/").origin_prefix, "kgz.example/");
}

TEST_F(KeyFilesOfANode, GiveOneFreshRecipientForEachName) {
  auto files = evidence();
  MemoryEvidenceKeys memory(random);
  for (node::EvidenceKeys* held :
       {static_cast<node::EvidenceKeys*>(files.get()), static_cast<node::EvidenceKeys*>(&memory)}) {
    EXPECT_EQ(*held->recipient("request-1"), std::nullopt);
    EXPECT_EQ(held->identity("request-1").error().code, FaultCode::evidence_destroyed);
    const auto recipient = held->make("request-1");
    ASSERT_TRUE(recipient) << recipient.error().detail;
    EXPECT_EQ(*held->make("request-1"), *recipient);
    EXPECT_NE(*held->make("item-1"), *recipient);
    EXPECT_EQ(**held->recipient("request-1"), *recipient);
    EXPECT_EQ(*held->names(), (std::vector<std::string>{"item-1", "request-1"}));
    const auto identity = held->identity("request-1");
    ASSERT_TRUE(identity);
    EXPECT_EQ(formats::AgeIdentity::from_text(as_text(identity->view()))->recipient().text(),
              *recipient);
    ASSERT_TRUE(held->destroy("request-1"));
    ASSERT_TRUE(held->destroy("request-1"));
    EXPECT_EQ(*held->recipient("request-1"), std::nullopt);
    EXPECT_EQ(held->identity("request-1").error().code, FaultCode::evidence_destroyed);
    EXPECT_TRUE(held->identity("item-1"));
    EXPECT_NE(*held->make("request-1"), *recipient);
  }
}

TEST_F(KeyFilesOfANode, KeepEvidenceKeysOverARestartAndFromOthers) {
  const auto recipient = evidence()->make("item-1").value();
  EXPECT_EQ(mode_of(identity_of("item-1")), k_owner_only);
  EXPECT_EQ(mode_of(keys / "evidence"), std::filesystem::perms::owner_all);
  EXPECT_EQ(**evidence()->recipient("item-1"), recipient);
  permit(identity_of("item-1"), std::filesystem::perms::group_read);
  EXPECT_EQ(evidence()->identity("item-1").error().code, FaultCode::store_permissions);
  EXPECT_EQ(evidence()->make("item-1").error().code, FaultCode::store_permissions);
  permit(keys / "evidence", std::filesystem::perms::others_exec);
  EXPECT_EQ(FileEvidenceKeys::open(keys, random).error().code, FaultCode::store_permissions);
}

TEST_F(KeyFilesOfANode, OverwriteWhatTheyDestroy) {
  ASSERT_TRUE(evidence()->make("item-1"));
  // A second name for the same file lets us look at its bytes after it is gone.
  std::filesystem::create_hard_link(identity_of("item-1"), folder / "held");
  ASSERT_TRUE(evidence()->destroy("item-1"));
  std::ifstream file(folder / "held", std::ios::binary);
  const std::string left((std::istreambuf_iterator<char>(file)), {});
  EXPECT_FALSE(left.empty());
  EXPECT_EQ(left.find("AGE-SECRET-KEY"), std::string::npos);
}

TEST_F(KeyFilesOfANode, TakeNoNameThatLeadsElsewhere) {
  auto held = evidence();
  EXPECT_TRUE(held->make(std::string(96, 'a')));
  for (const auto& name :
       {std::string(), std::string(97, 'a'), std::string("../authority"), std::string("a/b"),
        std::string("."), std::string("A"), std::string("a.b"), std::string("a\0b", 3)}) {
    EXPECT_EQ(held->make(name).error().code, FaultCode::format_field) << name;
    EXPECT_EQ(held->recipient(name).error().code, FaultCode::format_field) << name;
    EXPECT_EQ(held->identity(name).error().code, FaultCode::format_field) << name;
    EXPECT_EQ(held->destroy(name).error().code, FaultCode::format_field) << name;
  }
}

TEST_F(KeyFilesOfANode, ClearAwayAHalfMadeEvidenceKeyAndRefuseADamagedOne) {
  ASSERT_TRUE(evidence()->make("item-1"));
  std::ofstream(keys / "evidence/.new-item-2.age-identity") << "AGE-SECRET-KEY-1HALF";
  auto held = evidence();
  EXPECT_FALSE(std::filesystem::exists(keys / "evidence/.new-item-2.age-identity"));
  EXPECT_TRUE(held->identity("item-1"));
  for (const auto* text : {"", "# nothing\n", "AGE-SECRET-KEY-1QQQQ\n"}) {
    std::ofstream(identity_of("item-1")) << text;
    EXPECT_FALSE(held->identity("item-1")) << text;
    EXPECT_FALSE(held->make("item-1")) << "a damaged key is never replaced";
  }
}

TEST_F(KeyFilesOfANode, KeepAKeyThatABrokenAttemptLeftUnderTwoNames) {
  const auto half = keys / "evidence/.new-item-1.age-identity";
  const auto recipient = evidence()->make("item-1").value();
  std::filesystem::create_hard_link(identity_of("item-1"), half);
  auto held = evidence();
  EXPECT_FALSE(std::filesystem::exists(half));
  EXPECT_TRUE(held->identity("item-1"));
  EXPECT_EQ(held->recipient("item-1").value(), recipient);

  // Nor is the one written into when the other is made again.
  std::filesystem::create_hard_link(identity_of("item-1"), half);
  EXPECT_EQ(create_secret(identity_of("item-1"), as_bytes("another")).error().code,
            FaultCode::store_exists);
  EXPECT_EQ(held->recipient("item-1").value(), recipient);
  // What is destroyed is gone under both.
  std::filesystem::create_hard_link(identity_of("item-1"), half);
  EXPECT_TRUE(held->destroy("item-1"));
  std::ifstream left(half);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(left), {}).find("AGE-SECRET"),
            std::string::npos);
}

TEST_F(KeyFilesOfANode, AreReadByAge) {
  if (run("age --version") != 0) GTEST_SKIP() << "no age here";
  const auto recipient = evidence()->make("item-1").value();
  const auto sealed = (folder / "sealed.age").string();
  ASSERT_EQ(run("echo bytes | age -r " + recipient + " -o " + sealed), 0);
  EXPECT_EQ(run("age -d -i " + identity_of("item-1").string() + " " + sealed + " | grep -q bytes"),
            0);
}

TEST(MemoryKeys, ReplayFromOneSeed) {
  const auto play = [] {
    Seeded random("seed");
    MemoryLogSigner logs(random);
    MemoryEvidenceKeys evidence(random);
    auto key = crypto::P256Key::generate(random);
    const auto state = StateCode::from_text("BFA").value();
    auto root = crypto::issue_root(key, {state, "Root", {}}, k_validity.from, k_validity.to, random)
                    .value();
    auto own = crypto::P256Key::generate(random);
    auto certificate =
        crypto::issue(key, root, own.public_spki(),
                      {state, "Authority", {"authority:central-authority"}},
                      crypto::Usage::authority, k_validity.from, k_validity.to, random)
            .value();
    MemoryAuthoritySigner signer(std::move(own), std::move(certificate));
    return hex(signer.sign(as_bytes("{}"), k_now).value()) + *evidence.make("item-1") +
           logs.sign_checkpoint("internal", "o", checkpoint_text("o")).value() +
           logs.verifier_key("anchor", "o");
  };
  EXPECT_EQ(play(), play());
}

}  // namespace comity::keys
