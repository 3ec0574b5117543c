#include "formats/tile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "formats/text.hpp"

namespace comity::formats {
namespace {

constexpr unsigned k_tile_height = 8;  // 2^8 = k_tile_width
constexpr std::size_t k_hash_bytes = 32;
constexpr std::size_t k_tiles_held_max = 64;  // 512 KiB; one proof needs some 16

std::unexpected<Fault> refuse(std::string_view path) {
  return fault(FaultCode::format_proof,
               "not the path of a tile: " + std::string(path.substr(0, 80)));
}

}  // namespace

std::string path_of(const Tile& tile) {
  auto index = fmt::format("{:03}", tile.index % 1000);
  for (auto rest = tile.index / 1000; rest > 0; rest /= 1000)
    index = fmt::format("x{:03}/{}", rest % 1000, index);
  const auto level = tile.kind == Tile::Kind::entries ? "entries" : std::to_string(tile.level);
  const auto width = tile.full() ? "" : fmt::format(".p/{}", tile.width);
  return fmt::format("tile/{}/{}{}", level, index, width);
}

Result<Tile> parse_tile_path(std::string_view path) {
  constexpr std::string_view start = "tile/", partial = ".p/";
  const auto number = [](std::string_view digits) {
    return decimal(digits, FaultCode::format_proof);
  };
  if (!path.starts_with(start) || path.size() > 64) return refuse(path);
  auto rest = path.substr(start.size());
  const auto slash = rest.find('/');
  if (slash == rest.npos) return refuse(path);
  const auto level = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  Tile tile;
  if (level == "entries") {
    tile.kind = Tile::Kind::entries;
  } else {
    TRY_LET(const auto value, number(level));
    if (value > k_tile_level_max) return refuse(path);
    tile.level = static_cast<unsigned>(value);
  }
  if (const auto at = rest.rfind(partial); at != rest.npos) {
    TRY_LET(const auto width, number(rest.substr(at + partial.size())));
    if (width == 0 || width >= k_tile_width) return refuse(path);
    tile.width = static_cast<unsigned>(width);
    rest = rest.substr(0, at);
  }
  for (const char c : rest) {
    if (c >= '0' && c <= '9') tile.index = tile.index * 10 + static_cast<std::uint64_t>(c - '0');
    if (tile.index > k_tree_size_max) return refuse(path);
  }
  // One spelling only: what we would write ourselves.
  if (path_of(tile) != path) return refuse(path);
  return tile;
}

std::uint64_t hashes_at(unsigned level, std::uint64_t size) {
  return level > k_tile_level_max ? 0 : size >> (k_tile_height * level);
}

Tile tile_at(Tile::Kind kind, unsigned level, std::uint64_t index, std::uint64_t size) {
  const auto hashes = hashes_at(level, size), first = index * k_tile_width;
  CHECK(first < hashes);
  return {kind, level, index,
          static_cast<unsigned>(std::min<std::uint64_t>(k_tile_width, hashes - first))};
}

void for_each_tile(std::uint64_t size, const std::function<void(const Tile&)>& visit) {
  for (std::uint64_t index = 0; index * k_tile_width < size; ++index)
    visit(tile_at(Tile::Kind::entries, 0, index, size));
  for (unsigned level = 0; hashes_at(level, size) > 0; ++level)
    for (std::uint64_t index = 0; index * k_tile_width < hashes_at(level, size); ++index)
      visit(tile_at(Tile::Kind::hashes, level, index, size));
}

Bytes encode_bundle(std::span<const Bytes> entries) {
  CHECK(!entries.empty() && entries.size() <= k_tile_width);
  std::size_t size = 0;
  for (const auto& entry : entries) size += 2 + entry.size();
  Bytes bytes;
  bytes.reserve(size);
  for (const auto& entry : entries) {
    CHECK(entry.size() <= k_bundle_entry_bytes_max);
    bytes.push_back(static_cast<std::uint8_t>(entry.size() >> 8));
    bytes.push_back(static_cast<std::uint8_t>(entry.size()));
    append(bytes, entry);
  }
  return bytes;
}

Result<std::vector<Bytes>> decode_bundle(View bytes, unsigned width) {
  std::vector<Bytes> entries;
  while (!bytes.empty()) {
    if (entries.size() == width)
      return fault(FaultCode::format_proof, "more entries than the bundle has");
    if (bytes.size() < 2) return fault(FaultCode::format_proof, "a cut entry bundle");
    const std::size_t size = static_cast<std::size_t>(bytes[0]) << 8 | bytes[1];
    if (bytes.size() - 2 < size) return fault(FaultCode::format_proof, "a cut entry bundle");
    entries.push_back(to_bytes(bytes.subspan(2, size)));
    bytes = bytes.subspan(2 + size);
  }
  if (entries.size() != width)
    return fault(FaultCode::format_proof, "fewer entries than the bundle has");
  return entries;
}

Bytes encode_hashes(std::span<const Digest> hashes) {
  Bytes bytes;
  bytes.reserve(hashes.size() * k_hash_bytes);
  for (const auto& hash : hashes) append(bytes, hash.view());
  return bytes;
}

Result<std::vector<Digest>> decode_hashes(View bytes, unsigned width) {
  if (bytes.size() != width * k_hash_bytes)
    return fault(FaultCode::format_proof, "a tile of the wrong length");
  std::vector<Digest> hashes(width);
  for (auto& hash : hashes) {
    std::ranges::copy(bytes.first(k_hash_bytes), hash.bytes.begin());
    bytes = bytes.subspan(k_hash_bytes);
  }
  return hashes;
}

Result<const std::vector<Digest>*> TileHashReader::hashes_of(unsigned level, std::uint64_t index) {
  const std::pair key{level, index};
  if (const auto at = held_.find(key); at != held_.end()) return &at->second;
  const Tile tile = tile_at(Tile::Kind::hashes, level, index, size_);
  auto bytes = fetch_(tile);
  if (!bytes && !tile.full()) {
    bytes = fetch_({Tile::Kind::hashes, level, index, k_tile_width});
    if (bytes && bytes->size() > tile.width * k_hash_bytes)
      bytes->resize(tile.width * k_hash_bytes);
  }
  if (!bytes) return std::unexpected(std::move(bytes).error());
  TRY_LET(auto hashes, decode_hashes(*bytes, tile.width));
  if (held_.size() == k_tiles_held_max) held_.clear();
  return &held_.emplace(key, std::move(hashes)).first->second;
}

Result<Digest> TileHashReader::subtree(unsigned level, std::uint64_t index) {
  CHECK(level < 62 && ((index + 1) << level) <= size_);
  const unsigned within = level % k_tile_height;  // levels above the tile's own hashes
  const auto first = index << within;             // the first of them
  TRY_LET(const auto* hashes, hashes_of(level / k_tile_height, first / k_tile_width));
  return root_of(std::span(*hashes).subspan(first % k_tile_width, std::size_t{1} << within));
}

}  // namespace comity::formats
