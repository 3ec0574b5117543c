#include "custody/tiles.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace comity::custody {
namespace {

using formats::k_tile_width;
using formats::Tile;

LogFile hash_file(unsigned level, std::uint64_t index, std::span<const Digest> hashes) {
  const Tile tile{Tile::Kind::hashes, level, index, static_cast<unsigned>(hashes.size())};
  return {path_of(tile), formats::encode_hashes(hashes)};
}

LogFile entry_file(std::uint64_t index, std::span<const Bytes> entries) {
  const Tile tile{Tile::Kind::entries, 0, index, static_cast<unsigned>(entries.size())};
  return {path_of(tile), formats::encode_bundle(entries)};
}

std::unexpected<Fault> corrupt(std::string why) {
  return fault(FaultCode::log_corrupt, std::move(why));
}

/// The edge that the unfinished tiles of a log of `size` stand for. The peaks of tree levels 8n to
/// 8n + 7 all lie in the partial tile of tile level n: its width in binary says which.
formats::Edge edge_of(std::uint64_t size, std::span<const std::vector<Digest>> levels) {
  std::vector<Digest> peaks;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    std::span<const Digest> rest(*level);
    for (unsigned span = k_tile_width / 2; span > 0; span /= 2) {
      if ((level->size() & span) == 0) continue;
      peaks.push_back(formats::root_of(rest.first(span)));
      rest = rest.subspan(span);
    }
  }
  auto edge = formats::Edge::from_peaks(size, std::move(peaks));
  CHECK(edge.has_value());
  return *std::move(edge);
}

}  // namespace

Result<TileFrontier> TileFrontier::load(const formats::Edge& edge, const FileReader& read) {
  TileFrontier frontier;
  frontier.size_ = edge.size();
  if (const auto width = static_cast<unsigned>(edge.size() % k_tile_width); width > 0) {
    const Tile tile{Tile::Kind::entries, 0, edge.size() / k_tile_width, width};
    TRY_LET(const Bytes bytes, read(path_of(tile)));
    auto entries = formats::decode_bundle(bytes, width);
    if (!entries) return corrupt(path_of(tile) + ": " + entries.error().detail);
    frontier.entries_ = *std::move(entries);
  }
  for (unsigned level = 0; formats::hashes_at(level, edge.size()) > 0; ++level) {
    const auto hashes = formats::hashes_at(level, edge.size());
    frontier.levels_.emplace_back();
    if (hashes % k_tile_width == 0) continue;
    const auto tile = tile_at(Tile::Kind::hashes, level, hashes / k_tile_width, edge.size());
    TRY_LET(const Bytes bytes, read(path_of(tile)));
    auto decoded = formats::decode_hashes(bytes, tile.width);
    if (!decoded) return corrupt(path_of(tile) + ": " + decoded.error().detail);
    frontier.levels_.back() = *std::move(decoded);
  }
  if (edge_of(edge.size(), frontier.levels_) != edge)
    return corrupt("the tiles at the right edge are not those of the log");
  for (std::size_t i = 0; i < frontier.entries_.size(); ++i)
    if (formats::leaf_hash(frontier.entries_[i]) != frontier.levels_[0][i])
      return corrupt("the last entry bundle does not fit its hashes");
  return frontier;
}

void TileFrontier::add(const Bytes& entry, const Digest& leaf, std::vector<LogFile>& full) {
  const auto index = size_ / k_tile_width;
  ++size_;
  entries_.push_back(entry);
  if (entries_.size() == k_tile_width) {
    full.push_back(entry_file(index, entries_));
    entries_.clear();
  }
  Digest hash = leaf;
  for (unsigned level = 0;; ++level) {
    if (levels_.size() == level) levels_.emplace_back();
    auto& hashes = levels_[level];
    hashes.push_back(hash);
    if (hashes.size() < k_tile_width) return;
    full.push_back(hash_file(level, (formats::hashes_at(level, size_) - 1) / k_tile_width, hashes));
    hash = formats::root_of(hashes);
    hashes.clear();
  }
}

