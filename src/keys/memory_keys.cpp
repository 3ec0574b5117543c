#include "keys/memory_keys.hpp"

#include "crypto/cms.hpp"
#include "keys/log_keys.hpp"

namespace comity::keys {

Result<Bytes> MemoryAuthoritySigner::sign(View content, Instant signing_time) {
  return crypto::cms_sign(content, key_, certificate_, signing_time, crypto::CmsForm::encapsulated);
}

MemoryLogSigner::MemoryLogSigner(Random& random)
    : keys_(std::make_unique<LogKeySet>(LogKeySet::generate(random))) {}
MemoryLogSigner::~MemoryLogSigner() = default;

Result<std::string> MemoryLogSigner::sign_checkpoint(std::string_view log, std::string_view origin,
                                                     std::string_view text) {
  return keys_->sign(log, origin, text);
}

std::string MemoryLogSigner::verifier_key(std::string_view log, std::string_view origin) const {
  return keys_->verifier_key(log, origin);
}

directory::LogKeys MemoryLogSigner::published(std::string origin_prefix) const {
  return keys_->published(std::move(origin_prefix));
}

Result<std::string> MemoryEvidenceKeys::make(std::string_view name) {
  auto found = identities_.find(name);
  if (found == identities_.end())
    found = identities_.emplace(name, formats::AgeIdentity::generate(*random_)).first;
  return found->second.recipient().text();
}

Result<std::optional<std::string>> MemoryEvidenceKeys::recipient(std::string_view name) {
  const auto found = identities_.find(name);
  if (found == identities_.end()) return std::nullopt;
  return found->second.recipient().text();
}

Result<Secret> MemoryEvidenceKeys::identity(std::string_view name) {
  const auto found = identities_.find(name);
  if (found == identities_.end()) return fault(FaultCode::evidence_destroyed, std::string(name));
  return found->second.text();
}

Result<void> MemoryEvidenceKeys::destroy(std::string_view name) {
  const auto found = identities_.find(name);
  if (found != identities_.end()) identities_.erase(found);
  return {};
}

Result<std::vector<std::string>> MemoryEvidenceKeys::names() {
  std::vector<std::string> names;
  for (const auto& [name, identity] : identities_) names.push_back(name);
  return names;
}

}  // namespace comity::keys
