// Files as bulk evidence uses them: positioned reads and writes by several threads, and the few
// ways in which bytes become durable. It must never follow a path that it was not given.
#pragma once

#include <filesystem>
#include <span>

#include "base/bytes.hpp"

namespace comity::transfer {

using Path = std::filesystem::path;

/// Owns a descriptor. Movable only. All faults are store.io, or store.full where a disk or quota
/// has no room; their details name the file's last component only.
class File {
 public:
  /// `flags` as of open(2); new files are readable by their owner only.
  static Result<File> open(const Path& path, int flags);
  /// The same from an open folder (or AT_FDCWD).
  static Result<File> open_at(int folder, const Path& path, int flags);
  /// Owns from now on what somebody else has opened. `name` stands in faults.
  static File adopt(int descriptor, std::string name) { return {descriptor, std::move(name)}; }
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  int descriptor() const { return descriptor_; }
  const std::string& name() const { return name_; }
  Result<std::uint64_t> size() const;
  /// Fills `into` unless the file ends before; returns how much there was.
  Result<std::size_t> read_at(std::span<std::uint8_t> into, std::uint64_t offset) const;
  Result<void> write_at(View bytes, std::uint64_t offset) const;
  /// Makes the file that long; nothing is written.
  Result<void> set_size(std::uint64_t size) const;
  /// Reserves these bytes on the disk, so that a full disk is met now and not at the end. Where a
  /// disk can not, it succeeds and does nothing.
  Result<void> reserve(std::uint64_t from, std::uint64_t length) const;
  /// Everything before `offset` has been handed over in order: tells the kernel to begin writing it
  /// out, some MiB at a time, so that the last sync has little left to wait for. A hint; from one
  /// thread.
  void write_behind(std::uint64_t offset);
  /// Returns when the bytes written so far survive a loss of power.
  Result<void> sync_data() const;

 private:
  File(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  int descriptor_ = -1;
  std::string name_;
  std::uint64_t behind_ = 0;  // bytes that the kernel was told to write out
};

/// A fault of the errno that was just set.
std::unexpected<Fault> file_fault(std::string_view what, const Path& path);

bool file_exists(const Path& path);
Result<void> make_directories(const Path& path);
Result<void> rename_path(const Path& from, const Path& to);
Result<void> remove_tree(const Path& path);
/// Makes the names in a directory durable: after a rename, or nothing has happened yet.
Result<void> sync_directory(const Path& path);
/// Makes everything written below `path` durable at once; for many small files.
Result<void> sync_tree(const Path& path);
/// A whole small file. Fault: limit.size when it is larger than `size_max`.
Result<Bytes> read_file(const Path& path, std::size_t size_max);
Result<void> write_file(const Path& path, View bytes);

}  // namespace comity::transfer
