// Two States' copies of one life, and the acts between them: what each makes, and when the other
// takes it, is in the test's hand.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "exchange/life.hpp"

namespace comity::exchange {

inline Digest digest_of(std::uint64_t number) {
  Digest id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

/// The next act of `side` as its own copy `life` lets it stand; only the type is said.
inline Step next_step(const Life& life, Side side, ActType type) {
  const auto sequence = life.next_sequence(side);
  return {.side = side,
          .sequence = sequence,
          .id = digest_of(sequence + (side == Side::requester ? 0 : 1'000'000)),
          .previous = life.last(side),
          .seen = life.seen_now(side),
          .type = type};
}

class TwoNodes {
 public:
  Life requester, requested;

  Life& copy(Side side) { return side == Side::requester ? requester : requested; }

  /// Makes an act in its author's copy; returns it as made.
  Step make(Side side, ActType type, const std::function<void(Step&)>& with = {}) {
    auto step = next_step(copy(side), side, type);
    if (with) with(step);
    EXPECT_EQ(copy(side).judge(step).why.detail, "");
    copy(side).add(step);
    return step;
  }
  Step ask(ActType type, const std::function<void(Step&)>& with = {}) {
    return make(Side::requester, type, with);
  }
  Step answer(ActType type, const std::function<void(Step&)>& with = {}) {
    return make(Side::requested, type, with);
  }

  /// Each copy takes all that the other side made and it does not have yet.
  void meet() {
    for (const auto side : {Side::requester, Side::requested}) {
      auto& to = copy(other(side));
      const auto& made = copy(side).steps(side);
      while (to.steps(side).size() < made.size()) {
        const auto& step = made[to.steps(side).size()];
        ASSERT_EQ(to.judge(step).why.detail, "");
        to.add(step);
      }
    }
    EXPECT_EQ(requester, requested);
    EXPECT_EQ(requester.now(), requested.now());
  }

  /// One sentence on where both stand.
  std::string outcome() {
    meet();
    const auto now = requested.now();
    std::string text(name_of(now.phase));
    for (const auto& delivery : now.deliveries)
      text += ", delivery " + std::string(name_of(delivery.state));
    for (const auto& query : now.open_queries)
      text += ", query of the " + std::string(name_of(query.by)) + " open";
    for (const auto& proposal : now.proposals)
      text += ", proposal on " + std::string(name_of(proposal.kind)) + " " +
              std::string(name_of(proposal.state));
    if (now.conditions_pending) text += ", conditions wait";
    if (now.suspended) text += ", suspended";
    for (const auto& step : requested.merged())
      if (std::ranges::find(now.moot, step.id) != now.moot.end())
        text += ", " + std::string(name_of(step.type)) + " moot";
    return text;
  }
};

}  // namespace comity::exchange
