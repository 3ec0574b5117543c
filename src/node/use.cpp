#include "node/use.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "node/history.hpp"
#include "node/screening.hpp"

namespace comity::node {
namespace {

using exchange::ProposalBody;
using exchange::ProposalKind;
using exchange::ProposalState;

/// Proposals of ours that the sender agreed to.
std::vector<const ProposalBody*> agreed(const std::vector<StandingAct>& acts,
                                        const exchange::Situation& situation) {
  std::vector<const ProposalBody*> bodies;
  for (const auto& act : acts) {
    const auto* body = std::get_if<ProposalBody>(&act.body);
    const auto* standing = body == nullptr ? nullptr : situation.proposal(act.record.id);
    if (standing != nullptr && standing->state == ProposalState::agreed) bodies.push_back(body);
  }
  return bodies;
}

bool covers(const ProposalBody& body, const ItemId& item) {
  return body.items.empty() || std::ranges::find(body.items, item) != body.items.end();
}

std::optional<Instant> retention(const std::vector<StandingAct>& acts,
                                 const exchange::Situation& situation) {
  std::optional<Instant> until;
  for (const auto& act : acts) {
    if (act.record.id != situation.acceptance) continue;
    for (const auto& condition : std::get<exchange::AcceptanceBody>(act.body).conditions)
      if (condition.code == exchange::k_retention)
        until = until ? std::min(*until, *condition.until) : *condition.until;
  }
  if (until)
    for (const auto* body : agreed(acts, situation))
      if (body->kind == ProposalKind::retention) until = std::max(*until, *body->until);
  return until;
}

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::evidence_use, std::move(why));
}

}  // namespace

Result<Use> read_use(formats::Fields& fields) {
  Use use;
  TRY_LET(use.proceeding, fields.optional_text("proceeding", exchange::k_reference_bytes_max));
  TRY_LET(use.onward, fields.optional_state("onward"));
  return use;
}

Json use_facts(const Use& use, const Officer& who) {
  auto facts = Json::object({{"officer", who.fingerprint.hex()}});
  facts.set("proceeding",
            use.proceeding ? crypto::sha256(as_bytes(*use.proceeding)).hex() : "stated");
  if (use.onward) facts.set("onward", use.onward->text());
  return facts;
}

Result<void> check_use(Turn& turn, const Loaded& loaded, const ItemRecord& item, const Use& use) {
  TRY(check_not_quarantined(turn, item.id));
  if (item.ours) return {};
  const auto situation = loaded.life.now();
  const auto* delivery = situation.delivery(item.delivery);
  if (delivery != nullptr && delivery->state == exchange::DeliveryState::annulled)
    return refuse("the sending State annulled its delivery: it is destroyed or given back");
  if (situation.suspended)
    return refuse("the sending State suspended it until a remedy is decided");
  TRY_LET(const auto acts, history_of(turn, loaded.record.id));
  const auto until = retention(acts, situation);
  if (until && *until <= turn.now) return refuse("its retention ended on " + to_text(*until));
  const auto consents = agreed(acts, situation);
  const auto consented = [&](auto&& fits) {
    return std::ranges::any_of(
        consents, [&](const ProposalBody* body) { return covers(*body, item.id) && fits(*body); });
  };
  if (use.proceeding && !consented([&](const ProposalBody& body) {
        return body.kind == ProposalKind::other_use && body.proceeding == use.proceeding;
      }))
    return refuse("no consent names the proceeding " + *use.proceeding);
  if (use.onward && !consented([&](const ProposalBody& body) {
        return body.kind == ProposalKind::onward_transfer && body.state == use.onward;
      }))
    return refuse("no consent to hand it on to " + use.onward->text());
  return {};
}

Result<std::optional<Instant>> retention_of(Turn& turn, const Loaded& loaded) {
  TRY_LET(const auto acts, history_of(turn, loaded.record.id));
  return retention(acts, loaded.life.now());
}

}  // namespace comity::node
