// A sealed file at rest, block by block, each chunk checked against the signed tree before anyone
// sees it. What verify_sealed and open share.
#pragma once

#include <array>

#include "base/page_buffer.hpp"
#include "evidence/opener.hpp"
#include "transfer/item_files.hpp"
#include "transfer/pipeline.hpp"

namespace comity::transfer {

struct SealedBlock {
  std::uint64_t first_chunk = 0;
  std::size_t chunks = 0;
  std::array<Digest, k_block_chunks> leaves;  // what they must be
  PageBuffer sealed{k_block_sealed};
  Bytes plain;  // where the plaintext goes, if it is wanted
  std::size_t plain_size = 0;

  View chunk(const evidence::SealedShape& shape, std::size_t i) const {
    return sealed.view().subspan(i * formats::k_age_sealed_chunk_size,
                                 shape.chunking().sealed_size_of(first_chunk + i));
  }
};

/// The file of an item, opened for reading. Resource.
class SealedFile {
 public:
  /// Faults: evidence.incomplete for another length than was signed; evidence.chunk for another
  /// prefix; store.io.
  static Result<SealedFile> open(const ItemFiles& files, const evidence::SealedShape& shape);

  View prefix() const { return prefix_; }
  /// Reads the block's chunks and compares their hashes with its leaves. Any thread.
  /// Fault: evidence.chunk naming the first that differs.
  Result<void> read_checked(SealedBlock& block) const;

  using Work = Pipeline<SealedBlock>::Work;
  using Deliver = Pipeline<SealedBlock>::Deliver;
  /// Runs all blocks of the file through a pipeline.
  Result<void> run(const WorkOptions& options, unsigned workers, Work work, Deliver deliver) const;

 private:
  SealedFile(File file, evidence::SealedShape shape, Path tiles)
      : file_(std::move(file)), shape_(shape), tiles_(std::move(tiles)) {}
  Result<void> feed(const WorkOptions& options, Pipeline<SealedBlock>& pipeline) const;

  File file_;
  evidence::SealedShape shape_;
  Path tiles_;
  Bytes prefix_;
};

}  // namespace comity::transfer
