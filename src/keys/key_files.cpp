#include "keys/key_files.hpp"

#include <algorithm>

#include "crypto/cms.hpp"
#include "formats/age_keys.hpp"
#include "keys/key_pem.hpp"
#include "keys/log_keys.hpp"
#include "keys/next_key.hpp"
#include "keys/node_keys.hpp"

namespace comity::keys {
namespace {

constexpr std::string_view k_suffix = ".age-identity";
constexpr std::size_t k_name_bytes_max = 96;

/// Comment lines and one identity, as age-keygen writes and age reads it.
Result<formats::AgeIdentity> parse_identity(std::string_view text) {
  std::string_view found;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    if (!found.empty()) return fault(FaultCode::crypto_key, "more than one identity in a file");
    found = line;
  }
  return formats::AgeIdentity::from_text(found);
}

Secret identity_file(const formats::AgeIdentity& identity) {
  const std::string head = "# public key: " + identity.recipient().text() + '\n';
  const Secret key = identity.text();
  Secret file(head.size() + key.size() + 1);
  auto out = std::ranges::copy(as_bytes(head), file.writable().begin()).out;
  out = std::ranges::copy(key.view(), out).out;
  *out = '\n';
  return file;
}

}  // namespace

Result<std::unique_ptr<FileAuthoritySigner>> FileAuthoritySigner::load(const Path& keys) {
  const KeyFiles files{keys};
  TRY_LET(crypto::P256Key key, read_p256(files.authority_key()));
  TRY_LET(crypto::Certificate certificate, read_certificate(files.authority_certificate()));
  TRY(check_pair(key, certificate, crypto::Usage::authority));
  return std::unique_ptr<FileAuthoritySigner>(
      new FileAuthoritySigner(std::move(key), std::move(certificate)));
}

Result<Bytes> FileAuthoritySigner::sign(View content, Instant signing_time) {
  return crypto::cms_sign(content, key_, certificate_, signing_time, crypto::CmsForm::encapsulated);
}

FileLogSigner::FileLogSigner(std::unique_ptr<LogKeySet> keys) : keys_(std::move(keys)) {}
FileLogSigner::~FileLogSigner() = default;

Result<std::unique_ptr<FileLogSigner>> FileLogSigner::load(const Path& keys) {
  const KeyFiles files{keys};
  TRY_LET(crypto::Ed25519Key partner, read_ed25519(files.log_key("partner")));
  TRY_LET(crypto::Ed25519Key internal, read_ed25519(files.log_key("internal")));
  TRY_LET(crypto::Ed25519Key anchor, read_ed25519(files.log_key("anchor")));
  auto set = std::make_unique<LogKeySet>(LogKeySet{.partner = std::move(partner),
                                                   .internal = std::move(internal),
                                                   .anchor = std::move(anchor),
                                                   .next_partner = {},
                                                   .next_internal = {},
                                                   .next_anchor = {}});
  TRY_LET(set->next_partner, find_next_log_key(keys, NodeKey::log_partner));
  TRY_LET(set->next_internal, find_next_log_key(keys, NodeKey::log_internal));
  TRY_LET(set->next_anchor, find_next_log_key(keys, NodeKey::log_anchor));
  return std::unique_ptr<FileLogSigner>(new FileLogSigner(std::move(set)));
}

Result<std::string> FileLogSigner::sign_checkpoint(std::string_view log, std::string_view origin,
                                                   std::string_view text) {
  return keys_->sign(log, origin, text);
}

std::string FileLogSigner::verifier_key(std::string_view log, std::string_view origin) const {
  return keys_->verifier_key(log, origin);
}

bool FileLogSigner::holds(const directory::LogKeys& named) const {
  for (const auto& [log, key] :
       {std::pair{"partner/AAA", &named.partner}, std::pair{"internal", &named.internal},
        std::pair{"anchor", &named.anchor}}) {
    const auto* next = keys_->next_of(log);
    if (keys_->of(log)->public_key() != *key && !(next && next->public_key() == *key)) return false;
  }
  return true;
}

directory::LogKeys FileLogSigner::published(std::string origin_prefix) const {
  return keys_->published(std::move(origin_prefix));
}

Result<std::unique_ptr<FileEvidenceKeys>> FileEvidenceKeys::open(const Path& keys, Random& random) {
  const Path folder = KeyFiles{keys}.evidence();
  TRY(make_secret_directory(folder));
  std::error_code error;
  std::vector<Path> halves;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error))
    if (at->path().filename().string().starts_with('.')) halves.push_back(at->path());
  if (error) return fault(FaultCode::store_io, "evidence: list: " + error.message());
  for (const auto& half : halves) TRY(clear_half(half, random));
  return std::unique_ptr<FileEvidenceKeys>(new FileEvidenceKeys(folder, random));
}

Result<Path> FileEvidenceKeys::path_of(std::string_view name) const {
  const bool plain = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (name.empty() || name.size() > k_name_bytes_max || !plain)
    return fault(FaultCode::format_field, "not the name of an evidence key");
  return folder_ / (std::string(name) + std::string(k_suffix));
}

Result<std::string> FileEvidenceKeys::make(std::string_view name) {
  TRY_LET(const std::optional<std::string> there, recipient(name));
  if (there) return *there;
  TRY_LET(const Path path, path_of(name));
  const auto identity = formats::AgeIdentity::generate(*random_);
  TRY(create_secret(path, identity_file(identity).view()));
  return identity.recipient().text();
}

Result<std::optional<std::string>> FileEvidenceKeys::recipient(std::string_view name) {
  TRY_LET(const Path path, path_of(name));
  TRY_LET(const std::optional<Secret> file, find_secret(path));
  if (!file) return std::nullopt;
  TRY_LET(const auto identity, parse_identity(as_text(file->view())));
  return identity.recipient().text();
}

Result<Secret> FileEvidenceKeys::identity(std::string_view name) {
  TRY_LET(const Path path, path_of(name));
  TRY_LET(const std::optional<Secret> file, find_secret(path));
  if (!file) return fault(FaultCode::evidence_destroyed, std::string(name));
  TRY_LET(const auto identity, parse_identity(as_text(file->view())));
  return identity.text();
}

Result<void> FileEvidenceKeys::destroy(std::string_view name) {
  TRY_LET(const Path path, path_of(name));
  return destroy_secret(path, *random_);
}

Result<std::vector<std::string>> FileEvidenceKeys::names() {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end;
       at.increment(error)) {
    const std::string file = at->path().filename().string();
    if (!file.ends_with(k_suffix)) continue;
    names.push_back(file.substr(0, file.size() - k_suffix.size()));
  }
  if (error) return fault(FaultCode::store_io, "evidence: list: " + error.message());
  std::ranges::sort(names);
  return names;
}

Result<node::OpenedSignature> CmsOpener::open(View p7m) {
  TRY_LET(crypto::CmsSigned opened, crypto::cms_open(p7m));
  return node::OpenedSignature{std::move(opened.content), std::move(opened.signer)};
}

Result<crypto::Certificate> CmsOpener::open_detached(View signature, View content) {
  TRY_LET(crypto::CmsSigned opened, crypto::cms_open_detached(signature, content));
  return std::move(opened.signer);
}

Result<void> CmsOpener::verify_issued(const crypto::Certificate& certificate,
                                      const crypto::Certificate& root, crypto::Usage usage,
                                      Instant at) {
  return crypto::verify_issued(certificate, root, usage, at);
}

}  // namespace comity::keys
