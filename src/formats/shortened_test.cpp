#include "formats/shortened.hpp"

#include <gtest/gtest.h>

namespace comity::formats {

TEST(Shortened, NeverCutsACharacterInHalf) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc");
  EXPECT_EQ(shortened("ab\xd0\xb6", 3), "ab");
  EXPECT_EQ(shortened("\xd0\xb6\xd0\xb6", 2), "\xd0\xb6");
  EXPECT_EQ(shortened("\xd0\xb6", 1), "");
}

}  // namespace comity::formats
