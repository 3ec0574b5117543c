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
        network_(stage_, [this](Member& of, const StateCode& to,
                                View answer) { checks_.saw_answer(of, to, answer); }),
        officers_(stage_),
        planter_(stage_, network_, officers_),
        chance_(options.seed, "world") {}

  Outcome run() {
    officers_.settle_in();
    checks_.look();
    stage_.has_troubles = true;
    for (auto& member : stage_.members) keep_posting(*member);
    for (int move = 0; move < stage_.options.moves && stage_.violations.empty(); ++move) {
      live_ms(chance_.between(1, k_move_every_ms));
      officers_.move(*stage_.members[chance_.below(stage_.members.size())]);
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

  void housekeeping(int move) {
    auto& member = *stage_.members[chance_.below(stage_.members.size())];
    if (chance_.happens(200) && member.is_alive())
      if (const auto settled = member.settle(stage_.now); !settled)
        stage_.report("fault", "settle: " + settled.error().detail);
    if (chance_.happens(50))
      stage_.push(member, [this](node::Desk& desk) -> node::Afterwards {
        if (const auto anchored = desk.anchor(); !anchored)
          stage_.report("fault", "anchor: " + anchored.error().detail);
        return {};
      });
    // A long silence: what did not arrive by then lapses and is rejected.
    if (stage_.options.pauses > 0 && move == stage_.options.moves / 2)
      stage_.now = stage_.now.plus_s(31 * k_day_s);
  }

  /// Troubles end; everything must converge.
  void rest() {
    stage_.has_troubles = false;
    const auto begun = stage_.now;
    const auto end = begun.plus_s(k_rest_within_s);
    while (stage_.now < end && !checks_.is_quiet()) live_ms(10'000);
    live_ms(10'000);
    stage_.counts["seconds to rest"] +=
        static_cast<std::uint64_t>((stage_.now.ms - begun.ms) / 1000);
    checks_.look_when_quiet();
  }

  Stage stage_;
  Checks checks_;
  Network network_;
  Officers officers_;
  Planter planter_;
  Chance chance_;
};

}  // namespace

Outcome run_world(const Options& options) {
  return World(options).run();
}

}  // namespace comity::sim
