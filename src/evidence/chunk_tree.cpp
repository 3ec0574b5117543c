#include "evidence/chunk_tree.hpp"

#include <algorithm>
#include <bit>

#include "base/check.hpp"

namespace comity::evidence {
namespace {

using formats::Tile;

using formats::k_tile_width;

std::unexpected<Fault> bad_tile(const Tile& tile) {
  return fault(FaultCode::evidence_chunk, "hash tile " + formats::path_of(tile));
}

/// The roots of the complete subtrees of 2^n hashes that a partial tile falls into, largest first.
void append_peaks(std::vector<Digest>& peaks, std::span<const Digest> hashes) {
  while (!hashes.empty()) {
    const auto size = std::bit_floor(hashes.size());
    peaks.push_back(formats::root_of(hashes.first(size)));
    hashes = hashes.subspan(size);
  }
}

}  // namespace

Result<void> ChunkTreeBuilder::add(const Digest& leaf) {
  edge_.append(leaf);
  return add_at(0, leaf);
}

Result<void> ChunkTreeBuilder::add_at(unsigned level, const Digest& hash) {
  if (level == rows_.size()) {
    rows_.emplace_back().reserve(k_tile_width);
    full_.push_back(0);
  }
  rows_[level].push_back(hash);
  if (rows_[level].size() < k_tile_width) return {};
  const Tile tile{.level = level, .index = full_[level]++, .width = k_tile_width};
  const auto root = formats::root_of(rows_[level]);
  TRY(tiles_(tile, formats::encode_hashes(rows_[level])));
  rows_[level].clear();
  return add_at(level + 1, root);
}

Result<Digest> ChunkTreeBuilder::finish() {
  CHECK(size() > 0);
  for (unsigned level = 0; level < rows_.size(); ++level) {
    if (rows_[level].empty()) continue;
    const Tile tile{
        .level = level, .index = full_[level], .width = static_cast<unsigned>(rows_[level].size())};
    TRY(tiles_(tile, formats::encode_hashes(rows_[level])));
  }
  return edge_.root();
}

ChunkTiles::ChunkTiles(std::uint64_t chunks, const Digest& root, TileSource source, TileSink kept)
    : chunks_(chunks), root_(root), source_(std::move(source)), kept_(std::move(kept)) {
  CHECK(chunks > 0 && chunks <= formats::k_tree_size_max);
}

Result<ChunkTiles::Hashes> ChunkTiles::fetch(const Tile& tile) {
  TRY_LET(const Bytes bytes, source_(tile));
  auto hashes = formats::decode_hashes(bytes, tile.width);
  if (!hashes) return bad_tile(tile);
  return *std::move(hashes);
}

/// The partial tiles together hold the peaks of the tree, and those make the root.
Result<void> ChunkTiles::load_edge() {
  if (edge_loaded_) return {};
  const auto tiles = edge_tiles(chunks_);
  std::vector<Hashes> loaded;
  std::vector<Digest> peaks;
  for (auto tile = tiles.rbegin(); tile != tiles.rend(); ++tile) {
    TRY_LET(Hashes hashes, fetch(*tile));
    append_peaks(peaks, hashes);
    loaded.push_back(std::move(hashes));
  }
  const auto edge = formats::Edge::from_peaks(chunks_, std::move(peaks));
  if (!edge || edge->root() != root_) return bad_tile(tiles.back());
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    auto& hashes = loaded[tiles.size() - 1 - i];
    if (kept_) TRY(kept_(tiles[i], formats::encode_hashes(hashes)));
    above_.emplace(std::pair(tiles[i].level, tiles[i].index), std::move(hashes));
  }
  edge_loaded_ = true;
  return {};
}

Result<std::span<const Digest>> ChunkTiles::hashes_of(unsigned level, std::uint64_t index) {
  TRY(load_edge());
  if (const auto at = above_.find({level, index}); at != above_.end())
    return std::span<const Digest>(at->second);
  if (level == 0 && leaf_tile_ == index) return std::span<const Digest>(leaves_);
  // Not on the edge, so the tile is full, and a tile above holds its root.
  const Tile tile = formats::tile_at(Tile::Kind::hashes, level, index, chunks_);
  CHECK(tile.full());
  TRY_LET(const auto parents, hashes_of(level + 1, index / k_tile_width));
  const Digest expected = parents[index % k_tile_width];
  TRY_LET(Hashes hashes, fetch(tile));
  if (formats::root_of(hashes) != expected) return bad_tile(tile);
  if (kept_) TRY(kept_(tile, formats::encode_hashes(hashes)));
  if (level > 0)
    return std::span<const Digest>(
        above_.emplace(std::pair(level, index), std::move(hashes)).first->second);
  leaf_tile_ = index;
  leaves_ = std::move(hashes);
  return std::span<const Digest>(leaves_);
}

Result<std::span<const Digest>> ChunkTiles::leaves(std::uint64_t tile_index) {
  CHECK(tile_index * k_tile_width < chunks_);
  return hashes_of(0, tile_index);
}

Result<Digest> ChunkTiles::leaf(std::uint64_t chunk) {
  TRY_LET(const auto hashes, leaves(chunk / k_tile_width));
  return hashes[chunk % k_tile_width];
}

Result<Digest> ChunkTiles::subtree(unsigned level, std::uint64_t index) {
  const unsigned within = level % 8;
  const auto first = index << within;  // in hashes of tile level `level / 8`
  TRY_LET(const auto hashes, hashes_of(level / 8, first / k_tile_width));
  return formats::root_of(hashes.subspan(first % k_tile_width, std::size_t{1} << within));
}

std::vector<Tile> edge_tiles(std::uint64_t chunks) {
  std::vector<Tile> tiles;
  for (unsigned level = 0; level <= formats::k_tile_level_max; ++level) {
    const auto count = formats::hashes_at(level, chunks);
    if (const auto width = static_cast<unsigned>(count % k_tile_width); width != 0)
      tiles.push_back({.level = level, .index = count / k_tile_width, .width = width});
  }
  return tiles;
}

Result<void> check_chunk(View sealed, std::uint64_t index, std::uint64_t chunks,
                         std::span<const Digest> proof, const Digest& chunk_root) {
  if (!formats::check_inclusion(formats::leaf_hash(sealed), index, chunks, proof, chunk_root))
    return fault(FaultCode::evidence_chunk, "chunk " + std::to_string(index));
  return {};
}

}  // namespace comity::evidence
