#include "crypto/digest_pair.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/digest.hpp"

namespace comity::crypto {
namespace {

Bytes some(std::size_t size, std::uint8_t seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>((i * 31 + i / 251 + seed) * 7);
  return bytes;
}

}  // namespace

TEST(DigestPair, IsWhatTheLibraryGivesAtEveryLengthAndPrefix) {
  for (const std::size_t prefix_size : {0UL, 1UL, 33UL, 63UL, 64UL}) {
    const auto prefix = some(prefix_size, 3);
    for (std::size_t size = 0; size < 300; ++size) {
      const auto first = some(size, 1), second = some(size, 2);
      const auto [one, other] = sha256_pair(prefix, first, second);
      ASSERT_EQ(one, sha256({prefix, first})) << prefix_size << ' ' << size;
      ASSERT_EQ(other, sha256({prefix, second})) << prefix_size << ' ' << size;
    }
  }
  const auto first = some(65'552, 5), second = some(65'552, 6);
  const auto [one, other] = sha256_pair(some(1, 0), first, second);
  EXPECT_EQ(one, sha256({some(1, 0), first}));
  EXPECT_EQ(other, sha256({some(1, 0), second}));
}

RC_GTEST_PROP(DigestPair, KeepsTheTwoApartWhateverTheyHold, (const std::vector<std::uint8_t>& a)) {
  auto b = a;
  if (!b.empty()) b[b.size() / 2] ^= 1;
  const auto [one, other] = sha256_pair({}, a, b);
  RC_ASSERT(one == sha256(a));
  RC_ASSERT(other == sha256(b));
}

}  // namespace comity::crypto
