#include "exchange/situation.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "exchange/body.hpp"

namespace comity::exchange {
namespace {

constexpr std::array<std::string_view, 7> k_phases = {
    "none", "open", "accepted", "delivered", "refused", "withdrawn", "closed"};
constexpr std::array<std::string_view, 3> k_delivery_states = {"under_way", "arrived", "void"};

// Sets the facts of a step from the body of its act.
struct Facts {
  Step& step;

  void operator()(const RequestBody& body) const { step.delivers = body.recipient.has_value(); }
  void operator()(const SupplementBody& body) const {
    step.answers = body.answers.value_or(Digest{});
    step.refers = body.accepts_conditions_of.value_or(Digest{});
  }
  void operator()(const QueryBody&) const {}
  void operator()(const ConsultationBody&) const {}
  void operator()(const AcceptanceBody& body) const {
    step.has_conditions = !body.conditions.empty();
  }
  void operator()(const RefusalBody& body) const {
    step.refers = body.consultation.value_or(Digest{});
    step.consultation_impossible = body.consultation_impossible.has_value();
  }
  void operator()(const DeliveryBody& body) const {
    step.refers = body.acceptance;
    step.item = body.item;
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
};

bool is_in_work(Phase phase) {
  return phase == Phase::open || phase == Phase::accepted || phase == Phase::delivered;
}

bool has(const std::vector<Digest>& list, const Digest& id) {
  return std::ranges::find(list, id) != list.end();
}

using Why = std::optional<std::string>;
constexpr std::nullopt_t k_open_to_it = std::nullopt;

std::string phase_text(const Situation& known) {
  return "while the request is " +
         std::string(known.phase == Phase::none ? "not made" : name_of(known.phase));
}

Why supplement(const Situation& known, const Step& step) {
  if (!step.answers.is_zero()) {
    const auto query = std::ranges::find(known.open_queries, step.answers, &OpenQuery::act);
    const bool answers_query = query != known.open_queries.end() && query->by != step.side;
    const bool answers_consultation =
        step.side == Side::requester && has(known.consultations, step.answers);
    if (!answers_query && !answers_consultation)
      return "it answers no open query or consultation of the other State";
  }
  if (step.refers.is_zero()) return k_open_to_it;
  if (step.side != Side::requester) return "only the requesting State accepts conditions";
  if (step.refers != known.acceptance) return "it does not name the standing acceptance";
  if (!known.conditions_pending) return "no conditions wait to be accepted";
  return k_open_to_it;
}

Why refusal(const Situation& known, const Step& step) {
  if (step.consultation_impossible || has(known.consultations, step.refers)) return k_open_to_it;
  return "consultation comes before refusal, or why it is impossible";
}

Why delivery(const Situation& known, const Step& step) {
  if (!known.delivers) return "the request asks for no delivery";
  if (step.refers != known.acceptance) return "it does not name the standing acceptance";
  if (known.conditions_pending) return "the conditions of the acceptance are not accepted yet";
  const auto same = std::ranges::find(known.deliveries, step.item, &DeliveryStanding::item);
  if (same != known.deliveries.end()) return "this item was delivered already";
  return k_open_to_it;
}

Why arrival(const Situation& known, const Step& step) {
  const auto* standing = known.delivery(step.refers);
  if (standing == nullptr) return "it names no delivery";
  if (standing->item != step.item) return "it names another item than the delivery";
  if (standing->state != DeliveryState::under_way)
    return "the delivery is " + std::string(name_of(standing->state));
  return k_open_to_it;
}

// That the item is a live one is judged with its manifest, where that is at hand.
Why completion(const Situation& known, const Step& step) {
  if (auto why = arrival(known, step)) return why;
  if (known.delivery(step.refers)->completed) return "the item was completed already";
  return k_open_to_it;
}

// A delivery whose bytes never come must not bind the requester for ever.
Why withdrawal(const Situation& known) {
  if (known.phase == Phase::delivered && known.all_arrived())
    return "all that was delivered has arrived: a closure ends it";
  return k_open_to_it;
}

Why closure(const Situation& known) {
  switch (known.phase) {
    case Phase::refused:
    case Phase::withdrawn:
      return k_open_to_it;
    case Phase::accepted:
      if (!known.delivers) return k_open_to_it;
      return "it is accepted and nothing was delivered yet";
    case Phase::delivered:
      if (known.all_arrived()) return k_open_to_it;
      return "a delivery is under way";
    default:
      return "it is not open " + phase_text(known);
  }
}

// Which side may make an act of a type, and in which phases. The rest depends on more.
struct Row {
  bool requester, requested;
  std::array<Phase, 3> phases;
};
Row row_of(ActType type) {
  constexpr std::array k_work = {Phase::open, Phase::accepted, Phase::delivered};
  constexpr std::array k_undelivered = {Phase::open, Phase::accepted, Phase::accepted};
  switch (type) {
    case ActType::request:
      return {true, false, {Phase::none, Phase::none, Phase::none}};
    case ActType::supplement:
    case ActType::query:
      return {true, true, k_work};
    case ActType::consultation:
    case ActType::refusal:
      return {false, true, k_undelivered};
    case ActType::acceptance:
      return {false, true, {Phase::open, Phase::open, Phase::open}};
    case ActType::delivery:
      return {false, true, {Phase::accepted, Phase::delivered, Phase::delivered}};
    case ActType::arrival:
      return {true, false, k_work};
    case ActType::completion:
      return {false, true, {Phase::delivered, Phase::delivered, Phase::delivered}};
    case ActType::withdrawal:
      return {true, false, k_work};
    case ActType::closure:
      break;
  }
  return {true, true, {}};
}

void end_work(Situation& situation, Phase phase) {
  situation.phase = phase;
  situation.conditions_pending = false;
  situation.open_queries.clear();
  for (auto& standing : situation.deliveries)
    if (standing.state == DeliveryState::under_way) standing.state = DeliveryState::void_;
}

// Each of these says whether the act found something to change.
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
  if (!step.refers.is_zero() && step.refers == situation.acceptance)
    situation.conditions_pending = false;
  return true;
}

bool take_query(Situation& situation, const Step& step) {
  if (!is_in_work(situation.phase)) return false;
  situation.open_queries.push_back({step.id, step.side});
  return true;
}

bool take_consultation(Situation& situation, const Step& step) {
  if (situation.phase != Phase::open && situation.phase != Phase::accepted) return false;
  situation.consultations.push_back(step.id);
  return true;
}

bool take_acceptance(Situation& situation, const Step& step) {
  if (situation.phase != Phase::open) return false;
  situation.phase = Phase::accepted;
  situation.acceptance = step.id;
  situation.conditions_pending = step.has_conditions;
  return true;
}

bool take_refusal(Situation& situation) {
  if (situation.phase != Phase::open && situation.phase != Phase::accepted) return false;
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
  if (situation.phase == Phase::none || situation.phase == Phase::open ||
      situation.phase == Phase::closed)
    return false;
  end_work(situation, Phase::closed);
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
    case ActType::completion:
      return take_completion(situation, step);
    case ActType::withdrawal:
      return take_withdrawal(situation);
    case ActType::closure:
      return take_closure(situation);
  }
  return false;
}

}  // namespace

