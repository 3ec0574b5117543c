// The one shape of all bulk work here: blocks of a fixed number go from a producer (the caller's
// thread) to workers, and from them in the producer's order to one thread that delivers them. So
// memory is constant, and hashing in order runs beside sealing out of order.
// A block belongs to exactly one of the three at any time; nothing in it needs a lock.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/check.hpp"
#include "base/result.hpp"

namespace comity::transfer {

/// Owns its threads and blocks. The producer calls acquire and submit, then finish once.
/// After the first fault no further work is begun and acquire gives nullptr.
template <typename Block>
class Pipeline {
 public:
  /// Called from several threads at once, each with its own worker number from 0.
  using Work = std::function<Result<void>(Block&, unsigned worker)>;
  /// Called from one thread, in the order of submission.
  using Deliver = std::function<Result<void>(Block&)>;

  Pipeline(std::size_t blocks, unsigned workers, Work work, Deliver deliver)
      : work_(std::move(work)), deliver_(std::move(deliver)) {
    CHECK(blocks > workers && workers > 0);
    for (std::size_t i = 0; i < blocks; ++i) {
      slots_.push_back(std::make_unique<Slot>());
      free_.push_back(slots_.back().get());
    }
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this, i] { run_worker(i); });
    threads_.emplace_back([this] { run_delivery(); });
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline() {
    cancel();
    close();
  }

  /// Waits for a free block, to be filled and submitted or given back. nullptr: a stage has failed.
  Block* acquire() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return !free_.empty() || stopped_; });
    if (stopped_) return nullptr;
    auto* slot = free_.front();
    free_.pop_front();
    return &slot->block;
  }
  void submit(Block* block) {
    auto* slot = slot_of(block);
    const std::lock_guard lock(mutex_);
    slot->done = false;
    slot->outcome = {};
    waiting_.push_back(slot);
    order_.push_back(slot);
    submitted_.notify_one();
    finished_.notify_all();
  }
  void give_back(Block* block) {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot_of(block));
    freed_.notify_one();
  }
  /// No more work is begun; what was submitted and not delivered is dropped.
  void cancel() {
    const std::lock_guard lock(mutex_);
    stop();
  }
  /// Waits until all that was submitted is delivered, and ends the threads. The fault is that of
  /// the earliest block in order, whichever thread met it first.
  Result<void> finish() {
    close();
    if (fault_) return std::unexpected(*fault_);
    return {};
  }

 private:
  struct Slot {
    Block block;
    bool done = false;
    Result<void> outcome;
  };

  Slot* slot_of(Block* block) {
    for (const auto& slot : slots_)
      if (&slot->block == block) return slot.get();
    CHECK(false);
    return nullptr;
  }
  void stop() {
    stopped_ = true;
    freed_.notify_all();
  }
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      submitted_.notify_all();
      finished_.notify_all();
    }
    for (auto& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  void run_worker(unsigned worker) {
    std::unique_lock lock(mutex_);
    for (;;) {
      submitted_.wait(lock, [&] { return !waiting_.empty() || closed_; });
      if (waiting_.empty()) return;
      auto* slot = waiting_.front();
      waiting_.pop_front();
      if (!stopped_) {
        lock.unlock();
        auto outcome = work_(slot->block, worker);
        lock.lock();
        slot->outcome = std::move(outcome);
      }
      slot->done = true;
      finished_.notify_all();
    }
  }
  void run_delivery() {
    std::unique_lock lock(mutex_);
    for (;;) {
      finished_.wait(lock, [&] { return order_.empty() ? closed_ : order_.front()->done; });
      if (order_.empty()) return;
      auto* slot = order_.front();
      order_.pop_front();
      if (!stopped_) {
        auto outcome = std::move(slot->outcome);
        if (outcome) {
          lock.unlock();
          outcome = deliver_(slot->block);
          lock.lock();
        }
        if (!outcome && !fault_) {
          fault_ = outcome.error();
          stop();
        }
      }
      free_.push_back(slot);
      freed_.notify_one();
    }
  }

  Work work_;
  Deliver deliver_;
  std::mutex mutex_;
  std::condition_variable freed_, submitted_, finished_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::deque<Slot*> free_, waiting_, order_;
  bool stopped_ = false, closed_ = false;
  std::optional<Fault> fault_;
  std::vector<std::thread> threads_;  // last: they see all of the above
};

/// Worker threads: as many as asked for, else as there are cores; at most k_workers_max.
inline constexpr unsigned k_workers_max = 6;
inline unsigned workers_for(unsigned asked) {
  const unsigned cores = asked != 0 ? asked : std::thread::hardware_concurrency();
  return cores == 0 ? 1 : cores > k_workers_max ? k_workers_max : cores;
}

}  // namespace comity::transfer
