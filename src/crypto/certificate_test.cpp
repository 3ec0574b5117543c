#include "crypto/certificate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/certificate_request.hpp"
#include "crypto/der.hpp"
#include "crypto/exercise_test.hpp"
#include "crypto/identifiers.hpp"
#include "crypto/pem.hpp"

namespace comity::crypto {
namespace {

using exercise::at, exercise::k_from, exercise::k_now, exercise::k_to, exercise::State,
    exercise::subject;

State& kgz() {
  static State state("KGZ");
  return state;
}
State& bfa() {
  static State state("BFA");
  return state;
}

FaultCode code_of(const auto& result) {
  return result ? FaultCode{} : result.error().code;
}

/// A certificate of this body under the signature of a State's root.
Result<Certificate> signed_by(const State& state, View body) {
  return Certificate::from_der(der::wrap(
      der::k_sequence, {body, identifiers::k_ecdsa_sha256, der::bits(state.root_key.sign(body))}));
}
/// The last occurrence of `from` in the body replaced by `to`, of the same size, and signed anew:
/// what a faulty or hostile issuer could make.
Result<Certificate> reissued(const State& state, const Certificate& certificate, View from,
                             View to) {
  Bytes body = certificate.fields().signed_bytes;
  const auto found = std::find_end(body.begin(), body.end(), from.begin(), from.end());
  EXPECT_NE(found, body.end());
  std::copy(to.begin(), to.end(), found);
  return signed_by(state, body);
}
Bytes un(std::string_view text) {
  return from_hex(text).value();
}

}  // namespace

TEST(Certificate, TellsWhatItWasIssuedWith) {
  const auto& certificate = kgz().authority;
  EXPECT_EQ(certificate.subject(),
            subject("KGZ", "Exercise authority", {"authority:central-authority"}));
  EXPECT_EQ(certificate.issuer(), subject("KGZ", "Exercise root"));
  EXPECT_EQ(certificate.serial().size(), 32U);
  EXPECT_EQ(certificate.not_before(), k_from);
  EXPECT_EQ(certificate.not_after(), k_to);
  EXPECT_EQ(certificate.usage(), Usage::authority);
  EXPECT_EQ(certificate.public_spki(), kgz().key.public_spki());
  EXPECT_EQ(certificate.fingerprint(), sha256(certificate.der()));
  EXPECT_EQ(Certificate::from_pem(certificate.pem()).value(), certificate);
  EXPECT_EQ(kgz().root.usage(), Usage::root);
}

TEST(Certificate, LeadsToTheRootOfItsOwnStateOnly) {
  EXPECT_TRUE(verify_root(kgz().root, k_now));
  EXPECT_TRUE(verify_issued(kgz().authority, kgz().root, Usage::authority, k_now));
  EXPECT_EQ(code_of(verify_issued(kgz().authority, bfa().root, Usage::authority, k_now)),
            FaultCode::crypto_chain);
  EXPECT_EQ(code_of(verify_issued(kgz().authority, kgz().root, Usage::officer, k_now)),
            FaultCode::crypto_usage);
  EXPECT_EQ(code_of(verify_issued(kgz().root, kgz().root, Usage::root, k_now)),
            FaultCode::crypto_usage);
  EXPECT_EQ(code_of(verify_issued(kgz().authority, kgz().authority, Usage::authority, k_now)),
            FaultCode::crypto_usage);
  EXPECT_EQ(code_of(verify_root(kgz().authority, k_now)), FaultCode::crypto_usage);
}

TEST(Certificate, OfAForgedRootWithTheSameNameIsRefused) {
  exercise::Seeded random("forger");
  const auto key = P256Key::generate(random);
  const auto root = issue_root(key, kgz().root.subject(), k_from, k_to, random).value();
  const auto forged = issue(key, root, kgz().key.public_spki(), kgz().authority.subject(),
                            Usage::authority, k_from, k_to, random)
                          .value();
  EXPECT_EQ(code_of(verify_issued(forged, kgz().root, Usage::authority, k_now)),
            FaultCode::crypto_chain);
  // Even when it bears the key identifier of the true root.
  const auto borrowed = signed_by(bfa(), kgz().authority.fields().signed_bytes);
  ASSERT_TRUE(borrowed);
  EXPECT_EQ(code_of(verify_issued(*borrowed, kgz().root, Usage::authority, k_now)),
            FaultCode::crypto_chain);
}

TEST(Certificate, IsValidFromItsFirstToItsLastSecond) {
  const auto verify = [](Instant when) {
    return code_of(verify_issued(kgz().authority, kgz().root, Usage::authority, when));
  };
  EXPECT_EQ(verify(k_from), FaultCode{});
  EXPECT_EQ(verify(k_from.plus_ms(-1)), FaultCode::crypto_validity);
  EXPECT_EQ(verify(k_to.plus_ms(999)), FaultCode{});
  EXPECT_EQ(verify(k_to.plus_s(1)), FaultCode::crypto_validity);
  EXPECT_EQ(code_of(verify_root(kgz().root, k_to.plus_s(1))), FaultCode::crypto_validity);
}

TEST(Certificate, KindsAreToldApartByRolesAndExtensions) {
  auto& state = kgz();
  const auto issued = [&](std::vector<std::string> roles, Usage usage,
                          const std::vector<std::string>& hosts = {}) {
    return issue(state.root_key, state.root, state.key.public_spki(),
                 subject("KGZ", "Someone", std::move(roles)), usage, k_from, k_to, state.random,
                 hosts);
  };
  EXPECT_EQ(issued({"officer:drafter", "officer:approver"}, Usage::officer)->usage(),
            Usage::officer);
  EXPECT_EQ(issued({"authority:contact-point-24-7"}, Usage::authority)->usage(), Usage::authority);
  const auto tls = issued({}, Usage::tls, {"kgz.example", "127.0.0.1", "::1"}).value();
  EXPECT_EQ(tls.usage(), Usage::tls);
  EXPECT_EQ(tls.hosts(), (std::vector<std::string>{"kgz.example", "127.0.0.1", "::1"}));
  EXPECT_TRUE(verify_issued(tls, state.root, Usage::tls, k_now));
  EXPECT_EQ(code_of(verify_issued(tls, state.root, Usage::authority, k_now)),
            FaultCode::crypto_usage);

  for (const auto& refused :
       {issued({"officer:drafter"}, Usage::authority), issued({"authority:x"}, Usage::officer),
        issued({"officer:drafter", "authority:x"}, Usage::officer), issued({}, Usage::officer),
        issued({"officer:drafter"}, Usage::tls, {"a.example"}), issued({}, Usage::tls),
        issued({"officer:drafter"}, Usage::officer, {"a.example"}),
        issued({}, Usage::tls, {"*.example"}), issued({}, Usage::tls, {"A.example"}),
        issued({}, Usage::tls, {"999.1.1.1"}), issued({}, Usage::tls, {"-a.example"}),
        issued({}, Usage::tls, {"a..example"}), issued({}, Usage::tls, {""}),
        issued({}, Usage::tls, std::vector<std::string>(k_hosts_max + 1, "a.example"))})
    EXPECT_EQ(code_of(refused), FaultCode::format_field);
  EXPECT_TRUE(issued({}, Usage::tls, std::vector<std::string>(k_hosts_max, "a.example")));
}

TEST(Certificate, IsNotIssuedAcrossStatesBeyondTheRootOrByAnotherKey) {
  auto& state = kgz();
  const auto issued = [&](const P256Key& key, std::string_view code, Instant from, Instant to) {
    return code_of(issue(key, state.root, state.key.public_spki(),
                         subject(code, "Someone", {"officer:auditor"}), Usage::officer, from, to,
                         state.random));
  };
  EXPECT_EQ(issued(state.root_key, "KGZ", k_from, k_to), FaultCode{});
  EXPECT_EQ(issued(state.root_key, "BFA", k_from, k_to), FaultCode::format_field);
  EXPECT_EQ(issued(state.root_key, "KGZ", k_from.plus_s(-1), k_to), FaultCode::format_field);
  EXPECT_EQ(issued(state.root_key, "KGZ", k_from, k_to.plus_s(1)), FaultCode::format_field);
  EXPECT_EQ(issued(state.root_key, "KGZ", k_now, k_from), FaultCode::format_field);
  EXPECT_EQ(issued(state.key, "KGZ", k_from, k_to), FaultCode::crypto_key);
  EXPECT_TRUE(issue_root(state.root_key, subject("KGZ", "Long"), k_from, at("9999-12-31T23:59:59Z"),
                         state.random));
  EXPECT_FALSE(issue_root(state.root_key, subject("KGZ", "Long"), k_from,
                          at("9999-12-31T23:59:59Z").plus_s(1), state.random));
}

TEST(Certificate, NamesOnlyPeopleCanRead) {
  const auto good = [](std::string name) {
    return check_subject(subject("KGZ", std::move(name))).has_value();
  };
  EXPECT_TRUE(good("Бишкек шаарынын прокуратурасы"));
  EXPECT_TRUE(good("النيابة العامة"));
  EXPECT_TRUE(good("دادستانی\u200cها"));
  EXPECT_TRUE(good("ສູນປະສານງານ"));
  EXPECT_TRUE(good(std::string(k_name_characters_max, 'x')));
  std::string widest;
  for (std::size_t i = 0; i < k_name_characters_max; ++i) widest += "ж";
  EXPECT_TRUE(good(widest));
  EXPECT_FALSE(good(widest + "ж"));
  for (const char* bad :
       {"", " x", "x ", "a\nb", "a\x7f",
        "a\u0085"
        "b",
        "a\u202e"
        "b",
        "a\u2066"
        "b",
        "a\u200f"
        "b",
        "a\u200b"
        "b",
        "a\u00a0"
        "b",
        "\ufeff"
        "a",
        "a\ufffe", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff", "\x80"})
    EXPECT_FALSE(good(bad)) << hex(as_bytes(bad));
  EXPECT_FALSE(good(std::string("a\0b", 3)));

  const auto role = [](std::vector<std::string> roles) {
    return check_subject(subject("KGZ", "x", std::move(roles))).has_value();
  };
  EXPECT_TRUE(role({"authority:contact-point-24-7"}));
  for (const char* bad : {"", ":", "a:", ":b", "a:b:c", "A:b", "a b:c", "a", "a:b\n"})
    EXPECT_FALSE(role({bad})) << bad;
  EXPECT_FALSE(role({"a:b", "a:b"}));
  std::vector<std::string> many;
  for (std::size_t i = 0; i < k_roles_max; ++i) many.push_back("a:" + std::to_string(i));
  EXPECT_TRUE(role(many));
  many.push_back("a:z");
  EXPECT_FALSE(role(many));
}

TEST(Certificate, IsRefusedWhenItStraysFromTheProfile) {
  auto& state = kgz();
  const auto& good = state.authority;
  const auto with = [&](std::string_view from, std::string_view to) {
    return code_of(reissued(state, good, un(from), un(to)));
  };
  const auto refused = FaultCode::format_certificate;
  EXPECT_EQ(with("0603551d13", "0603551d13"), FaultCode{}) << "the way of changing works";
  EXPECT_EQ(with("0603551d13", "0603551d24"), refused) << "an unknown critical extension";
  EXPECT_EQ(with("0603551d0e", "0603551d0f"), refused) << "an extension twice";
  EXPECT_EQ(with("0101ff0404030206c0", "0101000404030206c0"), refused) << "DEFAULT FALSE written";
  EXPECT_EQ(with("030206c0", "03020106"), refused) << "no CA, but may sign certificates";
  EXPECT_EQ(with("030206c0", "030206e0"), refused) << "may encipher keys";
  EXPECT_EQ(with("0603551d0e", "0603551d12"), refused) << "no subject key id";
  EXPECT_EQ(with("0603551d23", "0603551d12"), refused) << "no authority key id";
  EXPECT_EQ(with("a003020102", "a003020101"), refused) << "version 2";
  EXPECT_EQ(with("0603550403", "0603550406"), refused) << "another attribute in the name";
  EXPECT_EQ(with(hex(as_bytes("authority:")), hex(as_bytes("officer-x:"))), refused) << "no role";
  EXPECT_EQ(with(hex(as_bytes("Exercise authority")), hex(as_bytes("Exercise\tauthority"))),
            refused);
  EXPECT_EQ(with("0c034b475a", "16034b475a"), refused) << "another kind of string";
  EXPECT_EQ(with("0c034b475a", "0c034b477a"), refused) << "no State";
  EXPECT_EQ(with("06082a8648ce3d030107", "06082a8648ce3d030108"), refused) << "another curve";
  EXPECT_EQ(with(hex(as_bytes("260101000000Z")), hex(as_bytes("460101000000Z"))), refused)
      << "ends before it begins";
  EXPECT_EQ(with("0c034b475a", "13034b475a"), FaultCode{}) << "PrintableString is as good";
}

TEST(Certificate, OfAnotherStateUnderThisRootIsRefused) {
  auto& state = kgz();
  const auto stranger = reissued(state, state.authority, un("0c034b475a"), un("0c03424641"));
  ASSERT_TRUE(stranger);
  EXPECT_EQ(code_of(verify_issued(*stranger, state.root, Usage::authority, k_now)),
            FaultCode::crypto_chain);
}

TEST(Certificate, WithOneBitFlippedIsNeverAccepted) {
  const Bytes good = kgz().authority.der();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes changed = good;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto read = Certificate::from_der(changed);
    ASSERT_FALSE(read && verify_issued(*read, kgz().root, Usage::authority, k_now)) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    ASSERT_FALSE(Certificate::from_der(View(good).first(size)));
  Bytes trailing = good;
  trailing.push_back(0);
  EXPECT_EQ(code_of(Certificate::from_der(trailing)), FaultCode::format_certificate);
  EXPECT_EQ(code_of(Certificate::from_der(Bytes(k_certificate_bytes_max, 0x30))),
            FaultCode::format_certificate);
  EXPECT_EQ(code_of(Certificate::from_der(Bytes(k_certificate_bytes_max + 1, 0x30))),
            FaultCode::limit_size);
}

RC_GTEST_PROP(Certificate, ComesBack, ()) {
  auto& state = kgz();
  const auto letters = *rc::gen::container<std::string>(rc::gen::inRange('!', '~'));
  const auto name = "x" + letters.substr(0, k_name_characters_max - 1);
  const auto from_s = *rc::gen::inRange<std::int64_t>(k_from.seconds(), k_to.seconds());
  const Instant from{from_s * 1000};
  const auto certificate =
      issue(state.root_key, state.root, state.key.public_spki(),
            subject("KGZ", name, {"officer:executor"}), Usage::officer, from, k_to, state.random);
  RC_ASSERT(certificate.has_value());
  RC_ASSERT(certificate->subject().common_name == name);
  RC_ASSERT(certificate->not_before() == from);
  RC_ASSERT(verify_issued(*certificate, state.root, Usage::officer, from).has_value());
}

TEST(CertificateRequest, ProvesThatTheOfficerHasTheKey) {
  const auto who = subject("KGZ", "Officer 7", {"officer:drafter"});
  const auto pem = make_request(kgz().key, who).value();
  const auto read = read_request(pem).value();
  EXPECT_EQ(read.spki, kgz().key.public_spki());
  EXPECT_EQ(read.subject, who);
  EXPECT_EQ(code_of(make_request(kgz().key, subject("KGZ", ""))), FaultCode::format_field);

  const Bytes good = from_pem("CERTIFICATE REQUEST", pem).value();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes changed = good;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    ASSERT_FALSE(read_request(to_pem("CERTIFICATE REQUEST", changed))) << bit;
  }
  EXPECT_EQ(code_of(read_request(
                to_pem("CERTIFICATE REQUEST", Bytes(k_certificate_request_bytes_max + 1, 0x30)))),
            FaultCode::limit_size);
}

}  // namespace comity::crypto
