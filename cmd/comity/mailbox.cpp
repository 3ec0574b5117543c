#include "mailbox.hpp"

namespace comity {

Result<void> HeartMailbox::post(node::Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return fault(FaultCode::node_stopping);
    if (jobs_.size() >= k_jobs_waiting_max) return fault(FaultCode::limit_busy, "jobs waiting");
    jobs_.push_back(std::move(job));
  }
  wakes_.notify_one();
  return {};
}

void HeartMailbox::finish(node::Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (is_ended_) return;  // what it was about is found again at the next start
    jobs_.push_back(std::move(job));
  }
  wakes_.notify_one();
}

std::optional<std::vector<node::Job>> HeartMailbox::take(
    std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  wakes_.wait_until(lock, until, [&] { return !jobs_.empty() || is_ended_; });
  if (jobs_.empty() && is_ended_) return std::nullopt;
  return std::exchange(jobs_, {});
}

void HeartMailbox::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

void HeartMailbox::end() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = is_ended_ = true;
  }
  wakes_.notify_one();
}

}  // namespace comity
