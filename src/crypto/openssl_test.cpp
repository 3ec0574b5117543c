// The same formats in a stranger's hands: what we make, the `openssl` program accepts; what it
// makes, we read when it is of our profile, and refuse when it is not.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/certificate_request.hpp"
#include "crypto/cms.hpp"
#include "crypto/exercise_test.hpp"

namespace comity::crypto {
namespace {

using exercise::State, exercise::subject;

/// A folder of its own for each test, with a State's files in it.
class OpenSsl : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "comity-crypto-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    write("root.pem", as_bytes(state_.root.pem()));
    write("authority.pem", as_bytes(state_.authority.pem()));
    write("key.pem", state_.key.to_pem().view());
    write("content", as_bytes(k_content));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, View bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << as_text(bytes);
  }
  Bytes read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return to_bytes(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  /// Whether `openssl ARGUMENTS`, run in the folder, ends well.
  bool openssl(const std::string& arguments) const {
    const std::string line =
        "cd '" + folder_.string() + "' && openssl " + arguments + " >output 2>&1";
    return std::system(line.c_str()) == 0;
  }
  std::string output() const { return std::string(as_text(read("output"))); }
  /// An envelope as `openssl cms -sign` makes it with these options.
  Bytes signed_by_openssl(const std::string& options) const {
    std::filesystem::remove(folder_ / "made.p7m");
    EXPECT_TRUE(
        openssl("cms -sign -binary -in content -signer authority.pem -inkey key.pem "
                "-outform DER -out made.p7m " +
                options))
        << output();
    return read("made.p7m");
  }

  static constexpr std::string_view k_content = "{\"act\":\"request\",\r\n\"exercise\":true}\n";
  const std::string k_attime = " -attime " + std::to_string(exercise::k_now.seconds()) + " ";
  State state_{"BFA"};
  std::filesystem::path folder_;
};

}  // namespace

TEST_F(OpenSsl, VerifiesOurEnvelopes) {
  const auto made = [&](CmsForm form) {
    return cms_sign(as_bytes(k_content), state_.key, state_.authority, exercise::k_now, form)
        .value();
  };
  write("act.p7m", made(CmsForm::encapsulated));
  EXPECT_TRUE(openssl(
      "cms -verify -cades -binary -inform DER -in act.p7m -CAfile root.pem -out got" + k_attime))
      << output();
  EXPECT_EQ(as_text(read("got")), k_content);
  write("act.p7s", made(CmsForm::detached));
  EXPECT_TRUE(
      openssl("cms -verify -cades -binary -inform DER -in act.p7s -content content "
              "-CAfile root.pem -out got" +
              k_attime))
      << output();
  write("content", as_bytes("something else"));
  EXPECT_FALSE(
      openssl("cms -verify -cades -binary -inform DER -in act.p7s -content content "
              "-CAfile root.pem -out got" +
              k_attime));
}

TEST_F(OpenSsl, VerifiesOurCertificates) {
  EXPECT_TRUE(openssl("verify -x509_strict -CAfile root.pem" + k_attime + "authority.pem"))
      << output();
  const auto tls = issue(state_.root_key, state_.root, state_.key.public_spki(),
                         subject("BFA", "Узел / nœud"), Usage::tls, exercise::k_from,
                         exercise::k_to, state_.random, {"bfa.example", "127.0.0.1", "::1"})
                       .value();
  write("tls.pem", as_bytes(tls.pem()));
  for (const char* purpose : {"sslserver", "sslclient"})
    for (const char* host :
         {"-verify_hostname bfa.example", "-verify_ip 127.0.0.1", "-verify_ip ::1"})
      EXPECT_TRUE(openssl(std::string("verify -x509_strict -purpose ") + purpose + " " + host +
                          " -CAfile root.pem" + k_attime + "tls.pem"))
          << output();
  EXPECT_FALSE(openssl("verify -purpose smimesign -CAfile root.pem" + k_attime + "tls.pem"));
  const auto officer = issue(state_.root_key, state_.root, state_.key.public_spki(),
                             subject("BFA", "Officer 7", {"officer:drafter", "officer:approver"}),
                             Usage::officer, exercise::k_from, exercise::k_to, state_.random)
                           .value();
  write("officer.pem", as_bytes(officer.pem()));
  EXPECT_TRUE(openssl("verify -x509_strict -purpose smimesign -CAfile root.pem" + k_attime +
                      "officer.pem"));
  ASSERT_TRUE(openssl("x509 -in officer.pem -noout -subject -nameopt RFC2253"));
  EXPECT_EQ(output(), "subject=OU=officer:approver,OU=officer:drafter,CN=Officer 7,O=BFA\n");
}

