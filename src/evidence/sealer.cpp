#include "evidence/sealer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/merkle.hpp"

namespace comity::evidence {

using formats::k_age_chunk_size;

Result<SealStart> start_seal(const std::vector<formats::AgeRecipient>& recipients, Random& random) {
  if (recipients.empty() || recipients.size() > formats::k_age_stanzas_max)
    return fault(FaultCode::format_field, "an item is sealed for 1 to 64 recipients");
  SealStart start;
  for (const auto& recipient : recipients) {
    const auto id = recipient.id();
    if (std::ranges::find(start.recipients, id) != start.recipients.end())
      return fault(FaultCode::format_field, "a recipient is named twice");
    start.recipients.push_back(id);
  }
  const auto file_key = formats::new_age_file_key(random);
  TRY_LET(const auto header, formats::make_age_header(file_key, recipients, random));
  const auto nonce = random.draw<formats::k_age_nonce_size>();
  start.prefix = formats::write_age_header(header);
  append(start.prefix, nonce);
  start.payload_key = formats::age_payload_key(file_key, nonce);
  return start;
}

Digest ChunkSealer::seal(std::uint64_t index, bool last, View plaintext,
                         std::span<std::uint8_t> out) {
  cipher_.seal(index, last, plaintext, out);
  return formats::leaf_hash(out);  // the bytes are still in the core's cache
}

void ChunkSealer::seal_run(std::uint64_t first, bool last, std::span<const View> plaintext,
                           std::span<std::uint8_t> out, std::span<Digest> leaves) {
  std::array<View, 2> sealed;
  for (std::size_t i = 0; i < plaintext.size(); ++i) {
    const bool is_end = i + 1 == plaintext.size();
    const auto chunk = out.subspan(i * formats::k_age_sealed_chunk_size,
                                   plaintext[i].size() + crypto::k_aead_tag_bytes);
    cipher_.seal(first + i, last && is_end, plaintext[i], chunk);
    sealed[i % 2] = chunk;
    if (i % 2 == 0 && !is_end) continue;
    formats::leaf_hashes(std::span(std::as_const(sealed)).first(i % 2 + 1),
                         leaves.subspan(i - i % 2, i % 2 + 1));
  }
}

SealedShape shape_of(const SealStart& start, std::uint64_t plaintext_size,
                     const PartsHash::Finished& plaintext, const Digest& chunk_root) {
  return {.prefix_size = start.prefix.size(),
          .prefix_sha256 = crypto::sha256(start.prefix),
          .plaintext_size = plaintext_size,
          .plaintext_sha256 = plaintext.sha256,
          .chunk_root = chunk_root,
          .parts = plaintext.parts};
}

Sealer::Sealer(SealStart start, TileSink tiles, Bytes& out, Media media)
    : start_(std::move(start)),
      sealer_(start_),
      tree_(std::move(tiles)),
      plaintext_(part_key(start_.payload_key), media) {
  append(out, start_.prefix);
}

Result<void> Sealer::push(View plaintext, Bytes& out) {
  TRY(plaintext_.update(plaintext));
  if (plaintext_.size() > k_item_size_max) return fault(FaultCode::limit_size, "the item");
  while (!plaintext.empty()) {
    if (held_.size() == k_age_chunk_size) TRY(seal_held(false, out));
    const auto part = plaintext.first(std::min(plaintext.size(), k_age_chunk_size - held_.size()));
    append(held_, part);
    plaintext = plaintext.subspan(part.size());
  }
  return {};
}

Result<SealedShape> Sealer::finish(Bytes& out) {
  TRY(seal_held(true, out));
  TRY_LET(const Digest root, tree_.finish());
  const auto size = plaintext_.size();
  TRY_LET(const auto plaintext, plaintext_.finish());
  return shape_of(start_, size, plaintext, root);
}

Result<void> Sealer::seal_held(bool last, Bytes& out) {
  const auto before = out.size();
  out.resize(before + held_.size() + crypto::k_aead_tag_bytes);
  const auto leaf = sealer_.seal(tree_.size(), last, held_, std::span(out).subspan(before));
  held_.clear();
  return tree_.add(leaf);
}

}  // namespace comity::evidence