std::vector<LogFile> TileFrontier::grow(std::span<const Bytes> entries,
                                        std::span<const Digest> leaves) {
  CHECK(leaves.empty() || leaves.size() == entries.size());
  const auto old_size = size_;
  std::vector<LogFile> files;
  for (std::size_t i = 0; i < entries.size(); ++i)
    add(entries[i], leaves.empty() ? formats::leaf_hash(entries[i]) : leaves[i], files);
  if (!entries_.empty() && size_ != old_size)
    files.push_back(entry_file(size_ / k_tile_width, entries_));
  for (unsigned level = 0; level < levels_.size(); ++level) {
    const auto hashes = formats::hashes_at(level, size_);
    if (!levels_[level].empty() && hashes != formats::hashes_at(level, old_size))
      files.push_back(hash_file(level, hashes / k_tile_width, levels_[level]));
  }
  return files;
}

namespace {

/// Recomputes a log in one pass and compares each hash tile with the file that should hold it.
class Recomputation {
 public:
  Recomputation(std::uint64_t size, const FileReader& read, LogReport& report)
      : size_(size), read_(read), report_(report) {}

  Result<void> bundle(std::uint64_t index, const EntryVisitor& visit) {
    const auto tile = tile_at(Tile::Kind::entries, 0, index, size_);
    TRY_LET(const Bytes bytes, read_(path_of(tile)));
    const auto entries = formats::decode_bundle(bytes, tile.width);
    if (!entries) return corrupt(path_of(tile) + ": " + entries.error().detail);
    ++report_.files;
    for (const auto& entry : *entries) {
      if (visit) TRY(visit(report_.entries, entry));
      ++report_.entries;
      TRY(add(0, formats::leaf_hash(entry)));
    }
    return {};
  }

  /// After the last bundle: the partial tiles, and the root.
  Result<Digest> finish() {
    for (unsigned level = 0; level < levels_.size(); ++level)
      if (!levels_[level].empty()) TRY(compare(level));
    return edge_of(size_, levels_).root();
  }

 private:
  Result<void> add(unsigned level, const Digest& hash) {
    if (levels_.size() == level) levels_.emplace_back();
    done_.resize(levels_.size());
    levels_[level].push_back(hash);
    if (levels_[level].size() < k_tile_width) return {};
    TRY(compare(level));
    const auto root = formats::root_of(levels_[level]);
    levels_[level].clear();
    ++done_[level];
    return add(level + 1, root);
  }

  Result<void> compare(unsigned level) {
    const auto& expected = levels_[level];
    const auto tile = tile_at(Tile::Kind::hashes, level, done_[level], size_);
    const auto path = path_of(tile);
    TRY_LET(const Bytes bytes, read_(path));
    const auto held = formats::decode_hashes(bytes, static_cast<unsigned>(expected.size()));
    if (!held) return corrupt(path + ": " + held.error().detail);
    ++report_.files;
    const auto at = std::ranges::mismatch(*held, expected).in1;
    if (at == held->end()) return {};
    const auto place = done_[level] * k_tile_width + static_cast<std::uint64_t>(at - held->begin());
    if (level == 0)
      return corrupt("entry " + std::to_string(place) +
                     ": its bytes in the entry bundle do not hash to what " + path + " holds");
    const auto first = place << 8 * level;
    return corrupt(path + ": its hash over the entries from " + std::to_string(first) +
                   " is not the one of the level below");
  }

  std::uint64_t size_;
  const FileReader& read_;
  LogReport& report_;
  std::vector<std::vector<Digest>> levels_;  // hashes since the last full tile, by level
  std::vector<std::uint64_t> done_;          // full tiles so far, by level
};

}  // namespace

Result<LogReport> check_log(View checkpoint, std::span<const formats::Verifier> known,
                            const FileReader& read, const EntryVisitor& visit) {
  LogReport report;
  TRY_LET(report.checkpoint, formats::open_checkpoint(checkpoint, known));
  const auto size = report.checkpoint.size;
  Recomputation log(size, read, report);
  for (std::uint64_t index = 0; index * k_tile_width < size; ++index) TRY(log.bundle(index, visit));
  TRY_LET(const Digest root, log.finish());
  if (root != report.checkpoint.root)
    return corrupt(report.checkpoint.origin + ": the entries do not lead to the signed root");
  return report;
}

}  // namespace comity::custody
