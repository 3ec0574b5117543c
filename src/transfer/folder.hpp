// A folder, or several files, as one plaintext: a pax tape archive (POSIX.1-2001) that is made
// while it is read, the same bytes each time for the same tree. Any `tar -x` opens it.
// It follows no symbolic link, leaves no entry out without a word, and never writes.
#pragma once

#include <memory>
#include <vector>

#include "evidence/manifest.hpp"
#include "node/call.hpp"
#include "transfer/file.hpp"

namespace comity::transfer {

/// Limits: what goes beyond is refused, never cut.
inline constexpr std::size_t k_folder_depth_max = 256;        // folders within folders
inline constexpr std::size_t k_folder_path_max = 4096;        // bytes, within the archive
inline constexpr std::size_t k_folder_entries_max = 1 << 20;  // directly in one folder
inline constexpr std::size_t k_attribute_max = 65536;         // bytes of an extended attribute

/// Kept of each entry: name, kind, mode, owner and group by number, modification time, the target
/// of a symbolic link, that two names are one file (hard links), extended attributes. Entries come
/// in the order of their names' bytes. Access times of the originals are left alone where the
/// system allows it. Resource; used by one thread.
class FolderSource final : public node::Source {
 public:
  /// Each root is stored under its last component, in the order given; those components must
  /// differ. A root that is itself a symbolic link is stored as one. Fault: format.field.
  static Result<std::unique_ptr<FolderSource>> open(const std::vector<Path>& roots);
  ~FolderSource() override;

  /// Faults: evidence.changed when a file or folder changes while it is read; store.io when one
  /// can not be read; limit.* past the limits above or past k_manifest_remarks_max omissions.
  Result<std::size_t> read(std::span<std::uint8_t> into) override;

  /// Entries that hold no bytes to keep (sockets, pipes, devices), each with the reason. All of
  /// them are there once read has given 0.
  const std::vector<evidence::Remark>& omissions() const;

 private:
  class Walk;
  explicit FolderSource(std::vector<Path> roots);

  Bytes made_;             // of the archive, by the walk
  std::size_t taken_ = 0;  // of those, bytes
  std::unique_ptr<Walk> walk_;
};

}  // namespace comity::transfer
