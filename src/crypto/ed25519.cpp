#include "crypto/ed25519.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "crypto/digest.hpp"

namespace comity::crypto {
namespace {

constexpr std::size_t k_seed_bytes = 32;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

}  // namespace

Ed25519Key::Ed25519Key(Secret seed)
    : seed_(std::move(seed)),
      handle_(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.view().data(),
                                           seed_.size())) {
  std::size_t size = public_key_.bytes.size();
  CHECK(handle_ != nullptr);
  CHECK(EVP_PKEY_get_raw_public_key(handle_.get(), public_key_.bytes.data(), &size) == 1);
}

Ed25519Key Ed25519Key::generate(Random& random) {
  Secret seed(k_seed_bytes);
  random.fill(seed.writable());
  return Ed25519Key(std::move(seed));
}

Result<Ed25519Key> Ed25519Key::from_seed(Secret seed) {
  if (seed.size() != k_seed_bytes)
    return fault(FaultCode::crypto_key, "an Ed25519 seed has 32 bytes");
  return Ed25519Key(std::move(seed));
}

Ed25519Signature Ed25519Key::sign(View message) const {
  Ed25519Signature signature;
  std::size_t size = signature.bytes.size();
  const Context context(EVP_MD_CTX_new());
  CHECK(context &&
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle_.get()) == 1);
  CHECK(EVP_DigestSign(context.get(), signature.bytes.data(), &size, message.data(),
                       message.size()) == 1 &&
        size == signature.bytes.size());
  return signature;
}

namespace {

bool verify(const Ed25519Public& key, View message, const Ed25519Signature& signature) {
  const KeyHandle handle(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
  const Context context(EVP_MD_CTX_new());
  CHECK(handle && context);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.bytes.data(), signature.bytes.size(),
                       message.data(), message.size()) == 1;
  if (!good) ERR_clear_error();  // a refusal leaves nothing behind for the next caller's TLS
  return good;
}

}  // namespace

bool ed25519_verify(const Ed25519Public& key, View message, const Ed25519Signature& signature) {
  // The receipts of a letter repeat one checkpoint, and it is compared with the one held: what held
  // for these very bytes a moment ago holds still. Key and signature have fixed sizes, so that the
  // digest stands for one triple only.
  thread_local std::array<Digest, 64> good_lately{};
  thread_local std::size_t next = 0;
  const auto triple = sha256({key.view(), signature.view(), message});
  if (std::ranges::find(good_lately, triple) != good_lately.end()) return true;
  if (!verify(key, message, signature)) return false;
  good_lately[next++ % good_lately.size()] = triple;
  return true;
}

}  // namespace comity::crypto
