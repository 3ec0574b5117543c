#include "transfer/verify_sealed.hpp"

#include "transfer/sealed_blocks.hpp"

namespace comity::transfer {

Result<void> verify_sealed(const Path& directory, const evidence::SealedShape& shape,
                           const WorkOptions& options) {
  TRY_LET(const SealedFile file, SealedFile::open(ItemFiles{directory}, shape));
  std::uint64_t done = 0;
  return file.run(
      options, workers_for(options.workers),
      [&](SealedBlock& block, unsigned) { return file.read_checked(block); },
      [&](SealedBlock& block) -> Result<void> {
        for (std::size_t i = 0; i < block.chunks; ++i) done += block.chunk(shape, i).size();
        if (options.progress) options.progress(done);
        return {};
      });
}

}  // namespace comity::transfer
