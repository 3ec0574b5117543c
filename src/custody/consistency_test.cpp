#include "custody/consistency.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "custody/sample_log.hpp"
#include "formats/merkle_tree.hpp"

namespace comity::custody {
namespace {

using formats::Checkpoint;

Checkpoint at_size(std::span<const Digest> leaves, std::size_t size) {
  return {k_sample_origin, size, formats::root_of(leaves.first(size)), {}};
}

std::vector<Digest> some_leaves(std::size_t count, std::string_view flavour) {
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i < count; ++i)
    leaves.push_back(formats::leaf_hash(to_bytes(std::string(flavour) + std::to_string(i))));
  return leaves;
}

}  // namespace

RC_GTEST_PROP(Consistency, TellsTheLogThatGrewFromTheOneThatDeniesItsPast, ()) {
  const auto leaves = some_leaves(200, "a");
  formats::MerkleTree tree(leaves);
  const auto held_size = *rc::gen::inRange<std::size_t>(0, 201);
  const auto shown_size = *rc::gen::inRange<std::size_t>(0, 201);
  const auto held = at_size(leaves, held_size), shown = at_size(leaves, shown_size);
  const auto proof = *formats::consistency_proof(tree, std::min(held_size, shown_size),
                                                 std::max(held_size, shown_size));
  const auto right = held_size == shown_size  ? Agreement::same
                     : held_size < shown_size ? Agreement::newer
                                              : Agreement::older;
  RC_ASSERT(judge(std::nullopt, shown, {}) == Agreement::first);
  RC_ASSERT(judge(held, shown, proof) == right);
  if (!proof.empty()) RC_ASSERT(judge(held, shown, {}) == Agreement::unproven);

  const auto other = some_leaves(200, "b");
  const auto denied = at_size(other, shown_size);
  if (held_size == shown_size && held_size > 0) {
    RC_ASSERT(judge(held, denied, {}) == Agreement::forked);
  } else if (held_size > 0 && shown_size > 0) {
    RC_ASSERT(judge(held, denied, proof) == Agreement::unproven);
  }
}

TEST(Consistency, OfTheNodesOwnLogAsOthersShowIt) {
  const auto leaves = some_leaves(50, "a");
  formats::MerkleTree tree(leaves);
  for (const std::size_t size : {0U, 1U, 49U, 50U})
    EXPECT_TRUE(check_own(at_size(leaves, size), 50, tree)) << size;
  const auto longer = some_leaves(51, "a");
  EXPECT_EQ(check_own(at_size(longer, 51), 50, tree).error().code, FaultCode::log_rolled_back);
  const auto other = some_leaves(50, "b");
  EXPECT_EQ(check_own(at_size(other, 20), 50, tree).error().code, FaultCode::log_inconsistent);
}

}  // namespace comity::custody
