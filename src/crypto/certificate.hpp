// X.509 certificates (RFC 5280) of the one profile that nodes use: a State's root, and under it its
// authorities, officers and TLS ends, all on P-256. Reading is strict; whatever the profile does
// not name is refused. A certificate by itself proves nothing: verify_issued ties it to a pinned
// root.
#pragma once

#include <memory>

#include "base/random.hpp"
#include "base/time.hpp"
#include "crypto/p256.hpp"
#include "crypto/subject.hpp"

namespace comity::crypto {

inline constexpr std::size_t k_certificate_bytes_max = 16'384;
inline constexpr std::size_t k_extensions_max = 16;
inline constexpr std::size_t k_hosts_max = 16;

/// What a certificate is for. Read off its extensions and its roles:
/// root: CA with path length 0, keyCertSign and cRLSign, no roles;
/// authority, officer: digitalSignature (and nonRepudiation), no extended key usage, only roles of
/// that kind ("authority:…", "officer:…"), one at least;
/// tls: digitalSignature, server and client authentication, host names, no roles.
enum class Usage { root, authority, officer, tls };

/// A well-formed certificate. A value, compared by its bytes; copies are cheap.
class Certificate {
 public:
  /// Fault: format.certificate, limit.size.
  static Result<Certificate> from_der(View der);
  /// A "CERTIFICATE" block. Fault: format.pem, format.certificate, limit.size.
  static Result<Certificate> from_pem(std::string_view text);

  const Bytes& der() const { return fields_->der; }
  std::string pem() const;
  /// SHA-256 of the DER: what two States compare by voice, and what a CAdES signature binds.
  const Digest& fingerprint() const { return fields_->fingerprint; }
  const Subject& subject() const { return fields_->subject; }
  const Subject& issuer() const { return fields_->issuer; }
  std::string serial() const { return hex(fields_->serial); }
  Instant not_before() const { return fields_->not_before; }
  Instant not_after() const { return fields_->not_after; }  // its whole second still counts
  Usage usage() const { return fields_->usage; }
  const P256Public& public_key() const { return fields_->key; }
  const Bytes& public_spki() const { return fields_->key.spki(); }
  /// Of a TLS certificate: DNS names and IP addresses as text.
  const std::vector<std::string>& hosts() const { return fields_->hosts; }

  bool operator==(const Certificate& other) const { return der() == other.der(); }

  /// All that reading found out, for the rest of this room.
  struct Fields {
    Bytes der;
    Digest fingerprint;
    Subject subject, issuer;
    Bytes serial;                     // magnitude, big-endian
    Bytes issuer_name, subject_name;  // DER, as they stand
    Instant not_before, not_after;
    Usage usage{};
    P256Public key;
    Bytes subject_key_id, authority_key_id;  // the latter empty in a root
    std::vector<std::string> hosts;
    Bytes signed_bytes, signature;
  };
  const Fields& fields() const { return *fields_; }

 private:
  explicit Certificate(std::shared_ptr<const Fields> fields) : fields_(std::move(fields)) {}
  std::shared_ptr<const Fields> fields_;  // never changes, so copies share it
};

/// A State's self-signed root. `subject` has no roles. Both times are cut to the second.
/// Fault: format.field when the subject or the times can not stand in a certificate.
Result<Certificate> issue_root(const P256Key& key, const Subject& subject, Instant from, Instant to,
                               Random& random);

/// A certificate under `root`, whose key `root_key` is. `hosts` (DNS names in lower case, IPv4 and
/// IPv6 addresses as text) is given for Usage::tls and empty otherwise; Usage::root is a bug.
/// Fault: crypto.key for an unusable `subject_spki` or a root key that is not root's; format.field
/// for a subject of another State, roles that do not fit the usage, hosts, or times beyond the
/// root's.
Result<Certificate> issue(const P256Key& root_key, const Certificate& root, View subject_spki,
                          const Subject& subject, Usage usage, Instant from, Instant to,
                          Random& random, const std::vector<std::string>& hosts = {});

/// Whether `root` is a root that signed itself and is valid at `at`. It says nothing about trust:
/// that comes from comparing the fingerprint. Fault: crypto.usage, crypto.chain, crypto.validity.
Result<void> verify_root(const Certificate& root, Instant at);

/// Whether `root`, which the caller has pinned, issued `certificate` for `usage`: names and key ids
/// chain, one State, the signature holds, both are valid at `at` (a certificate counts through the
/// whole second of its end). Fault: crypto.usage, crypto.chain, crypto.validity.
Result<void> verify_issued(const Certificate& certificate, const Certificate& root, Usage usage,
                           Instant at);

}  // namespace comity::crypto
