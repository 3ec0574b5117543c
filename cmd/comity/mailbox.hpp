// The one way to the heart's thread: a bounded queue of jobs.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "api/ports.hpp"

namespace comity {

inline constexpr std::size_t k_jobs_waiting_max = 4096;

class HeartMailbox final : public api::Mailbox {
 public:
  Result<void> post(node::Job job) override;
  void finish(node::Job job) override;

  /// All that waits; blocks until there is something, `until` has come, or the box is closed.
  /// Nothing for good once it is closed and empty.
  std::optional<std::vector<node::Job>> take(std::chrono::steady_clock::time_point until);
  /// Nothing more is posted; what finishes work under way is still taken.
  void close();
  /// After the last of such work; then take() comes to its end.
  void end();

 private:
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::vector<node::Job> jobs_;
  bool is_closed_ = false, is_ended_ = false;
};

}  // namespace comity
