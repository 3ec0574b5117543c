// How a live item is taken up after whatever ended the life before: the newest head as far as the
// chunks agree with it, then the whole chunks that no head tells of. Never a chunk sealed twice.
#include <fcntl.h>
#include <unistd.h>

#include "formats/fields.hpp"
#include "formats/merkle.hpp"
#include "transfer/live_writer.hpp"

namespace comity::transfer {

using evidence::Head;
using formats::Json;
using formats::k_age_chunk_size;
using formats::k_age_sealed_chunk_size;

namespace {
constexpr std::size_t k_tag = crypto::k_aead_tag_bytes;
}

std::unexpected<Fault> LiveWriter::corrupt(std::string_view why) {
  return fault(FaultCode::store_corrupt, "a live item: " + std::string(why));
}

Result<Head> LiveWriter::head_in(const std::string& note) {
  // Our own file: what it says is held against the chunks, not against a signature.
  TRY_LET(const auto parsed, formats::parse_note(as_bytes(note)));
  return evidence::parse_head(parsed.text);
}

Result<void> LiveWriter::resume() {
  const bool is_final = file_exists(files_.item.sealed());
  TRY_LET(auto file,
          File::open(is_final ? files_.item.sealed() : files_.chunks(), O_RDWR | O_CREAT));
  chunks_ = std::move(file);
  TRY_LET(auto leaves, Leaves::open(files_.leaves()));
  leaves_ = std::move(leaves);
  TRY_LET(auto state, TwoSlots::open(files_.state()));
  state_ = std::move(state);
  TRY_LET(auto history, HeadHistory::open(files_.heads()));
  history_ = std::move(history);
  TRY_LET(const auto size, chunks_->size());
  if (size <= parts_.opening.prefix.size()) {
    // To seal other chunks under the same nonces would betray both (spec/live.md §7).
    if (state_->newest() || (parts_.has_begun && size == 0)) return corrupt("its chunks are gone");
    TRY(chunks_->write_at(parts_.opening.prefix, 0));
    TRY(chunks_->sync_data());
    TRY(sync_directory(files_.item.directory));
    plaintext_.emplace();
    return leaves_->cut(0);
  }
  TRY(resume_state());
  TRY(adopt_chunks());
  return parts_.is_bytes ? Result<void>() : find_why();
}

/// Of an item that was closed in an earlier life: its last line says why.
Result<void> LiveWriter::find_why() {
  if (!is_done_ || !why_.empty()) return {};
  const formats::AgeChunking chunking(plaintext_size_);
  const auto last = chunking.count() - 1;
  Bytes plain(chunking.plain_size_of(last));
  formats::AgeChunkCipher cipher(parts_.payload_key);
  TRY(read_chunks(last, last + 1, [&](View sealed) -> Result<void> {
    if (sealed.size() != plain.size() + k_tag || !cipher.open(last, true, sealed, plain))
      return corrupt("its last chunk can not be opened");
    return {};
  }));
  return evidence::each_line(plain, [&](std::string_view line) -> Result<void> {
    const auto json = formats::parse_json(as_bytes(line));
    const auto* closed = json ? json->find("closed") : nullptr;
    const auto* why = closed ? closed->find("why") : nullptr;
    if (why && why->is_text()) why_ = why->text();
    return {};
  });
}

/// The newest head, as far as the leaves agree with it; else from the chunks themselves.
Result<void> LiveWriter::resume_state() {
  if (!state_->newest()) return leaves_->cut(0);
  TRY_LET(const Json json, formats::parse_json(as_bytes(*state_->newest())));
  formats::Fields fields(json, "state");
  TRY_LET(const auto note, fields.text("note", evidence::k_head_bytes_max));
  TRY_LET(const auto text, fields.text("places", TwoSlots::k_slot_bytes));
  TRY(fields.end());
  TRY_LET(auto places, evidence::Places::from_text(text));
  TRY_LET(const Head head, head_in(note));
  auto edge = leaves_->edge(head.chunks);
  if (!edge || edge->root() != head.root) {
    // Leaves are not made durable: after a loss of power they are hashed again.
    edge = formats::Edge();
    TRY(rehash(head, *edge));
  }
  if (edge->root() != head.root) return corrupt("its chunks are not those of its newest head");
  TRY(leaves_->cut(head.chunks));
  edge_ = *std::move(edge);
  lines_.resume(head.counts, std::move(places));
  head_ = SignedHead{head, note};
  recent_.emplace(head.chunks, head);
  plaintext_size_ = head.closed.value_or(head.chunks * k_age_chunk_size);
  is_done_ = head.closed.has_value();
  has_first_line_ = true;
  return {};
}

Result<void> LiveWriter::rehash(const Head& head, formats::Edge& edge) {
  TRY(leaves_->cut(0));
  const formats::AgeChunking chunking(head.closed.value_or(head.chunks * k_age_chunk_size));
  return read_chunks(0, head.chunks, [&](View sealed) -> Result<void> {
    const auto size = chunking.sealed_size_of(edge.size());
    if (sealed.size() < size) return corrupt("a chunk is torn that was signed");
    const auto leaf = formats::leaf_hash(sealed.first(size));
    edge.append(leaf);
    return leaves_->add(std::span(&leaf, 1));
  });
}

/// Chunks that were on the disk when we died and that no head tells of: they were sealed under
/// their nonces, so nothing else may ever be (spec/live.md §7).
Result<void> LiveWriter::adopt_chunks() {
  const auto take = [&](std::string_view line) -> Result<void> {
    TRY_LET(const auto why, lines_.retake(line));
    if (why) why_ = *why;
    return {};
  };
  const auto prefix_size = parts_.opening.prefix.size();
  auto told = edge_.size();
  // As many as one head may add: a receiver takes no more at once.
  const auto tell = [&]() -> Result<void> {
    if (edge_.size() == told) return {};
    TRY(chunks_->sync_data());
    told = edge_.size();
    Sealed adopted{
        .leaves = {}, .counts = lines_.counts(), .places = lines_.places(), .closed = {}};
    if (is_done_) adopted.closed = plaintext_size_;
    return publish(adopted);
  };
  Bytes sealed(k_age_sealed_chunk_size), plain(k_age_chunk_size);
  formats::AgeChunkCipher cipher(parts_.payload_key);
  while (!is_done_) {
    const auto index = edge_.size();
    TRY_LET(const auto got,
            chunks_->read_at(sealed, prefix_size + index * k_age_sealed_chunk_size));
    if (got <= k_tag) break;
    const auto bytes = View(sealed).first(got);
    const auto room = std::span(plain).first(got - k_tag);
    const bool is_full = got == sealed.size() && cipher.open(index, false, bytes, room);
    const bool is_last = !is_full && cipher.open(index, true, bytes, room);
    if (!is_full && !is_last) break;  // torn: it never left this disk, which also holds the key
    if (!parts_.is_bytes) TRY(evidence::each_line(room, take));
    const auto leaf = formats::leaf_hash(bytes);
    edge_.append(leaf);
    TRY(leaves_->add(std::span(&leaf, 1)));
    plaintext_size_ += room.size();
    has_first_line_ = true;
    is_done_ = is_last;
    if (edge_.size() - told == k_commit_chunks_max) TRY(tell());
  }
  const auto end = prefix_size + plaintext_size_ + edge_.size() * k_tag;
  if (::ftruncate(chunks_->descriptor(), static_cast<off_t>(end)) != 0)
    return file_fault("can not be cut", files_.chunks());
  return tell();
}

}  // namespace comity::transfer
