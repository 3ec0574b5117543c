#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "evidence/evidence_gen.hpp"
#include "evidence/opener.hpp"

namespace comity::evidence {
namespace {

constexpr std::size_t k_chunk = formats::k_age_chunk_size;
const std::size_t k_sizes[] = {0,           1,           k_chunk - 1,    k_chunk,
                               k_chunk + 1, 3 * k_chunk, (5UL << 20) + 3};

}  // namespace

TEST(Sealing, OpensToTheSameBytesAtEveryBoundary) {
  for (const auto size : k_sizes) {
    const auto item = sample::item(size);
    EXPECT_EQ(item.file.size(), item.shape.total_size());
    EXPECT_EQ(item.shape.plaintext_size, size);
    const auto opened = open_item(item.shape, item.file, item.identity);
    ASSERT_TRUE(opened) << size << " " << opened.error().detail;
    EXPECT_TRUE(*opened == item.plaintext) << size;
  }
}

TEST(Sealing, GivesTheSameShapeFromPiecesAndFromChunksInAnyOrder) {
  const auto plaintext = sample::plaintext(3 * k_chunk + 17);
  SystemRandom random;
  const auto identity = formats::AgeIdentity::generate(random);
  const auto start = *start_seal({identity.recipient()}, random);
  const formats::AgeChunking chunking(plaintext.size());
  std::vector<Digest> leaves(chunking.count());
  Bytes file = start.prefix;
  file.resize(file.size() + chunking.sealed_size());
  ChunkSealer sealer(start);
  for (auto k = chunking.count(); k-- > 0;)
    leaves[k] = sealer.seal(
        k, chunking.is_last(k), View(plaintext).subspan(k * k_chunk, chunking.plain_size_of(k)),
        std::span(file).subspan(start.prefix.size() + k * formats::k_age_sealed_chunk_size,
                                chunking.sealed_size_of(k)));
  const auto shape =
      shape_of(start, plaintext.size(), {crypto::sha256(plaintext), {}}, formats::root_of(leaves));
  EXPECT_TRUE(*open_item(shape, file, identity) == plaintext);
}

RC_GTEST_PROP(Sealing, NamesTheChunkOfAnyFlippedBit, ()) {
  static const auto item = sample::item(3 * k_chunk + 1000);
  auto file = item.file;
  const auto at = *rc::gen::inRange<std::size_t>(0, file.size());
  file[at] ^= static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
  const auto opened = open_item(item.shape, file, item.identity);
  RC_ASSERT(!opened);
  RC_ASSERT(opened.error().code == FaultCode::evidence_chunk);
  const auto prefix = item.shape.prefix_size;
  const auto expected =
      at < prefix ? "the prefix"
                  : "chunk " + std::to_string((at - prefix) / formats::k_age_sealed_chunk_size);
  RC_ASSERT(opened.error().detail == expected);
  if (at < prefix) return;
  // Without the key, by the tiles alone, the same chunk is found.
  const auto k = (at - prefix) / formats::k_age_sealed_chunk_size;
  ChunkTiles tiles(item.shape.chunks(), item.shape.chunk_root, item.tile_source());
  const auto sealed =
      View(file).subspan(item.shape.offset_of(k), item.shape.chunking().sealed_size_of(k));
  RC_ASSERT(formats::leaf_hash(sealed) != *tiles.leaf(k));
}

TEST(Opening, ProvesTheSenderAtFaultWhenTheHashDiffers) {
  auto item = sample::item(1000);
  item.shape.plaintext_sha256.bytes[0] ^= 1;
  EXPECT_EQ(open_item(item.shape, item.file, item.identity).error().code, FaultCode::evidence_hash);
}

TEST(Opening, RefusesAnotherKeyAndAnotherLength) {
  const auto item = sample::item(1000);
  const auto other = sample::item(1000, 2);
  EXPECT_EQ(open_item(item.shape, item.file, other.identity).error().code, FaultCode::crypto_open);
  EXPECT_EQ(open_item(item.shape, View(item.file).first(item.file.size() - 1), item.identity)
                .error()
                .code,
            FaultCode::evidence_incomplete);
}

TEST(Sealing, IsForOneRecipientAtLeastAndEachOnce) {
  SystemRandom random;
  const auto recipient = formats::AgeIdentity::generate(random).recipient();
  EXPECT_FALSE(start_seal({}, random));
  EXPECT_FALSE(start_seal({recipient, recipient}, random));
}

TEST(Sealing, NeverUsesAKeyTwice) {
  SystemRandom random;
  const auto recipient = formats::AgeIdentity::generate(random).recipient();
  const auto a = *start_seal({recipient}, random), b = *start_seal({recipient}, random);
  EXPECT_FALSE(equal_constant_time(a.payload_key.view(), b.payload_key.view()));
  EXPECT_NE(a.prefix, b.prefix);
}

}  // namespace comity::evidence
