// A bounded pipe between a thread that blocks and a coroutine that awaits: how bulk bytes pass
// between the io threads and the threads that open, seal and store, at constant memory.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "node/call.hpp"
#include "wire/signal.hpp"

namespace comity::wire {

class Pipe {
 public:
  Pipe(std::size_t capacity, const asio::any_io_executor& strand);
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // The thread's end. One thread at a time.
  Result<std::size_t> read(std::span<std::uint8_t> into);  // blocks; 0 at the end
  Result<void> write(View bytes);                          // blocks; empty only asks for a fault
  /// No more will be written (empty), or will ever be right (a fault).
  void finish(std::optional<Fault> fault);
  /// The thread does not want the rest.
  void abandon();

  // The coroutine's end, on the strand.
  /// Waits until there is room; then the room to fill, or nothing when the reader is gone.
  asio::awaitable<std::span<std::uint8_t>> room();
  void filled(std::size_t bytes);
  /// Waits for bytes; empty at the end, or the fault with which the writer finished.
  asio::awaitable<Result<View>> bytes();
  void taken(std::size_t bytes);
  /// Ends the coroutine's part: the thread reads to the end, or meets `fault`.
  void close(std::optional<Fault> fault);

  /// From any thread: both ends meet `fault` now.
  void cut(const Fault& fault);

 private:
  std::size_t contiguous_room() const;
  std::size_t contiguous_bytes() const;
  void wake(std::unique_lock<std::mutex>& lock);

  const std::size_t capacity_;
  std::unique_ptr<std::uint8_t[]> ring_;
  const std::shared_ptr<Signal> signal_;
  std::condition_variable thread_wakes_;

  std::mutex mutex_;  // guards what follows
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
  bool is_awaited_ = false;    // the coroutine waits
  bool is_finished_ = false;   // no more bytes will be put in
  bool is_abandoned_ = false;  // nobody takes bytes out
  std::optional<Fault> fault_;
};

/// The thread's end of a body that arrives. Dropping it abandons the rest.
class PipeSource final : public node::Source {
 public:
  explicit PipeSource(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
  ~PipeSource() override { pipe_->abandon(); }
  Result<std::size_t> read(std::span<std::uint8_t> into) override { return pipe_->read(into); }

 private:
  std::shared_ptr<Pipe> pipe_;
};

/// The thread's end of a body that leaves.
class PipeSink final : public node::Sink {
 public:
  explicit PipeSink(Pipe& pipe) : pipe_(pipe) {}
  Result<void> write(View bytes) override { return pipe_.write(bytes); }

 private:
  Pipe& pipe_;
};

}  // namespace comity::wire
