// SHA-256 that can be taken up in the middle: the chaining value between two blocks, given out and
// taken back. What part proofs are made of (evidence/parts.hpp); everything else takes digest.hpp.
// A state is as public as a digest, and says as much of the bytes before it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/id.hpp"

namespace comity::crypto {

inline constexpr std::size_t k_sha256_block_bytes = 64;

/// A value: a copy goes on from the same point.
class Sha256State {
 public:
  /// At the beginning: the initial value of FIPS 180-4 §5.3.3.
  Sha256State();
  /// Goes on from `state`, as if `bytes_before` bytes (whole blocks) had been given.
  Sha256State(const Digest& state, std::uint64_t bytes_before);

  void update(View bytes);
  /// The chaining value (FIPS 180-4 §6.2.2) after all that was given, which is a whole number of
  /// blocks; anything else is a bug. It costs nothing: the library has it at hand.
  Digest state() const;
  /// The digest of all that was given, and of what came before. Nothing may follow.
  Digest finish();

 private:
  alignas(8) std::array<std::byte, 112> state_;  // the library's SHA256_CTX, checked in the .cpp
};

}  // namespace comity::crypto
