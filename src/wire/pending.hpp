// The answer that a handler owes: given once, from any thread, to the coroutine that waits.
#pragma once

#include <unistd.h>

#include <mutex>
#include <optional>

#include "node/call.hpp"
#include "wire/signal.hpp"

namespace comity::wire {

/// An answer and the file it may hold open.
class OwnedAnswer {
 public:
  OwnedAnswer() = default;
  explicit OwnedAnswer(node::Answer answer) : answer_(std::move(answer)) {}
  OwnedAnswer(OwnedAnswer&& other) noexcept : answer_(std::exchange(other.answer_, {})) {}
  OwnedAnswer& operator=(OwnedAnswer&& other) noexcept {
    std::swap(answer_, other.answer_);
    return *this;
  }
  ~OwnedAnswer() {
    if (const auto* file = std::get_if<node::FileBody>(&answer_.body);
        file && file->descriptor >= 0)
      ::close(file->descriptor);
  }
  const node::Answer& operator*() const { return answer_; }
  const node::Answer* operator->() const { return &answer_; }

 private:
  node::Answer answer_;
};

class Pending : public std::enable_shared_from_this<Pending> {
 public:
  explicit Pending(const asio::any_io_executor& strand)
      : signal_(std::make_shared<Signal>(strand)) {}

  /// What the handler gets. Calling it twice is a bug; letting go of it without a call ends the
  /// connection without an answer.
  node::Reply reply();

  /// On the strand: the answer, or nothing when there will be none.
  asio::awaitable<std::optional<OwnedAnswer>> take();
  /// From any thread: nobody waits any more.
  void cancel();
  /// On the strand, after the last `take`.
  void detach() { signal_->detach(); }

 private:
  void give(std::optional<OwnedAnswer> answer);

  const std::shared_ptr<Signal> signal_;
  std::mutex mutex_;
  std::optional<OwnedAnswer> answer_;  // guarded by mutex_, as is_settled_
  bool is_settled_ = false;
};

}  // namespace comity::wire
