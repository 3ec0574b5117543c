#include "crypto/digest.hpp"

// The plain SHA256_* calls are marked deprecated since 3.0 in favour of EVP, whose bookkeeping
// costs more than the digest of a tree node itself. They run the same SHA-NI code and do not
// allocate.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <new>

#include "base/check.hpp"

namespace comity::crypto {
namespace {

constexpr std::size_t k_block_bytes = 64;

SHA256_CTX* context(void* state) {
  return std::launder(static_cast<SHA256_CTX*>(state));
}

/// Keeps the two keyed beginnings, so that HKDF and repeated use hash the key once.
class Hmac {
 public:
  explicit Hmac(View key) {
    Digest short_key;
    if (key.size() > k_block_bytes) {
      short_key = sha256(key);
      key = short_key.view();
    }
    std::array<std::uint8_t, k_block_bytes> pad{};
    std::copy(key.begin(), key.end(), pad.begin());
    for (auto& byte : pad) byte ^= 0x36;
    inner_.update(pad);
    for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;
    outer_.update(pad);
    wipe(pad);
    wipe(short_key.bytes);
  }
  ~Hmac() {
    for (auto* half : {&inner_, &outer_})
      wipe({reinterpret_cast<std::uint8_t*>(half), sizeof *half});
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  Digest of(std::initializer_list<View> pieces) const {
    Sha256 inner = inner_, outer = outer_;
    for (const View piece : pieces) inner.update(piece);
    outer.update(inner.finish().view());
    return outer.finish();
  }

 private:
  Sha256 inner_, outer_;
};

}  // namespace

Sha256::Sha256() {
  static_assert(sizeof(SHA256_CTX) <= sizeof state_ && alignof(SHA256_CTX) <= 8);
  CHECK(SHA256_Init(new (state_.data()) SHA256_CTX) == 1);
}

void Sha256::update(View bytes) {
  CHECK(SHA256_Update(context(state_.data()), bytes.data(), bytes.size()) == 1);
}

Digest Sha256::finish() {
  Digest digest;
  CHECK(SHA256_Final(digest.bytes.data(), context(state_.data())) == 1);
  CHECK(SHA256_Init(context(state_.data())) == 1);
  return digest;
}

Digest sha256(View bytes) {
  return sha256({bytes});
}

Digest sha256(std::initializer_list<View> pieces) {
  SHA256_CTX state;
  Digest digest;
  SHA256_Init(&state);
  for (const View piece : pieces) SHA256_Update(&state, piece.data(), piece.size());
  SHA256_Final(digest.bytes.data(), &state);
  return digest;
}

Digest hmac_sha256(View key, View message) {
  return Hmac(key).of({message});
}

Digest hmac_sha256(View key, std::initializer_list<View> pieces) {
  return Hmac(key).of(pieces);
}

Secret hkdf_sha256(View ikm, View salt, View info, std::size_t size) {
  CHECK(size <= k_hkdf_bytes_max);
  // RFC 5869 §2.2: no salt means 32 zero bytes, which HMAC's padding makes of an empty key anyway.
  Digest pseudorandom_key = hmac_sha256(salt, ikm);
  const Hmac expand(pseudorandom_key.view());
  wipe(pseudorandom_key.bytes);
  Secret out(size);
  Digest block;
  View previous;
  std::uint8_t counter = 1;
  for (std::size_t done = 0; done < size; ++counter) {  // §2.3
    block = expand.of({previous, info, View(&counter, 1)});
    previous = block.view();
    const std::size_t taken = std::min(size - done, block.bytes.size());
    std::ranges::copy(View(block.bytes).first(taken), out.writable().subspan(done).begin());
    done += taken;
  }
  wipe(block.bytes);
  return out;
}

}  // namespace comity::crypto
