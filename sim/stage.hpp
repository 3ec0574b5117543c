// What the parts of the world share: the members, the simulated time, what is still to happen, and
// what was found. Events run in the order of their time, and of two at one time the earlier
// planned.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <queue>

#include "sim/member.hpp"
#include "treaty/status.hpp"

namespace comity::sim {

/// What a liar showed of a log: from the entry `other` on, another past than the one it keeps.
struct Fork {
  std::uint64_t other = 0, size = 0;
  Digest root;
};

/// Under which names flaws are reported: what each looks for, checks.hpp says. A canary is planted
/// for each (canaries_test.cpp). Besides, a world that can not even be set up reports "setting".
inline constexpr std::array<std::string_view, 21> k_checkers{
    "fault",   "stopped",    "lasting",    "damage",    "stale",   "log",          "durable",
    "receipt", "acceptance", "conditions", "officers",  "arrival", "consultation", "destroyed",
    "once",    "own",        "identity",   "agreement", "denied",  "fork",         "converged"};

struct Violation {
  std::string checker, what;
};

/// Whether such a fault is the node's own, and no answer to what was asked.
bool is_own_failure(FaultCode code);
/// "log.corrupt: tile missing"
std::string told(const Fault& why);
/// Of the fictional States that a world may have, the twelve of the register first.
StateCode state_number(std::size_t index);
/// In which the Convention binds all of them; other instruments some.
const treaty::Registers& exercise_registers();

class Stage {
 public:
  explicit Stage(const Options& chosen);

  void after_ms(std::int64_t delay_ms, std::function<void()> event);
  /// Runs the next event. False: there is none before `end`.
  bool step(Instant end);
  /// A turn of all that waits there; the node may die in it and is started again later.
  void turn(Member& member);
  /// Puts a job into the member's next turn, which comes at once or, with group commit, soon.
  void push(Member& member, node::Job job);
  /// The logs' files of a living member become durable.
  void settle(Member& member);
  /// The process of a member is gone; what its disk suffers, and when it comes back.
  void bury(Member& member);
  /// A disk of some time ago lies in a dead member's machine: it is stale from now on.
  void put_back(Member& member, const std::map<std::string, Bytes>& image);
  /// This file of a dead member is another than it was. A start must notice, or be none the worse.
  void spoiled(Member& member, const std::string& file, std::map<std::string, Bytes> before);
  void begin_troubles();
  /// No trouble from now on; what is broken is mended, whoever is down is started.
  void end_troubles();
  void report(const std::string& checker, const std::string& what);
  /// The same for a fault that a member gave, unless it is its disk's.
  void report_fault(Member& member, const std::string& doing, const Fault& why);
  void count(const std::string& name, std::uint64_t more = 1) { counts[name] += more; }
  /// Somebody was given this fault: which ones the worlds reach is told in the end.
  void count_fault(std::string_view name) { count("fault " + std::string(name)); }
  Member& member(const StateCode& state) { return *members.at(by_state.at(state)); }
  /// With whom a member deals: everybody in small worlds, a few in large ones.
  const std::vector<StateCode>& partners_of(const Member& member) {
    return partners_.at(member.state());
  }

  /// A member whose rows are older than what it told others, by an old backup or a disk that lied.
  /// It must say so at the first contact that shows it, and do nothing more.
  bool is_stale(const Member& member) const { return stale_.contains(member.state()); }
  /// It said so, or could not start: people must come. Out of the world.
  bool is_retired(const Member& member) const { return retired_.contains(member.state()); }
  /// The one State that lies, in a world that has one.
  bool is_liar(const Member& member) const {
    return options.lies > 0 && &member == members.front().get();
  }
  /// Alive, and none of these: what it says of itself can be relied on.
  bool is_sound(const Member& member) const {
    return member.is_alive() && !is_stale(member) && !is_retired(member) && !is_liar(member);
  }

  Options options;
  Signatures signatures;
  Instant now;
  std::vector<std::unique_ptr<Member>> members;
  std::map<StateCode, std::size_t> by_state;
  Chance troubles;
  bool has_troubles = false;  // off while the world is set up, and at the end
  std::map<std::string, std::uint64_t> counts;
  std::vector<Violation> violations;
  /// By who was shown it, and whose log it is.
  std::map<std::pair<StateCode, StateCode>, std::vector<Fork>> forks;

 private:
  struct Event {
    Instant at;
    std::uint64_t order;
    std::function<void()> work;
    bool operator>(const Event& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };
  /// What a dying member's disk suffers beyond the death, and how it was before.
  struct Damage {
    std::string file;
    std::map<std::string, Bytes> before;
    bool lived_on = false;  // the node began with it, and has written since
  };
  bool trouble(std::int64_t in_1000) {
    return has_troubles && in_1000 > 0 && troubles.happens(static_cast<int>(in_1000));
  }
  void plan_trouble(Member& member);
  void judge_stop(Member& member, const Fault& why);
  void start(Member& member);
  void befriend();

  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t planned_ = 0;
  std::map<StateCode, std::vector<StateCode>> partners_;
  std::map<StateCode, Damage> damage_;
  std::map<StateCode, std::map<std::string, Bytes>> backups_;
  std::set<StateCode> betrayed_;  // lost power after a sync that was none
  std::set<StateCode> stale_, retired_;
};

}  // namespace comity::sim
