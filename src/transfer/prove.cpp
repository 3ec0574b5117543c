#include "transfer/prove.hpp"

#include <fcntl.h>

#include <algorithm>

namespace comity::transfer {
namespace {

using evidence::Cut;
using evidence::k_part_size;
using evidence::Mark;

/// A folder is stored with a slash at its end, and need not be asked for with it.
bool is_named(const std::string& path, const std::string& wanted) {
  return path == wanted || path == wanted + '/';
}

}  // namespace

Result<std::unique_ptr<RunProver>> RunProver::begin(const evidence::Manifest& manifest,
                                                    Secret part_key, WantedRun wanted,
                                                    const Path& workplace) {
  const auto& shape = manifest.sealed;
  if (!shape.parts)
    return fault(FaultCode::conflict, "the item was sealed without what proves its parts");
  if (wanted.entry.empty()) {
    if (wanted.first >= wanted.end || wanted.end > shape.plaintext_size)
      return fault(FaultCode::bad_usage,
                   "the item has " + std::to_string(shape.plaintext_size) + " bytes");
    wanted.first -= wanted.first % k_part_size;
    const auto over = wanted.end % k_part_size;
    if (over != 0) wanted.end = std::min(wanted.end - over + k_part_size, shape.plaintext_size);
  } else if (manifest.media != evidence::Media::folder_tar) {
    return fault(FaultCode::bad_usage, "the item is no folder: name a range of its bytes");
  }
  std::error_code error;
  if (!std::filesystem::create_directory(workplace, error))
    return fault(FaultCode::store_exists, workplace.string());
  auto run = File::open(workplace / "run", O_RDWR | O_CREAT | O_EXCL);
  if (!run) {
    std::filesystem::remove_all(workplace, error);
    return std::unexpected(run.error());
  }
  return std::unique_ptr<RunProver>(
      new RunProver(manifest, std::move(part_key), std::move(wanted), workplace, *std::move(run)));
}

RunProver::RunProver(const evidence::Manifest& manifest, Secret part_key, WantedRun wanted,
                     Path workplace, File run)
    : shape_(manifest.sealed),
      wanted_(std::move(wanted)),
      key_(to_bytes(part_key.view())),
      workplace_(std::move(workplace)),
      run_(std::move(run)),
      tree_([root = workplace_ / "tiles"](const formats::Tile& tile, View hashes) {
        return write_tile(root, tile, hashes);
      }),
      hash_(std::move(part_key), manifest.media,
            [this](std::uint64_t index, const Cut& cut, const Digest& leaf) {
              return told(index, cut, leaf);
            }) {
  if (!wanted_.entry.empty()) walk_.emplace();
}

RunProver::~RunProver() {
  std::error_code ignored;
  std::filesystem::remove_all(workplace_, ignored);
}

Result<void> RunProver::told(std::uint64_t index, const Cut& cut, const Digest& leaf) {
  TRY(tree_.add(leaf));
  if (walk_ && cut.mark == Mark::entry) recent_.insert({cut.offset, {index, cut}});
  if (!walk_ && cut.offset == wanted_.first) from_ = {index, cut};
  if (!walk_ && cut.offset == wanted_.end) to_ = {index, cut};
  return {};
}

Result<void> RunProver::write(View plaintext) {
  TRY(hash_.update(plaintext));
  if (walk_) {
    TRY(find_entry(plaintext));
  } else {
    const auto first = std::clamp(wanted_.first, seen_, seen_ + plaintext.size()) - seen_;
    const auto end = std::clamp(wanted_.end, seen_, seen_ + plaintext.size()) - seen_;
    TRY(keep(plaintext.subspan(first, end - first)));
  }
  seen_ += plaintext.size();
  return {};
}

Result<void> RunProver::find_entry(View plaintext) {
  for (std::uint64_t at = seen_; !plaintext.empty();) {
    if (walk_->at_entry()) {
      const auto cut = recent_.find(at);
      const auto here = cut == recent_.end() ? std::nullopt : std::optional(cut->second);
      if (is_found_ && !is_over_) {
        is_over_ = true;
        to_ = here;
        wanted_.end = at;
      }
      begun_ = here;
      begun_at_ = at;
      pending_.clear();
    }
    TRY_LET(const auto taken, walk_->take(plaintext));
    const auto bytes = plaintext.first(taken);
    const bool is_content = walk_->is_content();
    if (is_found_ && !is_over_) {
      TRY(keep(bytes));
    } else if (!is_found_ && !is_content && !walk_->ended()) {
      append(pending_, bytes);
      if (walk_->entry() && is_named(walk_->entry()->path, wanted_.entry)) {
        is_found_ = true;
        from_ = begun_;
        wanted_.first = begun_at_;
        TRY(keep(pending_));
      }
      if (walk_->entry()) pending_.clear();
    }
    at += taken;
    plaintext = plaintext.subspan(taken);
  }
  recent_.clear();
  return {};
}

Result<void> RunProver::keep(View bytes) {
  if (bytes.empty()) return {};
  TRY(run_.write_at(bytes, kept_));
  run_sha256_.update(bytes);
  kept_ += bytes.size();
  return {};
}

Result<std::optional<evidence::ProvenCut>> RunProver::proven(const std::optional<Place>& place,
                                                             std::uint64_t count) const {
  if (!place) return std::nullopt;
  formats::TileHashReader reader(count, tile_source(workplace_ / "tiles"));
  TRY_LET(auto proof, formats::inclusion_proof(reader, place->index, count));
  return evidence::ProvenCut{.index = place->index,
                             .salt = evidence::part_salt(key_, place->cut.offset),
                             .cut = place->cut,
                             .proof = std::move(proof)};
}

Result<ProvenRun> RunProver::finish() {
  TRY_LET(const auto finished, hash_.finish());
  if (finished.sha256 != shape_.plaintext_sha256) return fault(FaultCode::evidence_hash);
  if (finished.parts != *shape_.parts)
    return fault(FaultCode::evidence_hash, "the root of the parts is another than was signed");
  if (walk_ && !is_over_)
    return fault(FaultCode::not_found, "the folder has no entry of that name");
  if (finished.parts.count > 0) TRY(tree_.finish());
  ProvenRun run{.first = wanted_.first, .end = wanted_.end, .sha256 = run_sha256_.finish()};
  TRY_LET(run.from, proven(from_, finished.parts.count));
  TRY_LET(run.to, proven(to_, finished.parts.count));
  return run;
}

Result<void> RunProver::give(node::Sink& sink) const {
  Bytes piece(std::size_t{1} << 20);
  for (std::uint64_t at = 0; at < kept_;) {
    const auto wanted = std::span(piece).first(std::min<std::uint64_t>(piece.size(), kept_ - at));
    TRY_LET(const auto got, run_.read_at(wanted, at));
    if (got == 0) return fault(FaultCode::store_io, "the run was cut while it was read");
    TRY(sink.write(wanted.first(got)));
    at += got;
  }
  return {};
}

}  // namespace comity::transfer
