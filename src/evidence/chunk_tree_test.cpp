#include "evidence/chunk_tree.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "evidence/bitmap.hpp"
#include "evidence/evidence_gen.hpp"

namespace comity::evidence {
namespace {

struct Tree {
  std::vector<Digest> leaves;
  std::map<std::string, Bytes> tiles;
  Digest root;

  TileSource source() {
    return [this](const formats::Tile& tile) -> Result<Bytes> {
      const auto at = tiles.find(formats::path_of(tile));
      if (at == tiles.end()) return fault(FaultCode::evidence_unknown, formats::path_of(tile));
      return at->second;
    };
  }
};

Tree tree_of(std::uint64_t size) {
  Tree tree;
  ChunkTreeBuilder builder([&](const formats::Tile& tile, View hashes) -> Result<void> {
    EXPECT_TRUE(tree.tiles.emplace(formats::path_of(tile), to_bytes(hashes)).second);
    return {};
  });
  for (std::uint64_t i = 0; i < size; ++i) {
    tree.leaves.push_back(formats::leaf_hash(as_bytes(std::to_string(i))));
    EXPECT_TRUE(builder.add(tree.leaves.back()));
  }
  tree.root = *builder.finish();
  return tree;
}

/// Any size, and often one around which the layout changes.
std::uint64_t any_size() {
  return *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(1, 2000),
                         rc::gen::element<std::uint64_t>(1, 2, 255, 256, 257, 511, 512, 513, 65535,
                                                         65536, 65537, 70000));
}

}  // namespace

TEST(ChunkTree, HasTheTilesAndTheRootOfTheStandards) {
  for (const std::uint64_t size : {1, 255, 256, 257, 65536, 70000}) {
    const auto tree = tree_of(size);
    EXPECT_EQ(tree.root, formats::root_of(tree.leaves));
    if (size == 70000) {  // tlog-tiles, "Partial tiles"
      EXPECT_EQ(tree.tiles.size(), 273U + 1 + 1 + 1 + 1);
      EXPECT_EQ(tree.tiles.at("tile/0/273.p/112").size(), 112U * 32);
      EXPECT_EQ(tree.tiles.at("tile/1/001.p/17").size(), 17U * 32);
      EXPECT_TRUE(tree.tiles.contains("tile/2/000.p/1"));
    }
  }
}

RC_GTEST_PROP(ChunkTree, GivesEveryLeafOnlyThroughCheckedTiles, ()) {
  auto tree = tree_of(any_size());
  const auto size = tree.leaves.size();
  ChunkTiles tiles(size, tree.root, tree.source());
  const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
  RC_ASSERT(*tiles.leaf(index) == tree.leaves[index]);
  const auto proof = *formats::inclusion_proof(tiles, index, size);
  RC_ASSERT(formats::check_inclusion(tree.leaves[index], index, size, proof, tree.root));
  const auto entry = std::to_string(index);
  RC_ASSERT(check_chunk(as_bytes(entry), index, size, proof, tree.root));
  RC_ASSERT(check_chunk(as_bytes("x"), index, size, proof, tree.root).error().code ==
            FaultCode::evidence_chunk);
}

RC_GTEST_PROP(ChunkTree, RefusesAnyTileThatWasChanged, ()) {
  auto tree = tree_of(any_size());
  const auto size = tree.leaves.size();
  auto at = std::next(tree.tiles.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, tree.tiles.size()));
  auto& bytes = at->second;
  bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] ^=
      static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
  // Whatever is given out is right; and reading all of it meets the changed tile.
  ChunkTiles tiles(size, tree.root, tree.source());
  bool noticed = false;
  for (std::uint64_t tile = 0; tile * 256 < size; ++tile) {
    const auto leaves = tiles.leaves(tile);
    if (!leaves) {
      RC_ASSERT(leaves.error().code == FaultCode::evidence_chunk);
      noticed = true;
      continue;
    }
    RC_ASSERT(std::equal(leaves->begin(), leaves->end(), tree.leaves.begin() + tile * 256));
  }
  RC_ASSERT(noticed);
}

TEST(ChunkTree, RefusesTilesOfAnotherSize) {
  auto tree = tree_of(300);
  ChunkTiles tiles(299, tree.root, tree.source());
  EXPECT_FALSE(tiles.leaf(0));
  tree.tiles.at("tile/0/000").push_back(0);
  ChunkTiles longer(300, tree.root, tree.source());
  EXPECT_EQ(longer.leaf(0).error().code, FaultCode::evidence_chunk);
}

TEST(ChunkTree, AsksForEachUpperTileOnce) {
  auto tree = tree_of(70000);
  std::map<std::string, int> asked;
  std::map<std::string, Bytes> kept;
  ChunkTiles tiles(
      70000, tree.root,
      [&](const formats::Tile& tile) {
        ++asked[formats::path_of(tile)];
        return tree.source()(tile);
      },
      [&](const formats::Tile& tile, View hashes) -> Result<void> {
        kept.emplace(formats::path_of(tile), to_bytes(hashes));
        return {};
      });
  for (std::uint64_t k = 0; k < 70000; ++k) ASSERT_EQ(*tiles.leaf(k), tree.leaves[k]);
  for (const auto& [path, times] : asked) EXPECT_EQ(times, 1) << path;
  EXPECT_EQ(kept, tree.tiles);
}

RC_GTEST_PROP(Bitmap, KnowsWhatIsMissing, ()) {
  const auto chunks = *rc::gen::inRange<std::uint64_t>(1, 400);
  Bitmap bitmap(chunks);
  std::vector<bool> plain(chunks);
  const auto steps = *rc::gen::inRange(0, 600);
  for (int i = 0; i < steps; ++i) {
    const auto at = *rc::gen::inRange<std::uint64_t>(0, chunks);
    const bool on = *rc::gen::inRange(0, 8) != 0;
    on ? bitmap.set(at) : bitmap.clear(at);
    plain[at] = on;
  }
  RC_ASSERT(bitmap.present() ==
            static_cast<std::uint64_t>(std::count(plain.begin(), plain.end(), true)));
  const auto from = *rc::gen::inRange<std::uint64_t>(0, chunks + 2);
  const auto count_max = *rc::gen::inRange<std::uint64_t>(1, 100);
  std::optional<ChunkRange> expected;
  for (auto k = from; k < chunks; ++k) {
    if (!plain[k] && !expected) expected = ChunkRange{k, 0};
    if (expected && (plain[k] || expected->count == count_max)) break;
    if (expected) ++expected->count;
  }
  RC_ASSERT(bitmap.next_missing(from, count_max) == expected);
  const Digest root{};
  RC_ASSERT(*Bitmap::read(bitmap.write(root), chunks, root) == bitmap);
}

TEST(Bitmap, IsNotBelievedWhenTornOrOfAnotherItem) {
  Bitmap bitmap(100);
  bitmap.set(7);
  const Digest root{};
  const auto bytes = bitmap.write(root);
  EXPECT_FALSE(Bitmap::read(bytes, 101, root));
  Digest other;
  other.bytes[0] = 1;
  EXPECT_FALSE(Bitmap::read(bytes, 100, other));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(Bitmap::read(View(bytes).first(size), 100, root));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] ^= 0x80;
    EXPECT_EQ(Bitmap::read(changed, 100, root).error().code, FaultCode::store_corrupt);
  }
}

}  // namespace comity::evidence
