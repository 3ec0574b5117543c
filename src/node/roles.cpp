#include "node/roles.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "node/judgement.hpp"
#include "node/screening.hpp"
#include "node/vouched.hpp"

namespace comity::node {
namespace {

using exchange::Haste;

constexpr std::string_view k_deputy = "officer:deputy";

bool holds(const exchange::Signer& signer, std::string_view role) {
  return std::ranges::find(signer.roles, role) != signer.roles.end();
}

/// Nothing else lets this officer sign in that duty.
bool signs_as_deputy(const exchange::Signer& signer, const exchange::Duty& duty) {
  return holds(signer, k_deputy) && std::ranges::none_of(duty.roles, [&](const auto& role) {
           return role != k_deputy && holds(signer, role);
         });
}

bool asks_for_evidence(const exchange::Substance& substance) {
  return substance.type == ActType::request && exchange::haste_of(substance) == Haste::none;
}

std::string setting_of(const char* what, const Digest& id) {
  return std::string(what) + "/" + id.hex();
}

}  // namespace

Asked asked_by_act(Turn& turn, const DraftRecord& draft) {
  const auto type = exchange::act_type(draft.type);
  CHECK(type);
  const auto substance = exchange::read_substance(draft.content);
  const auto common =
      substance ? exchange::duties_of(*substance) : exchange::duties_of(*type, Haste::none);
  Asked asked{.duties = {common.begin(), common.end()}, .not_by = {}};
  if (!substance) return asked;
  if (!draft.created_by.empty() && asks_for_evidence(*substance)) asked.not_by = draft.created_by;
  if (!needs_second_reviewer(turn, *substance)) return asked;
  for (auto& duty : asked.duties)
    if (duty.name == "reviewer") duty.required = true;
  return asked;
}

namespace {

/// Whoever screens takes no part, and whoever takes part does not screen.
Result<void> check_apart(Turn& turn, const DraftRecord& draft, const exchange::Signer& signer) {
  if (draft.kind == "act")
    return draft.exchange ? check_no_screener(turn, *draft.exchange, signer) : Result<void>();
  if (signer.duty != k_screener) return {};
  TRY_LET(const Json content, formats::parse_canonical(draft.content));
  TRY_LET(const auto said, read_signed_statement(content));
  TRY_LET(const auto exchange, screened_exchange(turn, said));
  return exchange ? check_outside(turn, *exchange, signer) : Result<void>();
}

/// Another approves what this officer drafted.
Result<void> check_not_drafter(Turn& turn, const std::string& drafter,
                               const exchange::Signer& signer) {
  TRY_LET(const auto fingerprint, Digest::from_hex(drafter));
  const auto known = turn.office.officers.find(fingerprint);
  if (known == turn.office.officers.end()) return {};
  TRY_LET(const auto certificate, crypto::Certificate::from_der(known->second.certificate));
  if (exchange::same_officer(exchange::signer_of("drafter", certificate), signer))
    return fault(FaultCode::officer_two, signer.name + " drafted it; another one approves it");
  return {};
}

}  // namespace

Result<void> check_own_rules(Turn& turn, const DraftRecord& draft, const Asked& asked,
                             const exchange::Signer& signer) {
  TRY(check_apart(turn, draft, signer));
  if (asked.not_by && signer.duty == "approver")
    TRY(check_not_drafter(turn, *asked.not_by, signer));
  for (const auto& duty : asked.duties) {
    if (duty.name != signer.duty || !signs_as_deputy(signer, duty)) continue;
    TRY_LET(const auto appointment, appointed_by_officers(turn.office, signer.certificate));
    if (!appointment || turn.now < appointment->from || appointment->to <= turn.now)
      return fault(FaultCode::officer_role, signer.name + " is not appointed as deputy for today");
  }
  return {};
}

Result<void> check_appointment(Turn& turn, const DeputyAppoint& said) {
  TRY_LET(const auto certificate, active_officer(turn.office, said.officer, turn.now));
  const auto& roles = certificate.subject().roles;
  if (std::ranges::find(roles, k_deputy) == roles.end())
    return fault(FaultCode::officer_role,
                 certificate.subject().common_name + " has no certificate as deputy");
  return {};
}

Result<Json> appoint_deputy(Turn& turn, const DeputyAppoint& said) {
  TRY(check_appointment(turn, said));
  TRY(turn.store().put_setting(deputy_setting(said.officer), said.draft.hex()));
  TRY(note(turn, k_internal_log, custody::EntryKind::deputy_appointed,
           Json::object({{"officer", said.officer.hex()},
                         {"from", to_text(said.from)},
                         {"to", to_text(said.to)}})));
  return Json::object(
      {{"officer", said.officer.hex()}, {"from", to_text(said.from)}, {"to", to_text(said.to)}});
}

namespace {

/// The act, if it is ours and one officer decided it alone.
Result<FullAct> decided_alone(Turn& turn, const Digest& id) {
  TRY_LET(const auto record, turn.store().act(id));
  if (!record) return fault(FaultCode::not_found, "no act " + id.hex());
  TRY_LET(auto full, full_act(turn, *record));
  const bool ours = full.act.substance.from == turn.charter().state;
  if (!ours || !was_decided_alone(turn, full.act.substance, full.act.officers))
    return fault(FaultCode::conflict, "no officer of this State decided it alone");
  TRY_LET(const auto before, review_of_act(turn, id));
  if (before) return fault(FaultCode::conflict, "it was reviewed on " + to_text(before->at));
  return full;
}

}  // namespace

Result<void> check_review(Turn& turn, const ActReview& said) {
  TRY(decided_alone(turn, said.act));
  return {};
}

Result<Json> review_act(Turn& turn, const ActReview& said, const Digest& reviewer) {
  TRY_LET(const auto full, decided_alone(turn, said.act));
  const auto content = exchange::substance_content(full.act.substance);
  TRY_LET(const auto certificate, active_officer(turn.office, reviewer, turn.now));
  for (const auto& officer : full.act.officers) {
    TRY_LET(const auto signer, turn.office.ports.opener.open_detached(officer.signature, content));
    if (signer.public_spki() == certificate.public_spki() ||
        signer.subject().common_name == certificate.subject().common_name)
      return fault(FaultCode::officer_two, certificate.subject().common_name);
  }
  TRY(turn.store().put_setting(
      setting_of("review", said.act),
      formats::canonical(Json::object(
          {{"agrees", said.agrees}, {"at", to_text(turn.now)}, {"reviewer", reviewer.hex()}}))));
  TRY(note(
      turn, k_internal_log, custody::EntryKind::act_reviewed,
      Json::object({{"act", said.act.hex()}, {"officer", reviewer.hex()}, {"agrees", said.agrees}}),
      {.exchange = full.record.exchange}));
  return Json::object({{"act", said.act.hex()}, {"agrees", said.agrees}});
}

Result<std::optional<Review>> review_of_act(Turn& turn, const Digest& act) {
  TRY_LET(const auto kept, turn.store().setting(setting_of("review", act)));
  if (!kept) return std::nullopt;
  TRY_LET(const Json json, formats::parse_json(as_bytes(*kept)));
  formats::Fields fields(json, "review");
  Review review{.act = act};
  TRY_LET(review.agrees, fields.boolean("agrees"));
  TRY_LET(review.at, fields.instant("at"));
  TRY_LET(review.reviewer, fields.digest("reviewer"));
  return review;
}

Result<void> tell_of_emergency(Turn& turn, const ActRecord& delivery, const ItemRecord& item,
                               const Digest& officer) {
  TRY(note(turn, k_internal_log, custody::EntryKind::emergency_told,
           Json::object({{"act", delivery.id.hex()}, {"officer", officer.hex()}}),
           {.exchange = delivery.exchange, .item = item.id}));
  turn.notices.push_back(Json::object({{"kind", "emergency"},
                                       {"exchange", delivery.exchange.hex()},
                                       {"item", item.id.hex()},
                                       {"act", delivery.id.hex()}}));
  return {};
}

namespace {

constexpr std::string_view k_awaiting = "awaiting-review";

Result<void> keep_awaiting(Turn& turn, const std::vector<ExchangeId>& exchanges) {
  std::string text;
  for (const auto& one : exchanges) text += (text.empty() ? "" : " ") + one.hex();
  return turn.store().put_setting(k_awaiting, text);
}

}  // namespace

Result<std::vector<ExchangeId>> awaiting_review(Turn& turn) {
  TRY_LET(const auto kept, turn.store().setting(k_awaiting));
  std::vector<ExchangeId> exchanges;
  for (std::size_t at = 0; kept && at < kept->size(); at += 33) {
    TRY_LET(const auto id, ExchangeId::from_hex(std::string_view(*kept).substr(at, 32)));
    exchanges.push_back(id);
  }
  return exchanges;
}

Result<void> await_review(Turn& turn, const ExchangeId& exchange) {
  TRY_LET(auto exchanges, awaiting_review(turn));
  if (std::ranges::find(exchanges, exchange) != exchanges.end()) return {};
  exchanges.push_back(exchange);
  return keep_awaiting(turn, exchanges);
}

Result<void> end_review(Turn& turn, const ExchangeId& exchange) {
  TRY_LET(auto exchanges, awaiting_review(turn));
  if (std::erase(exchanges, exchange) == 0) return {};
  return keep_awaiting(turn, exchanges);
}

bool was_decided_alone(Turn& turn, const exchange::Substance& substance,
                       const std::vector<exchange::OfficerSignature>& officers) {
  const auto haste = exchange::haste_of(substance);
  if (haste == Haste::none || officers.size() != 1) return false;
  if (haste == Haste::emergency) return true;
  const auto content = exchange::substance_content(substance);
  const auto certificate = turn.office.ports.opener.open_detached(officers[0].signature, content);
  if (!certificate) return false;
  const auto signer = exchange::signer_of(officers[0].duty, *certificate);
  return !holds(signer, "officer:approver") && !holds(signer, k_deputy);
}

}  // namespace comity::node
