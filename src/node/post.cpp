// How a decision becomes an act: numbered and linked, signed by the authority, logged, and only
// then put where the outbox finds it.
#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "node/restored.hpp"

#include <algorithm>

namespace comity::node {
namespace {

/// Partners take nothing that another certificate signed, or one that has ended; it would come back
/// refused, and its officers would have to sign again.
Result<void> check_signer(const Office& office, Instant now) {
  const auto& certificate = office.ports.signer.certificate();
  if (now >= certificate.not_after())
    return fault(FaultCode::crypto_validity,
                 "keys/authority.crt ended on " + to_text(certificate.not_after()));
  if (office.own_entries.empty()) return {};
  const auto& own = office.own_entries.front().authorities;
  if (std::ranges::find(own, certificate, &directory::Authority::certificate) != own.end())
    return {};
  return fault(FaultCode::directory_role,
               "keys/authority.crt is not in this State's entry in force ('comity key install')");
}

}  // namespace

Result<ActRecord> post_act(Turn& turn, const exchange::Substance& substance,
                           std::vector<exchange::OfficerSignature> officers,
                           std::vector<exchange::Part> parts) {
  const auto& charter = turn.charter();
  TRY(check_signer(turn.office, turn.now));
  Loaded loaded;
  TRY_LET(auto record, turn.store().exchange(substance.exchange));
  if (record) {
    TRY(check_settled(turn.office, substance.to));
    TRY_LET(loaded, load_exchange(turn, substance.exchange));
  } else {
    if (substance.type != ActType::request) return fault(FaultCode::not_found, "no such exchange");
    TRY_LET(const auto body, exchange::body_as<exchange::RequestBody>(substance));
    loaded.record = {.id = substance.exchange,
                     .partner = substance.to,
                     .our_side = Side::requester,
                     .instrument = substance.instrument,
                     .measure = substance.measure,
                     .opened_at = turn.now,
                     .linked = body.linked};
  }
  const auto side = loaded.record.our_side;
  const auto seen = loaded.life.seen_now(side);
  const exchange::Act act{.substance = substance,
                          .order = {.sequence = loaded.life.next_sequence(side),
                                    .previous = loaded.life.last(side),
                                    .seen = seen,
                                    .made_at = turn.now,
                                    .expires_at = turn.now.plus_s(charter.act_lifetime_s)},
                          .officers = std::move(officers)};
  const auto content = exchange::act_content(act);
  TRY(exchange::read_act(content));
  const auto id = exchange::act_id(content);
  const auto step = exchange::step_of(act, id, side);
  const auto judgement = loaded.life.judge(step);
  if (!judgement.takes()) return std::unexpected(judgement.why);
  TRY_LET(auto p7m, turn.office.ports.signer.sign(content, turn.now));
  const auto p7m_hash = crypto::sha256(p7m);

  TRY_LET(const auto index, note(turn, partner_log(substance.to), custody::EntryKind::act_sent,
                                 Json::object({{"act", id.hex()},
                                               {"p7m", p7m_hash.hex()},
                                               {"sequence", act.order.sequence},
                                               {"side", exchange::name_of(side)},
                                               {"type", exchange::name_of(substance.type)}}),
                                 {.exchange = substance.exchange}));
  loaded.life.add(step);
  TRY(save_exchange(turn, loaded));
  for (auto& part : parts) TRY(turn.store().put_part({.owner = id.hex(), .part = std::move(part)}));
  ActRecord kept{.id = id,
                 .exchange = substance.exchange,
                 .side = side,
                 .sequence = act.order.sequence,
                 .type = substance.type,
                 .draft = substance.draft,
                 .p7m = std::move(p7m),
                 .logged_at = turn.now,
                 .log_index = place_in(current_log(turn.office, partner_log(substance.to)), index),
                 .standing = Standing::logged};
  TRY(turn.store().put_act(kept));
  TRY(turn.store().put_outbox({.act = id,
                               .partner = substance.to,
                               .exchange = substance.exchange,
                               .sequence = act.order.sequence,
                               .next_try_at = turn.now}));
  turn.notices.push_back(Json::object({{"kind", "act"},
                                       {"exchange", substance.exchange.hex()},
                                       {"type", exchange::name_of(substance.type)},
                                       {"phase", loaded.record.phase}}));
  return kept;
}

}  // namespace comity::node
