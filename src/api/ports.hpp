// What the API needs of the process around it, so that it has no threads, sockets or files itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/random.hpp"
#include "node/desk.hpp"

namespace comity::api {

/// The way to the heart. From any thread; never blocks.
class Mailbox {
 public:
  virtual ~Mailbox() = default;
  /// Faults: limit.busy when too many wait, node.stopping; then the job will not run.
  virtual Result<void> post(node::Job job) = 0;
  /// A partner's letter: one of each State a turn, in the order they came, so that a State that
  /// sends without end waits for itself alone. Faults as post.
  virtual Result<void> post_letter(const StateCode& from, node::Job job) = 0;
  /// For the end of work that the heart knows to be under way: always taken, also while stopping.
  virtual void finish(node::Job job) = 0;
};

/// Threads for what blocks: bulk bytes, cold files. Bounded.
class Background {
 public:
  virtual ~Background() = default;
  /// False when no more can be taken; then `task` will not run.
  [[nodiscard]] virtual bool run(std::function<void()> task) = 0;
};

/// One listener's bounded queue of notices. Dropping it ends it.
class Subscription {
 public:
  struct Next {
    enum class Kind { notice, quiet, lagged, ended } kind = Kind::quiet;
    formats::Json notice;
  };
  virtual ~Subscription() = default;
  /// Waits up to `wait_s`. `quiet`: nothing happened. `lagged`: some notices were lost, since they
  /// were not taken in time; the listener must look again. `ended`: the node stops.
  virtual Next next(int wait_s) = 0;
};

class Feed {
 public:
  virtual ~Feed() = default;
  /// Fault: limit.busy when too many listen.
  virtual Result<std::shared_ptr<Subscription>> subscribe() = 0;
};

/// Where backups are made: past the heart, one at a time.
class Backups {
 public:
  virtual ~Backups() = default;
  using Done = std::function<void(Result<node::BackupOutcome>)>;
  /// On the heart's thread, once the order is logged. `done` is called once, on any thread.
  virtual void make(const node::BackupOrder& order, Done done) = 0;
};

}  // namespace comity::api
