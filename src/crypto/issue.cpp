// Issuing: certificates are written in one layout, so that what is read back is what was meant.
#include <algorithm>

#include "base/check.hpp"
#include "crypto/certificate.hpp"
#include "crypto/der.hpp"
#include "crypto/digest.hpp"
#include "crypto/host.hpp"
#include "crypto/identifiers.hpp"

namespace comity::crypto {
namespace {

using namespace identifiers;

constexpr std::size_t k_serial_bytes = 16;
constexpr std::size_t k_key_id_bytes = 20;
constexpr Instant k_end_of_times{253402300800000};  // 10000-01-01, past what X.509 can write

constexpr std::uint8_t k_bits_ca[] = {0x01, 0x06};
constexpr std::uint8_t k_bits_sign[] = {0x07, 0x80};
constexpr std::uint8_t k_bits_sign_and_commit[] = {0x06, 0xc0};

Bytes sequence(std::initializer_list<View> parts) {
  return der::wrap(der::k_sequence, parts);
}

enum class Weight { critical, ordinary };

Bytes extension(View type, Weight weight, View value) {
  const Bytes octets = der::wrap(der::k_octet_string, {value});
  const View critical = weight == Weight::critical ? View(k_true) : View();
  return sequence({type, critical, octets});
}

/// RFC 7093 §2 (1): the first 160 bits of SHA-256 over the key's BIT STRING.
Bytes key_id(View spki) {
  return to_bytes(sha256(spki.last(65)).view().first(k_key_id_bytes));
}

/// 126 bits of the Random port, always of one size and never negative or zero.
Bytes draw_serial(Random& random) {
  auto serial = random.draw<k_serial_bytes>();
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);
  return to_bytes(serial);
}

struct Content {
  Bytes issuer_name;
  Subject subject;
  Bytes spki;
  Instant from, to;
  Bytes extensions;
};

Result<void> check_times(Instant from, Instant to) {
  if (from.ms < 0 || to < from || to >= k_end_of_times)
    return fault(FaultCode::format_field, "validity must begin after 1969, then end, before 10000");
  return {};
}

Result<Certificate> sign(const P256Key& key, const Content& content, Random& random) {
  const Bytes to_be_signed = sequence(
      {der::wrap(der::constructed(0), {k_two}), der::unsigned_integer(draw_serial(random)),
       k_ecdsa_sha256, content.issuer_name,
       sequence({der::time(content.from), der::time(content.to)}), encode_name(content.subject),
       content.spki, der::wrap(der::constructed(3), {sequence({content.extensions})})});
  return Certificate::from_der(
      sequence({to_be_signed, k_ecdsa_sha256, der::bits(key.sign(to_be_signed))}));
}

Bytes key_usage(View bits) {
  return extension(k_key_usage, Weight::critical, der::wrap(der::k_bit_string, {bits}));
}

Bytes subject_key_id(View spki) {
  return extension(k_subject_key_id, Weight::ordinary,
                   der::wrap(der::k_octet_string, {key_id(spki)}));
}

Result<Bytes> tls_extensions(const std::vector<std::string>& hosts) {
  if (hosts.empty() || hosts.size() > k_hosts_max)
    return fault(FaultCode::format_field, "a TLS certificate names 1 to 16 hosts");
  Bytes names;
  for (const auto& host : hosts) {
    const auto name = encode_host(host);
    if (!name)
      return fault(FaultCode::format_field,
                   "'" + host + "' is no DNS name in lower case, no address");
    append(names, *name);
  }
  Bytes both =
      extension(k_extended_key_usage, Weight::ordinary, sequence({k_server_auth, k_client_auth}));
  append(both, extension(k_subject_alt_name, Weight::ordinary, sequence({names})));
  return both;
}

bool roles_fit(const Subject& subject, Usage usage) {
  const std::string_view kind = usage == Usage::authority ? "authority:" : "officer:";
  if (usage == Usage::tls || usage == Usage::root) return subject.roles.empty();
  return !subject.roles.empty() && std::ranges::all_of(subject.roles, [&](const auto& role) {
    return role.starts_with(kind);
  });
}

}  // namespace

Result<Certificate> issue_root(const P256Key& key, const Subject& subject, Instant from, Instant to,
                               Random& random) {
  TRY(check_subject(subject));
  TRY(check_times(from, to));
  if (!roles_fit(subject, Usage::root))
    return fault(FaultCode::format_field, "a root has no roles");
  Bytes extensions = extension(k_basic_constraints, Weight::critical, sequence({k_true, k_zero}));
  append(extensions, key_usage(k_bits_ca));
  append(extensions, subject_key_id(key.public_spki()));
  return sign(key, {encode_name(subject), subject, key.public_spki(), from, to, extensions},
              random);
}

Result<Certificate> issue(const P256Key& root_key, const Certificate& root, View subject_spki,
                          const Subject& subject, Usage usage, Instant from, Instant to,
                          Random& random, const std::vector<std::string>& hosts) {
  CHECK(usage != Usage::root);
  if (root.usage() != Usage::root || root_key.public_spki() != root.public_spki())
    return fault(FaultCode::crypto_key, "the key is not that of the root");
  TRY_LET(const P256Public key, P256Public::from_spki(subject_spki));
  TRY(check_subject(subject));
  TRY(check_times(from, to));
  if (subject.state != root.subject().state)
    return fault(FaultCode::format_field, "a root certifies its own State only");
  if (from < root.not_before() || to.seconds() > root.not_after().seconds())
    return fault(FaultCode::format_field, "validity must lie within the root's");
  if (!roles_fit(subject, usage))
    return fault(FaultCode::format_field, "the roles do not fit the use of the certificate");
  if ((usage == Usage::tls) == hosts.empty())
    return fault(FaultCode::format_field, "TLS certificates, and only they, name hosts");

  Bytes extensions = extension(k_basic_constraints, Weight::critical, sequence({}));
  append(extensions,
         key_usage(usage == Usage::tls ? View(k_bits_sign) : View(k_bits_sign_and_commit)));
  if (usage == Usage::tls) {
    TRY_LET(const Bytes more, tls_extensions(hosts));
    append(extensions, more);
  }
  append(extensions, subject_key_id(key.spki()));
  append(extensions,
         extension(k_authority_key_id, Weight::ordinary,
                   sequence({der::wrap(der::context(0), {root.fields().subject_key_id})})));
  return sign(root_key, {root.fields().subject_name, subject, key.spki(), from, to, extensions},
              random);
}

}  // namespace comity::crypto
