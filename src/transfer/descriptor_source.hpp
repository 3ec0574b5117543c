// What a descriptor gives from where it stands to its end: a file, a disk or a pipe. Holes of a
// file are not read from the disk. A file that changes under it is never given as if it had not.
#pragma once

#include <sys/stat.h>

#include <optional>

#include "node/call.hpp"
#include "transfer/file.hpp"

namespace comity::transfer {

/// Owns the descriptor. Moves its position as it reads, so that whoever shares it can see how far
/// it is. Used by one thread.
class DescriptorSource final : public node::Source {
 public:
  /// Takes a file that is open for reading. Fault: store.io.
  static Result<DescriptorSource> of(File file);

  /// Gives the zeros of a hole without asking the disk for them. At the end of a regular file:
  /// evidence.changed when its length or times are no longer what they were. Faults: store.io.
  Result<std::size_t> read(std::span<std::uint8_t> into) override;

  /// Bytes from where it stood to the end, when they are known: of a regular file or a disk.
  std::optional<std::uint64_t> total() const { return total_; }
  bool is_regular() const { return before_.has_value(); }
  const File& file() const { return file_; }

 private:
  explicit DescriptorSource(File file) : file_(std::move(file)) {}
  Result<std::size_t> skip_hole(std::span<std::uint8_t> into);
  Result<void> find_extent();
  Result<void> check_unchanged() const;

  File file_;
  std::optional<std::uint64_t> total_;
  std::optional<struct stat> before_;  // of a regular file
  bool is_sparse_ = false;
  std::uint64_t at_ = 0;        // of a sparse file: where reading stands
  std::uint64_t data_at_ = 0;   // where the next bytes on the disk begin
  std::uint64_t data_end_ = 0;  // and where they end
};

}  // namespace comity::transfer
