// A node's own keys and certificates in DIR/keys: made once, certified by the State's root, which
// may lie on another machine: then a certificate request travels there and a certificate back.
#pragma once

#include <filesystem>

#include "crypto/certificate.hpp"
#include "directory/entry.hpp"

namespace comity::keys {

/// Names of the files below DIR/keys.
struct KeyFiles {
  std::filesystem::path directory;

  std::filesystem::path authority_key() const { return directory / "authority.key"; }
  std::filesystem::path authority_certificate() const { return directory / "authority.crt"; }
  std::filesystem::path tls_key() const { return directory / "tls.key"; }
  std::filesystem::path tls_certificate() const { return directory / "tls.crt"; }
  std::filesystem::path log_key(const std::string& log) const {
    return directory / ("log-" + log + ".key");
  }
  std::filesystem::path evidence() const { return directory / "evidence"; }
};

/// The public halves that certificates are made from, and the log keys for the directory entry
/// (their origin prefix left empty).
struct PublicKeys {
  Bytes authority_spki, tls_spki;
  directory::LogKeys logs;
};

/// Draws all keys of a node and writes them durably, 0600, in `keys`, which is made if need be.
/// Faults: store.exists when one is there already (none is ever overwritten), store.io, store.full.
Result<PublicKeys> make_node_keys(const std::filesystem::path& keys, Random& random);
/// Those that are there.
Result<PublicKeys> read_node_keys(const std::filesystem::path& keys);

enum class CertifiedKey { authority, tls };

/// A certificate request (PKCS#10) for a root on another machine.
Result<std::string> request_certificate(const std::filesystem::path& keys, CertifiedKey which,
                                        const crypto::Subject& subject);
/// Puts a certificate in place of the one before. Faults: crypto.key when it is not the key's,
/// crypto.usage.
Result<void> install_certificate(const std::filesystem::path& keys, CertifiedKey which,
                                 const crypto::Certificate& certificate);

/// What this node shows at its TLS connections.
struct TlsKey {
  crypto::Certificate certificate;
  Secret private_key_pem;
};
Result<TlsKey> load_tls_key(const std::filesystem::path& keys);

}  // namespace comity::keys
