#include "formats/tile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "formats/merkle_tree.hpp"

namespace comity::formats {
namespace {

std::vector<Digest> some_leaves(std::size_t count) {
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(to_bytes(std::to_string(i))));
  return leaves;
}

}  // namespace

TEST(Tile, HasThePathOfTheSpecification) {
  using enum Tile::Kind;
  const std::pair<Tile, std::string_view> rows[] = {
      {{hashes, 0, 1234067, 256}, "tile/0/x001/x234/067"},
      {{hashes, 1, 0, 17}, "tile/1/000.p/17"},
      {{entries, 0, 999, 256}, "tile/entries/999"},
      {{entries, 0, 1000, 1}, "tile/entries/x001/000.p/1"},
      {{hashes, 7, 0, 255}, "tile/7/000.p/255"},
  };
  for (const auto& [tile, path] : rows) {
    EXPECT_EQ(path_of(tile), path);
    EXPECT_EQ(*parse_tile_path(path), tile);
  }
}

TEST(Tile, HasNoOtherPath) {
  for (const auto* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/8/000",
                           "tile/00/000",
                           "tile/0/0",
                           "tile/0/0000",
                           "tile/0/x000/001",
                           "tile/0/001/001",
                           "tile/0/x001",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/",
                           "tile/0/000.p",
                           "/tile/0/000",
                           "tile/data/000",
                           "tile/-1/000",
                           "tile/0/../000",
                           "tile/0/000/",
                           "tile/0/x999/x999/x999/x999/x999/x999/999",
                           "tile/0/000.p/1.p/1",
                           "TILE/0/000",
                           "tile/entries/000 "})
    EXPECT_FALSE(parse_tile_path(path)) << path;
}

TEST(Tile, AreThoseThatTheSpecificationCountsForSize70000) {
  std::map<std::string, int> count;
  std::set<std::string> partial;
  for_each_tile(70000, [&](const Tile& tile) {
    const auto path = path_of(tile);
    ++count[path.substr(0, path.find('/', 5))];
    if (!tile.full()) partial.insert(path);
  });
  EXPECT_EQ(count, (std::map<std::string, int>{
                       {"tile/0", 274}, {"tile/1", 2}, {"tile/2", 1}, {"tile/entries", 274}}));
  EXPECT_EQ(partial, (std::set<std::string>{"tile/entries/273.p/112", "tile/0/273.p/112",
                                            "tile/1/001.p/17", "tile/2/000.p/1"}));
  std::vector<std::string> paths;
  for_each_tile(256, [&](const Tile& tile) { paths.push_back(path_of(tile)); });
  EXPECT_EQ(paths, (std::vector<std::string>{"tile/entries/000", "tile/0/000", "tile/1/000.p/1"}));
  for_each_tile(0, [&](const Tile&) { FAIL(); });
}

TEST(Bundle, IsTheOneOfAnotherImplementation) {
  // The fifteen entries of the Tessera project's test log, and the root that its checkpoint signs.
  const auto bytes = *from_hex(
      "00036f6e65000374776f000574687265650004666f75720004666976650003736978000573657665"
      "6e000365697400046e61696e000374656e0006696c6576656e00057477656c660008746872656574"
      "656e0007666f757274656e000666697674656e");
  const auto entries = decode_bundle(bytes, 15);
  ASSERT_TRUE(entries) << entries.error().detail;
  EXPECT_EQ(as_text(entries->front()), "one");
  Edge edge;
  for (const auto& entry : *entries) edge.append(leaf_hash(entry));
  EXPECT_EQ(base64(edge.root().view()), "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=");
  EXPECT_EQ(encode_bundle(*entries), bytes);
  EXPECT_FALSE(decode_bundle(bytes, 14));
  EXPECT_FALSE(decode_bundle(bytes, 16));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_bundle(View(bytes).first(size), 15)) << size;
}

RC_GTEST_PROP(Bundle, ComesBack, ()) {
  auto entries = *rc::gen::nonEmpty<std::vector<Bytes>>();
  if (entries.size() > k_tile_width) entries.resize(k_tile_width);
  RC_ASSERT(*decode_bundle(encode_bundle(entries), static_cast<unsigned>(entries.size())) ==
            entries);
}

TEST(TileHashReader, GivesEverySubtreeOutOfTiles) {
  for (const std::size_t size : {1U, 2U, 255U, 256U, 257U, 1000U, 65535U, 65536U, 66000U}) {
    const auto leaves = some_leaves(size);
    MerkleTree tree(leaves);
    int fetched = 0;
    TileHashReader reader(size, [&](const Tile& tile) -> Result<Bytes> {
      ++fetched;
      std::vector<Digest> hashes;
      for (unsigned i = 0; i < tile.width; ++i)
        hashes.push_back(*tree.subtree(8 * tile.level, tile.index * 256 + i));
      return encode_hashes(hashes);
    });
    for (unsigned level = 0; size >> level > 0; ++level)
      for (const auto index : {std::uint64_t{0}, (size >> level) / 2, (size >> level) - 1})
        ASSERT_EQ(reader.subtree(level, index), tree.subtree(level, index)) << size << ' ' << level;
    EXPECT_LE(fetched, 12);
    EXPECT_EQ(*root_at(reader, size), root_of(leaves));
    const auto proof = *inclusion_proof(reader, size / 3, size);
    EXPECT_TRUE(check_inclusion(leaves[size / 3], size / 3, size, proof, root_of(leaves)));
  }
}

TEST(TileHashReader, TakesTheFullTileWhereThePartialIsGone) {
  const auto leaves = some_leaves(300);
  TileHashReader reader(200, [&](const Tile& tile) -> Result<Bytes> {
    if (!tile.full()) return fault(FaultCode::store_io, "gone");
    return encode_hashes(std::span(leaves).first(256));
  });
  EXPECT_EQ(*root_at(reader, 200), root_of(std::span(leaves).first(200)));
  TileHashReader broken(200, [](const Tile&) -> Result<Bytes> { return Bytes(31); });
  EXPECT_EQ(root_at(broken, 200).error().code, FaultCode::format_proof);
}

}  // namespace comity::formats
