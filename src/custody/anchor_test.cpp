#include "custody/anchor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace comity::custody {
namespace {

std::vector<LogHead> some_heads() {
  return {{"kgz.example/log/internal", 7, formats::leaf_hash(as_bytes("i"))},
          {"kgz.example/log/BFA", 3, formats::leaf_hash(as_bytes("b"))}};
}

Entry entry_of(const AnchorOpening& opening) {
  return {EntryKind::logs_anchored, Instant{1}, Salt{}, anchor_facts(opening)};
}

}  // namespace

TEST(Anchor, CommitsToEveryLogAndOpens) {
  SystemRandom random;
  const auto opening = make_anchor(some_heads(), random);
  EXPECT_EQ(opening.heads.front().origin, "kgz.example/log/BFA");
  const auto entry = entry_of(opening);
  EXPECT_TRUE(write_entry(entry));
  EXPECT_TRUE(check_anchor(entry, opening));
  const auto read = read_opening(write_opening(opening));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_TRUE(check_anchor(entry, *read));
  for (const auto& head : some_heads())
    EXPECT_TRUE(check_anchored(opening, {head.origin, head.size, head.root, {}}));
  EXPECT_FALSE(check_anchored(opening, {"kgz.example/log/BFA", 4, opening.heads[0].root, {}}));
  EXPECT_FALSE(check_anchored(opening, {"kgz.example/log/PRK", 3, opening.heads[0].root, {}}));
}

TEST(Anchor, OpensToNothingElse) {
  SystemRandom random;
  const auto opening = make_anchor(some_heads(), random);
  const auto entry = entry_of(opening);
  auto other = opening;
  other.heads[0].size += 1;
  EXPECT_FALSE(check_anchor(entry, other));
  other = opening;
  other.salt[0] ^= 1;
  EXPECT_FALSE(check_anchor(entry, other));
  other = opening;
  other.heads.pop_back();
  EXPECT_FALSE(check_anchor(entry, other));
  EXPECT_FALSE(check_anchor({EntryKind::node_stopped, {}, {}, anchor_facts(opening)}, opening));
  EXPECT_NE(commitment_of(make_anchor(some_heads(), random)), commitment_of(opening))
      << "the same logs, another salt";
}

TEST(Anchor, IsTheSameForTheSameLogsInAnyOrder) {
  SystemRandom random;
  auto heads = some_heads();
  auto one = make_anchor(heads, random);
  std::swap(heads[0], heads[1]);
  auto two = make_anchor(heads, random);
  two.salt = one.salt;
  EXPECT_EQ(commitment_of(one), commitment_of(two));
}

TEST(Anchor, RefusesOpeningsThatAreNotInOrder) {
  SystemRandom random;
  auto opening = make_anchor(some_heads(), random);
  EXPECT_TRUE(read_opening(write_opening(opening)));
  std::swap(opening.heads[0], opening.heads[1]);
  EXPECT_FALSE(read_opening(write_opening(opening)));
  opening.heads[1] = opening.heads[0];
  EXPECT_FALSE(read_opening(write_opening(opening)));
  EXPECT_FALSE(read_opening(as_bytes("{}")));
  EXPECT_FALSE(read_opening(as_bytes(R"({"heads":[],"salt":"AAAA"})")));
  EXPECT_TRUE(read_opening(as_bytes(R"({"heads":[],"salt":"AAAAAAAAAAAAAAAAAAAAAA=="})")));
}

}  // namespace comity::custody
