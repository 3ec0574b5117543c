#include "exchange/act.hpp"

#include <gtest/gtest.h>

#include "exchange/sample_test.hpp"

namespace comity::exchange {

TEST(Act, ComesBackFromItsBytes) {
  for (const auto& act : sample::acts()) {
    const auto content = act_content(act);
    const auto again = read_act(content);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(*again, act);
    EXPECT_EQ(act_content(*again), content);
  }
}

}  // namespace comity::exchange
