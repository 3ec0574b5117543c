#include "sim/stage.hpp"

#include "treaty/sample_test.hpp"

namespace comity::sim {
namespace {

constexpr std::array<std::string_view, 12> k_states{"BLR", "BFA", "CUB", "PRK", "EGY", "IRN",
                                                    "IRQ", "KGZ", "LAO", "NIC", "RUS", "VEN"};

}  // namespace

bool is_own_failure(FaultCode code) {
  const auto name = row_of(code).name;
  return name.starts_with("log.") || name.starts_with("store.") || name == "crypto.internal";
}

Stage::Stage(const Options& chosen)
    : options(chosen), now(treaty::sample::day("2026-03-01")), troubles(chosen.seed, "troubles") {
  Chance clocks(options.seed, "clocks");
  for (int i = 0; i < options.states; ++i) {
    const auto state = *StateCode::from_text(k_states[static_cast<std::size_t>(i)]);
    const auto skew_ms = clocks.between(-options.skew_max_ms, options.skew_max_ms);
    by_state[state] = members.size();
    members.push_back(std::make_unique<Member>(state, options.seed, skew_ms));
  }
}

void Stage::after_ms(std::int64_t delay_ms, std::function<void()> event) {
  events_.push({now.plus_ms(delay_ms), planned_++, std::move(event)});
}

bool Stage::step(Instant end) {
  if (events_.empty() || events_.top().at > end) {
    now = std::max(now, end);
    return false;
  }
  auto event = events_.top();
  events_.pop();
  now = std::max(now, event.at);
  event.work();
  return true;
}

void Stage::report(const std::string& checker, const std::string& what) {
  for (const auto& known : violations)
    if (known.checker == checker && known.what == what) return;
  violations.push_back({checker, what});
}

void Stage::push(Member& member, node::Job job) {
  if (!member.is_alive()) return;
  member.push(std::move(job));
  if (!options.group_commit || !has_troubles) return turn(member);
  after_ms(troubles.between(0, 20), [this, &member] {
    if (member.is_alive() && member.has_work()) turn(member);
  });
}

void Stage::turn(Member& member) {
  if (!member.is_alive()) return;
  auto death = Death::none;
  std::size_t point = 0;
  if (has_troubles && troubles.happens(options.crashes)) {
    death = static_cast<Death>(troubles.between(1, 3));
    point = troubles.below(3);
  }
  count("turns");
  const auto turned = member.turn(now, death, point);
  if (!turned)
    report("turn", member.state().text() + ": " + std::string(row_of(turned.error().code).name) +
                       " " + turned.error().detail);
  if (!turned || death != Death::none || member.has_died()) bury(member);
}

void Stage::bury(Member& member) {
  count("deaths");
  member.die(options.power_loss && has_troubles);
  after_ms(troubles.between(1, 20'000), [this, &member] { start(member); });
}

void Stage::start(Member& member) {
  if (member.is_alive()) return;
  const bool dies = has_troubles && troubles.happens(options.crashes);
  const auto death = !dies                   ? Death::none
                     : troubles.happens(500) ? Death::before_commit
                                             : Death::while_publishing;
  const auto started = member.start(now, death, dies ? troubles.below(3) : 0);
  if (!started) {
    report("start", member.state().text() + ": " + std::string(row_of(started.error().code).name) +
                        " " + started.error().detail);
    member.die(false);
    return;
  }
  if (dies) bury(member);
}

}  // namespace comity::sim
