// A folder from a stranger, read only. Nothing is followed out of it: every component of a path is
// opened below the folder before, links and devices are refused, and sizes and counts are bounded.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/bytes.hpp"

namespace comity::court {

/// How much of a folder was read so far, and who wants to know.
struct FolderReading {
  std::uint64_t bytes = 0;
  std::function<void(std::uint64_t bytes)> told;
};

/// A regular file, opened for reading from its beginning. Movable only.
class FolderFile {
 public:
  FolderFile(FolderFile&& other) noexcept;
  FolderFile& operator=(FolderFile&&) = delete;
  FolderFile(const FolderFile&) = delete;
  FolderFile& operator=(const FolderFile&) = delete;
  ~FolderFile();

  std::uint64_t size() const { return size_; }  // when it was opened
  /// Fills `into` unless the file ends before; returns how much there was. Fault: store.io.
  Result<std::size_t> read(std::span<std::uint8_t> into);

 private:
  friend class Folder;
  FolderFile(int descriptor, std::shared_ptr<FolderReading> reading)
      : descriptor_(descriptor), reading_(std::move(reading)) {}

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::shared_ptr<FolderReading> reading_;
};

enum class EntryKind {
  file,
  folder,
  other,  // a link, a device, a pipe; or a folder that can not be read or lies too deep
};

/// Owns the folder's descriptor. Movable only.
class Folder {
 public:
  /// `path` is the caller's own word and may be a link. Fault: store.io.
  /// `told` hears of the bytes read, all files together.
  static Result<Folder> open(const std::filesystem::path& path,
                             std::function<void(std::uint64_t bytes)> told = {});
  Folder(Folder&& other) noexcept;
  Folder& operator=(Folder&&) = delete;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  /// Fault: request.not_found when there is no such file; format.field for what is no plain file of
  /// this folder; store.io.
  Result<FolderFile> open_file(std::string_view path) const;
  /// A whole file. Fault: also limit.size when it has more than `size_max` bytes.
  Result<Bytes> read_file(std::string_view path, std::size_t size_max) const;

  /// Visits what lies below `path` (empty: the whole folder), in no order. For each folder the
  /// answer says whether to go into it; an answer of false for anything else ends the walk.
  /// Fault: store.io when `path` can not be read.
  using Visitor = std::function<bool(const std::string& path, EntryKind kind)>;
  Result<void> walk(const std::string& path, const Visitor& visit) const;

 private:
  Folder(int descriptor, std::shared_ptr<FolderReading> reading)
      : descriptor_(descriptor), reading_(std::move(reading)) {}
  /// An own descriptor for a folder below this one.
  Result<int> open_folder(std::string_view path) const;

  int descriptor_ = -1;
  std::shared_ptr<FolderReading> reading_;
};

}  // namespace comity::court
