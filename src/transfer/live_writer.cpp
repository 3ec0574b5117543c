#include "transfer/live_writer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "evidence/opener.hpp"
#include "formats/merkle.hpp"

namespace comity::transfer {
namespace {

using evidence::Head;
using formats::Json;
using formats::k_age_chunk_size;
using formats::k_age_sealed_chunk_size;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t k_waiting_bytes_max = std::size_t{12} << 20;  // then a source waits
constexpr std::size_t k_portion_chunks = 16;                        // sealed and written at once
constexpr std::size_t k_recent_heads_max = 4096;
constexpr std::size_t k_tag = crypto::k_aead_tag_bytes;

/// The state beside the chunks: the newest head, its counts, and what tells the place of the next
/// record.
std::string state_text(const SignedHead& head, const evidence::Places& places) {
  return formats::canonical(Json::object({{"note", head.note}, {"places", places.to_text()}}));
}

}  // namespace

LiveWriter::LiveWriter(Parts parts)
    : parts_(std::move(parts)),
      files_{{parts_.directory}},
      sealer_(evidence::SealStart{.prefix = parts_.opening.prefix,
                                  .payload_key = parts_.payload_key.clone(),
                                  .recipients = {}}),
      sealed_(k_portion_chunks * k_age_sealed_chunk_size),
      lines_(parts_.sequence, parts_.time) {}

Result<std::unique_ptr<LiveWriter>> LiveWriter::open(Parts parts) {
  std::unique_ptr<LiveWriter> writer(new LiveWriter(std::move(parts)));
  TRY(writer->resume());
  writer->chunks_sealed_ = writer->edge_.size();
  writer->behind_.emplace(k_behind_bytes_max, [one = writer.get()](std::vector<Sealed> sealed) {
    return one->settle(std::move(sealed));
  });
  writer->thread_ = std::thread([one = writer.get()] { one->run(); });
  return writer;
}

void LiveWriter::suspend() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wakes_.notify_all();
  grown_.notify_all();
  drained_.notify_all();
}

LiveWriter::~LiveWriter() {
  suspend();
  if (thread_.joinable()) thread_.join();
}

// --- Records

Result<void> LiveWriter::check_open(Instant now) {
  TRY(broken_);
  if (is_closing_ || is_done_ || is_stopping_)
    return fault(FaultCode::evidence_ended, "the item was ended");
  const auto& opening = parts_.opening;
  if (now < opening.from)
    return fault(FaultCode::evidence_ended, "it begins at " + to_text(opening.from));
  if (now >= opening.until)
    return fault(FaultCode::evidence_ended, "it ended at " + to_text(opening.until));
  return {};
}

void LiveWriter::add_line(std::string_view line) {
  if (waiting_.empty() || waiting_.back().text.size() + line.size() > k_age_chunk_size) {
    waiting_.push_back({.came_at = steady_clock::now()});
    waiting_.back().text.reserve(k_age_chunk_size);
    if (!has_first_line_) {
      evidence::LiveLines::first(parts_.opening, waiting_.back().text);
      has_first_line_ = true;
    }
    wakes_.notify_one();  // the chunk before is full, or the first line of all waits
  }
  auto& filling = waiting_.back();
  filling.text += line;
  filling.counts = lines_.counts();
  filling.places = lines_.places();
  waiting_bytes_ += line.size();
}

Result<void> LiveWriter::take_source(std::string_view framing) {
  const auto now = parts_.clock->now();
  const std::lock_guard lock(mutex_);
  TRY(check_open(now));
  std::string line;
  evidence::LiveLines::source(now, framing, line);
  add_line(line);
  return {};
}

Result<void> LiveWriter::wait_for_room(std::unique_lock<std::mutex>& lock) {
  drained_.wait(lock, [&] {
    return waiting_bytes_ < k_waiting_bytes_max || is_closing_ || is_stopping_ || !broken_;
  });
  // Asked after the wait: what waited past the end is not taken.
  TRY(check_open(parts_.clock->now()));
  if (parts_.has_room && unasked_bytes_ >= k_room_every_bytes) {
    TRY(parts_.has_room());
    unasked_bytes_ = 0;
  }
  return {};
}

Result<void> LiveWriter::take(std::string_view record, const evidence::RecordPlace& place,
                              std::uint64_t lost) {
  std::unique_lock lock(mutex_);
  TRY(wait_for_room(lock));
  line_.clear();
  lines_.record(parts_.clock->now(), record, place, lost, line_);
  add_line(line_);
  unasked_bytes_ += line_.size();
  return {};
}

// --- The bytes of one source

Result<std::uint64_t> LiveWriter::begin_bytes() {
  std::unique_lock lock(mutex_);
  // What no head tells of yet is not known to be durable.
  drained_.wait(lock, [&] {
    return (waiting_.size() <= 1 && unsettled_ == 0) || is_closing_ || is_stopping_ || !broken_;
  });
  TRY(check_open(parts_.clock->now()));
  return sealed_bytes() + (waiting_.empty() ? 0 : waiting_.front().text.size());
}

