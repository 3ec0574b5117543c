#include "crypto/cms.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "crypto/der.hpp"
#include "crypto/exercise_test.hpp"
#include "crypto/identifiers.hpp"

namespace comity::crypto {
namespace {

using namespace identifiers;
using exercise::k_now, exercise::State;

State& bfa() {
  static State state("BFA");
  return state;
}

const Bytes k_content = to_bytes(std::string_view(R"({"act":"request","exercise":true})"));

FaultCode code_of(const auto& result) {
  return result ? FaultCode{} : result.error().code;
}

Bytes sequence(std::initializer_list<View> parts) {
  return der::wrap(der::k_sequence, parts);
}
Bytes set(std::initializer_list<View> parts) {
  return der::wrap(der::k_set, parts);
}

/// An envelope in pieces, each of which a test may change before the whole is signed and written.
/// Written apart from cms_sign, so that the two check one another.
struct Envelope {
  Bytes content = k_content;
  std::optional<Bytes> digest_claimed;
  Bytes version = to_bytes(k_one), digests = to_bytes(k_sha256), content_type = to_bytes(k_data);
  Bytes certificates = bfa().authority.der();
  Bytes after_certificates;  // where revocation lists stand
  Bytes signer_version = to_bytes(k_one), signer_digest = to_bytes(k_sha256);
  std::optional<Bytes> identifier;
  std::vector<Bytes> attributes;  // sorted when written, unless `unsorted`
  bool unsorted = false;
  Bytes signature_algorithm = to_bytes(k_ecdsa_sha256);
  Bytes unsigned_attributes, more_signers, after_signers;
  std::function<Bytes(const Bytes&)> change_signature = [](const Bytes& same) { return same; };

  static Bytes attribute(View type, std::initializer_list<View> values) {
    return sequence({type, set(values)});
  }
  static Bytes certificate_attribute(View digest, View more = {}) {
    const Bytes id = sequence({der::wrap(der::k_octet_string, {digest}), more});
    return attribute(k_signing_certificate_v2, {sequence({sequence({id})})});
  }
  Envelope() {
    const Bytes digest = der::wrap(der::k_octet_string, {sha256(k_content).view()});
    attributes = {attribute(k_content_type, {k_data}),
                  attribute(k_signing_time, {der::time(k_now)}),
                  attribute(k_message_digest, {digest}),
                  certificate_attribute(bfa().authority.fingerprint().view())};
  }

  Bytes written() const {
    auto ordered = attributes;
    if (!unsorted) std::sort(ordered.begin(), ordered.end());
    Bytes joined;
    for (const auto& one : ordered) append(joined, one);
    const auto& fields = bfa().authority.fields();
    const Bytes sid =
        identifier.value_or(sequence({fields.issuer_name, der::unsigned_integer(fields.serial)}));
    const Bytes signature = change_signature(bfa().key.sign(set({joined})));
    const Bytes signer = sequence(
        {signer_version, sid, signer_digest, der::wrap(der::constructed(0), {joined}),
         signature_algorithm, der::wrap(der::k_octet_string, {signature}), unsigned_attributes});
    const Bytes octets = der::wrap(der::k_octet_string, {content});
    const Bytes carried = der::wrap(der::constructed(0), {octets});
    const Bytes data = sequence({version, set({digests}), sequence({content_type, carried}),
                                 der::wrap(der::constructed(0), {certificates}), after_certificates,
                                 set({signer, more_signers}), after_signers});
    return sequence({k_signed_data, der::wrap(der::constructed(0), {data})});
  }
};

FaultCode opened_with(const std::function<void(Envelope&)>& change) {
  Envelope envelope;
  change(envelope);
  return code_of(cms_open(envelope.written()));
}

Bytes signed_content() {
  return cms_sign(k_content, bfa().key, bfa().authority, k_now, CmsForm::encapsulated).value();
}

}  // namespace

TEST(Cms, OpensWhatItSigned) {
  const auto opened = cms_open(signed_content());
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->content, k_content);
  EXPECT_EQ(opened->signer, bfa().authority);
  EXPECT_EQ(opened->signing_time, k_now);
  EXPECT_TRUE(verify_issued(opened->signer, bfa().root, Usage::authority, opened->signing_time));
}

