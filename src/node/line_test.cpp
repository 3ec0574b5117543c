#include "node/line.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

namespace comity::node {
namespace {

constexpr std::uint64_t k_piece = 256 << 10;

/// Items that move on one line, each as fast as it may, under a clock that only this test moves.
class Traffic {
 public:
  explicit Traffic(LineRules rules) : line_(rules) {}
  /// An item that takes `piece_ms` for a piece by itself: its own disk, or its own far end.
  std::size_t add(Precedence precedence, std::int64_t piece_ms = 1) {
    items_.push_back({line_.join(precedence), 0, now_, piece_ms});
    return items_.size() - 1;
  }
  void move(std::size_t item, Precedence precedence) { line_.move(items_[item].flow, precedence); }
  void end(std::size_t item) {
    line_.leave(items_[item].flow);
    items_[item].due_ms = std::numeric_limits<std::int64_t>::max();
  }
  void run(std::int64_t for_ms) {
    for (const auto until = now_ + for_ms; now_ < until; ++now_)
      for (auto& item : items_) {
        if (item.due_ms > now_) continue;
        const auto wait = line_.ask(item.flow, k_piece, now_);
        if (wait == 0) item.moved += k_piece;
        item.due_ms = now_ + (wait == 0 ? item.piece_ms : wait);
      }
  }
  std::uint64_t moved(std::size_t item) const { return items_[item].moved; }
  /// Bytes since the last call.
  std::uint64_t take(std::size_t item) { return std::exchange(items_[item].moved, 0); }