std::uint64_t LiveWriter::sealed_bytes() const {
  return head_ ? head_->head.chunks * k_age_chunk_size : 0;
}

Result<void> LiveWriter::check_bytes(std::uint64_t offset, View bytes) {
  const auto changed = [&] {
    return fault(FaultCode::evidence_changed,
                 "the source gives other bytes than before, from byte " + std::to_string(offset));
  };
  {
    const std::lock_guard lock(mutex_);
    if (offset == sealed_bytes()) {
      const bool is_same = !waiting_.empty() && as_text(bytes) == waiting_.front().text;
      return is_same ? Result<void>() : changed();
    }
  }
  const auto index = offset / k_age_chunk_size;
  Bytes plain(k_age_chunk_size);
  formats::AgeChunkCipher cipher(parts_.payload_key);
  return read_chunks(index, index + 1, [&](View sealed) -> Result<void> {
    if (!cipher.open(index, false, sealed, plain)) return evidence::bad_chunk(index);
    return std::ranges::equal(plain, bytes) ? Result<void>() : changed();
  });
}

void LiveWriter::add_bytes(View bytes) {
  while (!bytes.empty()) {
    if (waiting_.empty() || waiting_.back().text.size() == k_age_chunk_size) {
      waiting_.push_back({.came_at = steady_clock::now()});
      waiting_.back().text.reserve(k_age_chunk_size);
      wakes_.notify_one();  // the chunk before is full, and not the last
    }
    auto& text = waiting_.back().text;
    const auto part = bytes.first(std::min(bytes.size(), k_age_chunk_size - text.size()));
    text += as_text(part);
    waiting_bytes_ += part.size();
    unasked_bytes_ += part.size();
    bytes = bytes.subspan(part.size());
  }
}

Result<void> LiveWriter::take_bytes(View bytes) {
  std::unique_lock lock(mutex_);
  TRY(wait_for_room(lock));
  if (sealed_bytes() + waiting_bytes_ + bytes.size() > evidence::k_item_size_max)
    return fault(FaultCode::limit_size, "the item");
  add_bytes(bytes);
  return {};
}

Result<void> LiveWriter::health() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

std::uint64_t LiveWriter::taken() const {
  const std::lock_guard lock(mutex_);
  return lines_.counts().records;
}

std::vector<LiveWriter::Filling> LiveWriter::due_chunks() {
  const bool ends = is_closing_ && !is_done_;
  if (ends && !std::exchange(has_last_line_, true)) {
    std::string line;
    if (!parts_.is_bytes) {
      lines_.closed(parts_.clock->now(), why_, line);
      add_line(line);
    } else if (why_ != k_source_ended) {
      add_bytes(as_bytes("\n"));  // there may be no other byte left for the last chunk
    } else if (waiting_.empty()) {
      waiting_.push_back({});  // of nothing: one empty chunk
    }
  }
  const milliseconds segment(parts_.opening.segment_ms);
  // A chunk that is not full waits for the disk too: a slow one gets fewer, not more, that are
  // filled with line feeds.
  const bool is_due = !parts_.is_bytes && !waiting_.empty() && unsettled_ == 0 &&
                      steady_clock::now() >= waiting_.front().came_at + segment;
  // Full ones at once; the one that is filling when something has waited long enough.
  auto count = ends || is_due ? waiting_.size() : std::max<std::size_t>(waiting_.size(), 1) - 1;
  count = std::min(count, k_commit_chunks_max);
  std::vector<Filling> chunks;
  for (; count > 0; --count) {
    waiting_bytes_ -= std::min(waiting_bytes_, waiting_.front().text.size());
    chunks.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return chunks;
}

void LiveWriter::run() {
  std::unique_lock lock(mutex_);
  const milliseconds segment(parts_.opening.segment_ms);
  const auto is_urgent = [&] {
    const bool is_last_sealed = is_done_ || (has_last_line_ && waiting_.empty());
    return is_stopping_ || (is_closing_ && !is_last_sealed) || waiting_.size() > 1;
  };
  for (;;) {
    if (parts_.is_bytes)
      wakes_.wait(lock, is_urgent);  // a chunk is sealed once it is full, and another has begun
    else if (waiting_.empty() || unsettled_ > 0)
      wakes_.wait(lock, [&] { return is_urgent() || (!waiting_.empty() && unsettled_ == 0); });
    else
      wakes_.wait_until(lock, waiting_.front().came_at + segment, is_urgent);
    if (is_stopping_) return;
    auto chunks = due_chunks();
    if (chunks.empty()) continue;
    const bool ends = has_last_line_ && waiting_.empty();
    ++unsettled_;
    lock.unlock();
    const auto done = commit(std::move(chunks), ends);
    lock.lock();
    drained_.notify_all();
    if (done) continue;
    broken_ = done;
    grown_.notify_all();
    return;
  }
}

Result<void> LiveWriter::seal(std::span<Filling> chunks, bool ends, std::vector<Digest>& leaves) {
  const auto done = leaves.size();
  const auto first = chunks_sealed_ + done;
  std::array<View, k_portion_chunks> plain;
  std::size_t size = 0;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    auto& text = chunks[i].text;
    // The filling: line feeds to the end of the chunk, so that it can be sealed now.
    if (!ends || i + 1 < chunks.size()) text.resize(k_age_chunk_size, '\n');
    plain[i] = as_bytes(text);
    if (plaintext_) plaintext_->update(plain[i]);
    plaintext_size_ += text.size();
    size += text.size() + k_tag;
  }
  leaves.resize(done + chunks.size());
  sealer_.seal_run(first, ends, std::span(plain).first(chunks.size()), sealed_.span(),
                   std::span(leaves).subspan(done));
  for (auto& chunk : chunks) chunk.text = {};  // its memory, before that of the next portion
  const auto at = parts_.opening.prefix.size() + first * k_age_sealed_chunk_size;
  TRY(chunks_->write_at(sealed_.view().first(size), at));
  chunks_->write_behind(at + size);
  return {};
}

