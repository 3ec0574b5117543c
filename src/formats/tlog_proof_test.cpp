#include "formats/tlog_proof.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formats/merkle_tree.hpp"

namespace comity::formats {
namespace {

constexpr std::string_view k_origin = "kgz.example/log";

struct Sample {
  crypto::Ed25519Key key = *crypto::Ed25519Key::from_seed(Secret(Bytes(32, 3)));
  Verifier verifier = make_verifier(std::string(k_origin), key.public_key());
  std::vector<Bytes> entries;
  TlogProof proof;

  Sample(std::size_t size, std::size_t index) {
    std::vector<Digest> leaves;
    for (std::size_t i = 0; i < size; ++i) {
      entries.push_back(to_bytes("entry " + std::to_string(i)));
      leaves.push_back(leaf_hash(entries.back()));
    }
    MerkleTree tree(leaves);
    proof = {entries[index], index, *inclusion_proof(tree, index, size),
             *sign_checkpoint({std::string(k_origin), size, root_of(leaves), {}}, key)};
  }
  Result<Checkpoint> verify(const TlogProof& other) const {
    return verify_proof(other, *other.extra, std::span(&verifier, 1));
  }
};

Result<TlogProof> parse(std::string_view text) {
  return parse_tlog_proof(as_bytes(text));
}

}  // namespace

RC_GTEST_PROP(TlogProof, ComesBackAndVerifies, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 600);
  const Sample sample(size, *rc::gen::inRange<std::size_t>(0, size));
  const auto proof = parse(to_text(sample.proof));
  RC_ASSERT(proof);
  RC_ASSERT(*proof == sample.proof);
  const auto checkpoint = sample.verify(*proof);
  RC_ASSERT(checkpoint);
  RC_ASSERT(checkpoint->size == size);
  RC_ASSERT(checkpoint->origin == k_origin);
}

RC_GTEST_PROP(TlogProof, HoldsNoMoreOnceAByteIsChanged, ()) {
  static const Sample sample(300, 77);
  static const auto good = to_text(sample.proof);
  auto changed = good;
  const auto at = *rc::gen::inRange<std::size_t>(0, good.size());
  changed[at] = static_cast<char>(changed[at] ^ *rc::gen::inRange(1, 256));
  const auto proof = parse(changed);
  const bool holds = proof && proof->extra && sample.verify(*proof);
  RC_ASSERT(!holds);
}

TEST(TlogProof, ReadsTheShapeOfTheSpecification) {
  const std::string text =
      "c2sp.org/tlog-proof@v1\n"
      "extra YQ==\n"
      "index 1\n"
      "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
      "\n"
      "example.com/fancylog\n2\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n"
      "\xe2\x80\x94 example.com/fancylog AAAAAAA=\n";
  const auto proof = parse(text);
  ASSERT_TRUE(proof) << proof.error().detail;
  EXPECT_EQ(*proof->extra, to_bytes("a"));
  EXPECT_EQ(proof->index, 1U);
  EXPECT_EQ(proof->hashes.size(), 1U);
  EXPECT_THAT(proof->checkpoint, testing::StartsWith("example.com/fancylog\n2\n"));
  EXPECT_EQ(to_text(*proof), text);
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    return changed.replace(changed.find(from), from.size(), to);
  };
  EXPECT_TRUE(parse(with("extra YQ==\n", "")));
  EXPECT_TRUE(parse(with("extra YQ==", "extra ")));
  for (const auto& wrong :
       {with("@v1", "@v2"), with("extra", "Extra"), with("YQ==", "YR=="), with("YQ==", "YQ"),
        with("index 1", "index 01"), with("index 1", "index -1"), with("index 1", "index"),
        with("index 1\n", ""), with("gSKy", "gSK"), with("PlQ=\n", "PlQ=\r\n"), with("\n\n", "\n"),
        with("extra YQ==\n", "extra YQ==\nextra YQ==\n"), with("index 1", "index 1\nindex 1"),
        text.substr(0, text.find("example")), std::string(), std::string("c2sp.org/tlog-proof@v1")})
    EXPECT_FALSE(parse(wrong)) << wrong;
}

TEST(TlogProof, HoldsItsLimits) {
  TlogProof proof{Bytes(k_tlog_proof_extra_bytes_max), 0, {}, "x"};
  proof.hashes.resize(k_proof_hashes_max);
  EXPECT_TRUE(parse(to_text(proof)));
  proof.extra->push_back(0);
  EXPECT_EQ(parse(to_text(proof)).error().code, FaultCode::limit_size);
  proof.extra.reset();
  proof.hashes.emplace_back();
  EXPECT_FALSE(parse(to_text(proof)));
  proof.hashes.clear();
  proof.checkpoint.resize(k_tlog_proof_bytes_max - to_text(proof).size() + 1, 'x');
  EXPECT_TRUE(parse(to_text(proof)));
  proof.checkpoint += 'x';
  EXPECT_EQ(parse(to_text(proof)).error().code, FaultCode::limit_size);
}

}  // namespace comity::formats
