// Backups of a running node: the database is copied a little after each turn, on the heart's
// thread; what is slow, hashing and sealing, happens on a thread of its own.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "api/ports.hpp"
#include "store/backup.hpp"
#include "store/sqlite_store.hpp"

namespace comity {

class HomeBackups final : public api::Backups {
 public:
  struct Parts {
    const store::Home& home;
    store::SqliteStore& store;
    Clock& clock;
    Random& random;
  };
  explicit HomeBackups(Parts parts) : parts_(parts) {}
  HomeBackups(const HomeBackups&) = delete;
  HomeBackups& operator=(const HomeBackups&) = delete;
  ~HomeBackups() override { stop(); }

  /// Fault in `done`: limit.busy while one is being made.
  void make(const node::BackupOrder& order, Done done) override;
  /// Between turns, on the heart's thread.
  bool is_copying() const { return copy_ != nullptr; }
  void copy_some();
  /// Waits for the file that is being written; none is begun any more. From any thread.
  void stop();

  /// All at once, where no turn waits.
  static Result<node::BackupOutcome> make_now(const Parts& parts, const node::BackupOrder& order);
  /// Removes what a killed process left of a copy.
  static Result<void> clear(const store::Home& home);

 private:
  static Result<node::BackupOutcome> write(const Parts& parts, const node::BackupOrder& order,
                                           Instant copied_at);

  Parts parts_;
  std::unique_ptr<store::DatabaseCopy> copy_;
  node::BackupOrder order_;
  Done done_;
  std::atomic<bool> writing_ = false;
  std::mutex mutex_;  // guards the two below: stop() comes from another thread
  std::thread writer_;
  bool is_stopping_ = false;
};

}  // namespace comity
