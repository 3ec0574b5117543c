#include "transfer/sealed_bytes.hpp"

#include <fcntl.h>

#include <algorithm>

#include "crypto/aead.hpp"

namespace comity::transfer {

Result<SealedBytes> SealedBytes::open(const Path& directory, const SealedItem& item) {
  TRY_LET(auto file, File::open(ItemFiles{directory}.sealed(), O_RDONLY));
  return SealedBytes(std::move(file), item);
}

Result<std::size_t> SealedBytes::read(std::span<std::uint8_t> into, std::uint64_t offset) {
  std::size_t filled = 0;
  while (filled < into.size() && offset < shape_.plaintext_size &&
         offset + filled < shape_.plaintext_size) {
    const auto at = offset + filled;
    if (at < begin_ || at >= begin_ + plain_.size()) TRY(open_block(at / k_block_plain));
    const auto known = View(plain_).subspan(static_cast<std::size_t>(at - begin_));
    const auto size = std::min(known.size(), into.size() - filled);
    std::ranges::copy(known.first(size), into.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += size;
  }
  return filled;
}

Result<void> SealedBytes::open_block(std::uint64_t block) {
  plain_.clear();
  begin_ = block * k_block_plain;
  const auto chunking = shape_.chunking();
  const auto first = block * k_block_chunks;
  const auto chunks = std::min<std::uint64_t>(k_block_chunks, chunking.count() - first);
  std::size_t size = 0;
  for (std::uint64_t i = 0; i < chunks; ++i) size += chunking.sealed_size_of(first + i);
  sealed_.resize(size);
  TRY_LET(const auto got, file_.read_at(sealed_, shape_.offset_of(first)));
  if (got != size) return fault(FaultCode::store_io, "the sealed file was cut");
  Bytes plain(k_block_plain);
  std::size_t from = 0, to = 0;
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const auto chunk = View(sealed_).subspan(from, chunking.sealed_size_of(first + i));
    const auto room = std::span(plain).subspan(to, chunk.size() - crypto::k_aead_tag_bytes);
    TRY(opener_.open(first + i, chunk, room));
    from += chunk.size();
    to += room.size();
  }
  plain.resize(to);
  plain_ = std::move(plain);
  return {};
}

}  // namespace comity::transfer
