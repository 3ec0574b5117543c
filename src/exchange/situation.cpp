#include "exchange/situation.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "exchange/body.hpp"

namespace comity::exchange {
namespace {

constexpr std::array<std::string_view, 9> k_phases = {"none",      "open",      "returned",
                                                      "postponed", "accepted",  "delivered",
                                                      "refused",   "withdrawn", "closed"};
constexpr std::array<std::string_view, 5> k_delivery_states = {"under_way", "arrived", "void",
                                                               "annulled", "deleted"};
constexpr std::array<std::string_view, 4> k_proposal_states = {"pending", "agreed", "declined",
                                                               "ended"};

// Sets the facts of a step from the body of its act.
struct Facts {
  Step& step;

  void operator()(const RequestBody& body) const { step.delivers = body.recipient.has_value(); }
  void operator()(const SupplementBody& body) const {
    step.answers = body.answers.value_or(Digest{});
  }
  void operator()(const QueryBody&) const {}
  void operator()(const ConsultationBody&) const {}
  void operator()(const AcceptanceBody& body) const {
    step.has_conditions = !body.conditions.empty();
    step.secures = body.preserve_until.has_value();
    if (body.refused) consulted(*body.refused);
  }
  void operator()(const RefusalBody& body) const { consulted(body); }
  void operator()(const DeliveryBody& body) const {
    step.refers = body.acceptance;
    step.item = body.item;
    step.authorisation = body.authorisation.value_or(Digest{});
  }
  void operator()(const ArrivalBody& body) const {
    step.refers = body.delivery;
    step.item = body.item;
  }
  void operator()(const CompletionBody& body) const {
    step.refers = body.delivery;
    step.item = body.item;
  }
  void operator()(const WithdrawalBody&) const {}
  void operator()(const ClosureBody&) const {}
  void operator()(const ReturnBody&) const {}
  void operator()(const PostponementBody& body) const { consulted(body); }
  void operator()(const ResumptionBody& body) const { step.refers = body.postponement; }
  void operator()(const AuthorisationBody&) const {}
  void operator()(const ProposalBody& body) const {
    step.proposal = body.kind;
    step.items = body.items;
  }
  void operator()(const ReplyBody& body) const {
    step.refers = body.to;
    step.agrees = body.agrees;
  }
  void operator()(const NoticeBody& body) const {
    step.notice = body.kind;
    step.items = body.items;
  }
  void operator()(const AnnulmentBody& body) const {
    step.authorisation = body.authorisation.value_or(Digest{});
    step.items = body.items;
  }

  template <typename T>
  void consulted(const T& body) const {
    step.refers = body.consultation.value_or(Digest{});
    step.consultation_impossible = body.consultation_impossible.has_value();
  }
};

}  // namespace

std::string_view name_of(Phase phase) {
  return k_phases[static_cast<std::size_t>(phase)];
}

std::string_view name_of(DeliveryState state) {
  return k_delivery_states[static_cast<std::size_t>(state)];
}

std::string_view name_of(ProposalState state) {
  return k_proposal_states[static_cast<std::size_t>(state)];
}

bool is_undecided(Phase phase) {
  return phase == Phase::open || phase == Phase::returned || phase == Phase::postponed;
}

bool is_in_work(Phase phase) {
  return is_undecided(phase) || phase == Phase::accepted || phase == Phase::delivered;
}

Step step_of(const Act& act, const Digest& id, Side side) {
  Step step{.side = side,
            .sequence = act.order.sequence,
            .id = id,
            .previous = act.order.previous,
            .seen = act.order.seen,
            .type = act.substance.type};
  const auto body = read_body(act.substance.type, act.substance.body);
  CHECK(body.has_value());
  std::visit(Facts{step}, *body);
  step.gives = act.substance.type == ActType::supplement &&
               std::ranges::find(act.substance.parts, k_answer_part, &PartBinding::name) !=
                   act.substance.parts.end();
  return step;
}

const DeliveryStanding* Situation::delivery(const Digest& act) const {
  const auto at = std::ranges::find(deliveries, act, &DeliveryStanding::act);
  return at == deliveries.end() ? nullptr : &*at;
}

const DeliveryStanding* Situation::delivery_of(const ItemId& item) const {
  const auto at = std::ranges::find(deliveries, item, &DeliveryStanding::item);
  return at == deliveries.end() ? nullptr : &*at;
}

const ProposalStanding* Situation::proposal(const Digest& act) const {
  const auto at = std::ranges::find(proposals, act, &ProposalStanding::act);
  return at == proposals.end() ? nullptr : &*at;
}

bool Situation::all_arrived() const {
  return std::ranges::none_of(deliveries, [](const DeliveryStanding& standing) {
    return standing.state == DeliveryState::under_way;
  });
}

bool Situation::holds_items() const {
  return std::ranges::any_of(deliveries, [](const DeliveryStanding& standing) {
    return standing.state != DeliveryState::under_way && standing.state != DeliveryState::void_;
  });
}

const ProposalStanding* Situation::blocking() const {
  const auto at = std::ranges::find_if(proposals, [](const ProposalStanding& one) {
    return row_of(one.kind).blocks &&
           (one.state == ProposalState::pending || one.state == ProposalState::declined);
  });
  return at == proposals.end() ? nullptr : &*at;
}

}  // namespace comity::exchange
