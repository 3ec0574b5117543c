#include "formats/merkle.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>

#include "formats/merkle_tree.hpp"

namespace comity::formats {
namespace {

/// RFC 6962 §2.1 word by word: what everything else is measured against.
Digest naive_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves.front();
  const auto k = std::bit_floor(leaves.size() - 1);
  return node_hash(naive_root(leaves.first(k)), naive_root(leaves.subspan(k)));
}

std::vector<Digest> some_leaves(std::size_t count) {
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(to_bytes(std::to_string(i))));
  return leaves;
}

Edge edge_of(std::span<const Digest> leaves) {
  Edge edge;
  for (const auto& leaf : leaves) edge.append(leaf);
  return edge;
}

}  // namespace

TEST(Merkle, GivesTheRootsOfTheClassicTestLeaves) {
  const std::string_view inputs[] = {"",
                                     "00",
                                     "10",
                                     "2021",
                                     "3031",
                                     "40414243",
                                     "5051525354555657",
                                     "606162636465666768696a6b6c6d6e6f"};
  // First and last bytes of the roots of sizes 1 to 8.
  const std::pair<std::string_view, std::string_view> roots[] = {
      {"6e340b9c", "afa01d"}, {"fac54203", "e3c125"}, {"aeb6bcfe", "06e77"},
      {"d37ee418", "614b7"},  {"4e3bbb1f", "6264d4"}, {"76e67dad", "087ef"},
      {"ddb89be4", "4c8c"},   {"5dc9da79", "604328"}};
  EXPECT_EQ(empty_root().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Edge edge;
  for (std::size_t i = 0; i < 8; ++i) {
    edge.append(leaf_hash(*from_hex(inputs[i])));
    EXPECT_TRUE(edge.root().hex().starts_with(roots[i].first)) << i;
    EXPECT_TRUE(edge.root().hex().ends_with(roots[i].second)) << i;
  }
}

TEST(Edge, IsTheNaiveRootAtEverySizeUpTo600) {
  const auto leaves = some_leaves(600);
  Edge edge;
  EXPECT_EQ(edge.root(), empty_root());
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    edge.append(leaves[size - 1]);
    const auto all = std::span(leaves).first(size);
    if (size % 37 == 0 || std::has_single_bit(size)) {
      ASSERT_EQ(edge.root(), naive_root(all)) << size;
    }
    ASSERT_EQ(edge.root(), root_of(all)) << size;
    ASSERT_EQ(Edge::from_bytes(edge.bytes()), edge);
  }
}

TEST(Edge, RefusesBytesThatAreNoEdge) {
  const auto bytes = edge_of(some_leaves(5)).bytes();
  EXPECT_TRUE(Edge::from_bytes(bytes));
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(Edge::from_bytes(View(bytes).first(length)));
  auto other = bytes;
  other[7] = 7;
  EXPECT_FALSE(Edge::from_bytes(other));
  other.assign(8 + 32, 0);
  other[0] = 0x80;
  EXPECT_FALSE(Edge::from_bytes(other)) << "a size beyond the limit";
  EXPECT_TRUE(Edge::from_bytes(Bytes(8)));
}

TEST(Edge, GivesItsPeaksByLevel) {
  const auto leaves = some_leaves(13);  // 8 + 4 + 1
  const auto edge = edge_of(leaves);
  EXPECT_EQ(edge.peak(0), leaves[12]);
  EXPECT_EQ(edge.peak(1), std::nullopt);
  EXPECT_EQ(edge.peak(2), naive_root(std::span(leaves).subspan(8, 4)));
  EXPECT_EQ(edge.peak(3), naive_root(std::span(leaves).first(8)));
  EXPECT_EQ(edge.peak(63), std::nullopt);
  MerkleTree tree(leaves);
  EXPECT_EQ(*edge_at(tree, 13), edge);
  EXPECT_EQ(*root_at(tree, 7), naive_root(std::span(leaves).first(7)));
}

