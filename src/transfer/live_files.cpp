#include "transfer/live_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "crypto/digest.hpp"

namespace comity::transfer {
namespace {

constexpr std::string_view k_magic = "comitylv";
constexpr std::size_t k_slot_head = 8 + 8 + 4;  // magic, number, length
constexpr std::size_t k_hash = 32;
constexpr std::uint64_t k_leaves_at_once = 4096;
constexpr std::size_t k_history_head = 8 + 4;  // chunks, length

void put(Bytes& to, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

std::uint64_t number_at(View bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

struct Slot {
  std::uint64_t number = 0;
  std::string text;
};

std::optional<Slot> read_slot(View bytes) {
  if (bytes.size() < k_slot_head || as_text(bytes.first(8)) != k_magic) return std::nullopt;
  const auto size = number_at(bytes, 16, 4);
  if (size > bytes.size() - k_slot_head || bytes.size() - k_slot_head - size < k_hash)
    return std::nullopt;
  const auto covered = bytes.first(k_slot_head + size);
  if (!std::ranges::equal(crypto::sha256(covered).view(), bytes.subspan(covered.size(), k_hash)))
    return std::nullopt;
  return Slot{number_at(bytes, 8, 8), std::string(as_text(covered.subspan(k_slot_head)))};
}

Result<void> set_size(const File& file, std::uint64_t size, const Path& path) {
  if (::ftruncate(file.descriptor(), static_cast<off_t>(size)) != 0)
    return file_fault("can not be cut", path);
  return {};
}

}  // namespace

Result<TwoSlots> TwoSlots::open(const Path& path) {
  TRY_LET(auto file, File::open(path, O_RDWR | O_CREAT));
  TwoSlots slots(std::move(file));
  Bytes bytes(k_slot_bytes);
  for (const std::uint64_t i : {0U, 1U}) {
    TRY_LET(const auto got, slots.file_.read_at(bytes, i * k_slot_bytes));
    auto slot = read_slot(View(bytes).first(got));
    if (!slot || (slots.newest_ && slot->number <= slots.number_)) continue;
    slots.number_ = slot->number;
    slots.newest_ = std::move(slot->text);
  }
  return slots;
}

Result<void> TwoSlots::write(std::string_view text) {
  Bytes bytes = to_bytes(k_magic);
  put(bytes, ++number_, 8);
  put(bytes, text.size(), 4);
  append(bytes, as_bytes(text));
  append(bytes, crypto::sha256(bytes).view());
  if (bytes.size() > k_slot_bytes) return fault(FaultCode::limit_size, "the state of a live item");
  newest_ = text;
  return file_.write_at(bytes, number_ % 2 * k_slot_bytes);
}

Result<Leaves> Leaves::open(const Path& path) {
  TRY_LET(auto file, File::open(path, O_RDWR | O_CREAT));
  TRY_LET(const auto size, file.size());
  return Leaves(std::move(file), size / k_hash);
}

Result<void> Leaves::add(std::span<const Digest> leaves) {
  Bytes bytes;
  bytes.reserve(leaves.size() * k_hash);
  for (const auto& leaf : leaves) append(bytes, leaf.view());
  TRY(file_.write_at(bytes, size_ * k_hash));
  size_ += leaves.size();
  return {};
}

Result<void> Leaves::cut(std::uint64_t size) {
  if (size >= size_) return {};
  size_ = size;
  return set_size(file_, size * k_hash, "live.leaves");
}

Result<void> Leaves::each(std::uint64_t count,
                          const std::function<Result<void>(const Digest&)>& take) const {
  if (count > size_) return fault(FaultCode::store_corrupt, "live.leaves is too short");
  Bytes bytes(std::min(count, k_leaves_at_once) * k_hash);
  for (std::uint64_t at = 0; at < count;) {
    const auto some = std::min(count - at, k_leaves_at_once);
    const auto piece = std::span(bytes).first(some * k_hash);
    TRY_LET(const auto got, file_.read_at(piece, at * k_hash));
    if (got != piece.size()) return fault(FaultCode::store_corrupt, "live.leaves is too short");
    for (std::uint64_t i = 0; i < some; ++i) {
      TRY_LET(const auto leaf, Digest::from_bytes(View(piece).subspan(i * k_hash, k_hash)));
      TRY(take(leaf));
    }
    at += some;
  }
  return {};
}

Result<formats::Edge> Leaves::edge(std::uint64_t count) const {
  formats::Edge edge;
  TRY(each(count, [&](const Digest& leaf) -> Result<void> {
    edge.append(leaf);
    return {};
  }));
  return edge;
}

Result<HeadHistory> HeadHistory::open(const Path& path) {
  TRY_LET(auto file, File::open(path, O_RDWR | O_CREAT));
  HeadHistory history(std::move(file));
  Bytes head(k_history_head);
  for (;;) {
    TRY_LET(const auto got, history.file_.read_at(head, history.end_));
    if (got < head.size()) break;
    const auto chunks = number_at(head, 0, 8), size = number_at(head, 8, 4);
    TRY_LET(const auto total, history.file_.size());
    const bool goes_on = history.places_.empty() || chunks > history.places_.back().first;
    // Torn by a crash: what follows is written anew.
    if (!goes_on || size > evidence::k_head_bytes_max || history.end_ + head.size() + size > total)
      break;
    history.places_.emplace_back(chunks, history.end_);
    history.end_ += head.size() + size;
  }
  return history;
}

Result<void> HeadHistory::keep(const evidence::Head& head, std::string_view note) {
  const auto last = places_.empty() ? 0 : places_.back().first;
  if (head.chunks < last + k_head_every_chunks) return {};
  Bytes bytes;
  put(bytes, head.chunks, 8);
  put(bytes, note.size(), 4);
  append(bytes, as_bytes(note));
  TRY(file_.write_at(bytes, end_));
  places_.emplace_back(head.chunks, end_);
  end_ += bytes.size();
  return {};
}

Result<std::optional<std::pair<std::uint64_t, std::string>>> HeadHistory::after(
    std::uint64_t chunks) const {
  const auto found =
      std::ranges::upper_bound(places_, chunks, {}, [](const auto& p) { return p.first; });
  if (found == places_.end()) return std::nullopt;
  Bytes head(k_history_head);
  TRY_LET(const auto got, file_.read_at(head, found->second));
  if (got != head.size()) return fault(FaultCode::store_corrupt, "live.heads");
  Bytes note(number_at(head, 8, 4));
  TRY_LET(const auto its_size, file_.read_at(note, found->second + head.size()));
  if (its_size != note.size()) return fault(FaultCode::store_corrupt, "live.heads");
  return std::pair(found->first, std::string(as_text(note)));
}

Result<Digest> write_tiles(const Leaves& leaves, std::uint64_t chunks, const ItemFiles& files) {
  TRY(remove_tree(files.tiles_partial()));
  TRY(make_directories(files.tiles_partial()));
  evidence::ChunkTreeBuilder tree([&](const formats::Tile& tile, View hashes) {
    return write_tile(files.tiles_partial(), tile, hashes);
  });
  TRY(leaves.each(chunks, [&](const Digest& leaf) { return tree.add(leaf); }));
  TRY_LET(const auto root, tree.finish());
  TRY(sync_tree(files.tiles_partial()));
  // If we die here, they are made again.
  TRY(remove_tree(files.tiles()));
  TRY(rename_path(files.tiles_partial(), files.tiles()));
  return root;
}

}  // namespace comity::transfer
