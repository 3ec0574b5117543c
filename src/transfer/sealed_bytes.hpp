// The plaintext of what has just been sealed, by position, while its key is still at hand: what is
// said of an item that passed as a stream is then said of the bytes that were sealed.
#pragma once

#include "evidence/opener.hpp"
#include "transfer/item_files.hpp"
#include "transfer/seal.hpp"

namespace comity::transfer {

/// Used by one thread. Holds the file open, and one block of plaintext.
class SealedBytes {
 public:
  /// Faults: store.io.
  static Result<SealedBytes> open(const Path& directory, const SealedItem& item);

  /// Fills `into` unless the bytes end before; gives how many there were. Every chunk is opened
  /// under the item's key. Faults: evidence.chunk, store.io.
  Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset);

 private:
  SealedBytes(File file, const SealedItem& item)
      : file_(std::move(file)), shape_(item.shape), opener_(item.shape, item.payload_key) {}
  Result<void> open_block(std::uint64_t block);

  File file_;
  evidence::SealedShape shape_;
  evidence::ChunkOpener opener_;
  Bytes sealed_, plain_;
  std::uint64_t begin_ = 0;  // where plain_ lies
};

}  // namespace comity::transfer
