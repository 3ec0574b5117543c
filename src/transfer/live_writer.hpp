// The sender's end of a live item: records in, lines, sealed chunks, durable, a signed head; one
// sync for all records that waited together. Nothing that it tells of is not durable, and what was
// told once stays: a chunk is sealed once, heads only grow (spec/live.md §3, §4).
// It judges no record and asks nobody whether it may: that was decided and logged before.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/page_buffer.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "evidence/live_lines.hpp"
#include "evidence/sealer.hpp"
#include "transfer/live_files.hpp"
#include "transfer/sync_behind.hpp"

namespace comity::transfer {

/// Makes `text` a signed note: a head in the sender's hand, an acknowledgement in the receiver's.
using SignHead = std::function<Result<std::string>(const std::string& text)>;

/// Why an item of bytes ended, when it is whole.
inline constexpr std::string_view k_source_ended = "source";

inline constexpr std::size_t k_room_every_bytes = std::size_t{8} << 20;

/// A head and the note that bears it.
struct SignedHead {
  evidence::Head head;
  std::string note;
};

class LiveWriter {
 public:
  struct Parts {
    Path directory;
    evidence::Opening opening;
    Secret payload_key;
    std::string origin;          // of the heads
    std::string sequence, time;  // members of a record that tell its place; empty: none
    SignHead sign;
    Clock* clock = nullptr;
    /// Asked now and then whether more may be stored. Fault: store.full. May be empty.
    std::function<Result<void>()> has_room;
    bool has_begun = false;  // records were taken before: its chunks must be there
    bool is_bytes = false;   // no lines: the bytes of one source, as they are (spec/live.md §8)
  };

  /// Takes the item up where its chunks stand. If we died, whole chunks that no head tells of are
  /// taken in, and a head is signed for them; a torn one is overwritten.
  /// Faults: store.corrupt when chunks and heads do not agree, store.*; those of `sign`.
  static Result<std::unique_ptr<LiveWriter>> open(Parts parts);
  ~LiveWriter();
  LiveWriter(const LiveWriter&) = delete;
  LiveWriter& operator=(const LiveWriter&) = delete;

  /// A source begins. Faults as of take().
  Result<void> take_source(std::string_view framing);
  /// One record, a JSON object in one line. Waits while too much waits to be sealed. `lost`: how
  /// many the source says it lost before it. Faults: evidence.ended outside the authorised time or
  /// after the end; that of the disk, for good.
  Result<void> take(std::string_view record, const evidence::RecordPlace& place,
                    std::uint64_t lost = 0);

  /// The source of an item of bytes begins, from its first byte. Gives how many were taken before:
  /// the source must begin with them. Faults as of take().
  Result<std::uint64_t> begin_bytes();
  /// That these are the bytes that were taken at `offset`: from a chunk's beginning to its end, or
  /// to the last that was taken. Fault: evidence.changed; store.*.
  Result<void> check_bytes(std::uint64_t offset, View bytes);
  /// The next bytes. Waits, and faults, as take().
  Result<void> take_bytes(View bytes);

  /// Nothing more is taken or sealed in this life; what is durable can still be read.
  void suspend();

  /// The fault of the disk, after which nothing more is sealed in this life.
  Result<void> health() const;

  /// Records taken, sealed or not; what was taken is told to nobody else.
  std::uint64_t taken() const;
  /// The newest head; nothing before the first. Its chunks are durable.
  std::optional<SignedHead> head() const;
  /// Waits for a head past `chunks`, or for the end; at most `wait_ms`.
  std::optional<SignedHead> wait_past(std::uint64_t chunks, std::int64_t wait_ms) const;
  /// The first kept head past `chunks`, or the newest if that is nearer.
  Result<std::optional<SignedHead>> next_head(std::uint64_t chunks) const;
  /// Sealed chunks [from, to) as they lie; all of them durable.
  Result<void> read_chunks(std::uint64_t from, std::uint64_t to,
                           const std::function<Result<void>(View)>& take) const;

  /// The other State's word that it holds so much. Faults: format.head for a size that was never
  /// signed; evidence.fork for another root than ours.
  Result<void> acknowledge(const evidence::Head& theirs);
  std::optional<evidence::Head> acknowledged() const;
  /// Waits for more chunks, sealed or acknowledged, than these; at most `wait_ms`.
  void wait_change(std::uint64_t chunks, std::uint64_t acknowledged, std::int64_t wait_ms) const;

