#include "keys/key_pem.hpp"

#include <algorithm>
#include <array>

#include "crypto/pem.hpp"

namespace comity::keys {
namespace {

constexpr std::string_view k_label = "PRIVATE KEY";

// PrivateKeyInfo, version 0, id-Ed25519 without parameters, and the headers of the two OCTET
// STRINGs around the seed: the key's 32 bytes follow.
constexpr std::array<std::uint8_t, 16> k_ed25519_head{
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

}  // namespace

Secret to_pem(const crypto::Ed25519Key& key) {
  Secret der(k_ed25519_head.size() + key.seed().size());
  const auto out = der.writable();
  std::ranges::copy(k_ed25519_head, out.begin());
  std::ranges::copy(key.seed().view(), out.begin() + k_ed25519_head.size());
  std::string text = crypto::to_pem(k_label, der.view());
  Secret pem(to_bytes(text));
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return pem;
}

Result<crypto::Ed25519Key> ed25519_from_pem(std::string_view text) {
  TRY_LET(Bytes der, crypto::from_pem(k_label, text));
  const Secret held(std::move(der));
  const View view = held.view();
  if (view.size() != k_ed25519_head.size() + 32 ||
      !std::ranges::equal(view.first(k_ed25519_head.size()), k_ed25519_head))
    return fault(FaultCode::crypto_key, "not an Ed25519 key");
  return crypto::Ed25519Key::from_seed(Secret(to_bytes(view.subspan(k_ed25519_head.size()))));
}

Result<crypto::P256Key> read_p256(const Path& path) {
  TRY_LET(const Secret pem, read_secret(path));
  return crypto::P256Key::from_pem(as_text(pem.view()));
}

Result<crypto::Ed25519Key> read_ed25519(const Path& path) {
  TRY_LET(const Secret pem, read_secret(path));
  return ed25519_from_pem(as_text(pem.view()));
}

Result<crypto::Certificate> read_certificate(const Path& path) {
  TRY_LET(const Bytes pem, read_public(path));
  return crypto::Certificate::from_pem(as_text(pem));
}

Result<void> check_pair(const crypto::P256Key& key, const crypto::Certificate& certificate,
                        crypto::Usage usage) {
  if (key.public_spki() != certificate.public_spki())
    return fault(FaultCode::crypto_key, "the key is not the certificate's");
  if (certificate.usage() != usage)
    return fault(FaultCode::crypto_usage, certificate.subject().common_name);
  return {};
}

}  // namespace comity::keys
