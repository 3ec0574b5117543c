// Ed25519 (RFC 8032): signatures of custody logs and their checkpoints. Deterministic, so a
// simulation replays from its seed.
#pragma once

#include "base/id.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/key_handle.hpp"

namespace comity::crypto {

using Ed25519Public = Id<struct Ed25519PublicTag, 32>;
using Ed25519Signature = Id<struct Ed25519SignatureTag, 64>;

/// A private key. Movable only; wipes itself.
class Ed25519Key {
 public:
  static Ed25519Key generate(Random& random);
  /// The 32-byte seed of RFC 8032 §5.1.5. Fault: crypto.key for another size.
  static Result<Ed25519Key> from_seed(Secret seed);

  const Ed25519Public& public_key() const { return public_key_; }
  const Secret& seed() const { return seed_; }
  Ed25519Signature sign(View message) const;

 private:
  explicit Ed25519Key(Secret seed);

  Secret seed_;
  KeyHandle handle_;
  Ed25519Public public_key_;
};

bool ed25519_verify(const Ed25519Public& key, View message, const Ed25519Signature& signature);

}  // namespace comity::crypto
