// The Merkle tree over an item's sealed chunks (RFC 9162 §2.1 with SHA-256), in the tile layout of
// C2SP tlog-tiles: leaf k is the hash of sealed chunk k. With the signed root anyone can check one
// chunk by two or three tiles, without a key and without the rest of the file.
// A tile or leaf that has not been checked against the root is never handed out.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "formats/merkle.hpp"
#include "formats/tile.hpp"

namespace comity::evidence {

/// Takes one tile: its hashes, 32 bytes each. Called once for each tile of the finished tree.
using TileSink = std::function<Result<void>(const formats::Tile&, View hashes)>;
/// Gives the bytes of a tile from wherever they are; nobody vouches for them yet.
using TileSource = formats::TileFetch;

/// Builds the tiles and the root from leaf hashes in their order, in constant memory.
class ChunkTreeBuilder {
 public:
  explicit ChunkTreeBuilder(TileSink tiles) : tiles_(std::move(tiles)) {}

  /// Fault: that of the sink, as a full tile is given to it.
  Result<void> add(const Digest& leaf);
  /// Gives the partial tiles of the right edge to the sink. At least one leaf was added.
  Result<Digest> finish();
  std::uint64_t size() const { return edge_.size(); }

 private:
  Result<void> add_at(unsigned level, const Digest& hash);

  TileSink tiles_;
  formats::Edge edge_;
  std::vector<std::vector<Digest>> rows_;  // by tile level: the tile that is filling
  std::vector<std::uint64_t> full_;        // by tile level: tiles given away
};

/// An item's tree read through untrusted tiles. Each tile is checked when it is first needed: those
/// of the right edge against the root, the others against the tile above. Keeps the tiles above
/// level 0 (2 MiB for a tebibyte) and one of level 0. Not for several threads at once.
class ChunkTiles final : public formats::HashReader {
 public:
  /// `kept` gets each tile after its check, where it should be remembered; may be empty.
  ChunkTiles(std::uint64_t chunks, const Digest& root, TileSource source, TileSink kept = {});

  /// The leaf hashes of chunks [256·tile_index, …), as many as that tile of level 0 holds.
  /// Valid until the next call. Faults: evidence.chunk naming the tile; those of the source.
  Result<std::span<const Digest>> leaves(std::uint64_t tile_index);
  Result<Digest> leaf(std::uint64_t chunk);
  Result<Digest> subtree(unsigned level, std::uint64_t index) override;

 private:
  using Hashes = std::vector<Digest>;
  Result<void> load_edge();
  Result<Hashes> fetch(const formats::Tile& tile);
  Result<std::span<const Digest>> hashes_of(unsigned level, std::uint64_t index);

  std::uint64_t chunks_;
  Digest root_;
  TileSource source_;
  TileSink kept_;
  bool edge_loaded_ = false;
  std::map<std::pair<unsigned, std::uint64_t>, Hashes> above_;  // level ≥ 1, and the edge
  std::optional<std::uint64_t> leaf_tile_;                      // which one `leaves_` is
  Hashes leaves_;
};

/// The partial tiles on the right edge of a tree of that many chunks, level 0 first.
std::vector<formats::Tile> edge_tiles(std::uint64_t chunks);

/// One chunk against the root by an inclusion proof (RFC 9162 §2.1.3). Fault: evidence.chunk.
Result<void> check_chunk(View sealed, std::uint64_t index, std::uint64_t chunks,
                         std::span<const Digest> proof, const Digest& chunk_root);

}  // namespace comity::evidence
