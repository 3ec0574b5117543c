#include "treaty/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "treaty/sample_test.hpp"

namespace comity::treaty {
namespace {

using sample::convention;
using sample::day;
using sample::edited;
using sample::state;

// State number `i`, of 26^3.
StateCode numbered(int i) {
  const char letters[] = {static_cast<char>('A' + i / 676 % 26),
                          static_cast<char>('A' + i / 26 % 26), static_cast<char>('A' + i % 26)};
  return state(std::string_view(letters, 3));
}

Standing deposited(StateCode who, Instant on) {
  Standing standing;
  standing.state = who;
  standing.kind = "ratification";
  standing.deposited_on = on;
  return standing;
}

// `count` States, one deposit a day from `first` on.
std::vector<Standing> one_a_day(int count, Instant first) {
  std::vector<Standing> standings;
  for (int i = 0; i < count; ++i)
    standings.push_back(deposited(numbered(i), first.plus_s(i * k_day_s)));
  return standings;
}

StatusRegister real(std::vector<Standing> standings) {
  return {convention(), false, false, day("2026-01-01"), std::nullopt, std::move(standings)};
}

}  // namespace

TEST(Status, IsNotInForceWithThirtyNineInstruments) {
  const auto status = real(one_a_day(39, day("2026-01-01")));
  EXPECT_EQ(status.counted(), 39);
  EXPECT_FALSE(status.enters_into_force_on());
  EXPECT_FALSE(status.in_force(numbered(0), day("2099-01-01")));
  EXPECT_EQ(
      status.legal_basis(numbered(0), numbered(1), day("2099-01-01")).reason,
      "Convention against Cybercrime is not in force: 39 of 40 instruments have a known day.");
}

TEST(Status, EntersIntoForceOnTheNinetiethDayAfterTheFortieth) {
  const auto status = real(one_a_day(40, day("2026-01-01")));  // the fortieth on 9 February
  EXPECT_EQ(status.enters_into_force_on(), day("2026-05-10"));
  EXPECT_FALSE(status.in_force(numbered(0), day("2026-05-10").plus_ms(-1)));
  EXPECT_TRUE(status.in_force(numbered(0), day("2026-05-10")));
  EXPECT_TRUE(status.legal_basis(numbered(0), numbered(39), day("2026-05-10")).in_force);
  EXPECT_THAT(status.legal_basis(numbered(0), numbered(1), day("2026-05-09")).reason,
              testing::HasSubstr("only on 2026-05-10"));
}

TEST(Status, BindsALateJoinerThirtyDaysAfterItsOwnInstrument) {
  auto standings = one_a_day(40, day("2026-01-01"));
  standings.push_back(deposited(state("ZZY"), day("2026-06-01")));
  standings.push_back(
      deposited(state("ZZZ"), day("2026-02-20")));  // late, but before the ninety days
  const auto status = real(standings);
  EXPECT_EQ(status.binds_from(state("ZZY")), day("2026-07-01"));
  EXPECT_EQ(status.binds_from(state("ZZZ")), day("2026-05-10"));
  EXPECT_FALSE(status.legal_basis(state("ZZY"), numbered(0), day("2026-06-30")).in_force);
  EXPECT_EQ(status.legal_basis(numbered(0), state("ZZY"), day("2026-06-30")).reason,
            "Convention against Cybercrime does not bind ZZY on 2026-06-30.");
  EXPECT_TRUE(status.legal_basis(state("ZZY"), numbered(0), day("2026-07-01")).in_force);
}

TEST(Status, CountsNoOrganizationAndNoReport) {
  auto standings = one_a_day(39, day("2026-01-01"));
  auto organization = deposited(state("EUE"), day("2026-01-01"));
  organization.counts = false;
  standings.push_back(organization);
  Standing reported;
  reported.state = state("QAT");
  reported.deposit_reported = "some day in February";
  standings.push_back(reported);
  EXPECT_FALSE(real(standings).enters_into_force_on());
}

TEST(Status, EndsOneYearAfterADenunciation) {
  auto standings = one_a_day(40, day("2023-01-01"));
  standings[3].denounced_on = day("2024-02-29");
  const auto status = real(standings);
  EXPECT_TRUE(status.in_force(numbered(3), day("2025-02-28")));
  EXPECT_FALSE(status.in_force(numbered(3), day("2025-03-01")));
  EXPECT_TRUE(status.in_force(numbered(4), day("2025-03-01")));
}

TEST(Status, KnowsNothingOfStatesThatAreNotInTheRegister) {
  const auto status = real(one_a_day(40, day("2026-01-01")));
  EXPECT_FALSE(status.in_force(state("XYZ"), day("2099-01-01")));
  EXPECT_FALSE(status.has_declared(state("XYZ"), "preservation-dual-criminality"));
}

RC_GTEST_PROP(Status, DependsOnTheDepositsAndNotOnTheirOrder, ()) {
  const auto days = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 400));
  std::vector<Standing> standings;
  for (std::size_t i = 0; i < days.size(); ++i)
    standings.push_back(
        deposited(numbered(static_cast<int>(i)), day("2026-01-01").plus_s(days[i] * k_day_s)));
  const auto status = real(standings);
  std::ranges::reverse(standings);
  const auto again = real(standings);
  RC_ASSERT(status.enters_into_force_on() == again.enters_into_force_on());
  RC_ASSERT(status.enters_into_force_on().has_value() == (days.size() >= 40));
  for (std::size_t i = 0; i < days.size(); ++i) {
    const auto from = status.binds_from(numbered(static_cast<int>(i)));
    RC_ASSERT(from == again.binds_from(numbered(static_cast<int>(i))));
    if (from) RC_ASSERT(*from >= *status.enters_into_force_on());
  }
}

