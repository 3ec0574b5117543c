#include "sim/stage.hpp"

#include <algorithm>

#include "treaty/sample_test.hpp"

namespace comity::sim {
namespace {

constexpr std::array<std::string_view, 12> k_states{"BLR", "BFA", "CUB", "PRK", "EGY", "IRN",
                                                    "IRQ", "KGZ", "LAO", "NIC", "RUS", "VEN"};
constexpr std::size_t k_states_max = 193;
constexpr std::size_t k_all_are_partners_max = 6;
constexpr std::int64_t k_down_max_ms = 20'000;

}  // namespace

bool is_own_failure(FaultCode code) {
  const auto name = row_of(code).name;
  return name.starts_with("log.") || name.starts_with("store.") || name == "crypto.internal";
}

std::string told(const Fault& why) {
  return std::string(row_of(why.code).name) + ": " + why.detail;
}

StateCode state_number(std::size_t index) {
  if (index < k_states.size()) return *StateCode::from_text(k_states[index]);
  index -= k_states.size();  // XAA to XZZ are nobody's (ISO 3166-1, user-assigned)
  return *StateCode::from_text(
      std::string{'X', static_cast<char>('A' + index / 26), static_cast<char>('A' + index % 26)});
}

const treaty::Registers& exercise_registers() {
  static const auto all = [] {
    auto registers = treaty::sample::exercise_registers();
    for (auto& known : registers) {
      if (known.instrument() != treaty::sample::convention().code) continue;
      auto standings = known.standings();
      auto more = standings.front();
      for (auto i = k_states.size(); i < k_states_max; ++i) {
        more.state = state_number(i);
        standings.push_back(more);
      }
      known = treaty::StatusRegister(treaty::sample::convention(), true, true, known.as_of(),
                                     known.enters_into_force_on(), standings);
    }
    return registers;
  }();
  return all;
}

Stage::Stage(const Options& chosen)
    : options(chosen),
      signatures(chosen.real_signatures != 0),
      now(treaty::sample::day("2026-03-01")),
      troubles(chosen.seed, "troubles") {
  seed_library(options.seed);
  Chance clocks(options.seed, "clocks");
  for (std::size_t i = 0; i < static_cast<std::size_t>(options.states); ++i) {
    const auto state = state_number(i);
    const auto skew_ms = clocks.between(-options.skew_max_ms, options.skew_max_ms);
    by_state[state] = members.size();
    members.push_back(std::make_unique<Member>(state, options, signatures, skew_ms));
  }
  befriend();
}

void Stage::befriend() {
  Chance chance(options.seed, "partners");
  const auto join = [&](std::size_t a, std::size_t b) {
    const auto one = members[a]->state(), other = members[b]->state();
    auto& known = partners_[one];
    if (a == b || std::ranges::find(known, other) != known.end()) return;
    known.push_back(other);
    partners_[other].push_back(one);
  };
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members.size() > k_all_are_partners_max) {
      join(i, (i + 1) % members.size());
      if (chance.happens(300)) join(i, chance.below(members.size()));
      continue;
    }
    for (std::size_t k = 0; k < i; ++k) join(i, k);
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
  CHECK(checker == "setting" || std::ranges::find(k_checkers, checker) != k_checkers.end());
  for (const auto& known : violations)
    if (known.checker == checker && known.what == what) return;
  violations.push_back({checker, what});
}

void Stage::report_fault(Member& member, const std::string& doing, const Fault& why) {
  if (member.has_excuse() || member.has_died()) return;
  // These are judged when they stop.
  if (is_liar(member) && row_of(why.code).name.starts_with("log.")) return;
  if (is_stale(member) || damage_.contains(member.state())) return;
  report("fault", member.state().text() + " " + doing + ": " + told(why));
}

void Stage::push(Member& member, node::Job job) {
  if (!member.is_alive()) return;
  member.push(std::move(job));
  if (options.group_commit == 0 || !has_troubles) return turn(member);
  after_ms(troubles.between(0, 20), [this, &member] {
    if (member.is_alive() && member.has_work()) turn(member);
  });
}

void Stage::plan_trouble(Member& member) {
  if (member.disk().was_met()) member.calm();  // that is over
  if (member.disk().is_full() && trouble(50)) member.disk().make_room();
  // Where: mostly early, since most turns change the disk some twenty times.
  const auto point = [this] { return troubles.below(std::size_t{1} << troubles.below(7)); };
  if (trouble(options.crashes)) {
    const auto kind = troubles.below(10);
    if (kind == 0) return member.plan({.signatures = troubles.below(3)});
    if (kind < 3) return member.plan({.effects = troubles.below(3)});
    return member.plan({.trouble = Trouble::death, .changes = point()});
  }
  if (trouble(options.disk_errors)) {
    constexpr std::array kinds{Trouble::fails, Trouble::fails_half_done, Trouble::fails_done};
    return member.plan({.trouble = kinds[troubles.below(3)], .changes = point()});
  }
  if (trouble(options.disk_full)) member.plan({.trouble = Trouble::full, .changes = point()});
}

void Stage::turn(Member& member) {
  if (!member.is_alive()) return;
  plan_trouble(member);
  count("turns");
  const auto turned = member.turn(now);
  if (!turned && !member.has_died()) judge_stop(member, turned.error());
  if (!turned || member.has_died()) bury(member);
}

