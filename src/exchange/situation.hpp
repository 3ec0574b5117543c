// Where an exchange stands, as far as a set of acts tells: what is open to whom, and what each act
// changes. Pure and total: any step at any situation has a defined outcome (spec/acts.md §7, §8).
// It knows nothing of numbers, links and crossings: those are life.hpp. Nor of dates: those are
// clocks', which warn, and never change where an exchange stands.
#pragma once

#include "exchange/kinds.hpp"

namespace comity::exchange {

enum class Phase {
  none,       // no request yet
  open,       // asked, not decided
  returned,   // not decided: the requester has to complete it; the data are held
  postponed,  // not decided: put off to a date
  accepted,   // will be executed; of a preservation: is secured
  delivered,  // at least one item was released
  refused,
  withdrawn,
  closed,
};
std::string_view name_of(Phase phase);

/// The part of a supplement that holds what was asked for, by the measure's form of an answer.
inline constexpr std::string_view k_answer_part = "answer";

/// An act reduced to what the life of an exchange depends on. Unused facts stay zero or false.
struct Step {
  Side side{};
  std::uint64_t sequence = 0;
  Digest id, previous;
  Seen seen;
  ActType type{};
  bool delivers = false;                 // request: it carries a recipient
  bool has_conditions = false;           // acceptance
  bool secures = false;                  // acceptance: data are held until a time
  bool consultation_impossible = false;  // refusal, postponement, acceptance in part
  bool agrees = false;                   // reply
  bool gives = false;                    // supplement: it carries what was asked for
  Digest refers;   // delivery: acceptance; arrival, completion: delivery; refusal, postponement,
                   // acceptance in part: consultation; reply: proposal or acceptance
  Digest answers;  // supplement: a query, a consultation or a return
  Digest authorisation;                  // delivery: under which; annulment: that fell
  ItemId item;                           // delivery, arrival, completion
  std::vector<ItemId> items;             // proposal, notice, annulment
  std::optional<ProposalKind> proposal;  // of a proposal
  std::optional<NoticeKind> notice;      // of a notice
  bool operator==(const Step&) const = default;
};

/// `id` is act_id of the act's content. The act comes from read_act: a malformed body is a bug.
Step step_of(const Act& act, const Digest& id, Side side);

enum class DeliveryState {
  under_way,
  arrived,
  void_,     // nothing of it is sent or fetched any more
  annulled,  // it fell after it was released: not used any more, and destroyed or given back
  deleted,   // the requester stated that keys and bytes are gone
};
std::string_view name_of(DeliveryState state);

struct DeliveryStanding {
  Digest act;
  ItemId item;
  DeliveryState state{};
  bool completed = false;  // a live item that has ended
  bool operator==(const DeliveryStanding&) const = default;
};

struct OpenQuery {
  Digest act;
  Side by{};
  bool operator==(const OpenQuery&) const = default;
};

enum class ProposalState {
  pending,
  agreed,
  declined,
  ended,  // superseded by a later one of its kind, or by the end of the work
};
std::string_view name_of(ProposalState state);

struct ProposalStanding {
  Digest act;
  Side by{};
  ProposalKind kind{};
  ProposalState state{};
  bool operator==(const ProposalStanding&) const = default;
};

struct Situation {
  Phase phase = Phase::none;
  bool delivers = false;   // items may follow an acceptance
  Digest returned;         // the return that waits for completion; zero: none
  Digest put_off;          // the latest postponement, until it is resumed; zero: none
  bool suspended = false;  // nothing is transferred or opened until it is resumed
  std::vector<Digest> consultations;
  Digest acceptance;  // the standing one; zero: none
  bool conditions_pending = false;
  std::vector<Digest> authorisations;  // that stand
  std::vector<DeliveryStanding> deliveries;
  std::vector<OpenQuery> open_queries;
  std::vector<ProposalStanding> proposals;
  bool preserves = false;    // data are held under the standing acceptance
  bool ending_told = false;  // and the requester was told when that ends
  std::vector<Digest> moot;  // acts that something crossing them left without effect
  bool operator==(const Situation&) const = default;

  bool consulted() const { return !consultations.empty(); }
  const DeliveryStanding* delivery(const Digest& act) const;
  const DeliveryStanding* delivery_of(const ItemId& item) const;
  const ProposalStanding* proposal(const Digest& act) const;
  /// True when nothing is under way.
  bool all_arrived() const;
  /// True once the requester has, or had, something of ours.
  bool holds_items() const;
  /// The requested State's proposal without whose acceptance nothing is accepted or delivered.
  const ProposalStanding* blocking() const;
};

/// Not decided yet: what is preserved for it stays preserved.
bool is_undecided(Phase phase);
/// Undecided, accepted or delivered.
bool is_in_work(Phase phase);

/// Nothing, or why `step` is not open to its author in the situation that it knew: one sentence.
std::optional<std::string> why_not(const Situation& known, const Step& step);

/// What the act changes. An act that finds nothing to change becomes moot; that is no fault.
void apply(Situation& situation, const Step& step);

}  // namespace comity::exchange
