#include "wire/pipe.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"

namespace comity::wire {

Pipe::Pipe(std::size_t capacity, const asio::any_io_executor& strand)
    : capacity_(capacity),
      ring_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity)),
      signal_(std::make_shared<Signal>(strand)) {}

std::size_t Pipe::contiguous_room() const {
  const std::size_t end = (begin_ + size_) % capacity_;
  return size_ == capacity_ ? 0 : end < begin_ ? begin_ - end : capacity_ - end;
}

std::size_t Pipe::contiguous_bytes() const {
  return std::min(size_, capacity_ - begin_);
}

/// Unlocks and wakes the coroutine if it waits.
void Pipe::wake(std::unique_lock<std::mutex>& lock) {
  const bool is_awaited = std::exchange(is_awaited_, false);
  lock.unlock();
  if (is_awaited) signal_->notify();
}

Result<std::size_t> Pipe::read(std::span<std::uint8_t> into) {
  if (into.empty()) return 0;
  std::unique_lock lock(mutex_);
  thread_wakes_.wait(lock, [&] { return size_ > 0 || is_finished_ || fault_; });
  if (fault_) return std::unexpected(*fault_);
  std::size_t done = 0;
  while (done < into.size() && size_ > 0) {
    const std::size_t step = std::min(contiguous_bytes(), into.size() - done);
    std::memcpy(into.data() + done, ring_.get() + begin_, step);
    begin_ = (begin_ + step) % capacity_;
    size_ -= step;
    done += step;
  }
  wake(lock);
  return done;
}

Result<void> Pipe::write(View bytes) {
  std::unique_lock lock(mutex_);
  do {
    thread_wakes_.wait(lock, [&] { return bytes.empty() || size_ < capacity_ || fault_; });
    if (fault_) return std::unexpected(*fault_);
    while (!bytes.empty() && size_ < capacity_) {
      const std::size_t step = std::min(contiguous_room(), bytes.size());
      std::memcpy(ring_.get() + (begin_ + size_) % capacity_, bytes.data(), step);
      size_ += step;
      bytes = bytes.subspan(step);
    }
    if (std::exchange(is_awaited_, false)) signal_->notify();
  } while (!bytes.empty());
  return {};
}

void Pipe::finish(std::optional<Fault> fault) {
  std::unique_lock lock(mutex_);
  is_finished_ = true;
  if (fault && !fault_) fault_ = std::move(fault);
  wake(lock);
}

void Pipe::abandon() {
  std::unique_lock lock(mutex_);
  is_abandoned_ = true;
  wake(lock);
}

asio::awaitable<std::span<std::uint8_t>> Pipe::room() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (is_abandoned_ || fault_) co_return std::span<std::uint8_t>();
      if (const std::size_t room = contiguous_room(); room > 0)
        co_return std::span(ring_.get() + (begin_ + size_) % capacity_, room);
      is_awaited_ = true;
    }
    co_await signal_->wait();
  }
}

void Pipe::filled(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  CHECK(bytes <= capacity_ - size_);
  size_ += bytes;
  thread_wakes_.notify_one();
}

asio::awaitable<Result<View>> Pipe::bytes() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (fault_) co_return std::unexpected(*fault_);
      if (size_ > 0) co_return View(ring_.get() + begin_, contiguous_bytes());
      if (is_finished_) co_return View();
      is_awaited_ = true;
    }
    co_await signal_->wait();
  }
}

void Pipe::taken(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  CHECK(bytes <= size_);
  begin_ = (begin_ + bytes) % capacity_;
  size_ -= bytes;
  thread_wakes_.notify_one();
}

void Pipe::close(std::optional<Fault> fault) {
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    if (fault && !fault_) fault_ = std::move(fault);
    thread_wakes_.notify_all();
  }
  signal_->detach();
}

void Pipe::cut(const Fault& fault) {
  std::unique_lock lock(mutex_);
  if (!fault_) fault_ = fault;
  thread_wakes_.notify_all();
  wake(lock);
}

}  // namespace comity::wire
