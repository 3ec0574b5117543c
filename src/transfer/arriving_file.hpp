// The file of an item that is still arriving, and the bitmap of what is in it. The bitmap on disk
// never claims a chunk whose bytes are not durable. It is saved, and room on the disk reserved,
// behind the transfer's back, so that the network does not wait for the disk.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "evidence/bitmap.hpp"
#include "transfer/item_files.hpp"

namespace comity::transfer {

/// Resource. Its functions may be called from any thread.
class ArrivingFile {
 public:
  /// Opens or makes sealed.age.partial at its full length, and reads the bitmap. One that is torn
  /// counts as none: its chunks are recognised again by their hashes.
  ArrivingFile(const ItemFiles& files, const evidence::SealedShape& shape);
  ArrivingFile(const ArrivingFile&) = delete;
  ArrivingFile& operator=(const ArrivingFile&) = delete;
  ~ArrivingFile();
  /// To be called first, once. `save_interval` in bytes. Faults: store.*.
  Result<void> open(std::uint64_t save_interval);

  /// True when something of an earlier run was there.
  bool resumed() const { return resumed_; }
  File& file() { return *file_; }
  std::optional<evidence::ChunkRange> next_missing(std::uint64_t from, std::uint64_t count_max);
  bool complete();
  /// Chunk bytes present.
  std::uint64_t bytes_present();
  /// These chunks have been checked and written. Fault: that of an earlier save.
  Result<void> mark(std::span<const std::uint64_t> chunks);
  /// Saves the bitmap and returns when it is durable. Faults: store.*; after one of them nothing
  /// is saved any more, since a failed sync leaves unknown what is on the disk.
  Result<void> save();
  /// All is there: makes it durable under its final name, and removes the bitmap.
  Result<void> publish();

 private:
  Result<void> make_new();
  void run_saver();
  Result<void> reserve();
  std::uint64_t bytes_of(const evidence::Bitmap& bitmap) const;

  const ItemFiles files_;
  const evidence::SealedShape shape_;
  std::optional<File> file_;
  bool resumed_ = false;
  std::uint64_t save_interval_ = 0;

  std::mutex saving_;  // one save at a time; taken before mutex_
  std::mutex mutex_;   // of what follows
  evidence::Bitmap bitmap_;
  std::uint64_t unsaved_ = 0;  // bytes marked since the last save began
  bool closed_ = false;
  Result<void> saved_;  // the fault of a save, for good
  std::condition_variable due_;
  std::thread saver_;
};

/// The bitmap as it lies on disk; nothing when there is none that can be believed.
std::optional<evidence::Bitmap> read_bitmap(const ItemFiles& files,
                                            const evidence::SealedShape& shape);

}  // namespace comity::transfer
