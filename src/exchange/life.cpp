#include "exchange/life.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace comity::exchange {
namespace {

using Steps = std::vector<Step>;

Judgement refuse(FaultCode code, std::string why) {
  return {Verdict::refuse, {code, std::move(why)}};
}

std::string number_text(const Step& step) {
  return "act " + std::to_string(step.sequence) + " of the " + std::string(name_of(step.side)) +
         " State";
}

/// Calls `take` with the first acts of both sides in the order of their effects: the requested
/// State's next act as soon as all that it had seen is there, else the requester's.
/// False if there is no such order: an act would have to come before what it had seen.
template <typename Take>
bool merge(const Steps& requester, const Steps& requested, std::size_t requester_count,
           std::size_t requested_count, Take&& take) {
  std::size_t asked = 0, answered = 0;
  while (asked < requester_count || answered < requested_count) {
    if (answered < requested_count && requested[answered].seen.sequence <= asked) {
      take(requested[answered++]);
    } else if (asked < requester_count && requester[asked].seen.sequence <= answered) {
      take(requester[asked++]);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

bool Life::is_ordered() const {
  return merge(steps_[0], steps_[1], steps_[0].size(), steps_[1].size(), [](const Step&) {});
}

Situation Life::fold(std::size_t requester_count, std::size_t requested_count) const {
  Situation situation;
  const bool ordered = merge(steps_[0], steps_[1], requester_count, requested_count,
                             [&](const Step& step) { apply(situation, step); });
  CHECK(ordered);
  return situation;
}

Situation Life::known_to(Side author, std::size_t own_count, std::size_t seen) const {
  return author == Side::requester ? fold(own_count, seen) : fold(seen, own_count);
}

std::optional<Fault> Life::misplaced(const Step& step) const {
  const auto& own = steps(step.side);
  const auto& others = steps(other(step.side));
  if (step.previous != last(step.side))
    return Fault{FaultCode::act_sequence,
                 number_text(step) + " is not linked to the one before it"};
  const auto seen = step.seen.sequence;
  if (seen > others.size())
    return Fault{FaultCode::act_seen, number_text(step) + " says it has seen act " +
                                          std::to_string(seen) + ", which was never made"};
  const Digest expected = seen == 0 ? Digest{} : others[seen - 1].id;
  if (step.seen.act != expected)
    return Fault{FaultCode::act_seen, number_text(step) + " names another act " +
                                          std::to_string(seen) + " than the one made"};
  if (!own.empty() && seen < own.back().seen.sequence)
    return Fault{FaultCode::act_seen,
                 number_text(step) + " says it has seen less than the one before it"};
  return std::nullopt;
}

Judgement Life::judge(const Step& step) const {
  const auto& own = steps(step.side);
  if (step.sequence == 0 || step.id.is_zero())
    return refuse(FaultCode::act_sequence, "an act without a number or an identity");
  if (step.sequence > k_acts_per_side_max)
    return refuse(FaultCode::limit_count, "more than " + std::to_string(k_acts_per_side_max) +
                                              " acts of one State in one exchange");
  if (step.sequence <= own.size()) {
    if (own[step.sequence - 1].id == step.id) return {Verdict::duplicate, {}};
    return refuse(FaultCode::act_fork, number_text(step) + " differs from the one taken before");
  }
  if (step.sequence > own.size() + 1)
    return refuse(FaultCode::act_gap,
                  number_text(step) + " came before act " + std::to_string(own.size() + 1));
  if (auto why = misplaced(step)) return {Verdict::refuse, *std::move(why)};
  const auto known = known_to(step.side, own.size(), step.seen.sequence);
  if (auto why = why_not(known, step)) return refuse(FaultCode::act_illegal, *std::move(why));
  return {};
}

void Life::add(const Step& step) {
  CHECK(judge(step).takes());
  steps_[index(step.side)].push_back(step);
}

Result<void> Life::void_from(Side side, std::uint64_t sequence) {
  CHECK(sequence >= 1);
  auto& own = steps_[index(side)];
  if (sequence > own.size()) return {};
  const auto& others = steps(other(side));
  if (!others.empty() && others.back().seen.sequence >= sequence)
    return fault(FaultCode::act_seen, number_text(own[sequence - 1]) +
                                          " was seen by the other State, which built upon it");
  own.resize(sequence - 1);
  return {};
}

Situation Life::now() const {
  return fold(steps_[0].size(), steps_[1].size());
}

Situation Life::seen_by(Side side) const {
  const auto& own = steps(side);
  return known_to(side, own.size(), own.empty() ? 0 : own.back().seen.sequence);
}

std::vector<Step> Life::merged() const {
  std::vector<Step> all;
  const bool ordered = merge(steps_[0], steps_[1], steps_[0].size(), steps_[1].size(),
                             [&](const Step& step) { all.push_back(step); });
  CHECK(ordered);
  return all;
}

Digest Life::last(Side side) const {
  const auto& own = steps(side);
  return own.empty() ? Digest{} : own.back().id;
}

Seen Life::seen_now(Side author) const {
  return {steps(other(author)).size(), last(other(author))};
}

}  // namespace comity::exchange
