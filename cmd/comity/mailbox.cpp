#include "mailbox.hpp"

namespace comity {

Result<void> HeartMailbox::add(node::Job job, const std::optional<StateCode>& lane) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return fault(FaultCode::node_stopping);
    if (jobs_.size() + letters_waiting_ >= k_jobs_waiting_max)
      return fault(FaultCode::limit_busy, "jobs waiting");
    if (lane) {
      letters_[*lane].push_back(std::move(job));
      ++letters_waiting_;
    } else {
      jobs_.push_back(std::move(job));
    }
  }
  wakes_.notify_one();
  return {};
}

Result<void> HeartMailbox::post(node::Job job) {
  return add(std::move(job), std::nullopt);
}

Result<void> HeartMailbox::post_letter(const StateCode& from, node::Job job) {
  return add(std::move(job), from);
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
  wakes_.wait_until(lock, until, [&] { return !is_empty() || is_ended_; });
  if (is_empty() && is_ended_) return std::nullopt;
  auto turn = std::exchange(jobs_, {});
  for (auto lane = letters_.begin(); lane != letters_.end();) {
    auto& waiting = lane->second;
    for (std::size_t i = 0; i < k_letters_a_turn && !waiting.empty(); ++i) {
      turn.push_back(std::move(waiting.front()));
      waiting.pop_front();
      --letters_waiting_;
    }
    lane = waiting.empty() ? letters_.erase(lane) : std::next(lane);
  }
  return turn;
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
