#include "transfer/open.hpp"

#include "crypto/digest.hpp"
#include "transfer/sealed_blocks.hpp"

namespace comity::transfer {
namespace {

/// Decrypts a checked block's chunks one after the other into its plain buffer.
Result<void> decrypt(const evidence::SealedShape& shape, evidence::ChunkOpener& opener,
                     SealedBlock& block) {
  block.plain.resize(k_block_plain);
  block.plain_size = 0;
  for (std::size_t i = 0; i < block.chunks; ++i) {
    const auto sealed = block.chunk(shape, i);
    const auto out =
        std::span(block.plain).subspan(block.plain_size, sealed.size() - crypto::k_aead_tag_bytes);
    TRY(opener.open(block.first_chunk + i, sealed, out));
    block.plain_size += out.size();
  }
  return {};
}

}  // namespace

Result<void> open_sealed(const Path& directory, const evidence::SealedShape& shape,
                         const formats::AgeIdentity& identity, node::Sink& sink,
                         const WorkOptions& options) {
  TRY_LET(const SealedFile file, SealedFile::open(ItemFiles{directory}, shape));
  TRY_LET(const Secret key, evidence::payload_key_of(shape, file.prefix(), identity));
  const auto workers = workers_for(options.workers);
  std::vector<evidence::ChunkOpener> openers;
  for (unsigned i = 0; i < workers; ++i) openers.emplace_back(shape, key);
  crypto::Sha256 plaintext_sha256;
  std::uint64_t done = 0;
  TRY(file.run(
      options, workers,
      [&](SealedBlock& block, unsigned worker) -> Result<void> {
        TRY(file.read_checked(block));
        return decrypt(shape, openers[worker], block);
      },
      [&](SealedBlock& block) -> Result<void> {
        const auto plaintext = View(block.plain).first(block.plain_size);
        plaintext_sha256.update(plaintext);
        TRY(sink.write(plaintext));
        done += block.plain_size;
        if (options.progress) options.progress(done);
        return {};
      }));
  if (plaintext_sha256.finish() != shape.plaintext_sha256) return fault(FaultCode::evidence_hash);
  return {};
}

}  // namespace comity::transfer
