#include "transfer/live_follower.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "evidence/bitmap.hpp"
#include "formats/merkle.hpp"
#include "transfer/live_stream.hpp"

namespace comity::transfer {
namespace {

using formats::k_age_chunk_size;
using formats::k_age_sealed_chunk_size;
using std::chrono::steady_clock;

constexpr std::size_t k_length_bytes = 4;
constexpr std::chrono::seconds k_state_synced_every{1};

formats::AgeChunking chunking_of(const evidence::Head& head) {
  return formats::AgeChunking(head.closed.value_or(head.chunks * k_age_chunk_size));
}

Result<void> cut_file(const File& file, std::uint64_t size, const Path& path) {
  if (::ftruncate(file.descriptor(), static_cast<off_t>(size)) != 0)
    return file_fault("can not be cut", path);
  return {};
}

}  // namespace

LiveFollower::LiveFollower(Parts parts)
    : parts_(std::move(parts)),
      files_{{parts_.directory}},
      behind_(k_behind_bytes_max,
              [this](const std::vector<Taken>& taken) { return settle(taken); }) {}

Result<std::unique_ptr<LiveFollower>> LiveFollower::open(Parts parts) {
  std::unique_ptr<LiveFollower> follower(new LiveFollower(std::move(parts)));
  TRY(follower->resume());
  return follower;
}

/// Whatever was known of it: from what lies on the disk.
Result<void> LiveFollower::resume() {
  TRY_LET(auto file, File::open(files_.chunks(), O_RDWR | O_CREAT));
  chunks_ = std::move(file);
  TRY_LET(auto leaves, Leaves::open(files_.leaves()));
  leaves_ = std::move(leaves);
  TRY_LET(auto state, TwoSlots::open(files_.state()));
  state_ = std::move(state);
  edge_ = formats::Edge();
  taken_.reset();
  TRY(chunks_->write_at(parts_.opening.prefix, 0));
  const auto& note = state_->newest();
  TRY(note ? resume_from(*note) : start_over());
  const std::lock_guard lock(mutex_);
  head_ = taken_;
  return {};
}

Result<void> LiveFollower::start_over() {
  edge_ = formats::Edge();
  TRY(leaves_->cut(0));
  return cut_file(*chunks_, parts_.opening.prefix.size(), files_.chunks());
}

/// Chunks lie at their places and were durable before the head was kept. Leaves may be torn by a
/// loss of power; then all is hashed again, or asked for again.
Result<void> LiveFollower::resume_from(std::string_view note) {
  const auto prefix_size = parts_.opening.prefix.size();
  const auto head = evidence::open_head(as_bytes(note), parts_.verifiers);
  if (!head) return start_over();
  const auto chunking = chunking_of(*head);
  auto edge = leaves_->edge(head->chunks);
  if (!edge || edge->root() != head->root) {
    TRY(leaves_->cut(0));
    edge = formats::Edge();
    Bytes sealed(k_age_sealed_chunk_size);
    for (std::uint64_t i = 0; i < head->chunks; ++i) {
      const auto piece = std::span(sealed).first(chunking.sealed_size_of(i));
      TRY_LET(const auto got, chunks_->read_at(piece, prefix_size + i * k_age_sealed_chunk_size));
      if (got != piece.size()) return start_over();
      const auto leaf = formats::leaf_hash(piece);
      edge->append(leaf);
      TRY(leaves_->add(std::span(&leaf, 1)));
    }
    if (edge->root() != head->root) return start_over();
  }
  TRY(leaves_->cut(head->chunks));
  edge_ = *std::move(edge);
  taken_ = SignedHead{*head, std::string(note)};
  return cut_file(*chunks_, prefix_size + chunking.sealed_size(), files_.chunks());
}

std::uint64_t LiveFollower::chunks() const {
  const std::lock_guard lock(mutex_);
  return head_ ? head_->head.chunks : 0;
}

std::optional<SignedHead> LiveFollower::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

bool LiveFollower::is_closed() const {
  const std::lock_guard lock(mutex_);
  return head_ && head_->head.closed;
}

std::optional<SignedHead> LiveFollower::wait_past(std::uint64_t chunks,
                                                  std::int64_t wait_ms) const {
  std::unique_lock lock(mutex_);
  grown_.wait_for(lock, std::chrono::milliseconds(wait_ms), [&] {
    return is_stopped_ || (head_ && (head_->head.chunks > chunks || head_->head.closed));
  });
  return head_;
}

void LiveFollower::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  grown_.notify_all();
}

Result<std::uint64_t> LiveFollower::begin() {
  // A disk that did not keep what was written: nothing is known of what it holds but what it says.
  if (!behind_.drain()) TRY(resume());
  next_frame();
  return edge_.size();
}

void LiveFollower::next_frame() {
  stage_ = Stage::length;
  wanted_ = k_length_bytes;
  held_.clear();
  next_.reset();
}

Result<void> LiveFollower::write(View bytes) {
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), wanted_ - held_.size()));
    append(held_, part);
    bytes = bytes.subspan(part.size());
    if (held_.size() < wanted_) return {};
    if (stage_ == Stage::length) {
      std::size_t length = 0;
      for (const auto byte : held_) length = length << 8 | byte;
      held_.clear();
      if (length > evidence::k_head_bytes_max) return fault(FaultCode::limit_size, "a head");
      if (length == 0) continue;  // a sign of life
      stage_ = Stage::note;
      wanted_ = length;
    } else if (stage_ == Stage::note) {
      TRY(take_head());
    } else {
      TRY(take_frame());
    }
  }
  return {};
}

