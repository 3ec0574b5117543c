#include "court/sealed_check.hpp"

#include <algorithm>

#include "court/layout.hpp"
#include "crypto/digest.hpp"
#include "evidence/chunk_tree.hpp"
#include "formats/age_header.hpp"
#include "formats/merkle.hpp"

namespace comity::court {
namespace {

constexpr std::size_t k_problems_told_max = 20;
constexpr std::size_t k_prefix_bytes_max = formats::k_age_header_max + formats::k_age_nonce_size;
constexpr std::size_t k_tile_bytes_max = std::size_t{formats::k_tile_width} * 32;

class SealedCheck {
 public:
  SealedCheck(const Folder& folder, const ItemId& item, const evidence::SealedShape& shape)
      : folder_(folder),
        shape_(shape),
        sealed_path_(path_of({.role = Role::sealed, .item = item})),
        tiles_path_(path_of({.role = Role::tiles, .item = item})) {}

  SealedFindings run() {
    check_tile_listing();
    check_bytes();
    if (problems_ > k_problems_told_max)
      found_.problems.push_back(std::to_string(problems_ - k_problems_told_max) + " more chunks");
    return std::move(found_);
  }

 private:
  void problem(std::string why) {
    if (++problems_ <= k_problems_told_max) found_.problems.push_back(std::move(why));
  }
  void tile_problem(const std::string& path, std::string why) {
    if (found_.tile_problems.size() < k_problems_told_max)
      found_.tile_problems.push_back({path, std::move(why)});
  }

  /// No tile but those that a tree of this size has. That all of these are there shows when they
  /// are compared.
  void check_tile_listing() {
    const auto walked = folder_.walk(tiles_path_, [&](const std::string& path, EntryKind kind) {
      if (kind == EntryKind::folder) return true;
      const auto tile = formats::parse_tile_path(
          std::string_view(path).substr(std::min(path.size(), tiles_path_.size() + 1)));
      if (kind == EntryKind::other || !tile || !belongs(*tile))
        tile_problem(path, "is no tile of this item's tree");
      return found_.tile_problems.size() < k_problems_told_max;
    });
    if (!walked) tile_problem(tiles_path_, walked.error().detail);
  }

  bool belongs(const formats::Tile& tile) const {
    if (tile.kind != formats::Tile::Kind::hashes || tile.level > formats::k_tile_level_max)
      return false;
    const auto hashes = formats::hashes_at(tile.level, shape_.chunks());
    if (hashes == 0 || tile.index > (hashes - 1) / formats::k_tile_width) return false;
    return tile == formats::tile_at(tile.kind, tile.level, tile.index, shape_.chunks());
  }

  Result<Bytes> read_tile(const formats::Tile& tile) const {
    return folder_.read_file(tiles_path_ + "/" + formats::path_of(tile), k_tile_bytes_max);
  }

  void check_bytes() {
    auto file = folder_.open_file(sealed_path_);
    if (!file) return problem(file.error().detail);
    if (file->size() != shape_.total_size())
      return problem("has " + std::to_string(file->size()) + " bytes, signed were " +
                     std::to_string(shape_.total_size()));
    if (shape_.prefix_size > k_prefix_bytes_max) return problem("no age file begins like that");
    if (const auto read = check_all(*file); !read) problem(read.error().detail);
  }

  Result<void> check_all(FolderFile& file) {
    TRY_LET(found_.prefix, take(file, shape_.prefix_size));
    if (crypto::sha256(found_.prefix) != shape_.prefix_sha256)
      problem("its prefix is not the one that was signed");
    // Derived again from leaves that lead to the root, the tiles must be those in the folder.
    evidence::ChunkTreeBuilder derived([&](const formats::Tile& tile, View hashes) {
      compare_tile(tile, hashes);
      return Result<void>{};
    });
    evidence::ChunkTiles tiles(shape_.chunks(), shape_.chunk_root,
                               [&](const formats::Tile& tile) { return read_tile(tile); });
    bool all_known = true;
    const auto chunking = shape_.chunking();
    for (std::uint64_t k = 0; k < shape_.chunks(); ++k) {
      TRY_LET(const Bytes chunk, take(file, chunking.sealed_size_of(k)));
      const auto actual = formats::leaf_hash(chunk);
      const auto signed_leaf = tiles.leaf(k);
      if (signed_leaf && *signed_leaf != actual) problem(chunk_words(k, chunk.size()));
      all_known = all_known && signed_leaf.has_value();
      TRY(derived.add(signed_leaf.value_or(actual)));
      ++found_.chunks;
    }
    TRY_LET(const Digest root, derived.finish());
    if (root != shape_.chunk_root)
      problem(
          "its chunks do not lead to the signed root, and the tiles to name them are not whole");
    found_.sha256 = hash_.finish();
    return {};
  }

  Result<Bytes> take(FolderFile& file, std::size_t size) {
    Bytes bytes(size);
    TRY_LET(const std::size_t got, file.read(bytes));
    if (got != size) return fault(FaultCode::store_io, "it was cut while it was read");
    hash_.update(bytes);
    return bytes;
  }

  void compare_tile(const formats::Tile& tile, View hashes) {
    ++found_.tiles;
    const auto path = tiles_path_ + "/" + formats::path_of(tile);
    const auto bytes = read_tile(tile);
    if (!bytes)
      tile_problem(path, bytes.error().detail);
    else if (!std::ranges::equal(*bytes, hashes))
      tile_problem(path, "is not the tile of these sealed bytes");
  }

  std::string chunk_words(std::uint64_t index, std::size_t size) const {
    const auto from = shape_.offset_of(index);
    return "chunk " + std::to_string(index) + " (bytes " + std::to_string(from) + " to " +
           std::to_string(from + size - 1) + ") is not the one that was signed";
  }

  const Folder& folder_;
  const evidence::SealedShape& shape_;
  std::string sealed_path_, tiles_path_;
  crypto::Sha256 hash_;
  std::size_t problems_ = 0;
  SealedFindings found_;
};

}  // namespace

SealedFindings check_sealed_item(const Folder& folder, const ItemId& item,
                                 const evidence::SealedShape& shape) {
  return SealedCheck(folder, item, shape).run();
}

}  // namespace comity::court
