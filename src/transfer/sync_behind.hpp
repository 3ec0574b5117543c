// What one thread wrote, another makes durable and tells of: while the disk syncs, the next is
// written. Nothing is told before it is durable, and all in the order in which it was written.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.hpp"
#include "base/result.hpp"

namespace comity::transfer {

/// How far the bytes of a live item may run ahead of the disk.
inline constexpr std::size_t k_behind_bytes_max = std::size_t{32} << 20;

/// `Written`: what is to be told of one write.
template <class Written>
class SyncBehind {
 public:
  /// Makes durable what was written, and tells of it; on a thread of this object's own. It gets all
  /// that was added since it was called before, the oldest first.
  using Settle = std::function<Result<void>(std::vector<Written>)>;
  /// `bytes_max`: written and not durable yet; then who writes waits.
  SyncBehind(std::size_t bytes_max, Settle settle)
      : bytes_max_(bytes_max), settle_(std::move(settle)), thread_([this] { run(); }) {}
  SyncBehind(const SyncBehind&) = delete;
  SyncBehind& operator=(const SyncBehind&) = delete;
  /// Settles what was added, unless the disk broke.
  ~SyncBehind() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  /// `bytes` were written. Fault: that of an earlier settle; nothing is settled after it.
  Result<void> add(Written written, std::size_t bytes) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return bytes_ < bytes_max_ || !health_; });
    TRY(health_);
    waiting_.push_back(std::move(written));
    bytes_ += bytes;
    changed_.notify_all();
    return {};
  }

  /// Waits until nothing is left to be settled. Fault: that of a settle; it is told once, what was
  /// written since is forgotten, and all begins anew.
  Result<void> drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return (waiting_.empty() && !is_settling_) || !health_; });
    if (health_) return {};
    waiting_.clear();
    bytes_ = 0;
    return std::exchange(health_, {});
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return (!waiting_.empty() && health_) || is_over_; });
      if (waiting_.empty() || !health_) return;  // it is over
      auto written = std::exchange(waiting_, {});
      const auto bytes = bytes_;
      is_settling_ = true;
      lock.unlock();
      auto settled = settle_(std::move(written));
      lock.lock();
      is_settling_ = false;
      bytes_ -= bytes;
      if (!settled) health_ = std::move(settled);
      changed_.notify_all();
    }
  }

  const std::size_t bytes_max_;
  const Settle settle_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Written> waiting_;
  std::size_t bytes_ = 0;  // of what waits and of what is being settled
  Result<void> health_;    // the fault that was not told yet
  bool is_settling_ = false, is_over_ = false;
  std::thread thread_;  // last: it sees all of the above
};

}  // namespace comity::transfer
