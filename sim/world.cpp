#include "sim/world.hpp"

#include <fmt/format.h>

#include "sim/canaries.hpp"
#include "sim/checks.hpp"

namespace comity::sim {
namespace {

constexpr std::int64_t k_post_every_ms = 3'000;
constexpr std::int64_t k_move_every_ms = 8'000;
constexpr std::int64_t k_rest_within_s = 3 * k_hour_s;
constexpr int k_moves_a_look = 12;

class World {
 public:
  explicit World(const Options& options)
      : stage_(options),
        checks_(stage_),
        network_(stage_, checks_),
        officers_(stage_),
        planter_(stage_, network_, officers_) {}

  Outcome run() {
    officers_.settle_in();
    checks_.look();
    stage_.begin_troubles();
    for (auto& member : stage_.members) keep_posting(*member);
    for (int move = 0; move < stage_.options.moves && stage_.violations.empty(); ++move) {
      // Each move has a stream of its own: one that is left out changes no other.
      chance_ = Chance(stage_.options.seed, "world " + std::to_string(move));
      live_ms(chance_.between(1, k_move_every_ms));
      if (stage_.options.skipped.contains(move)) continue;
      officers_.move(move);
      housekeeping(move);
      if (move % k_moves_a_look != 0) continue;
      checks_.look();
      if (move >= stage_.options.moves / 3 && planter_.plant()) checks_.look();
    }
    const bool was_planted =
        stage_.options.canary != Canary::none && (checks_.look(), planter_.plant());
    if (stage_.violations.empty()) rest();
    return {stage_.violations, stage_.counts, was_planted};
  }

 private:
  void live_ms(std::int64_t duration_ms) {
    const auto end = stage_.now.plus_ms(duration_ms);
    while (stage_.step(end)) {
    }
  }

  void keep_posting(Member& member) {
    network_.post(member);
    stage_.after_ms(k_post_every_ms, [this, &member] { keep_posting(member); });
  }

  Member& anyone() { return *stage_.members[chance_.below(stage_.members.size())]; }
  bool happens(std::int64_t in_1000) { return chance_.happens(static_cast<int>(in_1000)); }

  void housekeeping(int move) {
    const auto& options = stage_.options;
    auto& member = anyone();
    if (chance_.happens(200)) stage_.settle(member);
    if (chance_.happens(50))
      stage_.push(member, [this, &member](node::Desk& desk) -> node::Afterwards {
        if (const auto anchored = desk.anchor(); !anchored)
          stage_.report_fault(member, "anchors its logs", anchored.error());
        return {};
      });
    if (happens(options.partitions))
      network_.part(member, stage_.member(chance_.one_of(stage_.partners_of(member))),
                    chance_.between(1'000, 300'000), happens(options.one_way));
    if (happens(options.renewals)) officers_.renew(anyone());
    if (happens(options.clock_steps)) step_clock(anyone());
    // A long silence: what did not arrive by then lapses and is rejected.
    if (options.pauses > 0 && move == options.moves / 2)
      stage_.now = stage_.now.plus_s(31 * k_day_s);
    if (happens(options.rotations)) officers_.rotate(anyone());
  }

  /// Somebody sets a clock, or a battery is empty.
  void step_clock(Member& member) {
    stage_.count("clocks set");
    const bool is_far = chance_.happens(200);
    const auto most_ms = is_far ? 40 * k_day_s * 1000 : 400'000;
    member.set_clock(stage_.now, chance_.between(-most_ms, most_ms), chance_.happens(200));
  }

  /// Troubles end; everything must converge.
  void rest() {
    stage_.end_troubles();
    const auto begun = stage_.now;
    const auto end = begun.plus_s(k_rest_within_s);
    // Whose node dies while its officers renew, has them renew again when it is back.
    std::vector<Member*> to_renew;
    if (stage_.options.entry_days > 0)
      for (auto& member : stage_.members) to_renew.push_back(member.get());
    const auto is_renewed = [&] {
      std::erase_if(to_renew, [&](Member* member) {
        return stage_.is_retired(*member) || (member->is_alive() && officers_.renew(*member));
      });
      return to_renew.empty();
    };
    while (stage_.now < end && (!is_renewed() || !officers_.catch_up() || !checks_.is_quiet())) {
      for (auto& member : stage_.members) officers_.end_live(*member);
      live_ms(10'000);
    }
    live_ms(10'000);
    stage_.count("seconds to rest", static_cast<std::uint64_t>((stage_.now.ms - begun.ms) / 1000));
    checks_.look_when_quiet();
  }

  Stage stage_;
  Checks checks_;
  Network network_;
  Officers officers_;
  Planter planter_;
  Chance chance_{0, "world"};
};

}  // namespace

Outcome run_world(const Options& options) {
  return World(options).run();
}

}  // namespace comity::sim
