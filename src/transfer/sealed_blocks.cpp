#include "transfer/sealed_blocks.hpp"

#include <fcntl.h>

#include <algorithm>

#include "formats/merkle.hpp"

namespace comity::transfer {

using evidence::SealedShape;

Result<SealedFile> SealedFile::open(const ItemFiles& files, const SealedShape& shape) {
  if (!file_exists(files.sealed())) return fault(FaultCode::evidence_incomplete, "sealed.age");
  TRY_LET(File file, File::open(files.sealed(), O_RDONLY));
  TRY_LET(const std::uint64_t size, file.size());
  if (size != shape.total_size())
    return fault(FaultCode::evidence_incomplete, "sealed.age has another length than was signed");
  SealedFile sealed(std::move(file), shape, files.tiles());
  sealed.prefix_.resize(shape.prefix_size);
  TRY(sealed.file_.read_at(sealed.prefix_, 0));
  TRY(evidence::check_prefix(shape, sealed.prefix_));
  return sealed;
}

Result<void> SealedFile::read_checked(SealedBlock& block) const {
  const auto offset = shape_.offset_of(block.first_chunk);
  const auto end = block.chunk(shape_, block.chunks - 1);
  const auto size = static_cast<std::size_t>(end.data() + end.size() - block.sealed.data());
  TRY_LET(const std::size_t got, file_.read_at(block.sealed.span().first(size), offset));
  if (got != size) return fault(FaultCode::evidence_incomplete, "sealed.age was cut while read");
  std::array<View, k_block_chunks> chunks;
  std::array<Digest, k_block_chunks> found;
  for (std::size_t i = 0; i < block.chunks; ++i) chunks[i] = block.chunk(shape_, i);
  formats::leaf_hashes(std::span(std::as_const(chunks)).first(block.chunks),
                       std::span(found).first(block.chunks));
  for (std::size_t i = 0; i < block.chunks; ++i)
    if (found[i] != block.leaves[i]) return evidence::bad_chunk(block.first_chunk + i);
  return {};
}

Result<void> SealedFile::feed(const WorkOptions& options, Pipeline<SealedBlock>& pipeline) const {
  const auto chunks = shape_.chunks();
  evidence::ChunkTiles tiles(chunks, shape_.chunk_root, tile_source(tiles_));
  for (std::uint64_t first = 0; first < chunks; first += k_block_chunks) {
    if (options.stop.stop_requested()) return stopped_fault();
    TRY_LET(const auto leaves, tiles.leaves(first / formats::k_tile_width));
    auto* block = pipeline.acquire();
    if (block == nullptr) return {};  // finish() has the fault
    block->first_chunk = first;
    block->chunks = std::min<std::uint64_t>(k_block_chunks, chunks - first);
    std::ranges::copy(leaves.subspan(first % formats::k_tile_width, block->chunks),
                      block->leaves.begin());
    pipeline.submit(block);
  }
  return {};
}

Result<void> SealedFile::run(const WorkOptions& options, unsigned workers, Work work,
                             Deliver deliver) const {
  Pipeline<SealedBlock> pipeline(blocks_for(workers), workers, std::move(work), std::move(deliver));
  const auto fed = feed(options, pipeline);
  // What was submitted before a fault of the feed comes earlier in the file, so its fault leads.
  TRY(pipeline.finish());
  return fed;
}

}  // namespace comity::transfer
