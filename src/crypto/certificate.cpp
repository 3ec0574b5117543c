#include "crypto/certificate.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "crypto/der.hpp"
#include "crypto/digest.hpp"
#include "crypto/host.hpp"
#include "crypto/identifiers.hpp"
#include "crypto/pem.hpp"

namespace comity::crypto {
namespace {

using namespace identifiers;

constexpr std::size_t k_serial_bytes_max = 20;  // RFC 5280 §4.1.2.2
constexpr std::size_t k_key_id_bytes_max = 32;

/// RFC 5280 §4.2.1.3, as the content of the BIT STRING: unused bits, then the bits.
constexpr std::uint8_t k_bits_ca[] = {0x01, 0x06};               // keyCertSign, cRLSign
constexpr std::uint8_t k_bits_sign[] = {0x07, 0x80};             // digitalSignature
constexpr std::uint8_t k_bits_sign_and_commit[] = {0x06, 0xc0};  // … and nonRepudiation

/// The extensions of the profile, before it is known whether they fit together.
struct Extensions {
  std::optional<bool> is_authority;  // basicConstraints
  std::optional<View> key_usage;
  bool has_tls_purposes = false;
  Bytes subject_key_id, authority_key_id;
  std::vector<std::string> hosts;
};

Result<void> read_basic_constraints(der::Reader& value, bool critical, Extensions& found) {
  TRY_LET(der::Reader fields, value.enter(der::k_sequence));
  found.is_authority = fields.take_if(k_true);
  if (*found.is_authority) TRY(fields.take_exactly(k_zero, "a root whose path length is not 0"));
  TRY(fields.end());
  if (!critical) return value.refuse("basicConstraints is not critical");
  return {};
}

Result<void> read_purposes(der::Reader& value, Extensions& found) {
  TRY_LET(der::Reader purposes, value.enter(der::k_sequence));
  TRY(purposes.take_exactly(k_server_auth, "a purpose outside the profile"));
  TRY(purposes.take_exactly(k_client_auth, "a purpose outside the profile"));
  TRY(purposes.end());
  found.has_tls_purposes = true;
  return {};
}

Result<void> read_hosts(der::Reader& value, Extensions& found) {
  TRY_LET(der::Reader names, value.enter(der::k_sequence));
  while (!names.done()) {
    TRY_LET(const der::Element name, names.take());
    const auto host = decode_host(name);
    if (!host || found.hosts.size() == k_hosts_max)
      return names.refuse("a host that is no plain DNS name and no address, or too many");
    found.hosts.push_back(*host);
  }
  if (found.hosts.empty()) return names.refuse("an empty list of hosts");
  return {};
}

Result<Bytes> take_key_id(der::Reader& value, std::uint8_t tag) {
  TRY_LET(const der::Element id, value.take(tag));
  if (id.content.empty() || id.content.size() > k_key_id_bytes_max)
    return value.refuse("a key identifier of another size");
  return to_bytes(id.content);
}

Result<void> read_extension(View type, bool critical, der::Reader& value, Extensions& found) {
  const auto is = [&](View known) { return std::ranges::equal(type, known); };
  if (is(k_basic_constraints)) return read_basic_constraints(value, critical, found);
  if (is(k_key_usage)) {
    TRY_LET(const der::Element bits, value.take(der::k_bit_string));
    found.key_usage = bits.content;
    if (!critical) return value.refuse("keyUsage is not critical");
    return {};
  }
  if (is(k_extended_key_usage)) return read_purposes(value, found);
  if (is(k_subject_alt_name)) return read_hosts(value, found);
  if (is(k_subject_key_id)) {
    TRY_LET(found.subject_key_id, take_key_id(value, der::k_octet_string));
    return {};
  }
  if (is(k_authority_key_id)) {
    TRY_LET(der::Reader fields, value.enter(der::k_sequence));
    TRY_LET(found.authority_key_id, take_key_id(fields, der::context(0)));
    return fields.end();
  }
  // RFC 5280 §4.2: what is critical and not understood is refused; the rest says nothing to us.
  if (critical) return value.refuse("an unknown critical extension");
  TRY(value.take());
  return {};
}

Result<Extensions> read_extensions(der::Reader& body) {
  TRY_LET(der::Reader tagged, body.enter(der::constructed(3)));
  TRY_LET(der::Reader list, tagged.enter(der::k_sequence));
  TRY(tagged.end());
  Extensions found;
  std::vector<View> seen;
  while (!list.done()) {
    TRY_LET(der::Reader extension, list.enter(der::k_sequence));
    TRY_LET(const der::Element type, extension.take(der::k_oid));
    for (const View earlier : seen)
      if (std::ranges::equal(earlier, type.whole)) return list.refuse("an extension stands twice");
    seen.push_back(type.whole);
    if (seen.size() > k_extensions_max) return list.refuse("too many extensions");
    const bool critical = extension.take_if(k_true);  // DEFAULT FALSE is never written in DER
    TRY_LET(der::Reader value, extension.enter(der::k_octet_string));
    TRY(extension.end());
    TRY(read_extension(type.whole, critical, value, found));
    TRY(value.end());
  }
  return found;
}

bool roles_are(const Subject& subject, std::string_view kind) {
  return !subject.roles.empty() && std::ranges::all_of(subject.roles, [&](const auto& role) {
    return role.starts_with(kind);
  });
}

/// Which of the four profiles the extensions and roles make up, and none of them loosely.
std::optional<Usage> usage_of(const Extensions& found, const Subject& subject, bool self_named) {
  const auto bits = [&](View wanted) {
    return found.key_usage && std::ranges::equal(*found.key_usage, wanted);
  };
  if (!found.is_authority || found.subject_key_id.empty()) return std::nullopt;
  if (*found.is_authority) {
    if (bits(k_bits_ca) && !found.has_tls_purposes && found.hosts.empty() && self_named &&
        subject.roles.empty())
      return Usage::root;
    return std::nullopt;
  }
  if (found.authority_key_id.empty()) return std::nullopt;
  if (found.has_tls_purposes) {
    if (bits(k_bits_sign) && !found.hosts.empty() && subject.roles.empty()) return Usage::tls;
    return std::nullopt;
  }
  if (!found.hosts.empty() || !(bits(k_bits_sign) || bits(k_bits_sign_and_commit)))
    return std::nullopt;
  if (roles_are(subject, "authority:")) return Usage::authority;
  if (roles_are(subject, "officer:")) return Usage::officer;
  return std::nullopt;
}

}  // namespace

Result<Certificate> Certificate::from_der(View der) {
  if (der.size() > k_certificate_bytes_max) return fault(FaultCode::limit_size, "a certificate");
  der::Reader outer(der, FaultCode::format_certificate);
  TRY_LET(der::Reader parts, outer.enter(der::k_sequence));
  TRY(outer.end());
  TRY_LET(const der::Element to_be_signed, parts.take(der::k_sequence));
  TRY(parts.take_exactly(k_ecdsa_sha256, "not signed by ECDSA with SHA-256"));
  TRY_LET(const View signature, parts.take_bits());
  TRY(parts.end());

  der::Reader body(to_be_signed.content, FaultCode::format_certificate);
  TRY_LET(der::Reader version, body.enter(der::constructed(0)));
  TRY(version.take_exactly(k_two, "not X.509 version 3"));
  TRY(version.end());
  TRY_LET(const View serial, body.take_unsigned());
  if (serial.size() > k_serial_bytes_max || serial[0] == 0)
    return body.refuse("a serial number of another size");
  TRY(body.take_exactly(k_ecdsa_sha256, "not signed by ECDSA with SHA-256"));
  const View issuer_name = body.rest();
  TRY_LET(Subject issuer, take_name(body));
  const View after_issuer = body.rest();
  TRY_LET(der::Reader validity, body.enter(der::k_sequence));
  TRY_LET(const Instant not_before, validity.take_time());
  TRY_LET(const Instant not_after, validity.take_time());
  TRY(validity.end());
  if (not_after < not_before) return body.refuse("it ends before it begins");
  const View subject_name = body.rest();
  TRY_LET(Subject subject, take_name(body));
  const View after_subject = body.rest();
  TRY_LET(const der::Element spki, body.take(der::k_sequence));
  auto key = P256Public::from_spki(spki.whole);
  if (!key) return body.refuse(key.error().detail.c_str());
  TRY_LET(Extensions found, read_extensions(body));
  TRY(body.end());

  const View issuer_der = issuer_name.first(issuer_name.size() - after_issuer.size());
  const View subject_der = subject_name.first(subject_name.size() - after_subject.size());
  const auto usage = usage_of(found, subject, std::ranges::equal(issuer_der, subject_der));
  if (!usage) return body.refuse("extensions and roles that fit no kind of certificate");
  return Certificate(
      std::make_shared<const Fields>(Fields{.der = to_bytes(der),
                                            .fingerprint = sha256(der),
                                            .subject = std::move(subject),
                                            .issuer = std::move(issuer),
                                            .serial = to_bytes(serial),
                                            .issuer_name = to_bytes(issuer_der),
                                            .subject_name = to_bytes(subject_der),
                                            .not_before = not_before,
                                            .not_after = not_after,
                                            .usage = *usage,
                                            .key = *std::move(key),
                                            .subject_key_id = std::move(found.subject_key_id),
                                            .authority_key_id = std::move(found.authority_key_id),
                                            .hosts = std::move(found.hosts),
                                            .signed_bytes = to_bytes(to_be_signed.whole),
                                            .signature = to_bytes(signature)}));
}

Result<Certificate> Certificate::from_pem(std::string_view text) {
  TRY_LET(const Bytes der, crypto::from_pem("CERTIFICATE", text));
  return from_der(der);
}

std::string Certificate::pem() const {
  return to_pem("CERTIFICATE", der());
}

namespace {

Result<void> check_validity(const Certificate& certificate, Instant at) {
  // Certificates know seconds: the last one counts whole.
  if (at < certificate.not_before() || at.seconds() > certificate.not_after().seconds())
    return fault(FaultCode::crypto_validity,
                 "'" + certificate.subject().common_name + "' is valid from " +
                     to_text(certificate.not_before()) + " to " + to_text(certificate.not_after()) +
                     ", not at " + to_text(at));
  return {};
}

/// Whether `root` signed `child`: a fact about their bytes, which the fingerprints stand for, so it
/// is worked out once and remembered. Validity and use are asked each time.
bool signed_by(const Certificate& root, const Certificate& child) {
  constexpr std::size_t known_max = 4096;
  thread_local std::set<std::pair<Digest, Digest>> known;
  const std::pair pair(root.fingerprint(), child.fingerprint());
  if (known.contains(pair)) return true;
  if (!root.public_key().verify(child.fields().signed_bytes, child.fields().signature))
    return false;
  if (known.size() == known_max) known.clear();
  known.insert(pair);
  return true;
}

}  // namespace

Result<void> verify_root(const Certificate& root, Instant at) {
  if (root.usage() != Usage::root) return fault(FaultCode::crypto_usage, "not a State's root");
  if (!root.public_key().verify(root.fields().signed_bytes, root.fields().signature))
    return fault(FaultCode::crypto_chain, "the root did not sign itself");
  return check_validity(root, at);
}

Result<void> verify_issued(const Certificate& certificate, const Certificate& root, Usage usage,
                           Instant at) {
  const auto& child = certificate.fields();
  if (root.usage() != Usage::root) return fault(FaultCode::crypto_usage, "not a State's root");
  if (usage == Usage::root || child.usage != usage)
    return fault(FaultCode::crypto_usage, "'" + child.subject.common_name + "' has another use");
  if (child.issuer_name != root.fields().subject_name ||
      child.authority_key_id != root.fields().subject_key_id)
    return fault(FaultCode::crypto_chain,
                 "'" + child.subject.common_name + "' names another issuer");
  if (child.subject.state != root.subject().state)
    return fault(FaultCode::crypto_chain, "a root of one State, a certificate of another");
  if (!signed_by(root, certificate))
    return fault(FaultCode::crypto_chain,
                 "the root did not sign '" + child.subject.common_name + "'");
  TRY(check_validity(root, at));
  return check_validity(certificate, at);
}

}  // namespace comity::crypto
