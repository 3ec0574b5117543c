#include "wire/pending.hpp"

#include <atomic>

#include "base/check.hpp"

namespace comity::wire {

node::Reply Pending::reply() {
  struct Promise {
    explicit Promise(std::shared_ptr<Pending> to) : pending(std::move(to)) {}
    ~Promise() {
      if (!is_kept) pending->give(std::nullopt);
    }
    std::shared_ptr<Pending> pending;
    std::atomic<bool> is_kept = false;
  };
  // Shared, since a Reply is copyable; the last copy to go without a call breaks the promise.
  auto promise = std::make_shared<Promise>(shared_from_this());
  return [promise = std::move(promise)](node::Answer answer) {
    CHECK(!promise->is_kept.exchange(true));
    promise->pending->give(OwnedAnswer(std::move(answer)));
  };
}

void Pending::give(std::optional<OwnedAnswer> answer) {
  const std::lock_guard lock(mutex_);
  if (is_settled_) return;  // cancelled meanwhile
  is_settled_ = true;
  answer_ = std::move(answer);
  signal_->notify();
}

asio::awaitable<std::optional<OwnedAnswer>> Pending::take() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (is_settled_) co_return std::exchange(answer_, std::nullopt);
    }
    co_await signal_->wait();
  }
}

void Pending::cancel() {
  give(std::nullopt);
}

}  // namespace comity::wire