  struct Ended {
    evidence::SealedShape shape;
    evidence::LiveCounts counts;
    std::string why;
  };
  /// Seals what waits and the last line, signs the last head, and gives the file its final name.
  /// Of an item of bytes that ends before its source did (`why` is not "source") the last byte is a
  /// line feed that is none of the source's.
  /// Again: the same. If we die here, the next finish() goes on. Fault: store.*.
  Result<Ended> finish(std::string_view why);
  /// That finish() was called in this life or an earlier one.
  bool is_closed() const;

 private:
  /// A chunk that is filling: whole lines, none of which goes on in the next.
  struct Filling {
    std::string text;
    evidence::LiveCounts counts;  // with its lines
    evidence::Places places;
    std::chrono::steady_clock::time_point came_at;  // of its first line
  };
  /// Sealed and written, and to be told of once it is durable.
  struct Sealed {
    std::vector<Digest> leaves;
    evidence::LiveCounts counts;
    evidence::Places places;
    std::optional<std::uint64_t> closed;  // the item ends with it, with so many bytes of plaintext
  };
  explicit LiveWriter(Parts parts);

  static std::unexpected<Fault> corrupt(std::string_view why);
  static Result<evidence::Head> head_in(const std::string& note);

  // At the beginning (live_resume.cpp).
  Result<void> resume();
  Result<void> resume_state();
  Result<void> find_why();
  Result<void> rehash(const evidence::Head& head, formats::Edge& edge);
  Result<void> adopt_chunks();

  Result<void> check_open(Instant now);
  /// Waits while too much waits to be sealed; then that more may be taken.
  Result<void> wait_for_room(std::unique_lock<std::mutex>& lock);
  void add_bytes(View bytes);
  std::uint64_t sealed_bytes() const;
  /// A line goes into the chunk that is filling, or begins the next.
  void add_line(std::string_view line);
  void run();
  /// What is to be sealed now; nothing: wait on.
  std::vector<Filling> due_chunks();
  /// Seals and writes these chunks, one portion; `ends`: the item ends with them. Their leaves come
  /// behind those of the portions before.
  Result<void> seal(std::span<Filling> chunks, bool ends, std::vector<Digest>& leaves);
  /// Seals and writes these chunks; `ends`: and the item ends with them.
  Result<void> commit(std::vector<Filling> chunks, bool ends);
  /// Makes durable what was sealed, and signs for it. Of the thread that settles.
  Result<void> settle(std::vector<Sealed> sealed);
  static std::vector<Sealed> in_runs(std::vector<Sealed> sealed);
  Result<void> publish(const Sealed& sealed);
  Result<evidence::SealedShape> shape();

  const Parts parts_;
  const LiveFiles files_;
  std::optional<File> chunks_;
  std::optional<Leaves> leaves_;
  std::optional<TwoSlots> state_;
  evidence::ChunkSealer sealer_;
  PageBuffer sealed_;                        // one portion
  std::uint64_t chunks_sealed_ = 0;          // of the sealing thread
  formats::Edge edge_;                       // of the chunks that are durable; of the settling one
  std::optional<crypto::Sha256> plaintext_;  // while nothing of an earlier life is missing in it
  std::uint64_t plaintext_size_ = 0;
  std::string why_;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable wakes_, grown_, drained_;
  evidence::LiveLines lines_;
  std::string line_;             // being written
  std::deque<Filling> waiting_;  // not sealed yet; the last one is filling
  std::size_t waiting_bytes_ = 0;
  std::size_t unasked_bytes_ = k_room_every_bytes;  // since the disk was asked
  bool has_first_line_ = false, has_last_line_ = false;
  std::optional<HeadHistory> history_;
  std::optional<SignedHead> head_;
  std::map<std::uint64_t, evidence::Head> recent_;  // by chunks: what may be acknowledged
  std::optional<evidence::Head> acknowledged_;
  Result<void> broken_;  // the fault of the disk, for good
  bool is_closing_ = false, is_stopping_ = false, is_done_ = false;
  std::size_t unsettled_ = 0;  // runs that are being sealed, or are not durable yet

  // Last: their threads see all of the above.
  std::optional<SyncBehind<Sealed>> behind_;
  std::thread thread_;
};

}  // namespace comity::transfer
