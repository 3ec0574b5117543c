// An append-only custody log as a value that grows by batches, and the receipts that prove what it
// holds. No file, no clock, no key: signing is a port, bytes go to whoever stores them.
// A log must never sign two checkpoints that do not agree. So a LogState is owned once: a batch
// takes it, and only sealing gives the next one. Whoever seals a batch makes its rows durable
// before anything else happens, or stops the process and starts again from what is stored.
#pragma once

#include <functional>
#include <span>

#include "custody/entry.hpp"
#include "formats/tlog_proof.hpp"

namespace comity::custody {

/// Signs `text`, a checkpoint, as a note under the log's own key, whose name is `origin`.
using CheckpointSigner =
    std::function<Result<std::string>(std::string_view origin, std::string_view text)>;
CheckpointSigner signer_with(const crypto::Ed25519Key& key);  // borrows the key

/// A log between two batches. Not copyable: two futures of one log are a fork.
class LogState {
 public:
  /// A log without entries or checkpoint. `origin` must be a note name; else it is a bug.
  static LogState fresh(std::string origin);
  /// From what was stored. The checkpoint is empty for a log without entries; else its origin, size
  /// and root must be those of the edge (its signature is checked at start-up, by open_checkpoint).
  /// Fault: log.corrupt.
  static Result<LogState> load(std::string origin, View edge, std::string checkpoint);

  LogState(LogState&&) noexcept = default;
  LogState& operator=(LogState&&) noexcept = default;

  const std::string& origin() const { return origin_; }
  const formats::Edge& edge() const { return edge_; }
  std::uint64_t size() const { return edge_.size(); }
  const std::string& checkpoint() const { return checkpoint_; }  // signed note; empty: none yet

 private:
  friend class Batch;
  LogState(std::string origin, formats::Edge edge, std::string checkpoint)
      : origin_(std::move(origin)), edge_(std::move(edge)), checkpoint_(std::move(checkpoint)) {}

  std::string origin_;
  formats::Edge edge_;
  std::string checkpoint_;
};

/// The subtrees that appending makes on top of an edge: enough for every proof that concerns the
/// new leaves, and for consistency with the size before. Holds two hashes a leaf.
class Growth final : public formats::HashReader {
 public:
  explicit Growth(formats::Edge before) : before_(std::move(before)), size_(before_.size()) {}
  void append(const Digest& leaf);
  std::uint64_t size() const { return size_; }
  const formats::Edge& before() const { return before_; }
  std::span<const Digest> new_leaves() const;
  formats::Edge edge();
  /// Fault: log.proof for a subtree that lies wholly in the past and ends no edge.
  Result<Digest> subtree(unsigned level, std::uint64_t index) override;

 private:
  formats::Edge before_;
  std::uint64_t size_;
  std::vector<std::vector<Digest>> rows_;  // by level: the subtrees completed since `before_`
};

/// Entries to be appended together under one checkpoint.
class Batch {
 public:
  explicit Batch(LogState before) : before_(std::move(before)), growth_(before_.edge()) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  Batch(Batch&&) noexcept = default;

  /// Adds an entry's bytes; gives its index in the log. Not after sealing.
  /// Fault: log.entry for more than k_entry_bytes_max bytes.
  Result<std::uint64_t> append(Bytes entry);
  bool empty() const { return entries_.empty(); }
  const LogState& before() const { return before_; }
  std::uint64_t first_index() const { return before_.size(); }
  std::span<const Bytes> entries() const { return entries_; }  // in order
  std::span<const Digest> leaf_hashes() const { return growth_.new_leaves(); }

  /// Signs the checkpoint that covers all entries and gives the state after them. Once, and not
  /// for an empty batch. Faults: the signer's; log.corrupt if it signed something else.
  Result<LogState> seal(const CheckpointSigner& sign);
  /// After sealing: the signed checkpoint.
  const std::string& checkpoint() const;
  /// After sealing: the receipt for an entry of this batch, as .tlog-proof text.
  std::string receipt(std::uint64_t index);
  /// After sealing: that the log after this batch contains the log before it.
  std::vector<Digest> consistency();

 private:
  LogState before_;
  Growth growth_;
  std::vector<Bytes> entries_;
  std::string checkpoint_;
};

/// The receipt for any entry of a log whose subtrees can be read. `checkpoint` is the signed note
/// of a size above `index`. Faults: format.note; log.corrupt when entry and hashes do not lead to
/// its root; the reader's.
Result<std::string> make_receipt(std::uint64_t index, View entry, std::string checkpoint,
                                 formats::HashReader& reader);

/// What a receipt proved.
struct Receipt {
  Entry entry;
  Bytes entry_bytes;
  std::uint64_t index = 0;
  formats::Checkpoint checkpoint;
  std::string checkpoint_note;
};

/// What a receipt must prove: an entry of that kind in that log with these facts (and perhaps
/// more).
struct Expected {
  std::string origin;
  EntryKind kind{};
  formats::Json facts = formats::Json::object();
};

/// Opens a receipt whole: the checkpoint's signature, the proof, the entry, and what it says.
/// Consistency with what was seen of that log before is judged apart (custody/consistency.hpp).
/// Faults: format.proof, format.note, crypto.signature, log.proof, log.entry.
Result<Receipt> check_receipt(View text, std::span<const formats::Verifier> known,
                              const Expected& expected);

}  // namespace comity::custody