TEST(Cms, IsWrittenTheSameTwiceAndByTwoHands) {
  EXPECT_EQ(signed_content(), signed_content());
  EXPECT_EQ(Envelope().written(), signed_content());
}

TEST(Cms, SignsContentThatTravelsApart) {
  const auto envelope =
      cms_sign(k_content, bfa().key, bfa().authority, k_now, CmsForm::detached).value();
  EXPECT_EQ(cms_open_detached(envelope, k_content)->signer, bfa().authority);
  EXPECT_EQ(code_of(cms_open_detached(envelope, as_bytes("other"))), FaultCode::crypto_signature);
  EXPECT_EQ(code_of(cms_open(envelope)), FaultCode::format_cms) << "it carries nothing";
  EXPECT_EQ(code_of(cms_open_detached(signed_content(), k_content)), FaultCode::format_cms);
  EXPECT_EQ(code_of(cms_open_detached(Bytes(k_cms_detached_bytes_max, 0x30), k_content)),
            FaultCode::format_cms);
  EXPECT_EQ(code_of(cms_open_detached(Bytes(k_cms_detached_bytes_max + 1, 0x30), k_content)),
            FaultCode::limit_size);
}

RC_GTEST_PROP(Cms, EveryContentComesBack, (const Bytes& content)) {
  const auto seconds = *rc::gen::inRange<std::int64_t>(0, 253402300800);
  const Instant when{seconds * 1000};
  const auto envelope =
      cms_sign(content, bfa().key, bfa().authority, when, CmsForm::encapsulated).value();
  const auto opened = cms_open(envelope);
  RC_ASSERT(opened.has_value());
  RC_ASSERT(opened->content == content);
  RC_ASSERT(opened->signing_time == when);
}

TEST(Cms, HasALimit) {
  const auto sized = [](std::size_t size) {
    return cms_sign(Bytes(size, 'x'), bfa().key, bfa().authority, k_now, CmsForm::encapsulated);
  };
  const auto largest = sized(k_cms_content_bytes_max);
  ASSERT_TRUE(largest);
  EXPECT_TRUE(cms_open(*largest));
  EXPECT_EQ(code_of(sized(k_cms_content_bytes_max + 1)), FaultCode::limit_size);
  EXPECT_EQ(code_of(cms_open(Bytes(k_cms_bytes_max, 0x30))), FaultCode::format_cms);
  EXPECT_EQ(code_of(cms_open(Bytes(k_cms_bytes_max + 1, 0x30))), FaultCode::limit_size);
  EXPECT_TRUE(cms_sign(Bytes(std::size_t{1} << 25, 'x'), bfa().key, bfa().authority, k_now,
                       CmsForm::detached))
      << "content of any size may travel apart";
}

TEST(Cms, IsNotSignedWithAKeyThatIsNotTheCertificates) {
  EXPECT_EQ(
      code_of(cms_sign(k_content, bfa().root_key, bfa().authority, k_now, CmsForm::encapsulated)),
      FaultCode::crypto_key);
}

TEST(Cms, WithOneBitFlippedIsNeverAccepted) {
  const Bytes good = signed_content();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes changed = good;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    ASSERT_FALSE(cms_open(changed)) << bit;
  }
}

TEST(Cms, CutShortOrWithMoreBehindIsRefused) {
  const Bytes good = signed_content();
  for (std::size_t size = 0; size < good.size(); ++size)
    ASSERT_EQ(code_of(cms_open(View(good).first(size))), FaultCode::format_cms) << size;
  for (const char more : {'\0', '0', '\n'}) {
    Bytes longer = good;
    longer.push_back(static_cast<std::uint8_t>(more));
    EXPECT_EQ(code_of(cms_open(longer)), FaultCode::format_cms);
  }
}

