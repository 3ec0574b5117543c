#include "transfer/take_again.hpp"

#include <fcntl.h>

#include "evidence/bitmap.hpp"
#include "formats/merkle.hpp"

namespace comity::transfer {
namespace {

using formats::k_tile_width;

/// Which chunks are what was signed. What a broken hash tile covers counts as missing.
Result<evidence::Bitmap> right_chunks(const ItemFiles& files, const evidence::SealedShape& shape) {
  evidence::Bitmap right(shape.chunks());
  TRY_LET(const File file, File::open(files.sealed(), O_RDONLY));
  TRY_LET(const auto size, file.size());
  if (size != shape.total_size()) return right;
  Bytes sealed(formats::k_age_sealed_chunk_size);
  for (std::uint64_t tile = 0; tile * k_tile_width < shape.chunks(); ++tile) {
    // Anew for each: a fault leaves nothing behind that could be taken for checked.
    evidence::ChunkTiles tiles(shape.chunks(), shape.chunk_root, tile_source(files.tiles()));
    const auto leaves = tiles.leaves(tile);
    if (!leaves) continue;
    for (std::size_t i = 0; i < leaves->size(); ++i) {
      const auto chunk = tile * k_tile_width + i;
      const auto bytes = std::span(sealed).first(shape.chunking().sealed_size_of(chunk));
      const auto got = file.read_at(bytes, shape.offset_of(chunk));
      if (got && *got == bytes.size() && formats::leaf_hash(bytes) == (*leaves)[i])
        right.set(chunk);
    }
  }
  return right;
}

}  // namespace

/// If we die before the last rename, the next call does all of it again.
Result<void> take_again(const Path& directory, const evidence::SealedShape& shape) {
  const ItemFiles files{directory};
  if (!file_exists(files.sealed())) return {};
  TRY_LET(const auto right, right_chunks(files, shape));
  const Path bitmap = files.bitmap().string() + ".partial";
  {
    TRY_LET(const File file, File::open(bitmap, O_WRONLY | O_CREAT | O_TRUNC));
    TRY(file.write_at(right.write(shape.chunk_root), 0));
    TRY(file.sync_data());
  }
  TRY(rename_path(bitmap, files.bitmap()));
  TRY(rename_path(files.sealed(), files.sealed_partial()));
  return sync_directory(files.directory);
}

}  // namespace comity::transfer