void Stage::settle(Member& member) {
  if (!member.is_alive()) return;
  const auto settled = member.settle(now);
  if (!settled && !member.has_died()) judge_stop(member, settled.error());
  if (!settled || member.has_died()) bury(member);
}

void Stage::judge_stop(Member& member, const Fault& why) {
  const auto name = std::string(row_of(why.code).name);
  const auto& state = member.state();
  count("stopped: " + name);
  count_fault(name);
  const bool is_of_history = name.starts_with("log.") || name == "store.corrupt";
  if (is_stale(member) && is_of_history) {
    count("stale disks noticed");
    retired_.insert(state);
    return;
  }
  if (is_liar(member) && is_of_history) {
    count("liars shown their own lie");  // by a partner who kept the other past
    retired_.insert(state);
    return;
  }
  if (betrayed_.contains(state) && is_of_history) {
    count("lost syncs noticed");
    retired_.insert(state);
    return;
  }
  const auto damaged = damage_.find(state);
  const bool may_be_damage = name == "store.io" || name == "format.version" || name == "node.busy";
  if (damaged != damage_.end() && (is_of_history || (may_be_damage && !member.has_excuse()))) {
    count("damage noticed");
    const auto& [file, before, lived_on] = damaged->second;
    if (lived_on)
      member.disk().mend(file, before.at(file));
    else
      member.disk().restore(before);
    damage_.erase(damaged);
    return;
  }
  if (name.starts_with("store.") && name != "store.corrupt" && member.has_excuse()) return;
  report("stopped", state.text() + " stopped by itself: " + told(why));
}

void Stage::bury(Member& member) {
  count("deaths");
  const bool loses_power = trouble(options.power_losses);
  const bool was_lying = member.disk().has_lied();
  member.die(loses_power);
  if (loses_power) count("power losses");
  if (loses_power && was_lying) betrayed_.insert(member.state());
  const auto& state = member.state();
  if (is_retired(member)) return;
  if (trouble(options.old_backups)) {
    auto& backup = backups_[state];
    if (backup.empty()) {
      backup = member.disk().copy();
    } else {
      count("old backups restored");
      put_back(member, backup);
      backup.clear();
    }
  } else if (trouble(options.spoiled) && !damage_.contains(state)) {
    auto before = member.disk().copy();
    if (const auto file = member.disk().spoil()) {
      count("spoiled: " + file->substr(0, file->find('/')));
      spoiled(member, *file, std::move(before));
    }
  }
  after_ms(troubles.between(1, k_down_max_ms), [this, &member] { start(member); });
}

void Stage::put_back(Member& member, const std::map<std::string, Bytes>& image) {
  member.disk().restore(image);
  member.forget_truth();
  stale_.insert(member.state());
  damage_.erase(member.state());
}

void Stage::spoiled(Member& member, const std::string& file, std::map<std::string, Bytes> before) {
  damage_[member.state()] = {file, std::move(before)};
}

void Stage::start(Member& member) {
  if (member.is_alive() || is_retired(member)) return;
  // Somebody made room meanwhile, or not yet.
  if (member.disk().is_full() && (!has_troubles || troubles.happens(500)))
    member.disk().make_room();
  plan_trouble(member);
  const auto started = member.start(now);
  bool lost_rows = false;
  if (member.found() == Member::Found::other) {
    count("started on other rows");
    const auto damaged = damage_.find(member.state());
    // Of a damaged write-ahead log the library drops the rest: LogWatch sees what that cost.
    if (damaged != damage_.end() && damaged->second.file == "node.db-wal") {
      // It is an old disk then; if power took the newest checkpoint's file too, a partner knows it.
      count("rows lost with the end of a write-ahead log");
      lost_rows = true;
    } else if (damaged != damage_.end()) {
      if (started)
        report("damage", member.state().text() +
                             " started on rows that are not those it had: " + damaged->second.file);
    } else if (betrayed_.contains(member.state())) {
      stale_.insert(member.state());
    } else {
      report("lasting", member.state().text() + " lost what was durable");
    }
  }
  if (!started && !member.has_died()) judge_stop(member, started.error());
  if (lost_rows && damage_.contains(member.state())) stale_.insert(member.state());
  if (!started || member.has_died()) return bury(member);
  const auto damaged = damage_.find(member.state());
  if (damaged == damage_.end()) return;
  damaged->second.lived_on = true;
  if (damaged->second.file.starts_with("logs/")) return;  // read when an act needs it
  count("damage without effect");
  damage_.erase(damaged);
}

void Stage::begin_troubles() {
  has_troubles = true;
  for (auto& member : members) member->disk().let_syncs_lie(static_cast<int>(options.lost_syncs));
}

void Stage::end_troubles() {
  has_troubles = false;
  for (auto& member : members) {
    member->set_clock(now, 0, false);
    member->calm();
    member->disk().let_syncs_lie(0);
    member->disk().make_room();
    const auto damaged = damage_.find(member->state());
    if (damaged == damage_.end() || !damaged->second.file.starts_with("logs/")) continue;
    // What still lies there unread: the operator puts the file right, as a scrub would tell him.
    const auto& file = damaged->second.file;
    member->disk().mend(file, damaged->second.before[file]);
    damage_.erase(damaged);
  }
}

}  // namespace comity::sim