TEST(Cms, WithMoreOrLessThanTheProfileIsRefused) {
  const auto refused = FaultCode::format_cms;
  auto& state = bfa();
  const Bytes one_more = Envelope::attribute(from_hex("06092a864886f70d01090f").value(),
                                             {sequence({})});  // smimeCapabilities
  const Bytes time_stamp = der::wrap(
      der::constructed(1),
      {Envelope::attribute(from_hex("060b2a864886f70d010910020e").value(), {sequence({})})});

  EXPECT_EQ(opened_with([](auto&) {}), FaultCode{}) << "unchanged";
  EXPECT_EQ(opened_with([&](auto& e) { e.unsigned_attributes = time_stamp; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.unsigned_attributes = {0xa1, 0x00}; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { append(e.certificates, state.root.der()); }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.certificates.clear(); }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.after_certificates = {0xa1, 0x00}; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.after_signers = {0x05, 0x00}; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.more_signers = sequence({k_one}); }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.attributes.push_back(one_more); }), refused);
  EXPECT_EQ(
      opened_with([&](auto& e) { std::swap(e.attributes[0], e.attributes[1]), e.unsorted = true; }),
      refused);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(opened_with([&](auto& e) { e.attributes.erase(e.attributes.begin() + i); }), refused);
    EXPECT_EQ(opened_with([&](auto& e) { e.attributes.push_back(e.attributes[i]); }), refused);
  }
  EXPECT_EQ(opened_with([&](auto& e) { e.attributes.clear(); }), refused);
  EXPECT_EQ(opened_with([&](auto& e) {
              e.attributes[1] = Envelope::attribute(k_signing_time,
                                                    {der::time(k_now), der::time(k_now.plus_s(1))});
            }),
            refused)
      << "two signing times";
  EXPECT_EQ(
      opened_with([&](auto& e) {
        e.attributes.push_back(Envelope::attribute(k_signing_time, {der::time(k_now.plus_s(1))}));
      }),
      refused)
      << "two signing times, apart";
}

TEST(Cms, WithOtherAlgorithmsOrTypesIsRefused) {
  const auto refused = FaultCode::format_cms;
  const Bytes sha512 = from_hex("300b0609608648016503040203").value();
  const Bytes ecdsa_sha1 = from_hex("300906072a8648ce3d0401").value();
  const Bytes ecdsa_sha256_null = from_hex("300c06082a8648ce3d0403020500").value();
  const Bytes receipt_type = from_hex("060b2a864886f70d0109100104").value();
  EXPECT_EQ(opened_with([&](auto& e) { e.digests = to_bytes(k_sha256_null); }), FaultCode{})
      << "RFC 5754 asks to take NULL parameters";
  EXPECT_EQ(opened_with([&](auto& e) { e.digests = sha512; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { append(e.digests, sha512); }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.digests.clear(); }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.signer_digest = sha512; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.signature_algorithm = ecdsa_sha1; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.signature_algorithm = ecdsa_sha256_null; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.content_type = receipt_type; }), refused);
  EXPECT_EQ(opened_with([&](auto& e) {
              e.attributes[0] = Envelope::attribute(k_content_type, {receipt_type});
            }),
            refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.version = from_hex("020103").value(); }), refused);
  EXPECT_EQ(opened_with([&](auto& e) { e.signer_version = from_hex("020103").value(); }), refused);
}