RC_GTEST_PROP(Proof, OfInclusionHoldsAndNoOtherDoes, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 601);
  const auto index = *rc::gen::inRange<std::size_t>(0, size);
  const auto leaves = some_leaves(size);
  MerkleTree tree(leaves);
  const auto root = root_of(leaves);
  auto proof = *inclusion_proof(tree, index, size);
  RC_ASSERT(check_inclusion(leaves[index], index, size, proof, root));

  const auto flip = *rc::gen::inRange<std::size_t>(0, 256);
  const auto flipped = [&](Digest digest) {
    digest.bytes[flip / 8] ^= static_cast<std::uint8_t>(1 << flip % 8);
    return digest;
  };
  RC_ASSERT(!check_inclusion(flipped(leaves[index]), index, size, proof, root));
  RC_ASSERT(!check_inclusion(leaves[index], index, size, proof, flipped(root)));
  const auto other = *rc::gen::distinctFrom(rc::gen::inRange<std::size_t>(0, size + 2), index);
  RC_ASSERT(!check_inclusion(leaves[index], other, size, proof, root));
  auto longer = proof;
  longer.push_back(root);
  RC_ASSERT(!check_inclusion(leaves[index], index, size, longer, root));
  if (!proof.empty()) {
    auto& hash = proof[*rc::gen::inRange<std::size_t>(0, proof.size())];
    hash = flipped(hash);
    RC_ASSERT(!check_inclusion(leaves[index], index, size, proof, root));
    hash = flipped(hash);
    proof.pop_back();
    RC_ASSERT(!check_inclusion(leaves[index], index, size, proof, root));
  }
}

RC_GTEST_PROP(Proof, OfConsistencyHoldsAndNoOtherDoes, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 601);
  const auto old_size = *rc::gen::inRange<std::size_t>(0, size + 1);
  const auto leaves = some_leaves(size);
  MerkleTree tree(leaves);
  const auto root = root_of(leaves), old_root = root_of(std::span(leaves).first(old_size));
  auto proof = *consistency_proof(tree, old_size, size);
  RC_ASSERT(check_consistency(old_size, old_root, size, root, proof));

  const auto flip = *rc::gen::inRange<std::size_t>(0, 256);
  const auto flipped = [&](Digest digest) {
    digest.bytes[flip / 8] ^= static_cast<std::uint8_t>(1 << flip % 8);
    return digest;
  };
  RC_ASSERT(!check_consistency(old_size, flipped(old_root), size, root, proof));
  if (old_size > 0) {
    RC_ASSERT(!check_consistency(old_size, old_root, size, flipped(root), proof));
  }
  if (old_size != size) RC_ASSERT(!check_consistency(size, root, old_size, old_root, proof));
  auto longer = proof;
  longer.push_back(root);
  RC_ASSERT(!check_consistency(old_size, old_root, size, root, longer));
  if (!proof.empty()) {
    auto& hash = proof[*rc::gen::inRange<std::size_t>(0, proof.size())];
    hash = flipped(hash);
    RC_ASSERT(!check_consistency(old_size, old_root, size, root, proof));
    hash = flipped(hash);
    proof.pop_back();
    RC_ASSERT(!check_consistency(old_size, old_root, size, root, proof));
  }
}

TEST(Proof, SurvivesImpossibleSizes) {
  const Digest some = leaf_hash({});
  const std::vector<Digest> proof(64, some);
  EXPECT_FALSE(check_inclusion(some, 0, 0, {}, some));
  EXPECT_FALSE(check_inclusion(some, ~0ULL, ~0ULL, proof, some));
  EXPECT_FALSE(check_inclusion(some, ~0ULL - 1, ~0ULL, proof, some));
  EXPECT_FALSE(check_consistency(~0ULL - 1, some, ~0ULL, some, proof));
  EXPECT_FALSE(check_consistency(1ULL << 63, some, ~0ULL, some, proof));
}

}  // namespace comity::formats
