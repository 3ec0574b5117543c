#include "transfer/seal.hpp"

#include <fcntl.h>

#include <array>
#include <utility>

#include "base/page_buffer.hpp"
#include "transfer/pipeline.hpp"

namespace comity::transfer {
namespace {

using evidence::ChunkSealer;
using formats::AgeChunking;
using formats::k_age_chunk_size;
using formats::k_age_sealed_chunk_size;

struct Block {
  PageBuffer plain{k_block_plain};
  PageBuffer sealed{k_block_sealed};
  std::size_t plain_size = 0;
  std::uint64_t first_chunk = 0;
  bool last = false;
  std::array<Digest, k_block_chunks> leaves;

  View plaintext() const { return plain.view().first(plain_size); }
  AgeChunking chunking() const { return AgeChunking(plain_size); }  // of this block alone
};

/// Fills the block unless the source ends before.
Result<void> fill(node::Source& source, Block& block) {
  block.plain_size = 0;
  while (block.plain_size < k_block_plain) {
    TRY_LET(const std::size_t got, source.read(block.plain.span().subspan(block.plain_size)));
    if (got == 0) break;
    block.plain_size += got;
  }
  return {};
}

/// Seals each chunk of the block where it will be written from.
void seal_block(ChunkSealer& sealer, Block& block) {
  const auto chunking = block.chunking();
  std::array<View, k_block_chunks> plain;
  for (std::uint64_t i = 0; i < chunking.count(); ++i)
    plain[i] = block.plain.view().subspan(i * k_age_chunk_size, chunking.plain_size_of(i));
  sealer.seal_run(block.first_chunk, block.last, std::span(plain).first(chunking.count()),
                  block.sealed.span(), block.leaves);
}

/// One item being sealed; its stages run on the pipeline's threads.
class Seal {
 public:
  Seal(evidence::SealStart start, File file, const ItemFiles& files, const WorkOptions& options)
      : start_(std::move(start)),
        file_(std::move(file)),
        options_(options),
        tree_([root = files.tiles_partial()](const formats::Tile& tile, View hashes) {
          return write_tile(root, tile, hashes);
        }),
        plaintext_(evidence::part_key(start_.payload_key), options.media) {
    const auto workers = workers_for(options.workers);
    for (unsigned i = 0; i < workers; ++i) sealers_.emplace_back(start_);
  }

  Result<SealedItem> run(node::Source& source) {
    TRY(file_.write_at(start_.prefix, 0));
    const auto workers = static_cast<unsigned>(sealers_.size());
    Pipeline<Block> pipeline(
        blocks_for(workers), workers,
        [this](Block& block, unsigned worker) { return work(block, sealers_[worker]); },
        [this](Block& block) { return deliver(block); });
    if (auto fed = feed(source, pipeline); !fed) {
      pipeline.cancel();
      return std::unexpected(fed.error());
    }
    TRY(pipeline.finish());
    TRY_LET(const Digest root, tree_.finish());
    TRY(file_.sync_data());
    const auto size = plaintext_.size();
    TRY_LET(const auto plaintext, plaintext_.finish());
    return SealedItem{.shape = evidence::shape_of(start_, size, plaintext, root),
                      .recipients = std::move(start_.recipients),
                      .payload_key = std::move(start_.payload_key)};
  }

 private:
  /// Reads one block ahead: which chunk is the last is known only when the source has ended.
  Result<void> feed(node::Source& source, Pipeline<Block>& pipeline) {
    Block* held = nullptr;
    for (std::uint64_t first_chunk = 0;; first_chunk += k_block_chunks) {
      auto* block = pipeline.acquire();
      if (block == nullptr) return {};  // finish() has the fault
      if (options_.stop.stop_requested()) return stopped_fault();
      TRY(fill(source, *block));
      block->first_chunk = first_chunk;
      const bool ended = block->plain_size < k_block_plain;
      block->last = ended;
      if (held != nullptr) {
        held->last = ended && block->plain_size == 0;
        pipeline.submit(held);
        if (held->last) return {};
      }
      if (ended) {
        pipeline.submit(block);
        return {};
      }
      held = block;
    }
  }

  Result<void> work(Block& block, ChunkSealer& sealer) {
    seal_block(sealer, block);
    const auto offset = start_.prefix.size() + block.first_chunk * k_age_sealed_chunk_size;
    const auto sealed = block.sealed.view().first(block.chunking().sealed_size());
    return file_.write_at(sealed, offset);
  }

  Result<void> deliver(Block& block) {
    TRY(plaintext_.update(block.plaintext()));
    if (plaintext_.size() > evidence::k_item_size_max)
      return fault(FaultCode::limit_size, "the item");
    for (std::uint64_t i = 0; i < block.chunking().count(); ++i) TRY(tree_.add(block.leaves[i]));
    file_.write_behind(block.first_chunk * k_age_sealed_chunk_size);
    if (options_.progress) options_.progress(plaintext_.size());
    return {};
  }

  evidence::SealStart start_;
  File file_;
  const WorkOptions& options_;
  std::vector<ChunkSealer> sealers_;
  // Of the delivering thread alone, until the pipeline has finished:
  evidence::ChunkTreeBuilder tree_;
  evidence::PartsHash plaintext_;
};

Result<void> clear_leftovers(const ItemFiles& files) {
  if (file_exists(files.sealed())) return fault(FaultCode::store_exists, "sealed.age");
  TRY(remove_tree(files.sealed_partial()));
  TRY(remove_tree(files.tiles_partial()));
  return remove_tree(files.tiles());
}

Result<SealedItem> seal_into(node::Source& source, evidence::SealStart start,
                             const ItemFiles& files, const WorkOptions& options) {
  TRY_LET(File file, File::open(files.sealed_partial(), O_WRONLY | O_CREAT | O_EXCL));
  Seal seal(std::move(start), std::move(file), files, options);
  return seal.run(source);
}

/// Removes what it can; the next seal clears the rest.
void discard(const Path& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

/// The order matters. If we die before the first rename, only ".partial" names exist; between the
/// two, tiles without a file: both are leftovers, and the next seal clears them. After the second
/// the item is whole on disk; if its new name is lost with the power, so is every act that speaks
/// of it, because this function has not returned.
Result<void> publish(const ItemFiles& files) {
  TRY(sync_tree(files.tiles_partial()));
  TRY(rename_path(files.tiles_partial(), files.tiles()));
  TRY(rename_path(files.sealed_partial(), files.sealed()));
  return sync_directory(files.directory);
}

}  // namespace

Result<SealedItem> seal_source(node::Source& source,
                               const std::vector<formats::AgeRecipient>& recipients, Random& random,
                               const Path& directory, const WorkOptions& options) {
  const ItemFiles files{directory};
  TRY_LET(evidence::SealStart start, evidence::start_seal(recipients, random));
  TRY(clear_leftovers(files));
  auto sealed = seal_into(source, std::move(start), files, options);
  Result<void> done;
  if (sealed) done = publish(files);
  if (sealed && done) return sealed;
  discard(files.sealed_partial());
  discard(files.tiles_partial());
  if (!sealed) return sealed;
  return std::unexpected(done.error());
}

}  // namespace comity::transfer
