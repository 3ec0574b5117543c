#include "crypto/certificate_request.hpp"

#include "crypto/der.hpp"
#include "crypto/identifiers.hpp"
#include "crypto/pem.hpp"

namespace comity::crypto {
namespace {

using namespace identifiers;

constexpr auto k_label = "CERTIFICATE REQUEST";
constexpr auto k_no_attributes = encoded(0xa0, 0x00);

}  // namespace

Result<std::string> make_request(const P256Key& key, const Subject& subject) {
  TRY(check_subject(subject));
  const Bytes info = der::wrap(der::k_sequence,
                               {k_zero, encode_name(subject), key.public_spki(), k_no_attributes});
  return to_pem(k_label,
                der::wrap(der::k_sequence, {info, k_ecdsa_sha256, der::bits(key.sign(info))}));
}

Result<RequestedKey> read_request(std::string_view pem) {
  TRY_LET(const Bytes bytes, from_pem(k_label, pem));
  if (bytes.size() > k_certificate_request_bytes_max)
    return fault(FaultCode::limit_size, "a certificate request");
  der::Reader outer(bytes, FaultCode::format_certificate);
  TRY_LET(der::Reader parts, outer.enter(der::k_sequence));
  TRY(outer.end());
  TRY_LET(const der::Element info, parts.take(der::k_sequence));
  TRY(parts.take_exactly(k_ecdsa_sha256, "not signed by ECDSA with SHA-256"));
  TRY_LET(const View signature, parts.take_bits());
  TRY(parts.end());

  der::Reader fields(info.content, FaultCode::format_certificate);
  TRY(fields.take_exactly(k_zero, "not a request of version 1"));
  TRY_LET(Subject subject, take_name(fields));
  TRY_LET(const der::Element spki, fields.take(der::k_sequence));
  TRY(fields.take_exactly(k_no_attributes, "a request with attributes"));
  TRY(fields.end());
  const auto key = P256Public::from_spki(spki.whole);
  if (!key) return fields.refuse(key.error().detail.c_str());
  if (!key->verify(info.whole, signature))
    return fault(FaultCode::crypto_signature, "the request is not signed by the key it names");
  return RequestedKey{key->spki(), std::move(subject)};
}

}  // namespace comity::crypto
