#include "base/bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace comity {

TEST(Base64, TakesTheVectorsOfRfc4648) {
  EXPECT_EQ(base64(as_bytes("")), "");
  EXPECT_EQ(base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(base64(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, RefusesEveryOtherSpellingOfTheSameBytes) {
  for (const auto* text :
       {"Zg", "Zg=", "Zh==", "Zg===", "Z===", "Zg==\n", "Zm9vYmFy====", "=", "Zm-v"})
    EXPECT_FALSE(from_base64(text)) << text;
  EXPECT_FALSE(from_base64_unpadded("Zg=="));
  EXPECT_FALSE(from_base64_unpadded("Zh"));
}

RC_GTEST_PROP(Base64, ComesBack, (const Bytes& bytes)) {
  RC_ASSERT(*from_base64(base64(bytes)) == bytes);
  RC_ASSERT(*from_base64_unpadded(base64_unpadded(bytes)) == bytes);
  RC_ASSERT(*from_hex(hex(bytes)) == bytes);
}

TEST(Hex, IsLowerCaseOnly) {
  EXPECT_FALSE(from_hex("AB"));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_EQ(*from_hex("00ff"), (Bytes{0, 255}));
}

}  // namespace comity