std::string_view name_of(Phase phase) {
  return k_phases[static_cast<std::size_t>(phase)];
}

std::string_view name_of(DeliveryState state) {
  return k_delivery_states[static_cast<std::size_t>(state)];
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
  return step;
}

const DeliveryStanding* Situation::delivery(const Digest& act) const {
  const auto at = std::ranges::find(deliveries, act, &DeliveryStanding::act);
  return at == deliveries.end() ? nullptr : &*at;
}

bool Situation::all_arrived() const {
  return std::ranges::none_of(deliveries, [](const DeliveryStanding& standing) {
    return standing.state == DeliveryState::under_way;
  });
}

std::optional<std::string> why_not(const Situation& known, const Step& step) {
  const std::string name(name_of(step.type));
  const auto row = row_of(step.type);
  if (!(step.side == Side::requester ? row.requester : row.requested))
    return "a " + name + " is not for the " + std::string(name_of(step.side)) + " State to make";
  if (step.type == ActType::closure) return closure(known);
  if (std::ranges::find(row.phases, known.phase) == row.phases.end())
    return "a " + name + " is not open " + phase_text(known);
  switch (step.type) {
    case ActType::supplement:
      return supplement(known, step);
    case ActType::refusal:
      return refusal(known, step);
    case ActType::delivery:
      return delivery(known, step);
    case ActType::arrival:
      return arrival(known, step);
    case ActType::completion:
      return completion(known, step);
    case ActType::withdrawal:
      return withdrawal(known);
    default:
      return k_open_to_it;
  }
}

void apply(Situation& situation, const Step& step) {
  if (!take(situation, step)) situation.moot.push_back(step.id);
}

}  // namespace comity::exchange
