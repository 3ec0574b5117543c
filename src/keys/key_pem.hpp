// Private keys as files hold them: unencrypted PKCS#8 in PEM, which openssl reads. Private to the
// room.
#pragma once

#include "crypto/certificate.hpp"
#include "crypto/ed25519.hpp"
#include "keys/secret_file.hpp"

namespace comity::keys {

/// RFC 8410 §7. `openssl pkey -in … -text` reads it.
Secret to_pem(const crypto::Ed25519Key& key);
/// Exactly that form. Faults: format.pem, crypto.key.
Result<crypto::Ed25519Key> ed25519_from_pem(std::string_view text);

// The same in files; faults as read_secret and create_secret too.
Result<crypto::P256Key> read_p256(const Path& path);
Result<crypto::Ed25519Key> read_ed25519(const Path& path);
Result<crypto::Certificate> read_certificate(const Path& path);

/// That `key` is the private half of `certificate`, which is for `usage`. Faults: crypto.key,
/// crypto.usage.
Result<void> check_pair(const crypto::P256Key& key, const crypto::Certificate& certificate,
                        crypto::Usage usage);

}  // namespace comity::keys
