#include "cli/item_rates.hpp"

#include <gtest/gtest.h>

namespace comity::cli {

TEST(ItemRates, AreOfTheLastMoments) {
  ItemRates rates;
  EXPECT_EQ(rates.of("a"), std::nullopt);
  rates.see("a", 0, Instant{0});
  EXPECT_EQ(rates.of("a"), std::nullopt);
  rates.see("a", 1'000'000, Instant{1000});
  EXPECT_EQ(rates.of("a"), 1'000'000U);
  for (std::int64_t second = 2; second <= 20; ++second)
    rates.see("a", 1'000'000 + static_cast<std::uint64_t>(second) * 10, Instant{second * 1000});
  EXPECT_EQ(rates.of("a"), 10U) << "it became slow";
}

TEST(ItemRates, BeginAnewWithAnItemThatDoes) {
  ItemRates rates;
  rates.see("a", 500, Instant{0});
  rates.see("a", 1500, Instant{1000});
  rates.see("a", 0, Instant{2000});
  EXPECT_EQ(rates.of("a"), std::nullopt);
  rates.see("a", 300, Instant{3000});
  EXPECT_EQ(rates.of("a"), 300U);
  EXPECT_EQ(rates.of("b"), std::nullopt);
}

TEST(ItemRates, TellTheTimeLeftRoundedUp) {
  EXPECT_EQ(time_left(100, std::nullopt), "");
  EXPECT_EQ(time_left(100, 0), "") << "nothing moves: nobody knows";
  EXPECT_EQ(time_left(0, 10), "0 s");
  EXPECT_EQ(time_left(1, 10), "1 s");
  EXPECT_EQ(time_left(601, 10), "1 min 1 s");
}

}  // namespace comity::cli
