#include "formats/age_keys.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "formats/bech32.hpp"

namespace comity::formats {
namespace {

constexpr std::string_view k_type = "X25519";
constexpr std::string_view k_recipient_prefix = "age";
constexpr std::string_view k_identity_prefix = "AGE-SECRET-KEY-";
constexpr std::size_t k_key_size = 32;
constexpr std::size_t k_body_size = k_age_file_key_size + crypto::k_aead_tag_bytes;

/// The nonce is zero because each wrap key seals one file key and nothing else.
constexpr crypto::AeadNonce k_zero_nonce{};

Secret wrap_key(const Secret& shared, View share, View recipient) {
  Bytes salt(share.begin(), share.end());
  append(salt, recipient);
  return crypto::hkdf_sha256(shared.view(), salt, as_bytes("age-encryption.org/v1/X25519"),
                             crypto::k_aead_key_bytes);
}

Digest header_mac(const std::vector<AgeStanza>& stanzas, const Secret& file_key) {
  const auto key = crypto::hkdf_sha256(file_key.view(), {}, as_bytes("header"), 32);
  return crypto::hmac_sha256(key.view(), age_header_to_authenticate(stanzas));
}

std::unexpected<Fault> malformed(const char* why) {
  return fault(FaultCode::format_age, why);
}

/// What an X25519 stanza must be before any key is tried on it: two arguments, 32 bytes of share,
/// and a body of exactly one wrapped file key (age.md: checked before decrypting, so that nobody
/// learns by a longer key which recipient it was).
Result<crypto::X25519Public> share_of(const AgeStanza& stanza) {
  if (stanza.arguments.size() != 2) return malformed("an X25519 stanza has not one share");
  const auto raw = from_base64_unpadded(stanza.arguments[1]);
  if (!raw || raw->size() != k_key_size) return malformed("an X25519 share is not 32 bytes");
  if (stanza.body.size() != k_body_size) return malformed("an X25519 body is not one file key");
  return crypto::X25519Public::from_bytes(*raw);
}

}  // namespace

Result<AgeRecipient> AgeRecipient::from_text(std::string_view text) {
  TRY_LET(const Bech32 read, from_bech32(text));
  if (read.prefix != k_recipient_prefix || read.data.size() != k_key_size)
    return fault(FaultCode::format_bech32, "not an X25519 recipient, age1…");
  TRY_LET(const crypto::X25519Public key, crypto::X25519Public::from_bytes(read.data));
  return AgeRecipient(key);
}

std::string AgeRecipient::text() const {
  return to_bech32(k_recipient_prefix, key_.view());
}

Digest AgeRecipient::id() const {
  return crypto::sha256(as_bytes(text()));
}

Result<AgeStanza> AgeRecipient::wrap(const Secret& file_key, Random& random) const {
  CHECK(file_key.size() == k_age_file_key_size);
  const auto ephemeral = crypto::X25519Key::generate(random);
  TRY_LET(const Secret shared, ephemeral.agree(key_));
  const View share = ephemeral.public_key().view();
  crypto::ChaCha20Poly1305 aead(wrap_key(shared, share, key_.view()).view());
  AgeStanza stanza{.arguments = {std::string(k_type), base64_unpadded(share)},
                   .body = Bytes(k_body_size)};
  aead.seal(k_zero_nonce, file_key.view(), stanza.body);
  return stanza;
}

AgeIdentity::AgeIdentity(crypto::X25519Key key)
    : key_(std::move(key)), recipient_(key_.public_key()) {}

AgeIdentity AgeIdentity::generate(Random& random) {
  return AgeIdentity(crypto::X25519Key::generate(random));
}

Result<AgeIdentity> AgeIdentity::from_text(std::string_view text) {
  TRY_LET(Bech32 read, from_bech32(text));
  Secret bytes(std::move(read.data));
  if (read.prefix != k_identity_prefix || bytes.size() != k_key_size)
    return fault(FaultCode::format_bech32, "not an X25519 identity, AGE-SECRET-KEY-1…");
  TRY_LET(crypto::X25519Key key, crypto::X25519Key::from_bytes(std::move(bytes)));
  return AgeIdentity(std::move(key));
}

Secret AgeIdentity::text() const {
  auto text = to_bech32(k_identity_prefix, key_.bytes().view());
  Secret secret(to_bytes(text));
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return secret;
}

Result<std::optional<Secret>> AgeIdentity::unwrap(const AgeStanza& stanza) const {
  if (stanza.arguments.front() != k_type) return std::nullopt;
  TRY_LET(const crypto::X25519Public share, share_of(stanza));
  const auto shared = key_.agree(share);
  // age.md: an all-zero secret was forced by the sender, and makes the whole header unacceptable.
  if (!shared) return malformed("an X25519 share is a point of small order");
  crypto::ChaCha20Poly1305 aead(wrap_key(*shared, share.view(), recipient_.key().view()).view());
  Secret file_key(k_age_file_key_size);
  if (!aead.open(k_zero_nonce, stanza.body, file_key.writable())) return std::nullopt;
  return std::optional(std::move(file_key));
}

Secret new_age_file_key(Random& random) {
  Secret key(k_age_file_key_size);
  random.fill(key.writable());
  return key;
}

Result<AgeHeader> make_age_header(const Secret& file_key,
                                  const std::vector<AgeRecipient>& recipients, Random& random) {
  CHECK(!recipients.empty() && recipients.size() <= k_age_stanzas_max);
  AgeHeader header;
  for (const auto& recipient : recipients) {
    TRY_LET(AgeStanza stanza, recipient.wrap(file_key, random));
    header.stanzas.push_back(std::move(stanza));
  }
  header.mac = header_mac(header.stanzas, file_key).bytes;
  return header;
}

Result<std::optional<Secret>> find_age_file_key(const AgeHeader& header,
                                                const AgeIdentity& identity) {
  std::optional<Secret> found;
  // All stanzas are looked at even after a match: a header with a malformed one is refused by
  // every addressee alike, wherever it stands.
  for (const auto& stanza : header.stanzas) {
    TRY_LET(auto file_key, identity.unwrap(stanza));
    if (file_key && !found) found = std::move(file_key);
  }
  return found;
}

Result<void> check_age_mac(const AgeHeader& header, const Secret& file_key) {
  if (!equal_constant_time(header.mac, header_mac(header.stanzas, file_key).view()))
    return fault(FaultCode::crypto_open, "the age header was changed after it was made");
  return {};
}

Result<Secret> open_age_header(const AgeHeader& header, const AgeIdentity& identity) {
  TRY_LET(std::optional<Secret> file_key, find_age_file_key(header, identity));
  if (!file_key) return fault(FaultCode::crypto_open, "the age file is not sealed for this key");
  TRY(check_age_mac(header, *file_key));
  return *std::move(file_key);
}

}  // namespace comity::formats
