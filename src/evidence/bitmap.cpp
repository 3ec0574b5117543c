#include "evidence/bitmap.hpp"

#include <algorithm>
#include <bit>

#include "base/check.hpp"
#include "crypto/digest.hpp"

namespace comity::evidence {
namespace {

constexpr std::string_view k_mark = "comitybm";

std::uint64_t bit(std::uint64_t index) {
  return std::uint64_t{1} << (index % 64);
}

void append_word(Bytes& to, std::uint64_t word) {  // little-endian: lowest chunk first
  for (int i = 0; i < 8; ++i) to.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
}

Bytes head_of(std::uint64_t chunks, const Digest& chunk_root) {
  auto head = to_bytes(k_mark);
  append_word(head, chunks);
  append(head, chunk_root.view());
  return head;
}

}  // namespace

Bitmap::Bitmap(std::uint64_t chunks) : chunks_(chunks), words_((chunks + 63) / 64) {}

bool Bitmap::has(std::uint64_t index) const {
  CHECK(index < chunks_);
  return (words_[index / 64] & bit(index)) != 0;
}

void Bitmap::set(std::uint64_t index) {
  if (has(index)) return;
  words_[index / 64] |= bit(index);
  ++present_;
}

void Bitmap::clear(std::uint64_t index) {
  if (!has(index)) return;
  words_[index / 64] &= ~bit(index);
  --present_;
}

std::optional<ChunkRange> Bitmap::next_missing(std::uint64_t from, std::uint64_t count_max) const {
  CHECK(count_max > 0);
  // Whole words are skipped: an item of a tebibyte has sixteen million chunks.
  while (from < chunks_ && has(from))
    from += words_[from / 64] == ~std::uint64_t{0} ? 64 - from % 64 : 1;
  if (from >= chunks_) return std::nullopt;
  std::uint64_t end = from;
  const auto end_max = chunks_ - from > count_max ? from + count_max : chunks_;
  while (end < end_max && !has(end)) end += words_[end / 64] == 0 ? 64 - end % 64 : 1;
  return ChunkRange{from, std::min(end, end_max) - from};
}

Bytes Bitmap::write(const Digest& chunk_root) const {
  auto bytes = head_of(chunks_, chunk_root);
  bytes.reserve(bytes.size() + words_.size() * 8 + 32);
  for (const auto word : words_) append_word(bytes, word);
  append(bytes, crypto::sha256(bytes).view());
  return bytes;
}

Result<Bitmap> Bitmap::read(View bytes, std::uint64_t chunks, const Digest& chunk_root) {
  const auto refuse = [] { return fault(FaultCode::store_corrupt, "the bitmap of a transfer"); };
  const auto head = head_of(chunks, chunk_root);
  Bitmap bitmap(chunks);
  const auto body_size = bitmap.words_.size() * 8;
  if (bytes.size() != head.size() + body_size + 32) return refuse();
  if (!std::ranges::equal(bytes.first(head.size()), head)) return refuse();
  const auto sum = crypto::sha256(bytes.first(head.size() + body_size));
  if (!std::ranges::equal(bytes.last(32), sum.view())) return refuse();
  const auto body = bytes.subspan(head.size(), body_size);
  for (std::size_t i = 0; i < body.size(); ++i)
    bitmap.words_[i / 8] |= std::uint64_t{body[i]} << (8 * (i % 8));
  if (chunks % 64 != 0 && bitmap.words_.back() >> (chunks % 64) != 0) return refuse();
  for (const auto word : bitmap.words_) bitmap.present_ += std::popcount(word);
  return bitmap;
}

}  // namespace comity::evidence
