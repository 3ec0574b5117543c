// The index of an export: every file with its size and digest, what is absent and why, and when
// each act is to be checked. Signed by the authority that exports (index.p7m, whose content is
// index.json byte for byte), so nothing can be added, taken away or exchanged (spec/export.md §3).
#pragma once

#include <vector>

#include "base/time.hpp"
#include "court/layout.hpp"
#include "formats/json.hpp"

namespace comity::court {

enum class Purpose { court, defence };
std::string_view name_of(Purpose purpose);
/// Fault: format.field.
Result<Purpose> purpose_from(std::string_view name);

/// What the reason for a part that is there, and is not shown, begins with.
inline constexpr std::string_view k_withheld = "withheld";
inline constexpr std::string_view k_export_format = "comity-export/1";
/// Some 2,000 bytes tell of an act with its parts, receipt and custody entries: room for all that
/// an exchange can hold (exchange::k_acts_per_side_max).
inline constexpr std::size_t k_index_bytes_max = 4'000'000;
inline constexpr std::size_t k_index_files_max = 25'000;
inline constexpr std::size_t k_index_items_max = 1000;

struct IndexFile {
  std::string path;
  Role role{};
  std::uint64_t size = 0;  // bytes
  Digest sha256;

  bool operator==(const IndexFile&) const = default;
};

/// A folder of hash tiles, every byte of which follows from the root.
struct IndexTiles {
  ItemId item;
  std::uint64_t chunks = 0;
  Digest chunk_root;

  bool operator==(const IndexTiles&) const = default;
};

struct IndexAbsent {
  std::string path;  // where it would stand
  std::string why;   // one line; begins with k_withheld where somebody decided so

  bool withheld() const { return why.starts_with(k_withheld); }
  bool operator==(const IndexAbsent&) const = default;
};

/// For stock tools, which must be told the time.
struct IndexAct {
  std::string path;
  StateCode author;
  Instant check_at;  // whole seconds: when it was signed

  bool operator==(const IndexAct&) const = default;
};

struct Index {
  bool exercise = false;
  ExchangeId exchange;
  StateCode exporter, partner;
  std::string authority;  // code in the exporter's entry; signs the index
  Purpose purpose{};
  Instant made_at;                  // whole seconds; also the time at which to check the index
  std::vector<IndexAct> acts;       // by path
  std::vector<IndexFile> files;     // by path
  std::vector<IndexTiles> tiles;    // by item
  std::vector<IndexAbsent> absent;  // by path

  bool operator==(const Index&) const = default;
};

/// How many things were left out because somebody decided so.
std::size_t withheld_count(const Index& index);

/// Canonical JSON; sorts the lists. Fault: limit.size, limit.count; format.field for a path that
/// comes twice or is not that of its role.
Result<Bytes> index_content(Index index);
/// Strict: only what index_content writes. Fault: format.version, format.field, format.json,
/// limit.*.
Result<Index> read_index(View content);

}  // namespace comity::court
