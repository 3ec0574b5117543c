// Opening: the identity and a sealed item's bytes in, the plaintext out, checked against the signed
// shape at every step. It names the chunk that is wrong and releases nothing of it.
#pragma once

#include "evidence/manifest.hpp"
#include "formats/age_keys.hpp"
#include "formats/age_stream.hpp"

namespace comity::evidence {

/// That these are the signed prefix bytes. Fault: evidence.chunk, naming the prefix.
Result<void> check_prefix(const SealedShape& shape, View prefix);

/// The key under which the item's chunks are sealed. `prefix` is checked first.
/// Faults: evidence.chunk; format.age; crypto.open when the item is not sealed for this identity.
Result<Secret> payload_key_of(const SealedShape& shape, View prefix,
                              const formats::AgeIdentity& identity);

/// Opens single chunks in any order. Each thread has its own.
class ChunkOpener {
 public:
  ChunkOpener(const SealedShape& shape, const Secret& payload_key)
      : chunking_(shape.chunking()), cipher_(payload_key) {}

  /// `sealed` is chunk `index` whole; `out` has 16 bytes less. Fault: evidence.chunk.
  Result<void> open(std::uint64_t index, View sealed, std::span<std::uint8_t> out);

 private:
  formats::AgeChunking chunking_;
  formats::AgeChunkCipher cipher_;
};

/// The plaintext of a whole file in memory. Faults: as above; evidence.incomplete for another
/// length; evidence.hash when all chunks open but are not what the sender hashed, which proves the
/// sender at fault.
Result<Bytes> open_item(const SealedShape& shape, View file, const formats::AgeIdentity& identity);

/// A fault that names a chunk: "chunk 17".
std::unexpected<Fault> bad_chunk(std::uint64_t index);

}  // namespace comity::evidence
