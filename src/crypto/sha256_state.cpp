#include "crypto/sha256_state.hpp"

// As in digest.cpp: EVP has no way to take a state out or to put one back.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <new>

#include "base/check.hpp"

namespace comity::crypto {
namespace {

SHA256_CTX* context(void* state) {
  return std::launder(static_cast<SHA256_CTX*>(state));
}
const SHA256_CTX* context(const void* state) {
  return std::launder(static_cast<const SHA256_CTX*>(state));
}

}  // namespace

Sha256State::Sha256State() {
  static_assert(sizeof(SHA256_CTX) <= sizeof state_ && alignof(SHA256_CTX) <= 8);
  CHECK(SHA256_Init(new (state_.data()) SHA256_CTX) == 1);
}

Sha256State::Sha256State(const Digest& state, std::uint64_t bytes_before) : Sha256State() {
  CHECK(bytes_before % k_sha256_block_bytes == 0);
  auto* to = context(state_.data());
  for (auto& word : to->h) word = 0;
  for (std::size_t i = 0; i < state.bytes.size(); ++i)
    to->h[i / 4] |= static_cast<SHA_LONG>(state.bytes[i]) << (24 - 8 * (i % 4));
  to->Nl = static_cast<SHA_LONG>(bytes_before << 3);  // FIPS 180-4 §5.1.1 counts bits
  to->Nh = static_cast<SHA_LONG>(bytes_before >> 29);
}

void Sha256State::update(View bytes) {
  CHECK(SHA256_Update(context(state_.data()), bytes.data(), bytes.size()) == 1);
}

Digest Sha256State::state() const {
  const auto* from = context(state_.data());
  CHECK(from->num == 0);
  Digest state;
  for (std::size_t i = 0; i < state.bytes.size(); ++i)
    state.bytes[i] = static_cast<std::uint8_t>(from->h[i / 4] >> (24 - 8 * (i % 4)));
  return state;
}

Digest Sha256State::finish() {
  Digest digest;
  CHECK(SHA256_Final(digest.bytes.data(), context(state_.data())) == 1);
  return digest;
}

}  // namespace comity::crypto