Result<void> LiveWriter::commit(std::vector<Filling> chunks, bool ends) {
  Sealed sealed{.leaves = {},
                .counts = chunks.back().counts,
                .places = std::move(chunks.back().places),
                .closed = {}};
  for (std::size_t at = 0; at < chunks.size(); at += k_portion_chunks) {
    const auto count = std::min(k_portion_chunks, chunks.size() - at);
    TRY(seal(std::span(chunks).subspan(at, count), ends && at + count == chunks.size(),
             sealed.leaves));
  }
  if (ends) sealed.closed = plaintext_size_;
  chunks_sealed_ += sealed.leaves.size();
  const auto bytes = sealed.leaves.size() * k_age_sealed_chunk_size;
  return behind_->add(std::move(sealed), bytes);
}

/// As few as there may be: as much lies between two heads as one may tell of.
std::vector<LiveWriter::Sealed> LiveWriter::in_runs(std::vector<Sealed> sealed) {
  std::vector<Sealed> runs;
  for (auto& next : sealed) {
    const auto count = next.leaves.size() + (runs.empty() ? 0 : runs.back().leaves.size());
    if (runs.empty() || count > k_commit_chunks_max) {
      runs.push_back(std::move(next));
      continue;
    }
    auto leaves = std::move(runs.back().leaves);
    leaves.insert(leaves.end(), next.leaves.begin(), next.leaves.end());
    runs.back() = std::move(next);
    runs.back().leaves = std::move(leaves);
  }
  return runs;
}

Result<void> LiveWriter::settle(std::vector<Sealed> sealed) {
  const auto count = sealed.size();
  auto done = [&]() -> Result<void> {
    // Durable before anything is said of them. If we die before, the source sends these records
    // again; if we die after, start signs the head for them.
    TRY(chunks_->sync_data());
    for (const auto& run : in_runs(std::move(sealed))) {
      TRY(leaves_->add(run.leaves));
      for (const auto& leaf : run.leaves) edge_.append(leaf);
      TRY(publish(run));
    }
    return {};
  }();
  const std::lock_guard lock(mutex_);
  unsettled_ -= count;
  if (!done) broken_ = done;
  wakes_.notify_all();
  drained_.notify_all();
  if (!done) grown_.notify_all();
  return done;
}

Result<void> LiveWriter::publish(const Sealed& sealed) {
  Head head{.chunks = edge_.size(),
            .root = edge_.root(),
            .at = parts_.clock->now(),
            .counts = sealed.counts,
            .closed = sealed.closed};
  // Within what was released, and never back, whatever the clock does. Only this thread sets it.
  if (!sealed.closed) head.at = std::min(head.at, parts_.opening.until);
  const auto before = this->head();
  head.at = std::max(head.at, before ? before->head.at : parts_.opening.from);
  TRY_LET(auto note, parts_.sign(evidence::head_text(parts_.origin, head)));
  SignedHead next{head, std::move(note)};
  TRY(state_->write(state_text(next, sealed.places)));
  const std::lock_guard lock(mutex_);
  TRY(history_->keep(head, next.note));
  head_ = std::move(next);
  recent_.emplace(head.chunks, head);
  if (recent_.size() > k_recent_heads_max) recent_.erase(recent_.begin());
  if (sealed.closed) is_done_ = true;
  grown_.notify_all();
  return {};
}

// --- What others see

std::optional<SignedHead> LiveWriter::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

