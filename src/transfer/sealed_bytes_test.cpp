// What was sealed is read again by position while its key is at hand: the same bytes, or a fault.
#include "transfer/sealed_bytes.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "formats/age_keys.hpp"
#include "transfer/transfer_gen.hpp"

namespace comity::transfer {
namespace {

class SealedAgain : public testing::Test {
 protected:
  SealedItem seal(View plaintext) {
    EXPECT_TRUE(remove_tree(directory_.path() / "item"));
    EXPECT_TRUE(make_directories(directory_.path() / "item"));
    sample::BytesSource source(plaintext);
    auto sealed = seal_source(source, {identity_.recipient()}, random_, item());
    CHECK(sealed.has_value());
    return *std::move(sealed);
  }
  Path item() const { return directory_.path() / "item"; }

  sample::TemporaryDirectory directory_;
  SystemRandom random_;
  formats::AgeIdentity identity_ = formats::AgeIdentity::generate(random_);
};

}  // namespace

TEST_F(SealedAgain, GivesTheSameBytesFromAnyPlace) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, formats::k_age_chunk_size,
                                 k_block_plain, 2 * k_block_plain + 12'345}) {
    const auto plaintext = sample::plaintext(size);
    auto bytes = SealedBytes::open(item(), seal(plaintext));
    ASSERT_TRUE(bytes);
    for (const std::size_t from : {std::size_t{0}, size / 3, k_block_plain - 1, k_block_plain, size,
                                   size + 1, std::size_t{7}}) {
      Bytes into(70'000);
      const auto got = bytes->read(into, from);
      ASSERT_TRUE(got);
      const auto rest = View(plaintext).subspan(std::min(from, size));
      EXPECT_EQ(*got, std::min(rest.size(), into.size())) << size << ' ' << from;
      EXPECT_TRUE(std::ranges::equal(View(into).first(*got), rest.first(*got)));
    }
    Bytes whole(size + 1);
    EXPECT_EQ(bytes->read(whole, 0).value_or(0), size);
    EXPECT_TRUE(std::ranges::equal(View(whole).first(size), plaintext));
    EXPECT_EQ(bytes->read(whole, std::numeric_limits<std::uint64_t>::max()).value_or(1), 0);
  }
}

TEST_F(SealedAgain, GivesNothingOfWhatWasChangedOnTheDisk) {
  const auto plaintext = sample::plaintext(3 * k_block_plain);
  const auto sealed = seal(plaintext);
  sample::flip_bit(ItemFiles{item()}.sealed(), sealed.shape.offset_of(k_block_chunks) + 100);
  auto bytes = SealedBytes::open(item(), sealed);
  ASSERT_TRUE(bytes);
  Bytes into(1000);
  EXPECT_EQ(bytes->read(into, 0).value_or(0), into.size());
  EXPECT_EQ(bytes->read(into, k_block_plain).error().code, FaultCode::evidence_chunk);
  EXPECT_EQ(bytes->read(into, 0).value_or(0), into.size());
  std::filesystem::resize_file(ItemFiles{item()}.sealed(), sealed.shape.offset_of(20));
  EXPECT_EQ(bytes->read(into, 2 * k_block_plain).error().code, FaultCode::store_io);
}

}  // namespace comity::transfer
