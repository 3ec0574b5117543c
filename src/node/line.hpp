// How evidence that moves to or from one partner shares the line: what goes first, a ceiling in
// bytes a second, hours of the day. Small items go first, what averts an emergency, and what an
// officer says. Acts do not pass here: they never wait for evidence.
// It has no clock, and nobody waits in it: who asks says what time it is, and is told how long.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/id.hpp"
#include "base/time.hpp"

namespace comity::node {

/// A part of each day in UTC, from one minute to before another; it may reach over midnight.
struct Hours {
  int from_min = 0;   // minutes since midnight
  int until_min = 0;  // never equal to `from_min`

  bool contain(Instant at) const;
  /// The first moment within, at `at` or later.
  Instant next(Instant at) const;

  bool operator==(const Hours&) const = default;
};
/// "20:00-06:30", and back. Fault: format.field.
Result<Hours> read_hours(std::string_view text);
std::string to_text(const Hours& hours);

/// What a State allows on the line to one partner; for each direction by itself.
struct LineRules {
  std::optional<std::uint64_t> bytes_per_s_max;
  std::optional<Hours> hours;  // when ordinary items move; what goes first moves at any hour

  bool operator==(const LineRules&) const = default;
};

/// What goes first leaves the others an eighth of what it takes, as long as it moves.
enum class Precedence { first, ordinary };
inline constexpr std::uint64_t k_small_item_bytes = std::uint64_t{16} << 20;

/// Why an item goes first.
enum class WhyFirst { small, emergency, officer };
std::string_view name_of(WhyFirst why);

/// What of an item decides how it shares the line, and stays for as long as it moves. An officer's
/// word may come and go meanwhile, and is no part of it.
struct Cargo {
  ItemId item;
  std::uint64_t bytes = 0;    // of the whole sealed item
  bool in_emergency = false;  // its measure averts one: each end knows it from the request
};
inline bool is_small(const Cargo& cargo) {
  return cargo.bytes <= k_small_item_bytes;
}
/// Why it goes first by itself; nothing: only an officer's word lets it.
std::optional<WhyFirst> why_first(const Cargo& cargo);

inline constexpr std::int64_t k_ask_again_ms = 250;

/// One direction of one line. Not for several threads at once.
class Line {
 public:
  explicit Line(LineRules rules) : rules_(rules) {}

  /// A flow is one item on its way. Its number is given once.
  using Flow = std::uint64_t;
  Flow join(Precedence precedence);
  /// From its next `ask` on it goes as those of this precedence do.
  void move(Flow flow, Precedence precedence);
  void leave(Flow flow) { flows_.erase(flow); }

  /// Milliseconds until this flow asks again for these bytes, at most k_ask_again_ms; 0: they may
  /// move now, and count. `now_ms` is of a clock that never goes back.
  std::int64_t ask(Flow flow, std::uint64_t bytes, std::int64_t now_ms);
  /// Whether an item of that precedence may move at this hour.
  bool is_open(Precedence precedence, Instant now) const {
    return precedence == Precedence::first || !rules_.hours || rules_.hours->contain(now);
  }
  const LineRules& rules() const { return rules_; }

 private:
  struct State {
    Precedence precedence{};
    std::uint64_t taken = 0;  // bytes, counted from what the others had when it came
    std::int64_t asked_ms = 0;
    bool is_waiting = false;  // for the ceiling
  };
  bool is_live(const State& state, std::int64_t now_ms) const;
  bool is_one_first(std::int64_t now_ms) const;
  bool is_anothers_turn(Flow flow, const State& state, std::uint64_t bytes,
                        std::int64_t now_ms) const;
  void catch_up(State& state, std::int64_t now_ms) const;

  LineRules rules_;
  std::map<Flow, State> flows_;
  Flow next_ = 1;
  std::uint64_t ration_ = 0;  // bytes that ordinary flows may take beside those that go first
  std::int64_t free_ns_ = 0;  // when the bytes granted so far have passed at the ceiling's rate
};

}  // namespace comity::node
