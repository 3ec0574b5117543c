// ChaCha20-Poly1305 (RFC 8439 §2.8) without associated data: how age seals file keys and chunks.
// It never chooses a nonce: a nonce used twice under one key gives both plaintexts away, and only
// the caller knows its counter.
#pragma once

#include <array>
#include <memory>

#include "base/bytes.hpp"

struct evp_cipher_ctx_st;

namespace comity::crypto {

inline constexpr std::size_t k_aead_key_bytes = 32;
inline constexpr std::size_t k_aead_nonce_bytes = 12;
inline constexpr std::size_t k_aead_tag_bytes = 16;

using AeadNonce = std::array<std::uint8_t, k_aead_nonce_bytes>;

/// One key, its schedule computed once. Used by one thread at a time; wipes itself.
class ChaCha20Poly1305 {
 public:
  /// `key` has k_aead_key_bytes; another size is a bug.
  explicit ChaCha20Poly1305(View key);

  /// Writes plaintext.size() + k_aead_tag_bytes to `out`, which has exactly that size and may begin
  /// where the plaintext does.
  void seal(const AeadNonce& nonce, View plaintext, std::span<std::uint8_t> out);

  /// Writes ciphertext.size() − k_aead_tag_bytes to `out`, which has exactly that size and may
  /// begin where the ciphertext does. Fault: crypto.open when one bit differs; `out` is then
  /// zeroes.
  Result<void> open(const AeadNonce& nonce, View ciphertext, std::span<std::uint8_t> out);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  void start(const AeadNonce& nonce, int encrypt);

  std::unique_ptr<evp_cipher_ctx_st, Free> context_;
};

}  // namespace comity::crypto
