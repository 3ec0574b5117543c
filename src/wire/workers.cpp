#include "wire/workers.hpp"

namespace comity::wire {

bool Workers::run(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (is_ending_) return false;
  if (queue_.size() >= idle_) {
    if (threads_.size() < threads_max_) {
      threads_.emplace_back([this] { work(); });
      ++idle_;  // it takes this task or the next one
    } else if (queue_.size() - idle_ >= queue_max_) {
      return false;
    }
  }
  queue_.push_back(std::move(task));
  wakes_.notify_one();
  return true;
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wakes_.wait(lock, [&] { return !queue_.empty() || is_ending_; });
    if (queue_.empty()) return;
    auto task = std::move(queue_.front());
    queue_.pop_front();
    --idle_;
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
    ++idle_;
  }
}

void Workers::join() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    threads.swap(threads_);
  }
  wakes_.notify_all();
  for (auto& thread : threads) thread.join();
}

}  // namespace comity::wire
