// Tiles and entry bundles (c2sp.org/tlog-tiles): a log as files of 256 hashes or 256 entries each,
// immutable once written. Names, bytes, and reading a tree out of them; no file is touched here.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "formats/merkle.hpp"

namespace comity::formats {

inline constexpr unsigned k_tile_width = 256;                   // tiles of height 8
inline constexpr unsigned k_tile_level_max = 7;                 // 256^8 > k_tree_size_max
inline constexpr std::size_t k_bundle_entry_bytes_max = 65535;  // two bytes of length

/// One file of a log: the hashes of a level, or the entries themselves. A value.
struct Tile {
  enum class Kind { hashes, entries };

  Kind kind = Kind::hashes;
  unsigned level = 0;  // 0 for entries and for leaf hashes; one hash of level n covers 256^n leaves
  std::uint64_t index = 0;
  unsigned width = k_tile_width;  // 1 to 256; less than 256 is a partial tile

  auto operator<=>(const Tile&) const = default;
  bool full() const { return width == k_tile_width; }
};

/// "tile/0/x001/x234/067", "tile/1/000.p/17", "tile/entries/000".
std::string path_of(const Tile& tile);
/// The one spelling of each. Fault: format.proof.
Result<Tile> parse_tile_path(std::string_view path);

/// How many hashes level `level` has in a tree of `size`: floor(size / 256^level).
std::uint64_t hashes_at(unsigned level, std::uint64_t size);
/// The tile that a tree of `size` has at that place, as wide as it is then; it must have one.
Tile tile_at(Tile::Kind kind, unsigned level, std::uint64_t index, std::uint64_t size);
/// Every tile that a tree of `size` must have to be served, bundles included, left to right and
/// entries first: visits each.
void for_each_tile(std::uint64_t size, const std::function<void(const Tile&)>& visit);

/// Entries with their lengths (2 bytes, big-endian) before them. 1 to 256 entries of at most
/// 65,535 bytes.
Bytes encode_bundle(std::span<const Bytes> entries);
/// Exactly `width` entries and no byte more. Fault: format.proof.
Result<std::vector<Bytes>> decode_bundle(View bytes, unsigned width);
Bytes encode_hashes(std::span<const Digest> hashes);
/// Exactly `width` hashes. Fault: format.proof.
Result<std::vector<Digest>> decode_hashes(View bytes, unsigned width);

/// Gives a tile's bytes, or any fault.
using TileFetch = std::function<Result<Bytes>(const Tile&)>;

/// Reads the complete subtrees of a tree of `size` out of its hash tiles, each fetched once. Where
/// a partial tile is gone, the full one that replaced it serves. What it gives is not verified:
/// a proof made of it is checked by whoever gets it. Not for two threads at once.
class TileHashReader final : public HashReader {
 public:
  TileHashReader(std::uint64_t size, TileFetch fetch) : size_(size), fetch_(std::move(fetch)) {}
  Result<Digest> subtree(unsigned level, std::uint64_t index) override;

 private:
  Result<const std::vector<Digest>*> hashes_of(unsigned level, std::uint64_t index);

  std::uint64_t size_;
  TileFetch fetch_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Digest>> held_;
};

}  // namespace comity::formats
