// The signing and opening ports without a file, for simulations and tests. From one seed they draw
// the same keys and make the same signatures (RFC 6979, RFC 8032), so that a run replays.
// Never for a real node: what is destroyed here was never stored.
#pragma once

#include <map>

#include "directory/entry.hpp"
#include "formats/age_keys.hpp"
#include "node/ports.hpp"

namespace comity::keys {

struct LogKeySet;

class MemoryAuthoritySigner final : public node::AuthoritySigner {
 public:
  MemoryAuthoritySigner(crypto::P256Key key, crypto::Certificate certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}

  Result<Bytes> sign(View content, Instant signing_time) override;
  const crypto::Certificate& certificate() const override { return certificate_; }

 private:
  crypto::P256Key key_;
  crypto::Certificate certificate_;
};

class MemoryLogSigner final : public node::LogSigner {
 public:
  explicit MemoryLogSigner(Random& random);
  ~MemoryLogSigner() override;

  Result<std::string> sign_checkpoint(std::string_view log, std::string_view origin,
                                      std::string_view text) override;
  std::string verifier_key(std::string_view log, std::string_view origin) const override;
  directory::LogKeys published(std::string origin_prefix) const;

 private:
  std::unique_ptr<LogKeySet> keys_;
};

class MemoryEvidenceKeys final : public node::EvidenceKeys {
 public:
  /// Borrows `random`.
  explicit MemoryEvidenceKeys(Random& random) : random_(&random) {}

  Result<std::string> make(std::string_view name) override;
  Result<std::optional<std::string>> recipient(std::string_view name) override;
  Result<Secret> identity(std::string_view name) override;
  Result<void> destroy(std::string_view name) override;
  Result<std::vector<std::string>> names() override;

 private:
  Random* random_;
  std::map<std::string, formats::AgeIdentity, std::less<>> identities_;
};

}  // namespace comity::keys
