#include "exchange/open.hpp"

#include <algorithm>

namespace comity::exchange {
namespace {

bool is_open(const Situation& known, const Step& step) {
  return !why_not(known, step).has_value();
}

/// With a number that nothing bears.
const ItemId k_new_item = [] {
  ItemId id;
  id.bytes.fill(0xff);
  return id;
}();

bool some_delivery(const Situation& known, Step step) {
  return std::ranges::any_of(known.deliveries, [&](const DeliveryStanding& standing) {
    step.refers = standing.act;
    step.item = standing.item;
    return is_open(known, step);
  });
}

bool some_proposal(const Situation& known, Step step) {
  for (std::size_t kind = 0; kind < k_proposal_kinds; ++kind) {
    step.proposal = static_cast<ProposalKind>(kind);
    if (is_open(known, step)) return true;
  }
  return false;
}

bool some_reply(const Situation& known, Step step) {
  step.refers = known.acceptance;
  if (is_open(known, step)) return true;
  return std::ranges::any_of(known.proposals, [&](const ProposalStanding& standing) {
    step.refers = standing.act;
    return is_open(known, step);
  });
}

bool some_notice(const Situation& known, Step step) {
  for (std::size_t kind = 0; kind < k_notice_kinds; ++kind) {
    step.notice = static_cast<NoticeKind>(kind);
    if (is_open(known, step)) return true;
  }
  return false;
}

bool some_annulment(const Situation& known, Step step) {
  if (!known.authorisations.empty()) {
    step.authorisation = known.authorisations.front();
    if (is_open(known, step)) return true;
  }
  step.authorisation = {};
  return std::ranges::any_of(known.deliveries, [&](const DeliveryStanding& standing) {
    step.items = {standing.item};
    return is_open(known, step);
  });
}

bool some_act(const Situation& known, ActType type, Side side) {
  // Whatever is said, it can be said that no consultation was possible.
  Step step{.side = side, .type = type, .delivers = true, .consultation_impossible = true};
  switch (type) {
    case ActType::delivery:
      step.refers = known.acceptance;
      step.item = k_new_item;
      return is_open(known, step);
    case ActType::arrival:
    case ActType::completion:
      return some_delivery(known, step);
    case ActType::resumption:
      step.refers = known.put_off;
      return is_open(known, step);
    case ActType::proposal:
      return some_proposal(known, step);
    case ActType::reply:
      return some_reply(known, step);
    case ActType::notice:
      return some_notice(known, step);
    case ActType::annulment:
      return some_annulment(known, step);
    default:
      return is_open(known, step);
  }
}

}  // namespace

std::vector<ActType> open_to(const Situation& known, Side side) {
  std::vector<ActType> types;
  for (std::size_t i = 0; i < k_act_types; ++i)
    if (some_act(known, static_cast<ActType>(i), side)) types.push_back(static_cast<ActType>(i));
  return types;
}

}  // namespace comity::exchange
