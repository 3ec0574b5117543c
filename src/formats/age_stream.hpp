// The payload of an age file (C2SP age.md, "Payload"): chunks of 64 KiB, each sealed on its own, so
// that any chunk can be sealed, checked and opened in any order and by any thread.
// Whether a chunk is the last is decided by its position, never by which nonce happens to fit.
#pragma once

#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/aead.hpp"
#include "formats/age_header.hpp"

namespace comity::formats {

inline constexpr std::size_t k_age_nonce_size = 16;     // between header and first chunk
inline constexpr std::size_t k_age_chunk_size = 65536;  // of plaintext; the last may be shorter
inline constexpr std::size_t k_age_sealed_chunk_size = k_age_chunk_size + crypto::k_aead_tag_bytes;
/// The largest plaintext that is described: 2^53 − 1 bytes stay exact in every JSON reader.
inline constexpr std::uint64_t k_age_plaintext_max = (std::uint64_t{1} << 53) - 1;

using AgeNonce = std::array<std::uint8_t, k_age_nonce_size>;

/// How a payload is cut, from the plaintext's length alone. A value.
class AgeChunking {
 public:
  explicit AgeChunking(std::uint64_t plaintext_size) : plaintext_size_(plaintext_size) {}
  /// From the length of all sealed chunks. Fault: format.age for a length no payload can have.
  static Result<AgeChunking> from_sealed_size(std::uint64_t sealed_size);

  std::uint64_t plaintext_size() const { return plaintext_size_; }
  /// At least 1: an empty payload is one empty chunk.
  std::uint64_t count() const;
  std::uint64_t sealed_size() const { return plaintext_size_ + count() * crypto::k_aead_tag_bytes; }
  bool is_last(std::uint64_t index) const { return index + 1 == count(); }
  /// Bytes of plaintext, and of ciphertext, in chunk `index` < count().
  std::size_t plain_size_of(std::uint64_t index) const;
  std::size_t sealed_size_of(std::uint64_t index) const {
    return plain_size_of(index) + crypto::k_aead_tag_bytes;
  }

  bool operator==(const AgeChunking&) const = default;

 private:
  std::uint64_t plaintext_size_;
};

/// The key of the payload that follows `nonce`.
Secret age_payload_key(const Secret& file_key, const AgeNonce& nonce);

/// Seals and opens single chunks. Each thread has its own; all made from one key agree.
class AgeChunkCipher {
 public:
  explicit AgeChunkCipher(const Secret& payload_key) : aead_(payload_key.view()) {}

  /// Writes plaintext.size() + 16 bytes to `out`, which has exactly that size. A chunk that is
  /// not the last is full; the last is empty only as the first.
  void seal(std::uint64_t index, bool last, View plaintext, std::span<std::uint8_t> out);
  /// Writes sealed.size() − 16 bytes to `out`, which has exactly that size.
  /// Fault: format.age for a size that this place can not have; crypto.open for changed bytes.
  Result<void> open(std::uint64_t index, bool last, View sealed, std::span<std::uint8_t> out);

 private:
  crypto::ChaCha20Poly1305 aead_;
};

/// Opens a payload of unknown length as it arrives, holding one chunk back. What it has released
/// is the true beginning of the plaintext; only finish() says that it is all of it.
class AgeStreamOpener {
 public:
  explicit AgeStreamOpener(const Secret& payload_key) : cipher_(payload_key) {}

  /// Takes the next ciphertext bytes and appends to `released`. After a fault it is spent.
  Result<void> push(View sealed, Bytes& released);
  /// The payload ends here. Fault: format.age when it was cut at or within a chunk.
  Result<void> finish(Bytes& released);

 private:
  Result<void> open_held(bool last, Bytes& released);

  AgeChunkCipher cipher_;
  std::uint64_t index_ = 0;
  Bytes held_;  // at most one full sealed chunk
};

}  // namespace comity::formats
