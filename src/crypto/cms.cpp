#include "crypto/cms.hpp"

#include <algorithm>
#include <optional>

#include "base/check.hpp"
#include "crypto/der.hpp"
#include "crypto/digest.hpp"
#include "crypto/identifiers.hpp"

namespace comity::crypto {
namespace {

using namespace identifiers;

Bytes sequence(std::initializer_list<View> parts) {
  return der::wrap(der::k_sequence, parts);
}
Bytes set(std::initializer_list<View> parts) {
  return der::wrap(der::k_set, parts);
}
Bytes octets(View bytes) {
  return der::wrap(der::k_octet_string, {bytes});
}

/// RFC 5652 §5.4: what is signed is the attributes as a SET OF, not as the [0] that they travel in.
Digest digest_of_attributes(View as_set) {
  return sha256(as_set);
}

/// The four attributes in the order that DER gives their encodings (X.690 §11.6), which their
/// lengths decide here.
Bytes signed_attributes(const Digest& content, const Certificate& certificate, Instant at) {
  const Bytes type = sequence({k_content_type, set({k_data})});
  const Bytes time = sequence({k_signing_time, set({der::time(at)})});
  const Bytes digest = sequence({k_message_digest, set({octets(content.view())})});
  // RFC 5035 §3: SHA-256 is the default and therefore not written; who issued it and its serial are
  // in the SignerInfo.
  const Bytes certificate_id = sequence({octets(certificate.fingerprint().view())});
  const Bytes signing_certificate =
      sequence({k_signing_certificate_v2, set({sequence({sequence({certificate_id})})})});
  return set({type, time, digest, signing_certificate});
}

struct Attributes {
  Digest content_digest, certificate_digest;
  Instant signing_time;
};

Result<Digest> take_digest(der::Reader& reader) {
  TRY_LET(const der::Element bytes, reader.take(der::k_octet_string));
  const auto digest = Digest::from_bytes(bytes.content);
  if (!digest) return reader.refuse("a digest of another size");
  return *digest;
}

Result<void> take_sha256(der::Reader& reader) {
  if (!reader.take_if(k_sha256) && !reader.take_if(k_sha256_null))
    return reader.refuse("a digest other than SHA-256");
  return {};
}

/// RFC 5035 §5.4.1.1: SigningCertificateV2 with one ESSCertIDv2 and no policies.
Result<Digest> read_signing_certificate(der::Reader& value, const Certificate& signer) {
  TRY_LET(der::Reader fields, value.enter(der::k_sequence));
  TRY_LET(der::Reader certificates, fields.enter(der::k_sequence));
  TRY(fields.end());
  TRY_LET(der::Reader id, certificates.enter(der::k_sequence));
  TRY(certificates.end());
  TRY_LET(const Digest digest, take_digest(id));
  if (!id.done()) {  // issuerSerial, which openssl writes
    const Bytes name = der::wrap(der::constructed(4), {signer.fields().issuer_name});
    const Bytes issuer_serial =
        sequence({sequence({name}), der::unsigned_integer(signer.fields().serial)});
    TRY(id.take_exactly(issuer_serial, "signingCertificateV2 names another certificate"));
    TRY(id.end());
  }
  return digest;
}

Result<Attributes> read_attributes(View content, const Certificate& signer) {
  der::Reader list(content, FaultCode::format_cms);
  Attributes found;
  int seen = 0;  // one bit an attribute
  View previous;
  while (!list.done()) {
    TRY_LET(const der::Element attribute, list.take(der::k_sequence));
    if (!std::ranges::lexicographical_compare(previous, attribute.whole))
      return list.refuse("attributes out of DER's order, or one twice");
    previous = attribute.whole;
    der::Reader pair(attribute.content, FaultCode::format_cms);
    TRY_LET(const der::Element type, pair.take(der::k_oid));
    TRY_LET(der::Reader value, pair.enter(der::k_set));
    TRY(pair.end());
    const auto is = [&](View known, int bit) {
      const bool hit = std::ranges::equal(type.whole, known) && (seen & bit) == 0;
      if (hit) seen |= bit;
      return hit;
    };
    if (is(k_content_type, 1)) {
      TRY(value.take_exactly(k_data, "a content type other than data"));
    } else if (is(k_signing_time, 2)) {
      TRY_LET(found.signing_time, value.take_time());
    } else if (is(k_message_digest, 4)) {
      TRY_LET(found.content_digest, take_digest(value));
    } else if (is(k_signing_certificate_v2, 8)) {
      TRY_LET(found.certificate_digest, read_signing_certificate(value, signer));
    } else {
      return list.refuse("a signed attribute outside the profile, or one twice");
    }
    TRY(value.end("a signed attribute with two values"));
  }
  if (seen != 15) return list.refuse("a signed attribute is missing");
  return found;
}

/// ContentInfo around SignedData: hands out the reader inside the latter.
Result<der::Reader> enter_signed_data(View envelope) {
  der::Reader outer(envelope, FaultCode::format_cms);
  TRY_LET(der::Reader info, outer.enter(der::k_sequence));
  TRY(outer.end());
  TRY(info.take_exactly(k_signed_data, "not SignedData"));
  TRY_LET(der::Reader tagged, info.enter(der::constructed(0)));
  TRY(info.end());
  TRY_LET(der::Reader fields, tagged.enter(der::k_sequence));
  TRY(tagged.end());
  return fields;
}

Result<std::optional<View>> take_content(der::Reader& fields) {
  TRY_LET(der::Reader info, fields.enter(der::k_sequence));
  TRY(info.take_exactly(k_data, "a content type other than data"));
  if (info.done()) return std::nullopt;
  TRY_LET(der::Reader tagged, info.enter(der::constructed(0)));
  TRY(info.end());
  TRY_LET(const der::Element content, tagged.take(der::k_octet_string));
  TRY(tagged.end());
  return content.content;
}

Result<CmsSigned> open(View envelope, std::optional<View> apart) {
  // RFC 5652 §5.1, field by field.
  TRY_LET(der::Reader fields, enter_signed_data(envelope));
  TRY(fields.take_exactly(k_one, "not SignedData of version 1"));
  TRY_LET(der::Reader digests, fields.enter(der::k_set));
  TRY(take_sha256(digests));
  TRY(digests.end("more than one digest algorithm"));
  TRY_LET(const std::optional<View> carried, take_content(fields));
  if (carried.has_value() == apart.has_value())
    return fields.refuse(carried ? "it carries content, where it was to have none"
                                 : "it carries no content");
  const View content = carried ? *carried : *apart;
  TRY_LET(der::Reader certificates, fields.enter(der::constructed(0), "no certificate"));
  TRY_LET(const der::Element only_one, certificates.take(der::k_sequence));
  TRY(certificates.end("more than one certificate"));
  TRY_LET(Certificate signer, Certificate::from_der(only_one.whole));
  TRY_LET(der::Reader signers, fields.enter(der::k_set, "revocation lists, or no signer"));
  TRY(fields.end());
  TRY_LET(der::Reader info, signers.enter(der::k_sequence));
  TRY(signers.end("more than one signer"));

  // RFC 5652 §5.3.
  TRY(info.take_exactly(k_one, "not a SignerInfo of version 1"));
  const Bytes identifier =
      sequence({signer.fields().issuer_name, der::unsigned_integer(signer.fields().serial)});
  TRY(info.take_exactly(identifier, "the certificate is not that of the signer"));
  TRY(take_sha256(info));
  TRY_LET(const der::Element attributes, info.take(der::constructed(0), "no signed attributes"));
  TRY_LET(const Attributes found, read_attributes(attributes.content, signer));
  TRY(info.take_exactly(k_ecdsa_sha256, "not signed by ECDSA with SHA-256"));
  TRY_LET(const der::Element signature, info.take(der::k_octet_string));
  TRY(info.end("unsigned attributes"));

  if (found.content_digest != sha256(content))
    return fault(FaultCode::crypto_signature, "the content is not what was signed");
  if (found.certificate_digest != signer.fingerprint())
    return fault(FaultCode::crypto_signature, "it was signed for another certificate");
  const Bytes as_set = der::wrap(der::k_set, {attributes.content});
  if (!signer.public_key().verify_digest(digest_of_attributes(as_set), signature.content))
    return fault(FaultCode::crypto_signature, "the signature does not match");
  return CmsSigned{carried ? to_bytes(*carried) : Bytes{}, std::move(signer), found.signing_time};
}

}  // namespace

Result<Bytes> cms_sign(View content, const P256Key& key, const Certificate& certificate,
                       Instant signing_time, CmsForm form) {
  if (key.public_spki() != certificate.public_spki())
    return fault(FaultCode::crypto_key, "the key is not that of the certificate");
  const auto& fields = certificate.fields();
  const bool carries = form == CmsForm::encapsulated;
  if (carries && content.size() > k_cms_content_bytes_max)
    return fault(FaultCode::limit_size, "content to be signed");
  const Bytes attributes = signed_attributes(sha256(content), certificate, signing_time);
  der::Reader inside(attributes, FaultCode::format_cms);
  const Bytes tagged_attributes =
      der::wrap(der::constructed(0), {inside.take(der::k_set).value().content});
  const Bytes signer_info =
      sequence({k_one, sequence({fields.issuer_name, der::unsigned_integer(fields.serial)}),
                k_sha256, tagged_attributes, k_ecdsa_sha256,
                octets(key.sign_digest(digest_of_attributes(attributes)))});
  const Bytes carried = carries ? der::wrap(der::constructed(0), {octets(content)}) : Bytes{};
  const Bytes signed_data =
      sequence({k_one, set({k_sha256}), sequence({k_data, carried}),
                der::wrap(der::constructed(0), {fields.der}), set({signer_info})});
  return sequence({k_signed_data, der::wrap(der::constructed(0), {signed_data})});
}

Result<CmsSigned> cms_open(View envelope) {
  if (envelope.size() > k_cms_bytes_max) return fault(FaultCode::limit_size, "a signed document");
  return open(envelope, std::nullopt);
}

Result<CmsSigned> cms_open_detached(View envelope, View content) {
  if (envelope.size() > k_cms_detached_bytes_max)
    return fault(FaultCode::limit_size, "a detached signature");
  return open(envelope, content);
}

}  // namespace comity::crypto
