// One State of the corpus: a real heart with real keys, rows and log files below a folder, and
// every key within reach, since a hostile State has its own keys and uses them as it likes. All
// officers and cases are fictional. A step that must succeed and does not is a broken test: CHECK.
#pragma once

#include <filesystem>

#include "base/check.hpp"
#include "crypto/cms.hpp"
#include "formats/checkpoint.hpp"
#include "keys/key_files.hpp"
#include "keys/memory_keys.hpp"
#include "node/desk.hpp"
#include "store/log_files.hpp"
#include "store/sqlite_store.hpp"

namespace comity::corpus {

using formats::Json;

/// The result's value; ends the test with the fault if there is none.
[[noreturn]] void give_up(const Fault& fault);
template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// Bytes that look random and are the same in every run.
class Seeded final : public Random {
 public:
  explicit Seeded(std::string_view seed);
  void fill(std::span<std::uint8_t> out) override;

 private:
  Digest state_;
};

/// A key and its certificate, of an officer or an authority.
struct Signer {
  crypto::P256Key key;
  crypto::Certificate certificate;
  node::Officer as_caller() const;
  bool has(std::string_view role) const;
  Bytes sign(View content, crypto::CmsForm form, Instant at) const {
    return must(crypto::cms_sign(content, key, certificate, at, form));
  }
};

class State {
 public:
  State(std::string_view code, const std::filesystem::path& folder);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const StateCode& code() const { return code_; }
  const std::filesystem::path& folder() const { return folder_; }
  node::Store& rows() { return *store_; }
  std::string log_of(const State& partner) const { return "partner/" + partner.code_.text(); }
  formats::Verifier verifier(std::string_view log) const;
  std::string sign_checkpoint(std::string_view log, const formats::Checkpoint& checkpoint);
  std::string origin(std::string_view log) const { return prefix() + std::string(log); }

  const crypto::P256Key& root_key() const { return root_key_; }
  const crypto::Certificate& root() const { return root_; }
  const Signer& authority() const { return authority_; }
  const Signer& tls() const { return tls_; }
  static constexpr std::size_t k_officers = 3;
  const Signer& officer(std::size_t index) const { return officers_[index]; }
  /// A certificate of this State's root for a fresh key.
  Signer certified(const std::string& name, std::vector<std::string> roles, crypto::Usage usage,
                   Instant from, Instant to);
  Signer certified(const std::string& name, std::vector<std::string> roles, crypto::Usage usage);
  /// The directory entry as it would be with this serial; `change` edits it before it is signed.
  directory::Entry entry(std::int64_t serial = 1) const;

  /// One question at the desk, one turn.
  template <typename Ask>
  auto ask(Ask&& question) {
    std::optional<decltype(question(std::declval<node::Desk&>()))> answer;
    must(turn({[&](node::Desk& desk) -> node::Afterwards {
      answer = question(desk);
      return {};
    }}));
    return *std::move(answer);
  }
  Result<void> turn(std::vector<node::Job> jobs) { return heart_->turn(std::move(jobs), now); }
  /// Drafts, signs and sends; the act or statement stands afterwards. Gives what the desk gives.
  Json decide(const Json& input, const node::Officer& who);
  Json decide(const Json& input) { return decide(input, officers_[0].as_caller()); }
  void accept(const State& other);
  void accept(const directory::Entry& entry, const crypto::P256Key& root_key);
  /// Stops the heart and starts another one on what is stored.
  Result<void> restart();
  /// Rows and log files as they are now, into a folder; and back from it, before a restart.
  void copy_disk(const std::filesystem::path& to);
  void put_back_disk(const std::filesystem::path& from);

  Instant now;

 private:
  std::string prefix() const { return code_.text() + ".comity.example/"; }

  Seeded random_;
  StateCode code_;
  std::filesystem::path folder_;
  crypto::P256Key root_key_;
  crypto::Certificate root_;
  Signer authority_;
  Signer tls_;
  std::vector<Signer> officers_;  // approver, approver and executor, drafter
  keys::MemoryAuthoritySigner signer_;
  keys::MemoryLogSigner log_keys_{random_};
  keys::MemoryEvidenceKeys evidence_keys_{random_};
  keys::CmsOpener opener_;
  std::unique_ptr<store::SqliteStore> store_;
  store::DiskLogFiles files_;
  std::unique_ptr<node::Heart> heart_;
};

}  // namespace comity::corpus
