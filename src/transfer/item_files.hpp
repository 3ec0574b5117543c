// Where the bytes of one sealed item lie in its directory, and how its hash tiles get there.
// A file that has its final name is whole and durable; one that is not ends in ".partial".
#pragma once

#include <functional>
#include <stop_token>

#include "evidence/chunk_tree.hpp"
#include "evidence/manifest.hpp"
#include "transfer/file.hpp"

namespace comity::transfer {

/// A directory that holds one item and nothing else.
struct ItemFiles {
  Path directory;

  Path sealed() const { return directory / "sealed.age"; }
  Path sealed_partial() const { return directory / "sealed.age.partial"; }
  Path tiles() const { return directory / "chunks.tiles"; }
  Path tiles_partial() const { return directory / "chunks.tiles.partial"; }
  Path bitmap() const { return directory / "chunks.bitmap"; }
};

/// What bulk work may be told and asked. `progress` gets the bytes done so far, now and then, from
/// one thread of the work's own. After a stop request the work ends with evidence.incomplete.
struct WorkOptions {
  evidence::Media media =
      evidence::Media::file;  // of what is sealed: a folder can be cut at its files
  unsigned workers = 0;       // 0: as many as there are cores
  std::function<void(std::uint64_t bytes_done)> progress;
  std::stop_token stop;
};

/// Tile files below `root`, in the layout of tlog-tiles. What is read is not checked here.
Result<void> write_tile(const Path& root, const formats::Tile& tile, View hashes);
Result<Bytes> read_tile(const Path& root, const formats::Tile& tile);
evidence::TileSource tile_source(Path root);

/// A block of work: 16 chunks, so that it never straddles two tiles.
inline constexpr std::size_t k_block_chunks = 16;
inline constexpr std::size_t k_block_plain = k_block_chunks * formats::k_age_chunk_size;
inline constexpr std::size_t k_block_sealed = k_block_chunks * formats::k_age_sealed_chunk_size;
/// Blocks in a pipeline: enough to keep every worker and both ends busy. With two buffers a block
/// and six workers at most, 28 MiB.
inline std::size_t blocks_for(unsigned workers) {
  return 2 * workers + 2;
}

std::unexpected<Fault> stopped_fault();

}  // namespace comity::transfer
