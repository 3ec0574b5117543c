#include "cli/patience.hpp"

#include <gtest/gtest.h>

namespace comity::cli {
namespace {

class SetClock final : public Clock {
 public:
  Instant now() override { return at; }
  Instant at{1'000'000};
  void pass_s(std::int64_t s) { at = at.plus_s(s); }
};

const Fault k_down{FaultCode::node_down, ""};

}  // namespace

TEST(Patience, IsOfWhatPassesAndOfNoRefusal) {
  SetClock clock;
  Patience patience(clock);
  EXPECT_TRUE(patience.bears(k_down, 0));
  EXPECT_FALSE(patience.bears(Fault{FaultCode::evidence_changed, ""}, 0));
  EXPECT_FALSE(patience.bears(Fault{FaultCode::evidence_ended, ""}, 0));
}

TEST(Patience, EndsWhenNothingIsDoneForItsTime) {
  SetClock clock;
  Patience patience(clock);
  for (int s = 0; s <= k_reconnect_within_s; s += 10, clock.pass_s(10))
    EXPECT_TRUE(patience.bears(k_down, 7)) << s;
  EXPECT_FALSE(patience.bears(k_down, 7));
}

// A feed of days breaks off on its third: that is its first fault, and no last one.
TEST(Patience, BeginsWithTheFirstFaultHoweverLongTheWorkWent) {
  SetClock clock;
  Patience patience(clock);
  clock.pass_s(3 * 86'400);
  EXPECT_TRUE(patience.bears(k_down, 0));
  clock.pass_s(86'400);
  EXPECT_TRUE(patience.bears(k_down, 0)) << "nothing came meanwhile, and nothing broke";
  clock.pass_s(1);
  EXPECT_TRUE(patience.bears(k_down, 0));
}

TEST(Patience, BeginsAnewWithWhatIsDone) {
  SetClock clock;
  Patience patience(clock);
  for (std::uint64_t done = 1; done < 100; ++done, clock.pass_s(k_reconnect_within_s / 2))
    EXPECT_TRUE(patience.bears(k_down, done));
  for (int tries = 0; tries < 2; ++tries, clock.pass_s(k_reconnect_within_s / 2))
    EXPECT_TRUE(patience.bears(k_down, 50)) << "given again from its beginning";
  clock.pass_s(1);
  EXPECT_FALSE(patience.bears(k_down, 98)) << "no further than before";
}

}  // namespace comity::cli
