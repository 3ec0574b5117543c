// One State of the world: a real heart on real rows on a disk of its own, its keys and its
// officers, and death between any two effects. What is durable outlives the heart; everything else
// dies with it.
#pragma once

#include "formats/checkpoint.hpp"
#include "keys/memory_keys.hpp"
#include "node/heart.hpp"
#include "sim/identity.hpp"
#include "sim/image.hpp"
#include "sim/options.hpp"
#include "sim/sqlite_disk.hpp"
#include "store/sqlite_store.hpp"

namespace comity::sim {

using formats::Json;

/// What befalls a member in one of its next turns.
struct Plan {
  static constexpr std::size_t k_never = ~std::size_t{0};
  Trouble trouble = Trouble::none;   // of the disk
  std::size_t changes = 0;           // of the disk that still succeed
  std::size_t signatures = k_never;  // of the logs that are still made
  std::size_t effects = k_never;     // outside the node that still happen
};

class Member {
 public:
  Member(const StateCode& state, const Options& options, Signatures& signatures,
         std::int64_t skew_ms);
  ~Member();
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  const StateCode& state() const { return state_; }
  Identity& identity() const { return identity_; }
  Signatures& signatures() const { return signatures_; }
  const std::vector<const KeyPair*>& officers() const { return identity_.officers(); }

  Instant clock(Instant world) const;
  /// The clock is put right, or wrong, or stands still from now on.
  void set_clock(Instant world, std::int64_t skew_ms, bool stands);

  bool is_alive() const { return heart_ != nullptr; }
  /// How often it was started: what was asked of an earlier life is never answered.
  int lives() const { return lives_; }

  /// Opens what is durable and starts a heart on it. A fault of its own accord is told; death and
  /// whatever is owed to its disk as well (has_excuse).
  Result<void> start(Instant world);
  /// Waits for the next turn. What it returns is an effect: it happens or the node dies before.
  void push(node::Job job) { waiting_.push_back(std::move(job)); }
  bool has_work() const { return !waiting_.empty(); }
  /// One turn of all that waits.
  Result<void> turn(Instant world);
  Result<void> settle(Instant world);
  /// Befalls it as soon as it gets there, perhaps several turns later.
  void plan(const Plan& plan);
  void calm() { plan({}); }
  /// What was planned came to pass, and the process is gone: bury it.
  bool has_died() const { return died_ || disk_.is_dead(); }
  /// Its disk did something, so that a fault of store.… is nobody's bug.
  bool has_excuse() const { return disk_.was_met() || disk_.is_full(); }
  /// The process is gone, and perhaps the power.
  void die(bool power_loss);

  Disk& disk() { return disk_; }
  /// Of a living member.
  node::Store& rows();
  Result<std::optional<Bytes>> log_file(std::string_view log, std::string_view path);
  Result<void> put_log_file(std::string_view log, std::string_view path, View bytes);
  keys::MemoryEvidenceKeys& evidence_keys() { return evidence_keys_; }
  /// Told what the heart tells listeners.
  std::function<void(const Json&)> on_notice;
  /// What the last start found in its rows, held against what was there when it died.
  enum class Found { same, other };
  Found found() const { return found_; }
  /// Its disk was exchanged for another one.
  void forget_truth() { truths_.clear(); }

  const Bytes& entry_p7m(const EntryPlan& plan) const;
  formats::Verifier verifier(std::string_view log) const;
  /// Its own law; null: the exercise's. Before its first start.
  const law::Profile* profile = nullptr;
  /// Which authority key it signs with.
  std::size_t authority = 0;

  // For canaries and liars alone: what no honest node would sign or do.
  Bytes sign_as_authority(View content, Instant at);
  std::string sign_checkpoint(std::string_view log, const formats::Checkpoint& checkpoint);
  /// Changes a row while the process is gone.
  void tamper();
  /// The turn under way will not be committed.
  void forget_turn();

 private:
  class Files;
  class LogSigner;
  class Authority;
  std::vector<Image> truths();
  void remember_commit();

  StateCode state_;
  Identity& identity_;
  Signatures& signatures_;
  Chance random_;
  std::int64_t skew_ms_;
  std::optional<Instant> stands_at_;
  Disk disk_;
  Mount mount_;
  Chance log_randomness_;
  keys::MemoryLogSigner log_keys_;
  keys::MemoryEvidenceKeys evidence_keys_;
  std::unique_ptr<Authority> authority_signer_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<LogSigner> log_signer_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<node::Heart> heart_;
  std::vector<node::Job> waiting_;
  std::vector<Image> truths_;  // what its rows may be, as of its last death
  Commit committed_;           // certainly
  Found found_ = Found::same;
  int lives_ = 0;
  std::size_t effects_left_ = Plan::k_never;
  bool died_ = false;
};

}  // namespace comity::sim
