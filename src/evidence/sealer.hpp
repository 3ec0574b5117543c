// Sealing: plaintext in, an age v1 file out, with the leaf hash of every chunk on the way, so that
// each byte is read, sealed and hashed once. In buffers only; transfer/seal.hpp adds threads and
// files. A payload key seals one item: neither key nor nonce can be given from outside.
#pragma once

#include <memory>
#include <vector>

#include "base/random.hpp"
#include "crypto/digest.hpp"
#include "evidence/chunk_tree.hpp"
#include "evidence/manifest.hpp"
#include "evidence/parts.hpp"
#include "formats/age_keys.hpp"
#include "formats/age_stream.hpp"

namespace comity::evidence {

/// What stands before the first chunk is sealed. Movable only.
struct SealStart {
  Bytes prefix;  // age header and nonce: the first bytes of the file
  Secret payload_key;
  std::vector<Digest> recipients;  // key ids, in the order of their stanzas
};

/// Draws the file key and nonce, and wraps the key for each recipient (at least one; distinct).
/// Faults: format.field for none or a repeated one, crypto.key.
Result<SealStart> start_seal(const std::vector<formats::AgeRecipient>& recipients, Random& random);

/// Seals single chunks in any order. Each thread has its own; all from one SealStart agree.
class ChunkSealer {
 public:
  explicit ChunkSealer(const SealStart& start) : cipher_(start.payload_key) {}

  /// As AgeChunkCipher::seal; returns the chunk's leaf hash.
  Digest seal(std::uint64_t index, bool last, View plaintext, std::span<std::uint8_t> out);
  /// A run of chunks from `first` on, one behind the other in `out`; all but the last are full.
  /// `last`: with it the file ends. Hashed two by two, while both are in the core's cache.
  void seal_run(std::uint64_t first, bool last, std::span<const View> plaintext,
                std::span<std::uint8_t> out, std::span<Digest> leaves);

 private:
  formats::AgeChunkCipher cipher_;
};

/// The shape of what was sealed, from its parts.
SealedShape shape_of(const SealStart& start, std::uint64_t plaintext_size,
                     const PartsHash::Finished& plaintext, const Digest& chunk_root);

/// Seals a plaintext that comes in pieces, on one thread. Resource: neither copied nor moved.
class Sealer {
 public:
  /// Appends the prefix to `out`. Tiles of the chunk tree go to `tiles` as they fill.
  Sealer(SealStart start, TileSink tiles, Bytes& out, Media media = Media::file);

  /// Appends to `out` each chunk that is now known not to be the last. Faults: those of `tiles`;
  /// limit.size past k_item_size_max.
  Result<void> push(View plaintext, Bytes& out);
  /// The plaintext ends here: appends the last chunk.
  Result<SealedShape> finish(Bytes& out);

 private:
  Result<void> seal_held(bool last, Bytes& out);

  SealStart start_;
  ChunkSealer sealer_;
  ChunkTreeBuilder tree_;
  PartsHash plaintext_;
  Bytes held_;  // at most one chunk of plaintext
};

}  // namespace comity::evidence
