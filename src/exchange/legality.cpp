// What is open to whom: the table of spec/acts.md §7, and what depends on more than the phase.
#include <algorithm>
#include <array>

#include "exchange/legality.hpp"
#include "exchange/situation.hpp"

namespace comity::exchange {
namespace {

bool has(const std::vector<Digest>& list, const Digest& id) {
  return std::ranges::find(list, id) != list.end();
}

using Why = std::optional<std::string>;
constexpr std::nullopt_t k_open_to_it = std::nullopt;

Why because(Illegal reason, std::initializer_list<std::string_view> fillings = {}) {
  constexpr std::string_view k_gap = "…";
  std::string text(k_illegal.at(static_cast<std::size_t>(reason)));
  for (const auto filling : fillings) text.replace(text.find(k_gap), k_gap.size(), filling);
  return text;
}

Why not_while(std::string_view act, const Situation& known) {
  return because(Illegal::wrong_phase,
                 {act, known.phase == Phase::none ? "not made" : name_of(known.phase)});
}

using Phases = unsigned;  // a set
template <typename... P>
constexpr Phases of(P... phases) {
  return ((1U << static_cast<unsigned>(phases)) | ...);
}
bool contains(Phases phases, Phase phase) {
  return ((phases >> static_cast<unsigned>(phase)) & 1U) != 0;
}

using enum Phase;
constexpr Phases k_undecided = of(open, returned, postponed);
constexpr Phases k_undelivered = k_undecided | of(accepted);
constexpr Phases k_work = k_undelivered | of(delivered);
constexpr Phases k_held = of(delivered, withdrawn, closed);  // items may be at the requester
constexpr Phases k_any = k_work | of(refused, withdrawn, closed);

/// Which side may make an act of a type, and in which phases. The rest depends on more.
struct Row {
  bool requester, requested;
  Phases phases;
};
/// In the order of ActType.
constexpr std::array<Row, k_act_types> k_rows = {{
    {true, false, of(none)},                                // request
    {true, true, k_work},                                   // supplement
    {true, true, k_work},                                   // query
    {false, true, k_undelivered},                           // consultation
    {false, true, of(open, postponed)},                     // acceptance
    {false, true, k_undelivered},                           // refusal
    {false, true, of(accepted, delivered)},                 // delivery
    {true, false, k_work},                                  // arrival
    {true, false, k_work},                                  // withdrawal
    {true, true, k_any},                                    // closure
    {false, true, of(delivered)},                           // completion
    {false, true, of(open, postponed)},                     // return
    {false, true, of(open, postponed, accepted) | k_held},  // postponement
    {false, true, k_any},                                   // resumption
    {false, true, of(accepted) | k_held},                   // authorisation
    {true, true, k_any},                                    // proposal
    {true, true, k_any},                                    // reply
    {true, true, k_any},                                    // notice
    {false, true, of(accepted) | k_held},                   // annulment
}};

Why supplement(const Situation& known, const Step& step) {
  const bool is_agreed =
      contains(of(accepted, delivered), known.phase) && !known.conditions_pending;
  if (step.gives && !is_agreed) return because(Illegal::given_early);
  if (step.answers.is_zero()) return k_open_to_it;
  const auto query = std::ranges::find(known.open_queries, step.answers, &OpenQuery::act);
  const bool answers_query = query != known.open_queries.end() && query->by != step.side;
  const bool answers_requested =
      step.side == Side::requester &&
      (has(known.consultations, step.answers) || step.answers == known.returned);
  if (answers_query || answers_requested) return k_open_to_it;
  return because(Illegal::answers_nothing);
}

Why consulted(const Situation& known, const Step& step, std::string_view what) {
  if (step.consultation_impossible || has(known.consultations, step.refers)) return k_open_to_it;
  return because(Illegal::unconsulted, {what});
}

Why blocked(const Situation& known) {
  const auto* proposal = known.blocking();
  if (proposal == nullptr) return k_open_to_it;
  return because(Illegal::not_agreed, {name_of(proposal->kind)});
}

Why acceptance(const Situation& known, const Step& step) {
  if (auto why = blocked(known)) return why;
  const bool in_part = step.consultation_impossible || !step.refers.is_zero();
  return in_part ? consulted(known, step, "refusal in part") : k_open_to_it;
}

Why delivery(const Situation& known, const Step& step) {
  if (!known.delivers) return because(Illegal::asks_no_delivery);
  if (step.refers != known.acceptance) return because(Illegal::other_acceptance);
  if (known.conditions_pending) return because(Illegal::conditions_wait);
  if (known.suspended) return because(Illegal::suspended);
  if (auto why = blocked(known)) return why;
  if (!step.authorisation.is_zero() && !has(known.authorisations, step.authorisation))
    return because(Illegal::no_authorisation);
  if (known.delivery_of(step.item) != nullptr) return because(Illegal::delivered_already);
  return k_open_to_it;
}

Why arrival(const Situation& known, const Step& step) {
  const auto* standing = known.delivery(step.refers);
  if (standing == nullptr) return because(Illegal::no_delivery);
  if (standing->item != step.item) return because(Illegal::other_item);
  if (standing->state != DeliveryState::under_way)
    return because(Illegal::delivery_state, {name_of(standing->state)});
  return k_open_to_it;
}

// That the item is a live one is judged with its manifest, where that is at hand.
Why completion(const Situation& known, const Step& step) {
  if (auto why = arrival(known, step)) return why;
  if (known.delivery(step.refers)->completed) return because(Illegal::completed_already);
  return k_open_to_it;
}

// A delivery whose bytes never come must not bind the requester for ever.
Why withdrawal(const Situation& known) {
  if (known.phase == delivered && known.all_arrived()) return because(Illegal::all_arrived);
  return k_open_to_it;
}

Why closure(const Situation& known, const Step& step) {
  switch (known.phase) {
    case refused:
    case withdrawn:
      return k_open_to_it;
    case accepted:
      if (known.delivers) return because(Illegal::nothing_delivered);
      // What is preserved ends after the other State was told (42(8)).
      if (step.side == Side::requested && known.preserves && !known.ending_told)
        return because(Illegal::ending_untold);
      return k_open_to_it;
    case delivered:
      if (!known.all_arrived()) return because(Illegal::under_way);
      if (known.suspended) return because(Illegal::suspended);
      return k_open_to_it;
    default:
      return not_while("closure", known);
  }
}

Why postponement(const Situation& known, const Step& step) {
  if (contains(of(withdrawn, closed), known.phase) && !known.holds_items())
    return because(Illegal::nothing_left);
  return consulted(known, step, "postponement");
}

// What left in an emergency is authorised afterwards, also when the request has ended meanwhile.
Why authorisation(const Situation& known) {
  if (contains(of(withdrawn, closed), known.phase) && !known.holds_items())
    return because(Illegal::nothing_came);
  return k_open_to_it;
}

Why resumption(const Situation& known, const Step& step) {
  if (known.phase != postponed && !known.suspended) return because(Illegal::nothing_put_off);
  if (step.refers != known.put_off) return because(Illegal::other_postponement);
  return k_open_to_it;
}

/// Each item that the step names is with the requester, or on its way if that is allowed.
Why items(const Situation& known, const Step& step, bool under_way_too) {
  for (const auto& item : step.items) {
    const auto* standing = known.delivery_of(item);
    if (standing == nullptr) return because(Illegal::item_unknown);
    if (standing->state == DeliveryState::arrived || standing->state == DeliveryState::annulled)
      continue;
    if (standing->state == DeliveryState::under_way && under_way_too) continue;
    return because(Illegal::item_state, {name_of(standing->state)});
  }
  return k_open_to_it;
}

Why proposal(const Situation& known, const Step& step) {
  const auto kind = step.proposal.value_or(ProposalKind::secrecy);
  if (row_of(kind).by != step.side) return because(Illegal::others_proposal, {name_of(kind)});
  if (step.side == Side::requester) {
    if (!known.holds_items()) return because(Illegal::nothing_came);
    return items(known, step, false);
  }
  if (!is_in_work(known.phase)) return not_while("proposal", known);
  if (kind == ProposalKind::securing && known.delivers) return because(Illegal::preserves_nothing);
  return k_open_to_it;
}

Why reply(const Situation& known, const Step& step) {
  const bool on_conditions =
      step.side == Side::requester && known.conditions_pending && step.refers == known.acceptance;
  if (on_conditions) return k_open_to_it;
  const auto* standing = known.proposal(step.refers);
  if (standing == nullptr || standing->by == step.side) return because(Illegal::replies_to_nothing);
  if (standing->state != ProposalState::pending)
    return because(Illegal::proposal_settled, {name_of(standing->state)});
  return k_open_to_it;
}

Why notice(const Situation& known, const Step& step) {
  const auto kind = step.notice.value_or(NoticeKind::complaint);
  const auto& row = row_of(kind);
  if (row.by && *row.by != step.side) return because(Illegal::others_notice, {name_of(kind)});
  switch (row.time) {
    case NoticeTime::in_work:
      if (!is_in_work(known.phase))
        return not_while("notice of " + std::string(name_of(kind)), known);
      break;
    case NoticeTime::preserved:
      if (!known.preserves) return because(Illegal::nothing_preserved);
      break;
    case NoticeTime::held:
      if (!known.holds_items()) return because(Illegal::nothing_came);
      break;
    case NoticeTime::any:
      break;
  }
  return items(known, step, false);
}

Why annulment(const Situation& known, const Step& step) {
  if (!step.authorisation.is_zero() && !has(known.authorisations, step.authorisation))
    return because(Illegal::no_authorisation);
  if (step.authorisation.is_zero() && step.items.empty()) return because(Illegal::nothing_falls);
  return items(known, step, true);
}

}  // namespace

std::optional<std::string> why_not(const Situation& known, const Step& step) {
  const auto& row = k_rows.at(static_cast<std::size_t>(step.type));
  if (!(step.side == Side::requester ? row.requester : row.requested))
    return because(Illegal::wrong_side, {name_of(step.type), name_of(step.side)});
  if (step.type == ActType::closure) return closure(known, step);
  if (!contains(row.phases, known.phase)) return not_while(name_of(step.type), known);
  switch (step.type) {
    case ActType::supplement:
      return supplement(known, step);
    case ActType::acceptance:
      return acceptance(known, step);
    case ActType::refusal:
      return consulted(known, step, "refusal");
    case ActType::delivery:
      return delivery(known, step);
    case ActType::arrival:
      return arrival(known, step);
    case ActType::completion:
      return completion(known, step);
    case ActType::withdrawal:
      return withdrawal(known);
    case ActType::postponement:
      return postponement(known, step);
    case ActType::resumption:
      return resumption(known, step);
    case ActType::authorisation:
      return authorisation(known);
    case ActType::proposal:
      return proposal(known, step);
    case ActType::reply:
      return reply(known, step);
    case ActType::notice:
      return notice(known, step);
    case ActType::annulment:
      return annulment(known, step);
    default:
      return k_open_to_it;
  }
}

}  // namespace comity::exchange
