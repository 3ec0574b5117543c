// The receiver's end of a live item: each head is verified, each chunk hashed, and all of it
// durable before it is acknowledged; of a frame that does not hold nothing is written (spec/live.md
// §5). The next frame is taken while the disk syncs. It holds no key and opens nothing.
#pragma once

#include <chrono>

#include "node/call.hpp"
#include "transfer/live_writer.hpp"
#include "transfer/sync_behind.hpp"

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

  /// How many chunks are verified and durable.
  std::uint64_t chunks() const;
  std::optional<SignedHead> head() const;
  std::optional<SignedHead> wait_past(std::uint64_t chunks, std::int64_t wait_ms) const;
  bool is_closed() const;
  /// Whoever waits is woken; nothing more will come here.
  void stop();

  /// A stream begins. Gives from which chunk on to ask: all before it are durable. What the disk
  /// did not keep is asked for again. Faults: store.*.
  Result<std::uint64_t> begin();
  /// The next bytes of the stream. Faults: peer.protocol, format.head, crypto.signature,
  /// evidence.ended, evidence.chunk when chunks do not lead to the head's root; evidence.fork,
  /// after both heads were kept in live.fork; limit.size; store.*.
  Result<void> write(View bytes) override;

 private:
  explicit LiveFollower(Parts parts);
  Result<void> resume();
  Result<void> resume_from(std::string_view note);
  Result<void> start_over();
  void next_frame();
  Result<void> take_head();
  Result<void> take_frame();
  Result<void> keep_fork(const SignedHead& other);
  /// A head and the chunks that it came with, written.
  struct Taken {
    SignedHead head;
    std::vector<Digest> leaves;
  };
  /// These chunks become durable, and the last head is told.
  Result<void> settle(const std::vector<Taken>& taken);
  std::size_t frame_bytes() const;

  const Parts parts_;
  const LiveFiles files_;
  std::optional<File> chunks_;
  std::optional<Leaves> leaves_;
  std::optional<TwoSlots> state_;
  formats::Edge edge_;                              // of all that is written
  std::optional<SignedHead> taken_;                 // the head that it led to
  std::size_t unasked_bytes_ = k_room_every_bytes;  // since the disk was asked
  std::chrono::steady_clock::time_point state_synced_at_;

  enum class Stage { length, note, chunks };
  Stage stage_ = Stage::length;
  std::size_t wanted_ = 4;
  Bytes held_;
  std::optional<SignedHead> next_;  // whose chunks are coming

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable grown_;
  std::optional<SignedHead> head_;  // of what is durable
  bool is_stopped_ = false;

  SyncBehind<Taken> behind_;  // last: its thread sees all of the above
};

/// The item has its final manifest: what came becomes the beginning of an ordinary fetch, which
/// finds its chunks by their hashes. Nothing where no live item lies. If we die within, it is done
/// again. Faults: store.*.
Result<void> hand_over(const Path& directory, const evidence::SealedShape& shape);

}  // namespace comity::transfer
