#include "formats/sight.hpp"

#include <gtest/gtest.h>

namespace comity::formats {

TEST(Sight, OfAPlainTextIsWhatItSays) {
  for (const auto* text : {"Ministry of Justice", "Министерство", "وزارة العدل", "司法部",
                           "می‌خواهم", "❤️", "⠓⠑⠇⠇⠕", "o’clock — 1 000 €"}) {
    EXPECT_EQ(text_flaw(text, false), std::nullopt) << text;
  }
  EXPECT_EQ(text_flaw("one\n\ttwo", true), std::nullopt);
  EXPECT_EQ(text_flaw("one\ntwo", false), "must be one line");
}

TEST(Sight, IsNotHiddenOrTurnedByAnyCharacter) {
  for (const auto* hidden :
       {"\u0085", "\u00ad",     "\u034f",     "\u061c",    "\u115f", "\u1160", "\u17b4",
        "\u180e", "\u200b",     "\u2028",     "\u2029",    "\u202a", "\u202e", "\u2060",
        "\u2066", "\u2069",     "\u3164",     "\ue000",    "\ufe00", "\ufeff", "\uffa0",
        "\ufffd", "\U000e0041", "\U000e0100", "\U000f0000"}) {
    EXPECT_TRUE(text_flaw(std::string("Mini") + hidden + "stry", true)) << hidden;
    EXPECT_TRUE(name_flaw(std::string("report") + hidden + ".pdf")) << hidden;
  }
  for (const auto* blank : {"", " ", "\t", "\u00a0\u3000", "\u2800", "\u200e"})
    EXPECT_EQ(text_flaw(blank, true), "is empty");
  EXPECT_TRUE(text_flaw("\xff", true));
  EXPECT_TRUE(text_flaw("\x1b[2J", true));
}

TEST(Sight, OfANameShowsItsEnd) {
  EXPECT_EQ(name_flaw("report of May.pdf"), std::nullopt);
  EXPECT_EQ(name_flaw("می‌خواهم.pdf"), std::nullopt);
  for (const auto* far : {"\u00a0", "\u2003", "\u2800", "\u3000", "\u202f", "\t", "\n"})
    EXPECT_TRUE(name_flaw(std::string("report.pdf") + far + far + ".exe")) << far;
  for (const auto* mark : {"\u200e", "\u200f"})
    EXPECT_TRUE(name_flaw(std::string("report") + mark + ".pdf")) << mark;
}

}  // namespace comity::formats