TEST_F(OpenSsl, ReadsOurKeysAndRequestsAndWeReadIts) {
  EXPECT_TRUE(openssl("pkey -check -noout -in key.pem")) << output();
  const auto who = subject("BFA", "Officer 7", {"officer:drafter"});
  write("request.pem", as_bytes(make_request(state_.key, who).value()));
  EXPECT_TRUE(openssl("req -verify -noout -in request.pem")) << output();

  ASSERT_TRUE(openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out theirs.pem"));
  const auto theirs = P256Key::from_pem(as_text(read("theirs.pem")));
  ASSERT_TRUE(theirs) << theirs.error().detail;
  ASSERT_TRUE(openssl("pkey -in theirs.pem -pubout -out public.pem"));
  EXPECT_EQ(P256Public::from_pem(as_text(read("public.pem"))).value(), theirs->public_key());
  ASSERT_TRUE(
      openssl("req -new -key theirs.pem -utf8 -subj '/O=BFA/CN=Officer 7/OU=officer:drafter' "
              "-out theirs-request.pem"))
      << output();
  const auto request = read_request(as_text(read("theirs-request.pem")));
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(request->subject, who);
  EXPECT_EQ(request->spki, theirs->public_spki());

  ASSERT_TRUE(openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out other.pem"));
  EXPECT_FALSE(P256Key::from_pem(as_text(read("other.pem")))) << "another curve";
  ASSERT_TRUE(openssl("genpkey -algorithm ED25519 -out other.pem"));
  EXPECT_FALSE(P256Key::from_pem(as_text(read("other.pem")))) << "another algorithm";
  ASSERT_TRUE(openssl("pkcs8 -topk8 -in theirs.pem -passout pass:x -out other.pem"));
  EXPECT_FALSE(P256Key::from_pem(as_text(read("other.pem")))) << "under a passphrase";
}

TEST_F(OpenSsl, MakesRootsThatWeRead) {
  const auto made = [&](const std::string& extensions) {
    write("profile.conf", as_bytes("[req]\ndistinguished_name = name\n[name]\n[root]\n"
                                   "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n" +
                                   extensions));
    EXPECT_TRUE(
        openssl("req -x509 -config profile.conf -extensions root -key key.pem -sha256 -utf8 "
                "-days 3650 -subj '/O=BFA/CN=Racine souveraine' -out made.pem"))
        << output();
    return Certificate::from_pem(as_text(read("made.pem")));
  };
  const auto root = made(
      "basicConstraints = critical,CA:TRUE,pathlen:0\nkeyUsage = critical,keyCertSign,cRLSign\n");
  ASSERT_TRUE(root) << root.error().detail;
  EXPECT_EQ(root->subject(), subject("BFA", "Racine souveraine"));
  EXPECT_TRUE(verify_root(*root, root->not_before()));
  EXPECT_FALSE(
      made("basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n"))
      << "no path length";
  EXPECT_FALSE(made("basicConstraints = critical,CA:TRUE,pathlen:0\n")) << "no key usage";
  EXPECT_FALSE(
      made("basicConstraints = critical,CA:TRUE,pathlen:0\n"
           "keyUsage = critical,keyCertSign,digitalSignature\n"))
      << "a root that signs documents";
}

TEST_F(OpenSsl, MakesEnvelopesThatWeOpen) {
  const Bytes whole = signed_by_openssl("-cades -md sha256 -nodetach -nosmimecap");
  const auto opened = cms_open(whole);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(as_text(opened->content), k_content);
  EXPECT_EQ(opened->signer, state_.authority);
  const Bytes apart = signed_by_openssl("-cades -md sha256 -nosmimecap");
  EXPECT_TRUE(cms_open_detached(apart, as_bytes(k_content)));
  EXPECT_FALSE(cms_open_detached(apart, as_bytes("something else")));
}

TEST_F(OpenSsl, MakesEnvelopesThatWeRefuse) {
  exercise::Seeded random("second");
  const auto second_key = P256Key::generate(random);
  const auto second = issue(state_.root_key, state_.root, second_key.public_spki(),
                            subject("BFA", "Second", {"authority:court"}), Usage::authority,
                            exercise::k_from, exercise::k_to, random)
                          .value();
  write("second.pem", as_bytes(second.pem()));
  write("second-key.pem", second_key.to_pem().view());
  // The reason for the refusal, so that a test does not pass for another one.
  const auto reason = [&](const std::string& options) {
    const auto opened = cms_open(signed_by_openssl(options));
    return opened ? "accepted" : opened.error().detail;
  };
  const std::string good = "-cades -md sha256 -nodetach -nosmimecap ";
  EXPECT_EQ(reason(good), "accepted");
  // A rule, not an accident: smimeCapabilities say nothing about an act, so they are not let in.
  EXPECT_EQ(reason("-cades -md sha256 -nodetach"),
            "a signed attribute outside the profile, or one twice");
  EXPECT_EQ(reason("-md sha256 -nodetach -nosmimecap"), "a signed attribute is missing");
  EXPECT_EQ(reason(good + "-stream"), "an indefinite length");
  EXPECT_EQ(reason(good + "-certfile root.pem"), "more than one certificate");
  EXPECT_EQ(reason(good + "-signer second.pem -inkey second-key.pem"), "more than one certificate");
  EXPECT_EQ(reason(good + "-nocerts"), "no certificate");
  EXPECT_EQ(reason("-md sha256 -nodetach -noattr"), "no signed attributes");
  EXPECT_EQ(reason(good + "-keyid"), "not SignedData of version 1");
  EXPECT_EQ(reason("-cades -md sha512 -nodetach -nosmimecap"), "a digest other than SHA-256");
  EXPECT_EQ(reason(good + "-econtent_type pkcs7-envelopedData"), "not SignedData of version 1");
  EXPECT_EQ(reason("-cades -md sha256 -nosmimecap"), "it carries no content");
  EXPECT_EQ(reason(good + "-receipt_request_all -receipt_request_to x@bfa.example"),
            "a signed attribute outside the profile, or one twice");

  ASSERT_TRUE(openssl("cms -data_create -in content -outform DER -out made.p7m"));
  EXPECT_EQ(cms_open(read("made.p7m")).error().detail, "not SignedData");
}

}  // namespace comity::crypto
