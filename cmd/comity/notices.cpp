#include "notices.hpp"

namespace comity {

class Notices::Listener final : public api::Subscription {
 public:
  Next next(int wait_s) override {
    std::unique_lock lock(mutex_);
    wakes_.wait_for(lock, std::chrono::seconds(wait_s),
                    [&] { return is_closed_ || is_lagging_ || !waiting_.empty(); });
    if (is_closed_) return {.kind = Next::Kind::ended, .notice = {}};
    if (std::exchange(is_lagging_, false)) return {.kind = Next::Kind::lagged, .notice = {}};
    if (waiting_.empty()) return {};
    Next next{.kind = Next::Kind::notice, .notice = std::move(waiting_.front())};
    waiting_.pop_front();
    return next;
  }

  void put(const formats::Json& notice) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() < k_notices_waiting_max) {
        waiting_.push_back(notice);
      } else {
        waiting_.clear();
        is_lagging_ = true;
      }
    }
    wakes_.notify_one();
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    wakes_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<formats::Json> waiting_;
  bool is_lagging_ = false, is_closed_ = false;
};

Result<std::shared_ptr<api::Subscription>> Notices::subscribe() {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return fault(FaultCode::node_stopping);
  std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
  if (listeners_.size() >= k_listeners_max) return fault(FaultCode::limit_busy, "listeners");
  const auto listener = std::make_shared<Listener>();
  listeners_.push_back(listener);
  return listener;
}

void Notices::publish(const formats::Json& notice) {
  const std::lock_guard lock(mutex_);
  for (const auto& weak : listeners_)
    if (const auto listener = weak.lock()) listener->put(notice);
}

void Notices::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  for (const auto& weak : listeners_)
    if (const auto listener = weak.lock()) listener->close();
}

}  // namespace comity