RC_GTEST_PROP(Status, NeverComesLaterByAnotherDeposit, ()) {
  auto standings = one_a_day(40, day("2026-01-01"));
  const auto before = *real(standings).enters_into_force_on();
  standings.push_back(
      deposited(state("ZZZ"), day("2026-01-01").plus_s(*rc::gen::inRange(-100, 1000) * k_day_s)));
  RC_ASSERT(*real(standings).enters_into_force_on() <= before);
}

TEST(Span, CountsDaysMonthsAndYearsAsFinalClausesDo) {
  EXPECT_EQ(Span{.days = 90}.after(day("2026-02-09")), day("2026-05-10"));
  EXPECT_EQ(Span{.months = 3}.after(day("2026-02-10")), day("2026-06-01"));
  EXPECT_EQ(Span{.months = 3}.after(day("2026-01-31")), day("2026-05-01"));
  EXPECT_EQ(Span{.months = 3}.after(day("2025-11-01")), day("2026-03-01"));
  EXPECT_EQ(Span{.years = 1}.after(day("2024-02-29")), day("2025-03-01"));
  EXPECT_EQ(Span{.years = 1}.after(day("2026-07-01")), day("2027-07-01"));
}

TEST(RealRegister, SaysNotInForce) {
  const auto loaded = load_status(as_bytes(sample::file("status/real/un-cybercrime-2024.toml")),
                                  "real.toml", convention());
  ASSERT_TRUE(loaded) << loaded.error().detail;
  EXPECT_FALSE(loaded->exercise());
  EXPECT_FALSE(loaded->legal_basis(state("QAT"), state("VNM"), day("2026-12-01")).in_force);
}

TEST(ExerciseRegister, IsFictionalAndBindsTheTwelve) {
  const auto& status = sample::exercise_register();
  EXPECT_TRUE(status.fictional());
  EXPECT_TRUE(status.exercise());
  EXPECT_EQ(status.standings().size(), 12u);
  for (const auto& a : status.standings())
    for (const auto& b : status.standings())
      EXPECT_TRUE(status.legal_basis(a.state, b.state, day("2025-06-01")).in_force);
  EXPECT_EQ(status.legal_basis(state("BFA"), state("KGZ"), day("2026-03-01")).reason,
            "Convention against Cybercrime (fictional register) binds BFA and KGZ on 2026-03-01.");
  EXPECT_FALSE(status.legal_basis(state("BFA"), state("FRA"), day("2026-03-01")).in_force);
}

TEST(StatusFile, IsRefusedWithItsLine) {
  const auto text = sample::file("status/exercise/un-cybercrime-2024.toml");
  const auto refusal = [&](const std::string& broken) {
    const auto loaded = load_status(as_bytes(broken), "s.toml", convention());
    return loaded ? std::string("accepted") : loaded.error().detail;
  };
  EXPECT_EQ(refusal(text), "accepted");
  EXPECT_THAT(refusal(edited(text, "fictional = true", "fictional = false")),
              testing::StartsWith("s.toml:8: exercise: a fictional register"));
  EXPECT_THAT(refusal(edited(edited(text, "fictional = true", "fictional = false"),
                             "exercise = true", "exercise = false")),
              testing::StartsWith("s.toml:10: declared_in_force_on: may stand in a fictional"));
  EXPECT_THAT(
      refusal(edited(text, "\"BFA\"", "\"BLR\"")),
      testing::AllOf(testing::StartsWith("s.toml:22: "), testing::HasSubstr("comes twice")));
  EXPECT_THAT(refusal(edited(text, "2024-12-26", "2024-13-26")),
              testing::StartsWith("s.toml:17: "));
  EXPECT_THAT(refusal(edited(text, "verified = false", "verifed = false")),
              testing::StartsWith("s.toml:1"));
  EXPECT_THAT(refusal(edited(text, "un-cybercrime-2024", "another")),
              testing::StartsWith("s.toml:6: instrument: must be un-cybercrime-2024"));
}

}  // namespace comity::treaty
