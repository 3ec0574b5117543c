// Each planted flaw is reported by the checker that it belongs to, and a world without one by none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/canaries.hpp"
#include "sim/world.hpp"

namespace comity::sim {
namespace {

/// A world of three with little trouble and much to do.
Options busy(std::uint64_t seed, Canary canary) {
  return {.seed = seed,
          .states = 3,
          .moves = 120,
          .duplication = 100,
          .group_commit = true,
          .canary = canary};
}

std::vector<std::string> checkers_of(const Outcome& outcome) {
  std::vector<std::string> names;
  for (const auto& violation : outcome.violations) names.push_back(violation.checker);
  return names;
}

class Planted : public testing::TestWithParam<Canary> {};

TEST_P(Planted, IsReportedByItsChecker) {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const auto outcome = run_world(busy(seed, GetParam()));
    if (!outcome.was_planted) continue;  // that world offered no place for it
    // A world ends at its first report, which another checker may make of the same flaw.
    const auto reporters = checkers_of(outcome);
    EXPECT_THAT(reporters, testing::Not(testing::IsEmpty()))
        << "nobody saw the flaw, seed " << seed;
    if (std::ranges::find(reporters, checker_of(GetParam())) != reporters.end()) return;
  }
  FAIL() << "its own checker never reported the flaw";
}

constexpr std::array k_canaries{
    Canary::early_letter,     Canary::flipped_receipt,    Canary::dropped_act,
    Canary::lone_officer,     Canary::unaccepted,         Canary::stray_arrival,
    Canary::hasty_refusal,    Canary::rewritten_log,      Canary::shortened_log,
    Canary::foreign_exchange, Canary::undone_destruction, Canary::stuck_act,
    Canary::twice_taken,      Canary::denied_act,         Canary::forked_log,
    Canary::silent_damage,    Canary::unseen_damage,      Canary::deaf_to_loss,
    Canary::unmet_condition,  Canary::garbled_act,        Canary::unreadable_item,
    Canary::changed_tile};

INSTANTIATE_TEST_SUITE_P(Canaries, Planted, testing::ValuesIn(k_canaries));

TEST(Canaries, LeaveNoCheckerUnproved) {
  for (const auto checker : k_checkers)
    EXPECT_TRUE(std::ranges::find(k_canaries, checker, checker_of) != k_canaries.end()) << checker;
}

TEST(World, WithoutAFlawIsReportedByNobody) {
  EXPECT_THAT(checkers_of(run_world(busy(1, Canary::none))), testing::IsEmpty());
}

TEST(World, IsTheSameEveryTime) {
  auto options = draw_options(7);
  options.moves = 40;
  EXPECT_EQ(run_world(options).counts, run_world(options).counts);
}

}  // namespace
}  // namespace comity::sim
