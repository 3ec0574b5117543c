#include "transfer/item_files.hpp"

namespace comity::transfer {

Result<void> write_tile(const Path& root, const formats::Tile& tile, View hashes) {
  const Path path = root / formats::path_of(tile);
  // A directory holds a thousand tiles, so it is mostly there.
  if (auto written = write_file(path, hashes)) return written;
  TRY(make_directories(path.parent_path()));
  return write_file(path, hashes);
}

Result<Bytes> read_tile(const Path& root, const formats::Tile& tile) {
  return read_file(root / formats::path_of(tile), std::size_t{formats::k_tile_width} * 32);
}

evidence::TileSource tile_source(Path root) {
  return [root = std::move(root)](const formats::Tile& tile) { return read_tile(root, tile); };
}

std::unexpected<Fault> stopped_fault() {
  return fault(FaultCode::evidence_incomplete, "the work was stopped; it can be taken up again");
}

}  // namespace comity::transfer
