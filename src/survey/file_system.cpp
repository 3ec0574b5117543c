// What marks a file system at the beginning of its volume. A mark is not proof that the rest is
// whole, and nothing of the file system is read.
#include <algorithm>
#include <array>

#include "survey/forms.hpp"

namespace comity::survey {
namespace {

using std::string_view_literals::operator""sv;

struct Mark {
  std::size_t at;
  std::string_view bytes;
  std::string_view name;
};

constexpr auto k_marks = std::to_array<Mark>({
    {3, "NTFS    "sv, "ntfs"},
    {3, "EXFAT   "sv, "exfat"},
    {3, "-FVE-FS-"sv, "bitlocker"},
    {82, "FAT32   "sv, "fat32"},
    {54, "FAT16   "sv, "fat16"},
    {54, "FAT12   "sv, "fat12"},
    {0, "XFSB"sv, "xfs"},
    {0, "LUKS\xba\xbe"sv, "luks"},
    {0, "hsqs"sv, "squashfs"},
    {32, "NXSB"sv, "apfs"},
    {1024, "H+\x00\x04"sv, "hfs-plus"},
    {1024, "HX\x00\x05"sv, "hfs-plus"},
    {1024, "\x10\x20\xf5\xf2"sv, "f2fs"},
    {512, "LABELONE"sv, "lvm2"},
    {536, "LVM2 001"sv, "lvm2"},
    {4086, "SWAPSPACE2"sv, "swap"},
    {65'600, "_BHRfS_M"sv, "btrfs"},
    {32'769, "CD001"sv, "iso9660"},
    {32'769, "BEA01"sv, "udf"},
});

constexpr std::size_t k_ext_superblock = 1024, k_ext_superblock_size = 1024;
constexpr std::uint16_t k_ext_magic = 0xEF53;

/// The three generations of ext by the features that each brought.
std::string_view ext_of(View head) {
  if (head.size() < k_ext_superblock + k_ext_superblock_size) return {};
  const auto block = head.subspan(k_ext_superblock);
  if (half_at(block, 56) != k_ext_magic) return {};
  constexpr std::uint32_t k_extents = 0x40, k_64bit = 0x80, k_flex = 0x200, k_journal = 0x4;
  if ((word_at(block, 96) & (k_extents | k_64bit | k_flex)) != 0) return "ext4";
  return (word_at(block, 92) & k_journal) != 0 ? "ext3" : "ext2";
}

}  // namespace

std::string_view file_system_of(View head) {
  const auto mark = std::ranges::find_if(
      k_marks, [&](const Mark& one) { return has_at(head, one.at, one.bytes); });
  return mark != k_marks.end() ? mark->name : ext_of(head);
}

}  // namespace comity::survey
