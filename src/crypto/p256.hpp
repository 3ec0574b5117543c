// ECDSA over NIST P-256 with SHA-256 (FIPS 186-4): signatures of authorities, officers and roots.
// Signing draws nothing at random: nonces follow RFC 6979, so that a poor generator can not give a
// key away and one seed replays a whole simulation.
#pragma once

#include <memory>

#include "base/id.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

struct ec_key_st;

namespace comity::crypto {

/// A public key on P-256. A value, compared by its encoding.
class P256Public {
 public:
  /// SubjectPublicKeyInfo with the named curve and an uncompressed point. Fault: crypto.key.
  static Result<P256Public> from_spki(View der);
  /// A "PUBLIC KEY" block. Fault: format.pem, crypto.key.
  static Result<P256Public> from_pem(std::string_view text);

  const Bytes& spki() const { return spki_; }
  std::string to_pem() const;
  /// Whether `signature` (DER, as sign makes it) is this key's over SHA-256 of `message`.
  bool verify(View message, View signature) const;
  bool verify_digest(const Digest& digest, View signature) const;
  bool operator==(const P256Public& other) const { return spki_ == other.spki_; }

 private:
  P256Public() = default;
  Bytes spki_;
  std::shared_ptr<ec_key_st> handle_;  // never changed after it is made, so copies share it
};

/// A private key. Movable only; wipes itself.
class P256Key {
 public:
  static P256Key generate(Random& random);
  /// PKCS#8 without encryption ("PRIVATE KEY"). Fault: format.pem, crypto.key.
  static Result<P256Key> from_pem(std::string_view text);
  /// The private number, 32 bytes big-endian. Fault: crypto.key when it is not within the order.
  static Result<P256Key> from_scalar(Secret scalar);

  Secret to_pem() const;
  const Bytes& public_spki() const { return spki_; }
  P256Public public_key() const;
  /// DER ECDSA-Sig-Value over SHA-256 of `message`: 70 to 72 bytes, rarely fewer.
  Bytes sign(View message) const;
  Bytes sign_digest(const Digest& digest) const;

 private:
  struct Free {
    void operator()(ec_key_st* key) const;
  };
  P256Key() = default;

  Secret scalar_;
  Bytes spki_;
  std::unique_ptr<ec_key_st, Free> handle_;
};

}  // namespace comity::crypto
