// A node, wired: the rooms that do not see one another, and the order in which they begin and end.
#pragma once

#include "api/peer_door.hpp"
#include "api/router.hpp"
#include "background.hpp"
#include "backups.hpp"
#include "heart_thread.hpp"
#include "live_items.hpp"
#include "scrubbing.hpp"
#include "store/home.hpp"
#include "store/log_files.hpp"
#include "store/sqlite_store.hpp"
#include "vault.hpp"
#include "wire/server.hpp"

namespace comity {

class RunningNode {
 public:
  /// Checks, loads, verifies and opens the doors. Faults: those of all rooms; then nothing runs.
  static Result<std::unique_ptr<RunningNode>> start(const std::filesystem::path& directory);
  /// A backup of a home whose node does not run: the heart begins, logs, and ends again; no door
  /// opens. `input` as of Desk::begin_backup. Fault: also node.busy.
  static Result<node::Json> back_up(const std::filesystem::path& directory,
                                    const node::Json& input);
  RunningNode(const RunningNode&) = delete;
  RunningNode& operator=(const RunningNode&) = delete;
  /// An orderly stop.
  ~RunningNode();

  /// "comity: KGZ serves peers at 127.0.0.1:9443, officers at DIR/socket (EXERCISE)".
  std::string banner() const;

 private:
  explicit RunningNode(store::Home home) : home_(std::move(home)) {}
  Result<void> open_store();
  Result<void> start_heart();
  Result<void> check_certificates(View own_entry) const;
  Result<void> clear_leftovers();
  Result<void> start_work();
  Result<void> open_doors();

  const store::Home home_;
  SystemClock clock_;
  SystemRandom random_;
  wire::TlsIdentity identity_;

  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<store::DiskLogFiles> log_files_;
  std::unique_ptr<keys::FileAuthoritySigner> signer_;
  std::unique_ptr<keys::FileLogSigner> log_signer_;
  std::unique_ptr<keys::FileEvidenceKeys> evidence_keys_;
  keys::CmsOpener opener_;

  Notices notices_;
  Progress progress_{notices_};
  std::unique_ptr<Lines> lines_;
  Watch watch_;
  Pins pins_;
  HeartMailbox mailbox_;
  std::stop_source stopping_;
  std::unique_ptr<node::Heart> heart_;
  std::unique_ptr<HomeVault> vault_;
  std::unique_ptr<HomeBackups> backups_;
  std::unique_ptr<BackgroundWorkers> background_, sealing_, sources_;
  std::unique_ptr<LiveItems> live_;
  std::unique_ptr<api::Router> router_;
  std::unique_ptr<api::PeerDoor> peer_door_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Fetching> fetching_;
  std::unique_ptr<Scrubbing> scrubbing_;
  std::unique_ptr<HeartThread> heart_thread_;
  std::unique_ptr<wire::Server> server_;
  std::uint16_t peers_port_ = 0, console_port_ = 0;
};

}  // namespace comity
