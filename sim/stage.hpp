// What the parts of the world share: the members, the simulated time, what is still to happen, and
// what was found. Events run in the order of their time, and of two at one time the earlier
// planned.
#pragma once

#include <functional>
#include <map>
#include <queue>

#include "sim/member.hpp"
#include "sim/options.hpp"

namespace comity::sim {

struct Violation {
  std::string checker, what;
};

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
  void report(const std::string& checker, const std::string& what);
  void count(const std::string& name) { ++counts[name]; }
  Member& member(const StateCode& state) { return *members.at(by_state.at(state)); }

  Options options;
  Instant now;
  std::vector<std::unique_ptr<Member>> members;
  std::map<StateCode, std::size_t> by_state;
  Chance troubles;
  bool has_troubles = false;  // off while the world is set up, and at the end
  std::map<std::string, std::uint64_t> counts;
  std::vector<Violation> violations;

 private:
  struct Event {
    Instant at;
    std::uint64_t order;
    std::function<void()> work;
    bool operator>(const Event& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };
  void bury(Member& member);
  void start(Member& member);

  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t planned_ = 0;
};

/// Faults that no honest world may bring about: of the node's own disk, logs and library.
bool is_own_failure(FaultCode code);

}  // namespace comity::sim
