#include "crypto/x25519.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/check.hpp"

namespace comity::crypto {
namespace {

constexpr std::size_t k_key_bytes = 32;

struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

}  // namespace

X25519Key::X25519Key(Secret bytes)
    : bytes_(std::move(bytes)),
      handle_(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes_.view().data(),
                                           bytes_.size())) {
  std::size_t size = public_key_.bytes.size();
  CHECK(handle_ != nullptr);
  CHECK(EVP_PKEY_get_raw_public_key(handle_.get(), public_key_.bytes.data(), &size) == 1);
}

X25519Key X25519Key::generate(Random& random) {
  Secret bytes(k_key_bytes);
  random.fill(bytes.writable());
  return X25519Key(std::move(bytes));
}

Result<X25519Key> X25519Key::from_bytes(Secret bytes) {
  if (bytes.size() != k_key_bytes)
    return fault(FaultCode::crypto_key, "an X25519 key has 32 bytes");
  return X25519Key(std::move(bytes));
}

Result<Secret> X25519Key::agree(const X25519Public& other) const {
  const KeyHandle theirs(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.bytes.data(),
                                                     other.bytes.size()));
  const std::unique_ptr<EVP_PKEY_CTX, FreeContext> context(
      EVP_PKEY_CTX_new(handle_.get(), nullptr));
  CHECK(theirs && context && EVP_PKEY_derive_init(context.get()) == 1);
  Secret shared(k_key_bytes);
  std::size_t size = shared.size();
  const bool derived = EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
                       EVP_PKEY_derive(context.get(), shared.writable().data(), &size) == 1;
  constexpr std::array<std::uint8_t, k_key_bytes> zero{};
  if (!derived || equal_constant_time(shared.view(), zero)) {
    ERR_clear_error();
    return fault(FaultCode::crypto_key, "the other key forces a zero secret");
  }
  return shared;
}

}  // namespace comity::crypto
