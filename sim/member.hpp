// One State of the world: a real heart on real rows in memory, its keys and its officers, and death
// between any two effects. What is durable outlives the heart; everything else dies with it.
#pragma once

#include "crypto/cms.hpp"
#include "formats/checkpoint.hpp"
#include "keys/key_files.hpp"
#include "keys/memory_keys.hpp"
#include "node/desk.hpp"
#include "sim/chance.hpp"
#include "store/log_files.hpp"
#include "store/sqlite_store.hpp"

namespace comity::sim {

using formats::Json;

/// An officer with the key that never lies on a node.
struct OfficerWithKey {
  crypto::P256Key key;
  crypto::Certificate certificate;
  node::Officer as_caller() const;
  bool has(std::string_view role) const;
};

/// Where a turn ends when the node dies in it.
enum class Death {
  none,
  before_commit,     // nothing of the turn happened
  while_publishing,  // all of it happened; files are torn, nobody was told
  after_commit,      // all of it happened; some were told
};

class Member {
 public:
  Member(const StateCode& state, std::uint64_t seed, std::int64_t skew_ms);
  ~Member();
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  const StateCode& state() const { return state_; }
  Instant clock(Instant world) const { return world.plus_ms(skew_ms_); }
  bool is_alive() const { return heart_ != nullptr; }
  /// How often it was started: what was asked of an earlier life is never answered.
  int lives() const { return lives_; }

  /// A new heart on what is durable. Fault: what start() found, a violation in any honest world.
  Result<void> start(Instant world, Death death = Death::none, std::size_t point = 0);
  /// Waits for the next turn. What it returns is an effect: it happens or the node dies before.
  void push(node::Job job) { waiting_.push_back(std::move(job)); }
  bool has_work() const { return !waiting_.empty(); }
  /// One turn of all that waits. With a `death`, the node is dead afterwards; `point` counts the
  /// signatures, files or effects that still come to pass. Fault: one that was not planned.
  Result<void> turn(Instant world, Death death = Death::none, std::size_t point = 0);
  /// True when it died in its last turn: bury it.
  bool has_died() const { return died_; }
  Result<void> settle(Instant world);
  void die(bool power_loss);

  node::Store& rows() { return *store_; }
  keys::MemoryEvidenceKeys& evidence_keys() { return evidence_keys_; }
  /// Told what the heart tells listeners.
  std::function<void(const Json&)> on_notice;
  Bytes entry_p7m(Instant at) const;
  const crypto::Certificate& root() const { return root_; }
  const std::vector<OfficerWithKey>& officers() const { return officers_; }
  formats::Verifier verifier(std::string_view log) const;
  Result<std::optional<Bytes>> log_file(std::string_view log, std::string_view path);
  Result<void> put_log_file(std::string_view log, std::string_view path, View bytes);
  // For canaries alone: what no honest node would sign or do.
  Bytes sign_as_authority(View content, Instant at);
  std::string sign_checkpoint(std::string_view log, const formats::Checkpoint& checkpoint);
  /// The turn under way will not be committed.
  void forget_turn();

 private:
  class Files;
  class Signer;
  void add_officer(const std::string& name, std::vector<std::string> roles);
  crypto::Certificate certify(const crypto::P256Key& key, const std::string& name,
                              std::vector<std::string> roles, crypto::Usage usage,
                              const std::vector<std::string>& hosts = {});
  void plan(Death death, std::size_t point);

  StateCode state_;
  Chance random_;
  std::int64_t skew_ms_;
  crypto::P256Key root_key_;
  crypto::Certificate root_;
  crypto::P256Key authority_key_;
  crypto::Certificate authority_, tls_;
  std::vector<OfficerWithKey> officers_;
  keys::MemoryAuthoritySigner signer_;
  keys::MemoryLogSigner log_keys_;
  keys::MemoryEvidenceKeys evidence_keys_;
  keys::CmsOpener opener_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Signer> log_signer_;
  std::unique_ptr<node::Heart> heart_;
  std::vector<node::Job> waiting_;
  int lives_ = 0;
  std::size_t effects_left_ = 0;
  bool died_ = false;
};

}  // namespace comity::sim
