// Records on their way to the node: kept until the node says that they are sealed and durable, so
// that a connection or a node that breaks costs nothing and doubles nothing.
// Captures are passed on as they are: a capture that breaks off is begun again by its tool.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "formats/record_frames.hpp"
#include "node/call.hpp"

namespace comity::cli {

inline constexpr std::size_t k_feed_bytes_max = std::size_t{32} << 20;  // kept until durable

/// What the caller sends to the node; it can be rewound to what the node has not taken.
class RecordFeed final : public node::Source {
 public:
  /// `inner` is borrowed. `framing`: nothing for a capture.
  RecordFeed(node::Source& inner, std::optional<formats::Framing> framing);

  /// Blocks while too much waits to be durable. Faults: those of the source; limit.size,
  /// format.records.
  Result<std::size_t> read(std::span<std::uint8_t> into) override;
  /// The first `records` of this feed are durable at the node: they are forgotten.
  void durable(std::uint64_t records);
  /// Goes on after the first `records` of this feed. False when they are no longer kept.
  bool rewind(std::uint64_t records);
  /// Records read from the source so far, and whether it has ended.
  std::uint64_t read_records();
  bool has_ended();
  /// Waits until all that was read is durable, at most so long. True when it is.
  bool wait_durable(std::int64_t wait_ms);
  /// Nobody waits any more.
  void give_up();

 private:
  Result<void> fill(std::unique_lock<std::mutex>& lock);

  node::Source& inner_;
  const std::optional<formats::Framing> framing_;
  formats::RecordFrames frames_;
  Bytes piece_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Bytes> kept_;  // framed, from record first_ on
  std::uint64_t first_ = 0;
  std::uint64_t next_ = 0;  // to be sent
  std::size_t at_ = 0;      // within it
  std::size_t bytes_ = 0;
  std::uint64_t durable_ = 0;
  bool ended_ = false, given_up_ = false;
};

}  // namespace comity::cli
