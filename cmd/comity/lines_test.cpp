#include "lines.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace comity {
namespace {

constexpr node::Cargo k_large{.item = {{1}}, .bytes = std::uint64_t{1} << 40};
constexpr node::Cargo k_small{.item = {{2}}, .bytes = 1 << 20};
constexpr node::Cargo k_urgent{
    .item = {{3}}, .bytes = std::uint64_t{1} << 40, .in_emergency = true};

class SetClock final : public Clock {
 public:
  explicit SetClock(std::string_view time) : now_(*instant_from_text(time)) {}
  Instant now() override { return now_; }
  void set(std::string_view time) { now_ = *instant_from_text(time); }

 private:
  Instant now_;
};

StateCode state(std::string_view code) {
  return *StateCode::from_text(code);
}

std::vector<store::LineSettings> rules(node::LineRules one) {
  return {{state("BFA"), one}};
}

}  // namespace

TEST(Lines, MoveLargeItemsInTheHoursGivenAndSmallOnesAlways) {
  SetClock clock("2026-03-02T12:00:00Z");
  Lines lines(clock, rules({.bytes_per_s_max = {}, .hours = *node::read_hours("20:00-06:00")}));
  const auto large = lines.enter(state("BFA"), Way::out, k_large);
  EXPECT_EQ(large->ask(1000).error().code, FaultCode::limit_busy);
  EXPECT_EQ(lines.opens_in_s(state("BFA"), k_large), 8 * k_hour_s);
  EXPECT_EQ(*lines.enter(state("BFA"), Way::out, k_small)->ask(1000), 0);
  EXPECT_EQ(lines.opens_in_s(state("BFA"), k_small), 0);
  EXPECT_EQ(*lines.enter(state("EGY"), Way::out, k_large)->ask(1000), 0);  // another's line
  clock.set("2026-03-02T20:00:00Z");
  EXPECT_EQ(*large->ask(1000), 0);
  EXPECT_EQ(lines.opens_in_s(state("BFA"), k_large), 0);
  clock.set("2026-03-03T06:00:00Z");  // the hours end under way
  EXPECT_EQ(large->ask(1000).error().code, FaultCode::limit_busy);
}

TEST(Lines, LetWhatAvertsAnEmergencyAndWhatAnOfficerSaysMoveAtAnyHour) {
  SetClock clock("2026-03-02T12:00:00Z");
  Lines lines(clock, rules({.bytes_per_s_max = {}, .hours = *node::read_hours("20:00-06:00")}));
  EXPECT_EQ(*lines.enter(state("BFA"), Way::in, k_urgent)->ask(1000), 0);
  EXPECT_EQ(lines.opens_in_s(state("BFA"), k_urgent), 0);
  const auto large = lines.enter(state("BFA"), Way::out, k_large);
  EXPECT_EQ(large->ask(1000).error().code, FaultCode::limit_busy);
  lines.put_first({k_large.item});
  EXPECT_EQ(*large->ask(1000), 0);  // it was on its way, and asks again
  EXPECT_EQ(lines.opens_in_s(state("BFA"), k_large), 0);
  EXPECT_EQ(lines.precedence_of(k_large), node::Precedence::first);
  lines.put_first({});
  EXPECT_EQ(large->ask(1000).error().code, FaultCode::limit_busy);
  EXPECT_EQ(lines.precedence_of(k_large), node::Precedence::ordinary);
  EXPECT_EQ(lines.precedence_of(k_small), node::Precedence::first);
}

TEST(Lines, HoldEachWayToTheCeilingByItself) {
  SetClock clock("2026-03-02T12:00:00Z");
  Lines lines(clock, rules({.bytes_per_s_max = 1 << 20, .hours = {}}));
  const auto out = lines.enter(state("BFA"), Way::out, k_large);
  const auto in = lines.enter(state("BFA"), Way::in, k_large);
  EXPECT_EQ(*out->ask(100 << 20), 0);
  EXPECT_GT(*out->ask(1), 0);
  EXPECT_EQ(*in->ask(100 << 20), 0);
  EXPECT_GT(*in->ask(1), 0);
}

TEST(Lines, LetWhoWaitsStopAtOnce) {
  SetClock clock("2026-03-02T12:00:00Z");
  Lines lines(clock, rules({.bytes_per_s_max = 65'536, .hours = {}}));
  const auto in = lines.enter(state("BFA"), Way::in, k_large);
  std::stop_source stop;
  ASSERT_TRUE(in->pass(std::uint64_t{1} << 30, stop.get_token()));  // the next waits for hours
  Result<void> passed;
  std::thread waiting([&] { passed = in->pass(1, stop.get_token()); });
  stop.request_stop();
  waiting.join();
  EXPECT_EQ(passed.error().code, FaultCode::evidence_incomplete);
}

}  // namespace comity
