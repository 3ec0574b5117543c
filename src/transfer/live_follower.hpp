// The receiver's end of a live item: each head is verified, each chunk hashed, and all of it
// durable before it is acknowledged; of a frame that does not hold nothing is written (spec/live.md
// §5). It holds no key and opens nothing.
#pragma once

#include <chrono>

#include "node/call.hpp"
#include "transfer/live_writer.hpp"

namespace comity::transfer {

class LiveFollower final : public node::Sink {
 public:
  struct Parts {
    Path directory;
    evidence::Opening opening;
    std::vector<formats::Verifier> verifiers;  // of the sender's heads
    /// Asked now and then whether more may be stored. Fault: store.full. May be empty.
    std::function<Result<void>()> has_room;
  };
  /// Takes it up at the newest head that was kept and that its chunks lead to.
  /// Faults: store.*.
  static Result<std::unique_ptr<LiveFollower>> open(Parts parts);
  LiveFollower(const LiveFollower&) = delete;
  LiveFollower& operator=(const LiveFollower&) = delete;

  /// How many chunks are verified and durable: what to ask for from.
  std::uint64_t chunks() const;
  std::optional<SignedHead> head() const;
  std::optional<SignedHead> wait_past(std::uint64_t chunks, std::int64_t wait_ms) const;
  bool is_closed() const;
  /// Whoever waits is woken; nothing more will come here.
  void stop();

  /// A stream begins, from chunks() on.
  void begin();
  /// The next bytes of the stream. Faults: peer.protocol, format.head, crypto.signature,
  /// evidence.ended, evidence.chunk when chunks do not lead to the head's root; evidence.fork,
  /// after both heads were kept in live.fork; limit.size; store.*.
  Result<void> write(View bytes) override;

 private:
  explicit LiveFollower(Parts parts) : parts_(std::move(parts)), files_{{parts_.directory}} {}
  Result<void> resume();
  Result<void> take_head();
  Result<void> take_frame();
  Result<void> keep_fork(const SignedHead& other);
  std::size_t frame_bytes() const;

  const Parts parts_;
  const LiveFiles files_;
  std::optional<File> chunks_;
  std::optional<Leaves> leaves_;
  std::optional<TwoSlots> state_;
  formats::Edge edge_;
  std::size_t unasked_bytes_ = k_room_every_bytes;  // since the disk was asked
  std::chrono::steady_clock::time_point state_synced_at_;

  enum class Stage { length, note, chunks };
  Stage stage_ = Stage::length;
  std::size_t wanted_ = 4;
  Bytes held_;
  std::optional<SignedHead> next_;  // whose chunks are coming

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable grown_;
  std::optional<SignedHead> head_;
  bool is_stopped_ = false;
};

/// The item has its final manifest: what came becomes the beginning of an ordinary fetch, which
/// finds its chunks by their hashes. Nothing where no live item lies. If we die within, it is done
/// again. Faults: store.*.
Result<void> hand_over(const Path& directory, const evidence::SealedShape& shape);

}  // namespace comity::transfer
