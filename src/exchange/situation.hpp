// Where an exchange stands, as far as a set of acts tells: what is open to whom, and what each act
// changes. Pure and total: any step at any situation has a defined outcome (spec/acts.md §7, §8).
// It knows nothing of numbers, links and crossings: those are life.hpp.
#pragma once

#include "exchange/act.hpp"

namespace comity::exchange {

enum class Phase {
  none,       // no request yet
  open,       // asked, not decided
  accepted,   // will be executed; of a preservation: is secured
  delivered,  // at least one item was released
  refused,
  withdrawn,
  closed,
};
std::string_view name_of(Phase phase);

/// An act reduced to what the life of an exchange depends on. Unused facts stay zero or false.
struct Step {
  Side side{};
  std::uint64_t sequence = 0;
  Digest id, previous;
  Seen seen;
  ActType type{};
  bool delivers = false;                 // request: it carries a recipient
  bool has_conditions = false;           // acceptance
  bool consultation_impossible = false;  // refusal
  Digest refers;   // delivery: acceptance; arrival, completion: delivery; refusal: consultation;
                   // supplement: acceptance whose conditions it accepts
  Digest answers;  // supplement: a query or a consultation
  ItemId item;     // delivery, arrival, completion
  bool operator==(const Step&) const = default;
};

/// `id` is act_id of the act's content. The act comes from read_act: a malformed body is a bug.
Step step_of(const Act& act, const Digest& id, Side side);

enum class DeliveryState {
  under_way,
  arrived,
  void_,  // nothing of it is sent or fetched any more
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

struct Situation {
  Phase phase = Phase::none;
  bool delivers = false;  // items may follow an acceptance
  std::vector<Digest> consultations;
  Digest acceptance;  // the standing one; zero: none
  bool conditions_pending = false;
  std::vector<DeliveryStanding> deliveries;
  std::vector<OpenQuery> open_queries;
  std::vector<Digest> moot;  // acts that something crossing them left without effect
  bool operator==(const Situation&) const = default;

  bool consulted() const { return !consultations.empty(); }
  const DeliveryStanding* delivery(const Digest& act) const;
  /// True when nothing is under way.
  bool all_arrived() const;
};

/// Nothing, or why `step` is not open to its author in the situation that it knew: one sentence.
std::optional<std::string> why_not(const Situation& known, const Step& step);

/// What the act changes. An act that finds nothing to change becomes moot; that is no fault.
void apply(Situation& situation, const Step& step);

}  // namespace comity::exchange
