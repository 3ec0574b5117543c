#include "formats/age_stream.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"

namespace comity::formats {
namespace {

constexpr std::size_t k_tag = crypto::k_aead_tag_bytes;

/// An 11-byte big-endian counter and the flag of the last chunk. 64 bits of counter reach further
/// than any file.
crypto::AeadNonce chunk_nonce(std::uint64_t index, bool last) {
  crypto::AeadNonce nonce{};
  for (int i = 0; i < 8; ++i) nonce[10 - i] = static_cast<std::uint8_t>(index >> (8 * i));
  nonce[11] = last ? 1 : 0;
  return nonce;
}

bool fits(std::uint64_t index, bool last, std::size_t plain_size) {
  if (!last) return plain_size == k_age_chunk_size;
  return plain_size <= k_age_chunk_size && (plain_size > 0 || index == 0);
}

}  // namespace

Result<AgeChunking> AgeChunking::from_sealed_size(std::uint64_t sealed_size) {
  const auto chunks = sealed_size / k_age_sealed_chunk_size;
  const auto rest = sealed_size % k_age_sealed_chunk_size;
  const bool empty = sealed_size == k_tag;
  if (sealed_size == 0 || (rest != 0 && rest <= k_tag && !empty))
    return fault(FaultCode::format_age, "no payload has this length");
  const auto tags = (chunks + (rest != 0 ? 1 : 0)) * k_tag;
  if (sealed_size - tags > k_age_plaintext_max) return fault(FaultCode::limit_size, "age payload");
  return AgeChunking(sealed_size - tags);
}

std::uint64_t AgeChunking::count() const {
  return std::max<std::uint64_t>(
      1, plaintext_size_ / k_age_chunk_size + (plaintext_size_ % k_age_chunk_size != 0 ? 1 : 0));
}

std::size_t AgeChunking::plain_size_of(std::uint64_t index) const {
  CHECK(index < count());
  if (!is_last(index)) return k_age_chunk_size;
  return static_cast<std::size_t>(plaintext_size_ - index * k_age_chunk_size);
}

Secret age_payload_key(const Secret& file_key, const AgeNonce& nonce) {
  return crypto::hkdf_sha256(file_key.view(), nonce, as_bytes("payload"), crypto::k_aead_key_bytes);
}

void AgeChunkCipher::seal(std::uint64_t index, bool last, View plaintext,
                          std::span<std::uint8_t> out) {
  CHECK(fits(index, last, plaintext.size()));
  aead_.seal(chunk_nonce(index, last), plaintext, out);
}

Result<void> AgeChunkCipher::open(std::uint64_t index, bool last, View sealed,
                                  std::span<std::uint8_t> out) {
  if (sealed.size() < k_tag || !fits(index, last, sealed.size() - k_tag))
    return fault(FaultCode::format_age, "chunk " + std::to_string(index) + " has a wrong size");
  if (!aead_.open(chunk_nonce(index, last), sealed, out))
    return fault(FaultCode::crypto_open, "chunk " + std::to_string(index) + " was changed");
  return {};
}

Result<void> AgeStreamOpener::open_held(bool last, Bytes& released) {
  const auto before = released.size();
  released.resize(before + (held_.size() < k_tag ? 0 : held_.size() - k_tag));
  auto opened = cipher_.open(index_, last, held_, std::span(released).subspan(before));
  if (!opened) {
    released.resize(before);
    return opened;
  }
  held_.clear();
  ++index_;
  return {};
}

Result<void> AgeStreamOpener::push(View sealed, Bytes& released) {
  while (!sealed.empty()) {
    if (held_.size() == k_age_sealed_chunk_size) {
      // More follows, so this chunk is not the last. If it was sealed as the last, its bytes are
      // still the true beginning, and what follows was added by someone else.
      if (const auto opened = open_held(false, released); !opened) {
        TRY(open_held(true, released));
        return fault(FaultCode::format_age, "bytes follow the last chunk");
      }
    }
    const auto part = sealed.first(std::min(sealed.size(), k_age_sealed_chunk_size - held_.size()));
    append(held_, part);
    sealed = sealed.subspan(part.size());
  }
  return {};
}

Result<void> AgeStreamOpener::finish(Bytes& released) {
  auto opened = open_held(true, released);
  if (!opened && held_.size() == k_age_sealed_chunk_size && open_held(false, released))
    return fault(FaultCode::format_age, "the payload was cut after a chunk");
  return opened;
}

}  // namespace comity::formats
