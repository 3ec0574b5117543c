#include "crypto/aead.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/secret.hpp"

namespace comity::crypto {
namespace {

/// Looked up once: a look-up by name in every object would cost more than sealing a file key.
const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  CHECK(fetched != nullptr);
  return fetched;
}

}  // namespace

void ChaCha20Poly1305::Free::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

ChaCha20Poly1305::ChaCha20Poly1305(View key) : context_(EVP_CIPHER_CTX_new()) {
  CHECK(context_ && key.size() == k_aead_key_bytes);
  CHECK(EVP_CipherInit_ex(context_.get(), cipher(), nullptr, key.data(), nullptr, 1) == 1);
}

void ChaCha20Poly1305::start(const AeadNonce& nonce, int encrypt) {
  CHECK(EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), encrypt) == 1);
}

void ChaCha20Poly1305::seal(const AeadNonce& nonce, View plaintext, std::span<std::uint8_t> out) {
  CHECK(out.size() == plaintext.size() + k_aead_tag_bytes && plaintext.size() < (1U << 30));
  start(nonce, 1);
  const auto size = static_cast<int>(plaintext.size());
  int written = 0;
  if (size > 0)
    CHECK(EVP_CipherUpdate(context_.get(), out.data(), &written, plaintext.data(), size) == 1 &&
          written == size);
  CHECK(EVP_CipherFinal_ex(context_.get(), out.data() + size, &written) == 1 && written == 0);
  CHECK(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, k_aead_tag_bytes,
                            out.data() + size) == 1);
}

Result<void> ChaCha20Poly1305::open(const AeadNonce& nonce, View ciphertext,
                                    std::span<std::uint8_t> out) {
  if (ciphertext.size() < k_aead_tag_bytes)
    return fault(FaultCode::crypto_open, "shorter than its tag");
  const std::size_t size = ciphertext.size() - k_aead_tag_bytes;
  CHECK(out.size() == size && size < (1U << 30));
  std::array<std::uint8_t, k_aead_tag_bytes> tag;
  std::ranges::copy(ciphertext.last(tag.size()), tag.begin());
  start(nonce, 0);
  CHECK(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, tag.size(), tag.data()) == 1);
  int written = 0;
  if (size > 0)
    CHECK(EVP_CipherUpdate(context_.get(), out.data(), &written, ciphertext.data(),
                           static_cast<int>(size)) == 1);
  std::uint8_t nothing = 0;
  if (EVP_CipherFinal_ex(context_.get(), &nothing, &written) != 1) {
    ERR_clear_error();
    wipe(out);  // what did not verify is nobody's to read
    return fault(FaultCode::crypto_open, "the tag does not match");
  }
  return {};
}

}  // namespace comity::crypto
