// A disk as it is: its partition table (MBR; GPT with its checksums) and what marks each volume.
// What the table says is held against where the bytes end: an image that is cut short is told.
#include <algorithm>
#include <array>
#include <vector>

#include "survey/forms.hpp"

namespace comity::survey {
namespace {

constexpr std::size_t k_sector = 512, k_large_sector = 4096;
constexpr std::size_t k_mbr_table = 446, k_mbr_entry = 16, k_mbr_entries = 4;
constexpr std::size_t k_gpt_header_min = 92, k_gpt_entry_min = 128, k_gpt_entry_max = 4096;
constexpr std::size_t k_gpt_table_max = std::size_t{1} << 20;  // bytes
constexpr std::size_t k_partitions_max = 256;

struct Partition {
  std::uint64_t begin = 0, end = 0;  // bytes
};

/// CRC-32 as GPT and zip use it (ISO 3309).
std::uint32_t crc32(View bytes) {
  std::uint32_t crc = ~0U;
  for (const auto byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

bool has_boot_mark(View head) {
  return head.size() >= k_sector && head[510] == 0x55 && head[511] == 0xAA;
}

/// The entries of a master boot record, when they are what one could be.
std::vector<Partition> mbr_of(View head) {
  std::vector<Partition> found;
  for (std::size_t i = 0; i < k_mbr_entries; ++i) {
    const auto entry = head.subspan(k_mbr_table + i * k_mbr_entry, k_mbr_entry);
    if ((entry[0] & 0x7f) != 0) return {};
    const std::uint64_t begin = word_at(entry, 8), size = word_at(entry, 12);
    if (entry[4] == 0) continue;
    if (begin == 0 || size == 0) return {};
    found.push_back({.begin = begin * k_sector, .end = (begin + size) * k_sector});
  }
  return found;
}

std::optional<std::size_t> gpt_sector_of(View head) {
  for (const auto sector : {k_sector, k_large_sector})
    if (has_at(head, sector, "EFI PART") && head.size() >= 2 * sector) return sector;
  return std::nullopt;
}

Bytes read_at(Input& input, std::uint64_t at, std::size_t size) {
  Bytes bytes(size);
  bytes.resize(input.read(bytes, at).value_or(0));
  return bytes;
}

bool is_whole_header(View header) {
  const auto size = word_at(header, 12);
  if (size < k_gpt_header_min || size > header.size()) return false;
  auto zeroed = to_bytes(header.first(size));
  std::fill_n(zeroed.begin() + 16, 4, std::uint8_t{0});
  return crc32(zeroed) == word_at(header, 16);
}

std::vector<Partition> gpt_of(Input& input, View header, std::size_t sector, Survey& into) {
  if (!is_whole_header(header)) into.add_flaw("partition-table-checksum");
  const std::uint64_t count = word_at(header, 80), size = word_at(header, 84);
  if (size < k_gpt_entry_min || size > k_gpt_entry_max || count * size > k_gpt_table_max) {
    into.add_flaw("absurd-number");
    return {};
  }
  // An absurd place lies behind the end: nothing is read there.
  const auto table = read_at(input, long_at(header, 72) % (std::uint64_t{1} << 50) * sector,
                             static_cast<std::size_t>(count * size));
  if (table.size() < count * size) into.add_flaw("truncated");
  if (crc32(table) != word_at(header, 88)) into.add_flaw("partition-table-checksum");
  std::vector<Partition> found;
  for (std::size_t at = 0; at + size <= table.size() && found.size() < k_partitions_max;
       at += size) {
    const auto entry = View(table).subspan(at, size);
    if (std::ranges::all_of(entry.first(16), [](auto byte) { return byte == 0; })) continue;
    const auto begin = long_at(entry, 32), last = long_at(entry, 40);
    if (begin > last || last >= std::uint64_t{1} << 50) {
      into.add_flaw("absurd-number");
      continue;
    }
    found.push_back({.begin = begin * sector, .end = (last + 1) * sector});
  }
  return found;
}

/// Where the second copy of a GPT should stand: what it says of itself.
void check_backup(Input& input, View header, std::size_t sector, std::uint64_t size, Survey& into) {
  const auto at = long_at(header, 32);
  const bool is_inside = at < size / sector;
  if (!is_inside) into.add_flaw("truncated");
  if (is_inside && !has_at(read_at(input, at * sector, 8), 0, "EFI PART"))
    into.add_flaw("no-backup-table");
}

void look_into(Input& input, const Partition& partition, Survey& into) {
  const auto name = file_system_of(read_at(input, partition.begin, k_head_bytes));
  count_one(into, name.empty() ? "fs-unknown" : "fs-" + std::string(name));
}

}  // namespace

bool is_disk(View head) {
  return gpt_sector_of(head) || !file_system_of(head).empty() ||
         (has_boot_mark(head) && !mbr_of(head).empty());
}

void read_disk(Input& input, std::optional<std::uint64_t> size, Survey& into) {
  if (size) add_number(into, "disk_bytes", *size);
  if (size && *size % k_sector != 0) into.add_flaw("no-whole-sectors");
  const auto head = read_at(input, 0, k_head_bytes);
  std::vector<Partition> partitions;
  const char* table = "none";
  if (const auto sector = gpt_sector_of(head)) {
    table = "gpt";
    add_number(into, "sector_bytes", *sector);
    const auto header = View(head).subspan(*sector, *sector);
    if (input.size()) {
      partitions = gpt_of(input, header, *sector, into);
      check_backup(input, header, *sector, *input.size(), into);
    }
  } else if (has_boot_mark(head) && file_system_of(head).empty()) {
    table = "mbr";
    partitions = mbr_of(head);
  }
  into.facts.insert_or_assign("partition_table", table);
  if (const auto name = file_system_of(head); !name.empty())
    count_one(into, "fs-" + std::string(name));
  if (partitions.empty()) return;
  add_number(into, "partitions", partitions.size());
  for (const auto& partition : partitions) {
    if (size && partition.end > *size) into.add_flaw("truncated");
    if (input.size() && partition.begin < *input.size()) look_into(input, partition, into);
  }
}

}  // namespace comity::survey