std::optional<SignedHead> LiveWriter::wait_past(std::uint64_t chunks, std::int64_t wait_ms) const {
  std::unique_lock lock(mutex_);
  grown_.wait_for(lock, milliseconds(wait_ms), [&] {
    return (head_ && head_->head.chunks > chunks) || is_done_ || is_stopping_ || !broken_;
  });
  return head_;
}

Result<std::optional<SignedHead>> LiveWriter::next_head(std::uint64_t chunks) const {
  const std::lock_guard lock(mutex_);
  TRY_LET(const auto kept, history_->after(chunks));
  if (!kept || !head_ || kept->first >= head_->head.chunks) return head_;
  TRY_LET(const Head head, head_in(kept->second));
  return SignedHead{head, kept->second};
}

Result<void> LiveWriter::read_chunks(std::uint64_t from, std::uint64_t to,
                                     const std::function<Result<void>(View)>& take) const {
  Bytes sealed(k_age_sealed_chunk_size);
  for (auto index = from; index < to; ++index) {
    TRY_LET(const auto got, chunks_->read_at(sealed, parts_.opening.prefix.size() +
                                                         index * k_age_sealed_chunk_size));
    if (got == 0) return corrupt("its chunks are gone");
    TRY(take(View(sealed).first(got)));
  }
  return {};
}

Result<void> LiveWriter::acknowledge(const Head& theirs) {
  const std::lock_guard lock(mutex_);
  const auto ours = recent_.find(theirs.chunks);
  if (ours == recent_.end())
    return fault(FaultCode::format_head, "an acknowledgement of a head that is not remembered");
  if (ours->second.root != theirs.root)
    return fault(FaultCode::evidence_fork, "an acknowledgement of another root");
  if (!acknowledged_ || theirs.chunks >= acknowledged_->chunks) acknowledged_ = ours->second;
  grown_.notify_all();
  return {};
}

void LiveWriter::wait_change(std::uint64_t chunks, std::uint64_t acknowledged,
                             std::int64_t wait_ms) const {
  std::unique_lock lock(mutex_);
  grown_.wait_for(lock, milliseconds(wait_ms), [&] {
    return (head_ && head_->head.chunks != chunks) || is_stopping_ || !broken_ ||
           (acknowledged_ && acknowledged_->chunks != acknowledged);
  });
}

std::optional<Head> LiveWriter::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

bool LiveWriter::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closing_ || is_done_;
}

// --- The end

Result<LiveWriter::Ended> LiveWriter::finish(std::string_view why) {
  std::unique_lock lock(mutex_);
  if (!is_closing_ && !is_done_) {
    is_closing_ = true;
    why_ = why;
  }
  wakes_.notify_all();
  drained_.notify_all();
  grown_.wait(lock, [&] { return is_done_ || is_stopping_ || !broken_; });
  TRY(broken_);
  if (!is_done_) return fault(FaultCode::node_stopping);
  const auto counts = head_->head.counts;
  lock.unlock();
  TRY_LET(auto final_shape, shape());
  if (!file_exists(files_.item.sealed())) {
    TRY_LET(const auto root, write_tiles(*leaves_, edge_.size(), files_.item));
    if (root != final_shape.chunk_root) return corrupt("its leaves changed");
    // If we die here, the chunks are whole under their first name, and this is done again.
    TRY(rename_path(files_.chunks(), files_.item.sealed()));
    TRY(sync_directory(files_.item.directory));
  }
  return Ended{
      .shape = final_shape, .counts = counts, .why = why_.empty() ? std::string(why) : why_};
}

Result<evidence::SealedShape> LiveWriter::shape() {
  evidence::SealedShape shape{.prefix_size = parts_.opening.prefix.size(),
                              .prefix_sha256 = crypto::sha256(parts_.opening.prefix),
                              .plaintext_size = plaintext_size_,
                              .chunk_root = edge_.root()};
  if (!plaintext_) {
    // Part of it was sealed in an earlier life: it is read once more, chunk by chunk.
    crypto::Sha256 hash;
    const auto chunking = shape.chunking();
    formats::AgeChunkCipher cipher(parts_.payload_key);
    std::uint64_t index = 0;
    Bytes plain(k_age_chunk_size);
    TRY(read_chunks(0, chunking.count(), [&](View sealed) -> Result<void> {
      const auto size = chunking.plain_size_of(index);
      const auto out = std::span(plain).first(size);
      if (sealed.size() != size + k_tag ||
          !cipher.open(index, chunking.is_last(index), sealed, out))
        return evidence::bad_chunk(index);
      hash.update(out);
      ++index;
      return {};
    }));
    shape.plaintext_sha256 = hash.finish();
    return shape;
  }
  auto hash = *plaintext_;
  shape.plaintext_sha256 = hash.finish();
  return shape;
}

}  // namespace comity::transfer
