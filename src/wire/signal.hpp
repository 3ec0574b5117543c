// How a thread wakes a coroutine. One coroutine waits on its strand; any thread notifies.
// Only a wake-up: what happened is read from whatever the caller guards with its own mutex.
#pragma once

#include <mutex>
#include <optional>

#include "wire/net.hpp"

namespace comity::wire {

class Signal : public std::enable_shared_from_this<Signal> {
 public:
  explicit Signal(asio::any_io_executor strand) : strand_(std::move(strand)), timer_(strand_) {}

  /// Returns at a notice or at the deadline. A notice given since the last check of the caller's
  /// condition is never lost: it runs on the strand, so only once the caller waits.
  asio::awaitable<void> wait(Moment deadline = k_never) {
    timer_->expires_at(deadline);
    error_code ignored;
    co_await timer_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  /// From any thread.
  void notify() {
    const std::lock_guard lock(mutex_);
    if (!attached_) return;
    asio::post(strand_, [self = shared_from_this()] {
      if (self->timer_) self->timer_->cancel();
    });
  }

  /// On the strand, when no coroutine will wait any more: the io context may end before the last
  /// thread lets go of this.
  void detach() {
    const std::lock_guard lock(mutex_);
    attached_ = false;
    timer_.reset();
    strand_ = {};
  }

 private:
  std::mutex mutex_;
  bool attached_ = true;  // guarded by mutex_
  asio::any_io_executor strand_;
  std::optional<asio::steady_timer> timer_;  // touched on the strand only
};

}  // namespace comity::wire
