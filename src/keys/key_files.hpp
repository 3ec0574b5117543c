// The signing and opening ports over key files in a node's home (DIR/keys). Keys are read once, at
// start, into memory that wipes itself; evidence keys when they are asked for. Nothing here shows a
// private key to the heart, but for the identity of one item, which opening it needs.
// Faults of all files: store.permissions when others may read one, store.io, format.pem,
// crypto.key.
#pragma once

#include <filesystem>
#include <memory>

#include "directory/entry.hpp"
#include "node/ports.hpp"

namespace comity::keys {

struct LogKeySet;

/// authority.key (P-256, PKCS#8) and authority.crt.
class FileAuthoritySigner final : public node::AuthoritySigner {
 public:
  /// Fault: also crypto.key when the two are not a pair, crypto.usage for another certificate.
  static Result<std::unique_ptr<FileAuthoritySigner>> load(const std::filesystem::path& keys);

  Result<Bytes> sign(View content, Instant signing_time) override;
  const crypto::Certificate& certificate() const override { return certificate_; }

 private:
  FileAuthoritySigner(crypto::P256Key key, crypto::Certificate certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}

  crypto::P256Key key_;
  crypto::Certificate certificate_;
};

/// log-partner.key, log-internal.key, log-anchor.key (Ed25519, PKCS#8 as in RFC 8410).
class FileLogSigner final : public node::LogSigner {
 public:
  static Result<std::unique_ptr<FileLogSigner>> load(const std::filesystem::path& keys);
  ~FileLogSigner() override;

  /// Fault: format.note for a text that is no checkpoint of that origin; crypto.key for a name that
  /// is no log's.
  Result<std::string> sign_checkpoint(std::string_view log, std::string_view origin,
                                      std::string_view text) override;
  std::string verifier_key(std::string_view log, std::string_view origin) const override;
  /// That each of these keys signs here: alone, or along with another one while they change.
  bool holds(const directory::LogKeys& named) const;
  /// For the directory entry.
  directory::LogKeys published(std::string origin_prefix) const;

 private:
  explicit FileLogSigner(std::unique_ptr<LogKeySet> keys);
  std::unique_ptr<LogKeySet> keys_;
};

/// evidence/NAME.age-identity, each as age-keygen writes it, so that `age -d -i` takes it.
/// Names are 1 to 96 of a-z, 0-9 and hyphen; any other is format.field.
class FileEvidenceKeys final : public node::EvidenceKeys {
 public:
  /// Makes the folder if need be, and destroys what a crash left half made. Borrows `random`.
  static Result<std::unique_ptr<FileEvidenceKeys>> open(const std::filesystem::path& keys,
                                                        Random& random);

  Result<std::string> make(std::string_view name) override;
  Result<std::optional<std::string>> recipient(std::string_view name) override;
  Result<Secret> identity(std::string_view name) override;
  /// Nothing there is success. What it can and can not promise: secret_file.hpp.
  Result<void> destroy(std::string_view name) override;
  Result<std::vector<std::string>> names() override;

 private:
  FileEvidenceKeys(std::filesystem::path folder, Random& random)
      : folder_(std::move(folder)), random_(&random) {}
  Result<std::filesystem::path> path_of(std::string_view name) const;

  std::filesystem::path folder_;
  Random* random_;
};

/// CMS as the product writes it (crypto/cms.hpp).
class CmsOpener final : public node::SignatureOpener {
 public:
  Result<node::OpenedSignature> open(View p7m) override;
  Result<crypto::Certificate> open_detached(View signature, View content) override;
  Result<void> verify_issued(const crypto::Certificate& certificate,
                             const crypto::Certificate& root, crypto::Usage usage,
                             Instant at) override;
};

}  // namespace comity::keys
