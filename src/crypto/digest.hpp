// SHA-256 and what is built on it: HMAC and HKDF. The one hash of the product: acts, chunks, logs.
// Nothing here allocates per digest: a Merkle tree asks for millions of digests of 65 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/secret.hpp"

namespace comity::crypto {

/// SHA-256 (FIPS 180-4) over bytes that come piece by piece. A value: a copy goes on from the same
/// point, so a long common beginning is hashed once.
class Sha256 {
 public:
  Sha256();
  void update(View bytes);
  /// The digest of all that was given; the object then begins anew.
  Digest finish();

 private:
  alignas(8) std::array<std::byte, 112> state_;  // the library's SHA256_CTX, checked in the .cpp
};

Digest sha256(View bytes);
/// Of the concatenation of the pieces.
Digest sha256(std::initializer_list<View> pieces);

/// HMAC-SHA-256 (RFC 2104) with a key of any size.
Digest hmac_sha256(View key, View message);
/// Of the concatenation of the pieces.
Digest hmac_sha256(View key, std::initializer_list<View> pieces);

inline constexpr std::size_t k_hkdf_bytes_max = std::size_t{255} * 32;  // RFC 5869 §2.3

/// HKDF-SHA-256 (RFC 5869), extract and expand. `size` ≤ k_hkdf_bytes_max; more is a bug.
Secret hkdf_sha256(View ikm, View salt, View info, std::size_t size);

}  // namespace comity::crypto