TEST(Cms, ThatBindsAnotherCertificateOrContentIsRefused) {
  auto& state = bfa();
  const auto& own = state.authority;
  const auto with_certificate = [&](View digest, View more) {
    return opened_with(
        [&](auto& e) { e.attributes[3] = Envelope::certificate_attribute(digest, more); });
  };
  const auto issuer_serial = [](const Certificate& c) {
    const Bytes name = der::wrap(der::constructed(4), {c.fields().issuer_name});
    return sequence({sequence({name}), der::unsigned_integer(c.fields().serial)});
  };
  EXPECT_EQ(with_certificate(own.fingerprint().view(), issuer_serial(own)), FaultCode{});
  EXPECT_EQ(with_certificate(own.fingerprint().view(), issuer_serial(state.root)),
            FaultCode::format_cms);
  EXPECT_EQ(with_certificate(state.root.fingerprint().view(), {}), FaultCode::crypto_signature);
  EXPECT_EQ(with_certificate(own.fingerprint().view().first(20), {}), FaultCode::format_cms);

  EXPECT_EQ(opened_with([](auto& e) { e.content.push_back(' '); }), FaultCode::crypto_signature);
  EXPECT_EQ(opened_with([&](auto& e) {
              const Bytes other = der::wrap(der::k_octet_string, {sha256(as_bytes("x")).view()});
              e.attributes[2] = Envelope::attribute(k_message_digest, {other});
            }),
            FaultCode::crypto_signature);
  EXPECT_EQ(opened_with([&](auto& e) {
              e.identifier = sequence({state.root.fields().issuer_name,
                                       der::unsigned_integer(state.root.fields().serial)});
            }),
            FaultCode::format_cms);

  // Another certificate of the same key: the signature would verify, the binding does not.
  const auto twin = issue(state.root_key, state.root, state.key.public_spki(), own.subject(),
                          Usage::authority, exercise::k_from, exercise::k_to, state.random)
                        .value();
  EXPECT_EQ(opened_with([&](auto& e) {
              e.certificates = twin.der();
              e.identifier = sequence(
                  {twin.fields().issuer_name, der::unsigned_integer(twin.fields().serial)});
            }),
            FaultCode::crypto_signature);
}

TEST(Cms, InBerIsRefused) {
  const Bytes good = signed_content();
  // The outermost length, written indefinite, and with one byte more than needed.
  ASSERT_EQ(good[1], 0x82);
  Bytes indefinite = {0x30, 0x80};
  append(indefinite, View(good).subspan(4));
  append(indefinite, Bytes{0, 0});
  EXPECT_EQ(code_of(cms_open(indefinite)), FaultCode::format_cms);
  Bytes padded = {0x30, 0x83, 0x00, good[2], good[3]};
  append(padded, View(good).subspan(4));
  EXPECT_EQ(code_of(cms_open(padded)), FaultCode::format_cms);
}

/// n − s, the other half of the pair that verifies as well as s.
Bytes mirror(View s) {
  Bytes number =
      from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").value();
  int borrow = 0;
  for (std::size_t i = 0; i < number.size(); ++i) {
    auto& byte = number[number.size() - 1 - i];
    const int difference = byte - (i < s.size() ? s[s.size() - 1 - i] : 0) - borrow;
    borrow = difference < 0 ? 1 : 0;
    byte = static_cast<std::uint8_t>(difference + 256 * borrow);
  }
  return number;
}

TEST(Cms, InItsMirrorSaysTheSameAndIsAnotherEnvelope) {
  // The reason why the content, not the envelope, is what a document is.
  Envelope envelope;
  envelope.change_signature = [](const Bytes& signature) {
    der::Reader outer(signature, FaultCode::format_cms);
    der::Reader numbers = outer.enter(der::k_sequence).value();
    const auto r = numbers.take().value();
    const Bytes other = mirror(numbers.take_unsigned().value());
    return sequence({r.whole, der::unsigned_integer(other)});
  };
  const Bytes mirrored = envelope.written();
  const auto opened = cms_open(mirrored);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_NE(mirrored, signed_content());
  EXPECT_EQ(opened->content, k_content);
}

TEST(Cms, WithASignatureThatIsNotDerIsRefused) {
  const auto with = [](std::function<Bytes(const Bytes&)> change) {
    return opened_with([&](auto& e) { e.change_signature = std::move(change); });
  };
  const auto refused = FaultCode::crypto_signature;
  EXPECT_EQ(with([](Bytes s) { return s.push_back(0), s; }), refused);
  EXPECT_EQ(with([](Bytes s) { return s.pop_back(), s; }), refused);
  EXPECT_EQ(with([](const Bytes&) { return Bytes{}; }), refused);
  EXPECT_EQ(with([](const Bytes& s) {
              Bytes padded = {0x30, 0x81};
              append(padded, View(s).subspan(1));
              return padded;
            }),
            refused);
}

}  // namespace comity::crypto
