// What each act changes (spec/acts.md §8). Every function says whether the act found something to
// change; one that did not is moot.
#include <algorithm>

#include "exchange/situation.hpp"

namespace comity::exchange {
namespace {

void end_work(Situation& situation, Phase phase) {
  situation.phase = phase;
  situation.conditions_pending = false;
  situation.preserves = false;
  situation.returned = {};
  situation.open_queries.clear();
  for (auto& standing : situation.deliveries)
    if (standing.state == DeliveryState::under_way) standing.state = DeliveryState::void_;
  // What was asked about execution is answered by its end; what was asked about use is not.
  for (auto& proposal : situation.proposals)
    if (proposal.by == Side::requested && proposal.state != ProposalState::agreed)
      proposal.state = ProposalState::ended;
  // A remedy binds what has come already, whoever ends the work.
  if (!situation.holds_items()) situation.suspended = false;
}

bool take_request(Situation& situation, const Step& step) {
  if (situation.phase != Phase::none) return false;
  situation.phase = Phase::open;
  situation.delivers = step.delivers;
  return true;
}

bool take_supplement(Situation& situation, const Step& step) {
  if (!is_in_work(situation.phase)) return false;
  std::erase_if(situation.open_queries, [&](const OpenQuery& query) {
    return query.act == step.answers && query.by != step.side;
  });
  if (situation.phase == Phase::returned && step.side == Side::requester &&
      step.answers == situation.returned) {
    situation.phase = Phase::open;
    situation.returned = {};
  }
  return true;
}

bool take_query(Situation& situation, const Step& step) {
  if (!is_in_work(situation.phase)) return false;
  situation.open_queries.push_back({step.id, step.side});
  return true;
}

bool is_undelivered(Phase phase) {
  return is_undecided(phase) || phase == Phase::accepted;
}

bool take_consultation(Situation& situation, const Step& step) {
  if (!is_undelivered(situation.phase)) return false;
  situation.consultations.push_back(step.id);
  return true;
}

bool take_acceptance(Situation& situation, const Step& step) {
  if (situation.phase != Phase::open && situation.phase != Phase::postponed) return false;
  situation.phase = Phase::accepted;
  situation.acceptance = step.id;
  situation.conditions_pending = step.has_conditions;
  situation.preserves = step.secures;
  situation.ending_told = false;
  return true;
}

bool take_refusal(Situation& situation) {
  if (!is_undelivered(situation.phase)) return false;
  end_work(situation, Phase::refused);
  situation.acceptance = {};
  return true;
}

bool take_delivery(Situation& situation, const Step& step) {
  const bool stands = situation.phase == Phase::accepted || situation.phase == Phase::delivered;
  if (stands) situation.phase = Phase::delivered;
  situation.deliveries.push_back(
      {step.id, step.item, stands ? DeliveryState::under_way : DeliveryState::void_, false});
  return stands;
}

bool take_arrival(Situation& situation, const Step& step) {
  const auto standing =
      std::ranges::find(situation.deliveries, step.refers, &DeliveryStanding::act);
  if (standing == situation.deliveries.end() || standing->state != DeliveryState::under_way)
    return false;
  standing->state = DeliveryState::arrived;
  return true;
}

bool take_completion(Situation& situation, const Step& step) {
  const auto standing =
      std::ranges::find(situation.deliveries, step.refers, &DeliveryStanding::act);
  if (standing == situation.deliveries.end() || standing->state != DeliveryState::under_way)
    return false;
  return !std::exchange(standing->completed, true);
}

bool take_withdrawal(Situation& situation) {
  if (!is_in_work(situation.phase)) return false;
  end_work(situation, Phase::withdrawn);
  return true;
}

bool take_closure(Situation& situation) {
  if (situation.phase == Phase::none || is_undecided(situation.phase) ||
      situation.phase == Phase::closed)
    return false;
  end_work(situation, Phase::closed);
  return true;
}

bool take_return(Situation& situation, const Step& step) {
  if (situation.phase != Phase::open && situation.phase != Phase::postponed) return false;
  situation.phase = Phase::returned;
  situation.returned = step.id;
  return true;
}

bool take_postponement(Situation& situation, const Step& step) {
  situation.put_off = step.id;
  if (situation.phase == Phase::open || situation.phase == Phase::postponed)
    situation.phase = Phase::postponed;
  else
    situation.suspended = true;
  return true;
}

bool take_resumption(Situation& situation) {
  const bool found = situation.phase == Phase::postponed || situation.suspended;
  if (situation.phase == Phase::postponed) situation.phase = Phase::open;
  situation.suspended = false;
  situation.put_off = {};
  return found;
}

bool take_authorisation(Situation& situation, const Step& step) {
  situation.authorisations.push_back(step.id);
  return true;
}

bool take_proposal(Situation& situation, const Step& step) {
  const auto kind = step.proposal.value_or(ProposalKind::secrecy);
  if (step.side == Side::requested) {
    if (!is_in_work(situation.phase)) return false;
    // The latest word of the requested State on how it would execute is the one that counts.
    for (auto& one : situation.proposals)
      if (one.by == step.side && one.kind == kind && one.state != ProposalState::agreed)
        one.state = ProposalState::ended;
  }
  situation.proposals.push_back({step.id, step.side, kind, ProposalState::pending});
  return true;
}

/// Conditions that are declined leave the request as if it had not been accepted.
void decline_conditions(Situation& situation) {
  situation.phase = situation.suspended ? Phase::postponed : Phase::open;
  situation.suspended = false;
  situation.preserves = false;
  situation.acceptance = {};
}

bool take_reply(Situation& situation, const Step& step) {
  if (step.side == Side::requester && situation.conditions_pending &&
      step.refers == situation.acceptance) {
    situation.conditions_pending = false;
    if (!step.agrees) decline_conditions(situation);
    return true;
  }
  const auto standing = std::ranges::find(situation.proposals, step.refers, &ProposalStanding::act);
  if (standing == situation.proposals.end() || standing->by == step.side ||
      standing->state != ProposalState::pending)
    return false;
  standing->state = step.agrees ? ProposalState::agreed : ProposalState::declined;
  return true;
}

void set_items(Situation& situation, const std::vector<ItemId>& items, DeliveryState state) {
  for (auto& standing : situation.deliveries)
    if (std::ranges::find(items, standing.item) != items.end() &&
        standing.state != DeliveryState::void_ && standing.state != DeliveryState::deleted)
      standing.state = state;
}

bool take_notice(Situation& situation, const Step& step) {
  switch (step.notice.value_or(NoticeKind::complaint)) {
    case NoticeKind::preservation_renewed:
      situation.ending_told = false;
      break;
    case NoticeKind::preservation_ending:
      situation.ending_told = true;
      break;
    case NoticeKind::deletion:
      set_items(situation, step.items, DeliveryState::deleted);
      break;
    default:
      break;
  }
  return true;
}

bool take_annulment(Situation& situation, const Step& step) {
  std::erase(situation.authorisations, step.authorisation);
  set_items(situation, step.items, DeliveryState::annulled);
  return true;
}

bool take(Situation& situation, const Step& step) {
  switch (step.type) {
    case ActType::request:
      return take_request(situation, step);
    case ActType::supplement:
      return take_supplement(situation, step);
    case ActType::query:
      return take_query(situation, step);
    case ActType::consultation:
      return take_consultation(situation, step);
    case ActType::acceptance:
      return take_acceptance(situation, step);
    case ActType::refusal:
      return take_refusal(situation);
    case ActType::delivery:
      return take_delivery(situation, step);
    case ActType::arrival:
      return take_arrival(situation, step);
    case ActType::withdrawal:
      return take_withdrawal(situation);
    case ActType::closure:
      return take_closure(situation);
    case ActType::completion:
      return take_completion(situation, step);
    case ActType::return_:
      return take_return(situation, step);
    case ActType::postponement:
      return take_postponement(situation, step);
    case ActType::resumption:
      return take_resumption(situation);
    case ActType::authorisation:
      return take_authorisation(situation, step);
    case ActType::proposal:
      return take_proposal(situation, step);
    case ActType::reply:
      return take_reply(situation, step);
    case ActType::notice:
      return take_notice(situation, step);
    case ActType::annulment:
      return take_annulment(situation, step);
  }
  return false;
}

}  // namespace

void apply(Situation& situation, const Step& step) {
  if (!take(situation, step)) situation.moot.push_back(step.id);
}

}  // namespace comity::exchange
