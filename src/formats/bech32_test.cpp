#include "formats/bech32.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace comity::formats {

TEST(Bech32, TakesTheValidStringsOfBip173) {
  // Those whose data is whole bytes; the others carry stray bits and are no byte strings.
  for (const std::string_view text : {"A12UEL5L", "a12uel5l", "?1ezyfcl",
                                      "an83characterlonghumanreadablepartthatcontainsthenumber1andt"
                                      "heexcludedcharactersbio1tt5tgs",
                                      "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"}) {
    const auto read = from_bech32(text);
    ASSERT_TRUE(read) << text << ": " << read.error().detail;
    EXPECT_EQ(to_bech32(read->prefix, read->data), text);
  }
}

TEST(Bech32, RefusesTheInvalidStringsOfBip173) {
  for (const std::string_view text :
       {"\x20"
        "1nwldj5",
        "\x7f"
        "1axkwrx",
        "\x80"
        "1eym55h",
        "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "de1lg7wt\xff", "A1G7SGD8",
        "10a06t8", "1qzzfhee", "", "1", "a1", "A12uEL5L"})
    EXPECT_FALSE(from_bech32(text)) << text;
}

TEST(Bech32, ReadsAgeKeys) {
  const auto secret =
      from_bech32("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX");
  ASSERT_TRUE(secret) << secret.error().detail;
  EXPECT_EQ(secret->prefix, "AGE-SECRET-KEY-");
  EXPECT_EQ(secret->data, Bytes(32, 0x42));
  const auto recipient =
      from_bech32("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj");
  ASSERT_TRUE(recipient) << recipient.error().detail;
  EXPECT_EQ(recipient->prefix, "age");
  EXPECT_EQ(recipient->data.size(), 32U);
}

TEST(Bech32, HoldsItsLimit) {
  const auto text = to_bech32("x", Bytes(5110, 7));  // 8 + 8176 characters
  EXPECT_EQ(text.size(), 8184U);
  EXPECT_TRUE(from_bech32(text));
  EXPECT_TRUE(from_bech32(to_bech32("x", Bytes(5115, 7))));
  EXPECT_FALSE(from_bech32(to_bech32("x", Bytes(5116, 7))));
}

RC_GTEST_PROP(Bech32, ComesBackAndShowsEveryTypingError, (const Bytes& data)) {
  const auto text = to_bech32("age", data);
  const auto read = from_bech32(text);
  RC_ASSERT(read && read->data == data && read->prefix == "age");
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  auto wrong = text;
  wrong[at] = *rc::gen::distinctFrom(rc::gen::inRange<char>('!', '~'), text[at]);
  RC_ASSERT(!from_bech32(wrong));
}

}  // namespace comity::formats
