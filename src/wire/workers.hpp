// A bounded set of threads for what may block: bodies being produced, a cold disk, a name server.
// Threads start when first needed and stay until the end.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace comity::wire {

class Workers {
 public:
  /// `queue_max` tasks may wait when all threads are busy.
  Workers(std::size_t threads_max, std::size_t queue_max)
      : threads_max_(threads_max), queue_max_(queue_max) {}
  ~Workers() { join(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// False when no more can be taken; then `task` will not run.
  [[nodiscard]] bool run(std::function<void()> task);
  /// Runs what was taken to its end. Nothing is taken after this.
  void join();

 private:
  void work();

  const std::size_t threads_max_;
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool is_ending_ = false;
};

}  // namespace comity::wire
