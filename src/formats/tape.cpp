#include "formats/tape.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace comity::formats {
namespace {

// POSIX.1-1988, "Extended tar format": offsets and widths of the fields that we fill.
struct Place {
  std::size_t offset, width;
};
constexpr Place k_name{0, 100}, k_mode{100, 8}, k_owner{108, 8}, k_group{116, 8}, k_size{124, 12},
    k_modified{136, 12}, k_checksum{148, 8}, k_type{156, 1}, k_magic{257, 8};
constexpr std::uint64_t k_octal_size_max = (std::uint64_t{1} << 33) - 1;  // 11 octal digits
constexpr std::int64_t k_octal_time_max = (std::int64_t{1} << 33) - 1;

void put_text(TapeBlock& block, Place place, std::string_view text) {
  CHECK(text.size() <= place.width);
  std::ranges::copy(text, block.begin() + static_cast<std::ptrdiff_t>(place.offset));
}

/// width − 1 octal digits and a NUL.
void put_octal(TapeBlock& block, Place place, std::uint64_t value) {
  block[place.offset + place.width - 1] = 0;
  for (std::size_t i = place.width - 1; i-- > 0; value >>= 3)
    block[place.offset + i] = static_cast<std::uint8_t>('0' + (value & 7));
  CHECK(value == 0);
}

/// Big-endian, the first bit set: what GNU and POSIX.1-2001 readers take for larger sizes.
void put_binary(TapeBlock& block, Place place, std::uint64_t value) {
  for (std::size_t i = place.width; i-- > 0; value >>= 8)
    block[place.offset + i] = static_cast<std::uint8_t>(value & 0xff);
  block[place.offset] |= 0x80;
}

std::optional<std::uint64_t> octal(View block, Place place) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i + 1 < place.width; ++i) {
    const auto digit = block[place.offset + i];
    if (digit < '0' || digit > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

std::optional<std::uint64_t> size_in(View block) {
  if ((block[k_size.offset] & 0x80) == 0) return octal(block, k_size);
  std::uint64_t value = 0;
  for (std::size_t i = 4; i < k_size.width; ++i) value = value << 8 | block[k_size.offset + i];
  return value;
}

}  // namespace

bool is_tape_path(std::string_view path) {
  if (path.empty() || path.size() > k_tape_path_max) return false;
  bool at_start = true;
  for (const char c : path) {
    if (c == '/') {
      if (at_start) return false;
      at_start = true;
      continue;
    }
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (!plain && (c != '.' || at_start)) return false;
    at_start = false;
  }
  return !at_start;
}

TapeBlock tape_header(const TapeFile& file) {
  CHECK(is_tape_path(file.path) && file.size <= k_tape_file_max);
  CHECK(file.modified_s >= 0 && file.modified_s <= k_octal_time_max);
  TapeBlock block{};
  put_text(block, k_name, file.path);
  put_octal(block, k_mode, 0600);
  put_octal(block, k_owner, 0);
  put_octal(block, k_group, 0);
  if (file.size <= k_octal_size_max)
    put_octal(block, k_size, file.size);
  else
    put_binary(block, k_size, file.size);
  put_octal(block, k_modified, static_cast<std::uint64_t>(file.modified_s));
  put_text(block, k_type, "0");
  put_text(block, k_magic, std::string_view("ustar\00000", 8));
  // The sum of all bytes, with spaces where it stands itself: six digits, a NUL, a space.
  put_text(block, k_checksum, "        ");
  std::uint64_t sum = 0;
  for (const auto byte : block) sum += byte;
  put_octal(block, {k_checksum.offset, 7}, sum);
  return block;
}

Result<std::optional<TapeFile>> read_tape_header(View block) {
  CHECK(block.size() == k_tape_block_size);
  if (std::ranges::all_of(block, [](auto byte) { return byte == 0; })) return std::nullopt;
  const auto name = as_text(block.first(k_name.width));
  TapeFile file{.path = std::string(name.substr(0, name.find('\0')))};
  const auto size = size_in(block);
  const auto modified = octal(block, k_modified);
  if (!is_tape_path(file.path) || !size || *size > k_tape_file_max || !modified)
    return fault(FaultCode::format_tape, "a header that no backup has");
  file.size = *size;
  file.modified_s = static_cast<std::int64_t>(*modified);
  if (!std::ranges::equal(tape_header(file), block))
    return fault(FaultCode::format_tape, file.path + ": is no plain file of a backup");
  return file;
}

std::size_t tape_padding(std::uint64_t size) {
  return static_cast<std::size_t>((k_tape_block_size - size % k_tape_block_size) %
                                  k_tape_block_size);
}

}  // namespace comity::formats
