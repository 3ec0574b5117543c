// A tape archive of plain files (POSIX.1-1988 ustar), header by header, so that a backup opens with
// any `tar -x`. Strict: a header is accepted only if it is, byte for byte, the one that would be
// written here, so there is no link, no device, no owner and no second way to name a file.
// It must never decide where a file goes: whoever reads allows names one by one.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace comity::formats {

inline constexpr std::size_t k_tape_block_size = 512;
inline constexpr std::size_t k_tape_path_max = 100;  // bytes: the longest name without an extension
/// The largest file; beyond 8 GiB the size stands in binary, as every tar of today reads it.
inline constexpr std::uint64_t k_tape_file_max = (std::uint64_t{1} << 53) - 1;

using TapeBlock = std::array<std::uint8_t, k_tape_block_size>;

struct TapeFile {
  std::string path;  // [A-Za-z0-9._-] and single slashes; no component begins with a dot
  std::uint64_t size = 0;
  std::int64_t modified_s = 0;  // since 1970

  bool operator==(const TapeFile&) const = default;
};

/// Whether a path is of the form above and not longer than k_tape_path_max.
bool is_tape_path(std::string_view path);
/// The header before a file's bytes. CHECKs that it is one that read_tape_header takes.
TapeBlock tape_header(const TapeFile& file);
/// Nothing for the block of zeros that ends an archive (two of them do). Fault: format.tape.
Result<std::optional<TapeFile>> read_tape_header(View block);
/// Zeros after a file's bytes, up to a whole block.
std::size_t tape_padding(std::uint64_t size);

}  // namespace comity::formats
