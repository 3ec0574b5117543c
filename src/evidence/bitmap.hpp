// Which chunks of an item have arrived and been checked: the whole state that a transfer resumes
// from. Its durable form is bound to one item's chunk root and carries a checksum, so that a torn
// or foreign one is never believed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/id.hpp"

namespace comity::evidence {

/// A run of neighbouring chunks.
struct ChunkRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  bool operator==(const ChunkRange&) const = default;
};

/// A value.
class Bitmap {
 public:
  /// None of `chunks` chunks is there yet.
  explicit Bitmap(std::uint64_t chunks);

  bool has(std::uint64_t index) const;
  void set(std::uint64_t index);
  void clear(std::uint64_t index);
  std::uint64_t chunks() const { return chunks_; }
  std::uint64_t present() const { return present_; }
  bool complete() const { return present_ == chunks_; }
  /// The first run of missing chunks at or after `from`, cut to `count_max` (at least 1).
  std::optional<ChunkRange> next_missing(std::uint64_t from = 0,
                                         std::uint64_t count_max = ~std::uint64_t{0}) const;

  /// "comitybm", number of chunks, chunk root, one bit a chunk (lowest first), SHA-256 of all that.
  Bytes write(const Digest& chunk_root) const;
  /// Fault: store.corrupt when it is torn, or of another item.
  static Result<Bitmap> read(View bytes, std::uint64_t chunks, const Digest& chunk_root);

  bool operator==(const Bitmap&) const = default;

 private:
  std::uint64_t chunks_;
  std::uint64_t present_ = 0;
  std::vector<std::uint64_t> words_;  // bits past chunks_ are zero
};

}  // namespace comity::evidence
