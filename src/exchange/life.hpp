// The life of a request, as both States know it: two sequences of acts, one of each side, folded
// into one situation. No clock, no network, no lock between the States (spec/acts.md §4, §8).
//
// Two rules make both sides reach the same end without another word. An act is legal if it was open
// to its author in what the author knew then: its own acts before it, and the other side's up to
// `seen`. Effects follow one merged order of all acts: each comes after everything that its author
// had seen, and of two that crossed, the requested State's goes first. So the requested State's
// acts always find the exchange as their author knew it, and the requester's that crossed one may
// find nothing left to change: they are moot, recorded and listed, never an error.
//
// It must never judge signatures, time or law: they come before.
#pragma once

#include <array>

#include "exchange/situation.hpp"

namespace comity::exchange {

inline constexpr std::size_t k_acts_per_side_max = 1000;

enum class Verdict {
  take,       // add() it
  duplicate,  // known: repeat the receipt
  refuse,     // for the fault named
};

struct Judgement {
  Verdict verdict{};
  Fault why;  // of refuse

  bool takes() const { return verdict == Verdict::take; }
  bool operator==(const Judgement&) const = default;
};

/// A value: copied, compared and kept as text.
class Life {
 public:
  /// Total. Faults: act.sequence, act.fork, act.gap, act.seen, act.illegal, limit.count.
  Judgement judge(const Step& step) const;
  /// A step that judge() takes; any other is a bug.
  void add(const Step& step);
  /// A rejected act and all later ones of its author leave the history, as if never made.
  /// Nothing to remove is no fault. Fault: act.seen if the other side's acts have seen one of them:
  /// it can not have rejected what it built upon, and nothing is changed.
  Result<void> void_from(Side side, std::uint64_t sequence);

  /// All known acts, folded.
  Situation now() const;
  /// What that side is known to have known when it made its latest act, that act included.
  Situation seen_by(Side side) const;
  /// All known acts in the order of their effects; the same on both sides.
  std::vector<Step> merged() const;

  const std::vector<Step>& steps(Side side) const { return steps_[index(side)]; }
  std::uint64_t next_sequence(Side side) const { return steps(side).size() + 1; }
  /// The latest act of that side; zero: none.
  Digest last(Side side) const;
  /// What an act that `author` makes now has seen.
  Seen seen_now(Side author) const;

  /// Canonical JSON, for a row.
  std::string to_text() const;
  /// Fault: store.corrupt.
  static Result<Life> from_text(std::string_view text);

  bool operator==(const Life&) const = default;

 private:
  static constexpr std::size_t index(Side side) { return side == Side::requester ? 0 : 1; }
  bool is_ordered() const;  // nothing saw what came after it
  std::optional<Fault> misplaced(const Step& step) const;
  Situation fold(std::size_t requester_count, std::size_t requested_count) const;
  Situation known_to(Side author, std::size_t own_count, std::size_t seen) const;

  std::array<std::vector<Step>, 2> steps_;  // requester's, requested's; sequence is index + 1
};

}  // namespace comity::exchange
