#include "transfer/arriving_file.hpp"

#include <fcntl.h>

#include <algorithm>

namespace comity::transfer {
namespace {

using evidence::Bitmap;

/// The largest item has 2^28 chunks, a bit each.
constexpr std::size_t k_bitmap_bytes_max =
    evidence::k_item_size_max / formats::k_age_chunk_size / 8 + 128;

constexpr std::uint64_t k_reserved_at_once = std::uint64_t{32} << 20;  // bytes

/// At least 64 MiB, and so much that writing bitmaps stays under two per cent of all writing.
std::uint64_t default_interval(std::uint64_t chunks) {
  return std::max<std::uint64_t>(64UL << 20, chunks / 8 * 64);
}

}  // namespace

std::optional<Bitmap> read_bitmap(const ItemFiles& files, const evidence::SealedShape& shape) {
  const auto bytes = read_file(files.bitmap(), k_bitmap_bytes_max);
  if (!bytes) return std::nullopt;
  auto bitmap = Bitmap::read(*bytes, shape.chunks(), shape.chunk_root);
  if (!bitmap) return std::nullopt;
  return *std::move(bitmap);
}

ArrivingFile::ArrivingFile(const ItemFiles& files, const evidence::SealedShape& shape)
    : files_(files), shape_(shape), bitmap_(shape.chunks()) {}

ArrivingFile::~ArrivingFile() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    due_.notify_all();
  }
  if (saver_.joinable()) saver_.join();
}

Result<void> ArrivingFile::open(std::uint64_t save_interval) {
  save_interval_ = save_interval != 0 ? save_interval : default_interval(shape_.chunks());
  if (file_exists(files_.sealed_partial())) {
    TRY_LET(File file, File::open(files_.sealed_partial(), O_RDWR));
    TRY_LET(const std::uint64_t size, file.size());
    // Another length: we died before the length was set, or it is no leftover of ours.
    if (size == shape_.total_size()) {
      file_ = std::move(file);
      resumed_ = true;
      if (auto bitmap = read_bitmap(files_, shape_)) bitmap_ = *std::move(bitmap);
    }
  }
  if (!file_) TRY(make_new());
  saver_ = std::thread([this] { run_saver(); });
  return {};
}

/// The old bitmap goes first, and durably: beside a new, empty file it would claim chunks that are
/// not there. If we die after it, the next run begins anew.
Result<void> ArrivingFile::make_new() {
  TRY(remove_tree(files_.sealed_partial()));
  TRY(remove_tree(files_.bitmap()));
  TRY(sync_directory(files_.directory));
  TRY_LET(File file, File::open(files_.sealed_partial(), O_RDWR | O_CREAT | O_EXCL));
  TRY(file.set_size(shape_.total_size()));
  file_ = std::move(file);
  return {};
}

std::optional<evidence::ChunkRange> ArrivingFile::next_missing(std::uint64_t from,
                                                               std::uint64_t count_max) {
  const std::lock_guard lock(mutex_);
  return bitmap_.next_missing(from, count_max);
}

bool ArrivingFile::complete() {
  const std::lock_guard lock(mutex_);
  return bitmap_.complete();
}

std::uint64_t ArrivingFile::bytes_of(const Bitmap& bitmap) const {
  const auto chunking = shape_.chunking();
  const auto last = chunking.count() - 1;
  auto bytes = bitmap.present() * formats::k_age_sealed_chunk_size;
  if (bitmap.has(last)) bytes -= formats::k_age_sealed_chunk_size - chunking.sealed_size_of(last);
  return bytes;
}

std::uint64_t ArrivingFile::bytes_present() {
  const std::lock_guard lock(mutex_);
  return bytes_of(bitmap_);
}

Result<void> ArrivingFile::mark(std::span<const std::uint64_t> chunks) {
  const std::lock_guard lock(mutex_);
  for (const auto chunk : chunks) bitmap_.set(chunk);
  unsaved_ += chunks.size() * formats::k_age_sealed_chunk_size;
  if (unsaved_ >= save_interval_) due_.notify_all();
  return saved_;
}

Result<void> ArrivingFile::save() {
  const std::lock_guard one_at_a_time(saving_);
  std::unique_lock lock(mutex_);
  if (!saved_) return saved_;
  const auto bitmap = bitmap_;  // only chunks whose bytes have been handed to the kernel
  unsaved_ = 0;
  lock.unlock();
  const auto attempt = [&]() -> Result<void> {
    // If we die before the rename, the older bitmap stands; it claims less, and all it claims is
    // durable since it was written.
    TRY(file_->sync_data());
    const Path partial = files_.bitmap().string() + ".partial";
    TRY_LET(const File file, File::open(partial, O_WRONLY | O_CREAT | O_TRUNC));
    TRY(file.write_at(bitmap.write(shape_.chunk_root), 0));
    TRY(file.sync_data());
    return rename_path(partial, files_.bitmap());
  };
  auto outcome = attempt();
  lock.lock();
  if (!outcome) saved_ = outcome;
  return outcome;
}

/// All of the file, a step at a time: while the kernel reserves, nobody writes.
Result<void> ArrivingFile::reserve() {
  const auto total = shape_.total_size();
  for (std::uint64_t from = 0; from < total; from += k_reserved_at_once) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return {};
    }
    TRY(file_->reserve(from, std::min(k_reserved_at_once, total - from)));
  }
  return {};
}

void ArrivingFile::run_saver() {
  const auto reserved = reserve();
  std::unique_lock lock(mutex_);
  if (!reserved) saved_ = reserved;  // met by the next mark
  for (;;) {
    due_.wait(lock, [&] { return closed_ || !saved_ || unsaved_ >= save_interval_; });
    if (closed_ || !saved_) return;
    lock.unlock();
    if (!save()) return;  // the fault is kept, and met by the next mark
    lock.lock();
  }
}

/// If we die before the rename, the next run finds every chunk in the bitmap or recognises it, and
/// comes here again. After it, the item is whole whatever else remains.
Result<void> ArrivingFile::publish() {
  const std::lock_guard one_at_a_time(saving_);
  {
    const std::lock_guard lock(mutex_);
    if (!saved_) return saved_;
  }
  TRY(file_->sync_data());
  TRY(rename_path(files_.sealed_partial(), files_.sealed()));
  TRY(sync_directory(files_.directory));
  return remove_tree(files_.bitmap());
}

}  // namespace comity::transfer