 private:
  struct Item {
    Line::Flow flow;
    std::uint64_t moved;
    std::int64_t due_ms, piece_ms;
  };
  Line line_;
  std::vector<Item> items_;
  std::int64_t now_ = 1'000'000;
};

double share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

Instant at(std::string_view time) {
  return *instant_from_text("2026-03-02T" + std::string(time) + "Z");
}

}  // namespace

TEST(Line, WithoutRulesHoldsNobodyBack) {
  Traffic traffic({});
  const auto one = traffic.add(Precedence::ordinary), other = traffic.add(Precedence::ordinary);
  traffic.run(1000);
  EXPECT_EQ(traffic.moved(one), 1000 * k_piece);
  EXPECT_EQ(traffic.moved(other), 1000 * k_piece);
}

TEST(Line, KeepsItsCeiling) {
  for (const std::uint64_t rate :
       {std::uint64_t{65'536}, std::uint64_t{2'000'000}, std::uint64_t{100} << 20}) {
    Traffic traffic({.bytes_per_s_max = rate, .hours = {}});
    const auto one = traffic.add(Precedence::ordinary), other = traffic.add(Precedence::ordinary);
    constexpr int k_seconds = 100;
    traffic.run(k_seconds * 1000);
    const auto moved = traffic.moved(one) + traffic.moved(other);
    EXPECT_LE(moved, rate * k_seconds + rate / 10 + k_piece) << rate;
    EXPECT_GE(moved, rate * k_seconds * 9 / 10 - k_piece) << rate;
    EXPECT_NEAR(share(traffic.moved(one), moved), 0.5, 0.05) << rate;
  }
}

TEST(Line, SharesTheCeilingEquallyWithWhoComesLater) {
  Traffic traffic({.bytes_per_s_max = 10 << 20, .hours = {}});
  const auto early = traffic.add(Precedence::ordinary);
  traffic.run(60'000);
  const auto late = traffic.add(Precedence::ordinary);
  traffic.take(early);
  traffic.run(60'000);
  // Nobody catches up on what was moved before he came.
  EXPECT_NEAR(share(traffic.moved(late), traffic.moved(late) + traffic.moved(early)), 0.5, 0.05);
}

TEST(Line, LetsASlowItemTakeLessWithoutHoldingTheOthersBack) {
  Traffic traffic({.bytes_per_s_max = 20 << 20, .hours = {}});
  const auto slow = traffic.add(Precedence::ordinary, 1000);  // a piece a second
  const auto quick = traffic.add(Precedence::ordinary);
  traffic.run(30'000);
  EXPECT_GE(traffic.moved(slow), 20 * k_piece);
  EXPECT_GE(traffic.moved(slow) + traffic.moved(quick), (std::uint64_t{20} << 20) * 27);
}

TEST(Line, LetsWhatGoesFirstPassAndLeavesTheOthersAnEighth) {
  for (const auto& rules : {LineRules{}, LineRules{.bytes_per_s_max = 50 << 20, .hours = {}}}) {
    Traffic traffic(rules);
    const auto bulk = traffic.add(Precedence::ordinary);
    traffic.run(10'000);
    const auto alone = traffic.take(bulk);
    const auto urgent = traffic.add(Precedence::first);
    traffic.run(10'000);
    EXPECT_GE(traffic.moved(urgent), alone * 8 / 10);
    EXPECT_GT(traffic.moved(bulk), 0U);  // slower, never starved
    EXPECT_LE(traffic.take(bulk), traffic.moved(urgent) / 8 + (std::uint64_t{5} << 20));
    traffic.end(urgent);
    traffic.run(10'000);
    EXPECT_GE(traffic.moved(bulk), alone * 9 / 10);  // and at once as before
  }
}

TEST(Line, LetsWhatMovesGoFirstOrInItsTurnAtOnce) {
  for (const auto& rules : {LineRules{}, LineRules{.bytes_per_s_max = 50 << 20, .hours = {}}}) {
    Traffic traffic(rules);
    const auto one = traffic.add(Precedence::ordinary), other = traffic.add(Precedence::ordinary);
    traffic.run(10'000);
    const auto half = traffic.take(one);
    EXPECT_NEAR(share(traffic.take(other), half), 1, 0.1);
    traffic.move(one, Precedence::first);
    traffic.run(10'000);
    EXPECT_LE(traffic.take(other), traffic.take(one) / 8 + (std::uint64_t{5} << 20));
    // What it took meanwhile is not held against it, and it gets no more than its share.
    traffic.move(one, Precedence::ordinary);
    traffic.run(10'000);
    EXPECT_NEAR(share(traffic.moved(one), half), 1, 0.1);
    EXPECT_NEAR(share(traffic.moved(other), half), 1, 0.1);
  }
}

TEST(Line, IsNotHeldByWhatGoesFirstButStandsStill) {
  Traffic traffic({});
  traffic.add(Precedence::first, 3'600'000);  // asks once, and then its far end is gone
  const auto bulk = traffic.add(Precedence::ordinary);
  traffic.run(10'000);
  EXPECT_GE(traffic.moved(bulk), 9'000 * k_piece);
}

TEST(Hours, AreReadAndWrittenAndReachOverMidnight) {
  const auto night = *read_hours("20:00-06:30");
  EXPECT_EQ(to_text(night), "20:00-06:30");
  EXPECT_TRUE(night.contain(at("20:00:00")));
  EXPECT_TRUE(night.contain(at("06:29:59")));
  EXPECT_FALSE(night.contain(at("06:30:00")));
  EXPECT_FALSE(night.contain(at("19:59:59")));
  EXPECT_EQ(night.next(at("12:34:56")), at("20:00:00"));
  EXPECT_EQ(night.next(at("23:00:01")), at("23:00:01"));
  const auto day = *read_hours("06:30-20:00");
  EXPECT_FALSE(day.contain(at("20:00:00")));
  EXPECT_EQ(day.next(at("21:00:00")), at("06:30:00").plus_s(k_day_s));
  for (const auto* text : {"", "20:00", "20:00-20:00", "24:00-06:00", "20:60-06:00", "8:00-9:00",
                           "20:00-06:00 ", "-20:00-06:00", "20.00-06.00", "20:00-06:00:00"})
    EXPECT_EQ(read_hours(text).error().code, FaultCode::format_field) << text;
}

TEST(Hours, CloseTheLineForOrdinaryItemsOnly) {
  const Line line({.bytes_per_s_max = {}, .hours = *read_hours("20:00-06:00")});
  EXPECT_FALSE(line.is_open(Precedence::ordinary, at("12:00:00")));
  EXPECT_TRUE(line.is_open(Precedence::first, at("12:00:00")));
  EXPECT_TRUE(line.is_open(Precedence::ordinary, at("21:00:00")));
  EXPECT_TRUE(Line({}).is_open(Precedence::ordinary, at("12:00:00")));
}

TEST(Cargo, GoesFirstByItselfWhenItIsSmallOrAvertsAnEmergency) {
  EXPECT_EQ(why_first({.bytes = k_small_item_bytes}), WhyFirst::small);
  EXPECT_EQ(why_first({.bytes = k_small_item_bytes + 1}), std::nullopt);
  EXPECT_EQ(why_first({.bytes = k_small_item_bytes + 1, .in_emergency = true}),
            WhyFirst::emergency);
  EXPECT_EQ(why_first({.bytes = 1, .in_emergency = true}), WhyFirst::emergency);
}

}  // namespace comity::node