/// How much comes behind the head.
std::size_t LiveFollower::frame_bytes() const {
  const auto have = edge_.size();
  const auto& head = next_->head;
  if (head.chunks == have) return 0;
  const auto chunking = chunking_of(head);
  return (head.chunks - have - 1) * k_age_sealed_chunk_size +
         chunking.sealed_size_of(head.chunks - 1);
}

Result<void> LiveFollower::take_head() {
  TRY_LET(const auto head, evidence::open_head(held_, parts_.verifiers));
  next_ = SignedHead{head, std::string(as_text(held_))};
  held_.clear();
  const auto have = edge_.size();
  if (head.chunks == have && taken_) {
    if (head.root != taken_->head.root) return keep_fork(*next_);
    next_frame();
    return {};  // the one that is held, once more
  }
  if (taken_) TRY(evidence::check_follows(taken_->head, head));
  TRY(evidence::check_within(head, parts_.opening));
  if (head.chunks <= have)
    return fault(FaultCode::format_head, "it goes back behind the one before");
  if (head.chunks - have > k_frame_chunks_max)
    return fault(FaultCode::limit_count, "chunks between two heads");
  if (parts_.has_room && unasked_bytes_ >= k_room_every_bytes) {
    TRY(parts_.has_room());
    unasked_bytes_ = 0;
  }
  stage_ = Stage::chunks;
  wanted_ = frame_bytes();
  held_.reserve(wanted_);
  return {};
}

Result<void> LiveFollower::take_frame() {
  std::vector<View> chunks;
  for (std::size_t at = 0; at < held_.size(); at += k_age_sealed_chunk_size)
    chunks.push_back(View(held_).subspan(at, std::min(k_age_sealed_chunk_size, held_.size() - at)));
  std::vector<Digest> leaves(chunks.size());
  formats::leaf_hashes(chunks, leaves);
  auto edge = edge_;
  for (const auto& leaf : leaves) edge.append(leaf);
  if (edge.root() != next_->head.root)
    return fault(FaultCode::evidence_chunk, "chunks from " + std::to_string(edge_.size()) +
                                                " on do not lead to the signed head");
  const auto at = parts_.opening.prefix.size() + edge_.size() * k_age_sealed_chunk_size;
  TRY(chunks_->write_at(held_, at));
  chunks_->write_behind(at + held_.size());
  edge_ = std::move(edge);
  taken_ = *next_;
  unasked_bytes_ += held_.size();
  TRY(behind_.add({.head = *next_, .leaves = std::move(leaves)}, held_.size()));
  next_frame();
  return {};
}

Result<void> LiveFollower::settle(const std::vector<Taken>& taken) {
  // Durable before it is acknowledged. If we die before, all of it is asked for again.
  TRY(chunks_->sync_data());
  // A leaf says that its chunk is there: never before it is (hand_over believes it).
  for (const auto& one : taken) TRY(leaves_->add(one.leaves));
  const auto& newest = taken.back().head;
  TRY(state_->write(newest.note));
  const auto now = steady_clock::now();
  if (now - state_synced_at_ >= k_state_synced_every) {
    TRY(state_->sync());
    state_synced_at_ = now;
  }
  const std::lock_guard lock(mutex_);
  head_ = newest;
  grown_.notify_all();
  return {};
}

/// Both notes, durable: together they prove the sender at fault.
Result<void> LiveFollower::keep_fork(const SignedHead& other) {
  const auto both = taken_->note + "\n" + other.note;
  const auto path = files_.item.directory / "live.fork";
  TRY_LET(const auto file, File::open(path, O_WRONLY | O_CREAT | O_TRUNC));
  TRY(file.write_at(as_bytes(both), 0));
  TRY(file.sync_data());
  TRY(sync_directory(files_.item.directory));
  return fault(FaultCode::evidence_fork,
               "two heads of " + std::to_string(other.head.chunks) + " chunks");
}

Result<void> hand_over(const Path& directory, const evidence::SealedShape& shape) {
  const LiveFiles files{{directory}};
  if (!file_exists(files.state()) && !file_exists(files.leaves())) return {};
  if (file_exists(files.chunks())) {
    TRY_LET(const auto file, File::open(files.chunks(), O_RDWR));
    TRY_LET(const auto leaves, Leaves::open(files.leaves()));
    const auto edge = leaves.edge(shape.chunks());
    TRY(cut_file(file, shape.total_size(), files.chunks()));
    TRY(file.sync_data());
    if (edge && edge->root() == shape.chunk_root) {
      // All of it came and was verified: nothing is hashed again.
      evidence::Bitmap bitmap(shape.chunks());
      for (std::uint64_t i = 0; i < shape.chunks(); ++i) bitmap.set(i);
      TRY(write_tiles(leaves, shape.chunks(), files.item));
      TRY_LET(const auto map, File::open(files.item.bitmap(), O_WRONLY | O_CREAT | O_TRUNC));
      TRY(map.write_at(bitmap.write(shape.chunk_root), 0));
      TRY(map.sync_data());
      TRY(sync_directory(directory));
    }
  }
  // Last: while one of them is there, this is done again.
  TRY(remove_tree(files.heads()));
  TRY(remove_tree(files.state()));
  return remove_tree(files.leaves());
}

}  // namespace comity::transfer
