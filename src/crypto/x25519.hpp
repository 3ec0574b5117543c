// X25519 (RFC 7748): the agreement behind every age recipient.
// It never hands out a shared secret that the other side could have forced to be zero.
#pragma once

#include "base/id.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/key_handle.hpp"

namespace comity::crypto {

using X25519Public = Id<struct X25519PublicTag, 32>;

/// A private key. Movable only; wipes itself.
class X25519Key {
 public:
  static X25519Key generate(Random& random);
  /// 32 raw bytes, unclamped, as age keeps them. Fault: crypto.key for another size.
  static Result<X25519Key> from_bytes(Secret bytes);

  const X25519Public& public_key() const { return public_key_; }
  const Secret& bytes() const { return bytes_; }
  /// The 32-byte shared secret. Fault: crypto.key when it is all zero (RFC 7748 §6.1), which a
  /// point of small order brings about.
  Result<Secret> agree(const X25519Public& other) const;

 private:
  explicit X25519Key(Secret bytes);

  Secret bytes_;
  KeyHandle handle_;
  X25519Public public_key_;
};

}  // namespace comity::crypto
