// What lies in the directory of an item that still grows, on either side: its chunks so far, their
// leaf hashes, and the newest signed head. The chunks are what counts: they alone are made durable
// before anything is said of them. The rest follows from them, and is believed after a crash only
// as far as it agrees with them.
#pragma once

#include <optional>

#include "evidence/live.hpp"
#include "transfer/item_files.hpp"

namespace comity::transfer {

struct LiveFiles {
  ItemFiles item;

  Path chunks() const { return item.sealed_partial(); }  // so that a fetch can go on with them
  Path leaves() const { return item.directory / "live.leaves"; }
  Path state() const { return item.directory / "live.state"; }
  Path heads() const { return item.directory / "live.heads"; }
};

/// A small text that is replaced as a whole: written in turns into one of two places, each with its
/// number and a checksum, so that a torn one leaves the one before. It need not be durable.
class TwoSlots {
 public:
  static inline constexpr std::size_t k_slot_bytes = 65'536;
  static Result<TwoSlots> open(const Path& path);
  /// The newest text that is whole; nothing when there is none.
  const std::optional<std::string>& newest() const { return newest_; }
  /// Fault: limit.size for a text that does not fit; store.*.
  Result<void> write(std::string_view text);
  Result<void> sync() const { return file_.sync_data(); }

 private:
  explicit TwoSlots(File file) : file_(std::move(file)) {}
  File file_;
  std::uint64_t number_ = 0;
  std::optional<std::string> newest_;
};

/// The leaf hashes of an item's chunks, in their order. Not durable by themselves.
class Leaves {
 public:
  static Result<Leaves> open(const Path& path);
  std::uint64_t size() const { return size_; }
  Result<void> add(std::span<const Digest> leaves);
  /// Forgets what comes after.
  Result<void> cut(std::uint64_t size);
  /// Calls `take` with each of the first `count`, a piece at a time.
  Result<void> each(std::uint64_t count,
                    const std::function<Result<void>(const Digest&)>& take) const;
  /// The edge of the first `count`. Fault: store.corrupt when there are fewer.
  Result<formats::Edge> edge(std::uint64_t count) const;

 private:
  Leaves(File file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  File file_;
  std::uint64_t size_;
};

/// A head adds so many chunks at the most, and after so many one is kept: whoever is behind,
/// however far, finds one that is no further than he takes at once (k_frame_chunks_max).
inline constexpr std::size_t k_commit_chunks_max = 128, k_head_every_chunks = 64;

/// Heads that were signed now and then, so that who is far behind gets them in pieces.
class HeadHistory {
 public:
  static Result<HeadHistory> open(const Path& path);
  /// Keeps it if enough chunks came since the last one that was kept.
  Result<void> keep(const evidence::Head& head, std::string_view note);
  /// The first that is past `chunks`; nothing when none is.
  Result<std::optional<std::pair<std::uint64_t, std::string>>> after(std::uint64_t chunks) const;

 private:
  explicit HeadHistory(File file) : file_(std::move(file)) {}
  File file_;
  std::uint64_t end_ = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places_;  // chunks, offset in the file
};

/// The tree over these leaves as tiles, durable under their name; gives its root.
Result<Digest> write_tiles(const Leaves& leaves, std::uint64_t chunks, const ItemFiles& files);

}  // namespace comity::transfer
