// Drafts at the desk: made, signed by officers with keys that are not here, sent when the
// signatures are complete. The desk counts and verifies; it never signs for an officer.
#include <algorithm>
#include <set>

#include "base/check.hpp"
#include "node/drafting.hpp"
#include "node/footing.hpp"
#include "node/hold.hpp"
#include "node/restored.hpp"
#include "node/roles.hpp"
#include "node/screening.hpp"
#include "treaty/form.hpp"

namespace comity::node {
namespace {

Result<DraftRecord> open_draft(Turn& turn, const DraftId& id) {
  TRY_LET(auto draft, turn.store().draft(id));
  if (!draft) return fault(FaultCode::not_found, "no draft " + id.hex());
  if (draft->state != "open") return fault(FaultCode::conflict, "the draft is " + draft->state);
  return *std::move(draft);
}

Result<exchange::Signer> verify_signature(Turn& turn, const DraftRecord& draft,
                                          const exchange::OfficerSignature& signature) {
  const auto signer = turn.office.ports.opener.open_detached(signature.signature, draft.content);
  if (!signer) return fault(FaultCode::officer_signature, signer.error().detail);
  TRY(active_officer(turn.office, signer->fingerprint(), turn.now));
  return exchange::signer_of(signature.duty, *signer);
}

Result<std::vector<exchange::Signer>> verify_signatures(Turn& turn, const DraftRecord& draft) {
  std::vector<exchange::Signer> signers;
  for (const auto& signature : draft.signatures) {
    TRY_LET(auto signer, verify_signature(turn, draft, signature));
    signers.push_back(std::move(signer));
  }
  return signers;
}

bool holds_any(const exchange::Signer& signer, const std::vector<std::string>& roles) {
  return std::ranges::any_of(roles, [&](const auto& role) {
    return std::ranges::find(signer.roles, role) != signer.roles.end();
  });
}

/// What may have changed between drafting and sending: dates pass, requests come.
Result<void> check_still_open(Turn& turn, const exchange::Substance& substance) {
  if (substance.type == ActType::closure || substance.type == ActType::delivery) {
    TRY_LET(const auto loaded, load_exchange(turn, substance.exchange));
    if (substance.type == ActType::closure) return check_release(turn, loaded);
    TRY_LET(const auto body, exchange::body_as<exchange::DeliveryBody>(substance));
    return check_delivery(turn, loaded, body);
  }
  return {};
}

/// That the row tells of the text that was signed: which signatures are asked for goes by the row,
/// what is done by the text.
Result<void> check_row(const DraftRecord& record, std::string_view draft, std::string_view type) {
  if (draft == record.id.hex() && type == record.type) return {};
  return fault(FaultCode::store_corrupt, "draft " + record.id.hex() + " is not what was signed");
}

}  // namespace

Result<void> check_signers(const std::vector<exchange::Duty>& duties,
                           const std::vector<exchange::Signer>& signers) {
  for (const auto& duty : duties) {
    const auto signer = std::ranges::find(signers, duty.name, &exchange::Signer::duty);
    if (signer == signers.end() && !duty.required) continue;
    if (signer == signers.end() || !holds_any(*signer, duty.roles))
      return fault(FaultCode::officer_role, "to sign as " + duty.name);
  }
  for (auto one = signers.begin(); one != signers.end(); ++one)
    for (auto other = std::next(one); other != signers.end(); ++other)
      if (one->key == other->key || one->name == other->name)
        return fault(FaultCode::officer_two, one->name);
  return {};
}

Result<crypto::Certificate> active_officer(const Office& office, const Digest& fingerprint,
                                           Instant at) {
  const auto found = office.officers.find(fingerprint);
  if (found == office.officers.end())
    return fault(FaultCode::officer_unknown, fingerprint.hex().substr(0, 16));
  if (found->second.revoked_from && *found->second.revoked_from <= at)
    return fault(FaultCode::directory_revoked, "officer " + fingerprint.hex().substr(0, 16));
  TRY_LET(auto certificate, crypto::Certificate::from_der(found->second.certificate));
  TRY(office.ports.opener.verify_issued(certificate, office.charter.root, crypto::Usage::officer,
                                        at));
  return certificate;
}

std::size_t active_officers(const Office& office, Instant at) {
  // People, not certificates: one whose certificate was renewed may have two for a while.
  std::set<Bytes> keys;
  for (const auto& [fingerprint, record] : office.officers)
    if (const auto certificate = active_officer(office, fingerprint, at))
      keys.insert(certificate->public_spki());
  return keys.size();
}

namespace {

/// A fingerprint is named where nothing but two people's word ties a root to this State.
bool confirms_root(View statement) {
  const auto content = formats::parse_canonical(statement);
  return !content || content->find("fingerprint") != nullptr;
}

}  // namespace

Asked asked_by(Turn& turn, const DraftRecord& draft) {
  if (draft.kind == "act") return asked_by_act(turn, draft);
  return {.duties = duties_of_statement(draft.type, draft.content,
                                        active_officers(turn.office, turn.now)),
          .not_by = {}};
}

std::vector<exchange::Duty> duties_of_statement(std::string_view kind, View content,
                                                std::size_t officers) {
  const exchange::Duty first{"approver", {"officer:approver"}},
      second{"second-approver", {"officer:approver"}};
  if (kind == "officer.add" || kind == "officer.revoke" || kind == "deputy.appoint")
    return officers >= 2 ? std::vector{first, second} : std::vector<exchange::Duty>{};
  if (kind == "entry.accept" || kind == "entry.revoke" || kind == "log.origin" ||
      kind == "backup.evidence_keys")
    return {first, second};
  if (kind == "entry.renew" && confirms_root(content)) return {first, second};
  if (kind == "act.review") return {{"reviewer", {"officer:approver", "officer:reviewer"}}};
  if (kind == "callback.record") return {{"caller", {"officer:approver", "officer:drafter"}}};
  const exchange::Duty screener{"screener", {"officer:screener"}};
  if (kind == "item.screen") return {screener};
  if (kind == "item.clear") return {screener, first};
  // Whoever comes upon it says so at once; nothing leaves by it.
  if (kind == "item.quarantine")
    return {{"finder",
             {"officer:executor", "officer:approver", "officer:drafter", "officer:screener"}}};
  if (kind == "item.destroy" || kind == "item.share")
    return {{"executor", {"officer:executor"}}, first};
  return officers > 0 ? std::vector{first} : std::vector<exchange::Duty>{};  // entry.renew
}

std::vector<std::string> missing(const Asked& asked, const DraftRecord& draft) {
  std::vector<std::string> names;
  for (const auto& duty : asked.duties)
    if (duty.required && std::ranges::none_of(draft.signatures, [&](const auto& one) {
          return one.duty == duty.name;
        }))
      names.push_back(duty.name);
  return names;
}

Json to_json(Turn& turn, const DraftRecord& draft) {
  auto duties = Json::array(), absent = Json::array(), signatures = Json::array();
  const auto asked = asked_by(turn, draft);
  for (const auto& duty : asked.duties) {
    if (!duty.required) continue;
    auto roles = Json::array();
    for (const auto& role : duty.roles) roles.push_back(role);
    duties.push_back(Json::object({{"name", duty.name}, {"roles", std::move(roles)}}));
  }
  for (const auto& name : missing(asked, draft)) absent.push_back(name);
  for (const auto& signature : draft.signatures) {
    const auto signer = turn.office.ports.opener.open_detached(signature.signature, draft.content);
    signatures.push_back(
        Json::object({{"duty", signature.duty},
                      {"name", signer ? signer->subject().common_name : std::string("?")}}));
  }
  auto json = Json::object({{"draft", draft.id.hex()},
                            {"kind", draft.kind},
                            {"type", draft.type},
                            {"content", base64(draft.content)},
                            {"created_by", draft.created_by},
                            {"created_at", to_text(draft.created_at)},
                            {"state", draft.state},
                            {"duties", std::move(duties)},
                            {"missing", std::move(absent)},
                            {"signatures", std::move(signatures)}});
  if (draft.exchange) json.set("exchange", draft.exchange->hex());
  if (asked.not_by) json.set("not_by", *asked.not_by);
  return json;
}

Result<Json> Desk::check(const Officer& who, const Json& input) {
  TRY(require_role(who, {"drafter", "approver"}));
  if (!input.is_object()) return fault(FaultCode::format_field, "check: not an object");
  formats::Fields fields(input, "check");
  const auto& charter = turn_.charter();
  TRY_LET(const auto instrument, fields.optional_text("instrument", 64));
  TRY_LET(const auto code, fields.text("measure", 64));
  TRY_LET(const auto* measure,
          need_measure(charter, instrument.value_or(charter.profile.instrument), code));
  TRY_LET(const auto* form, fields.value("fields"));
  TRY(fields.end());
  auto gaps = Json::array();
  for (const auto& gap : treaty::gaps(*measure, *form))
    gaps.push_back(Json::object({{"field", gap.field},
                                 {"label", gap.label},
                                 {"article", gap.article},
                                 {"why", gap.why},
                                 {"example", gap.example}}));
  return Json::object({{"gaps", std::move(gaps)}});
}

Result<Json> Desk::make_draft(const Officer& who, const Json& input) {
  if (!input.is_object()) return fault(FaultCode::format_field, "draft: not an object");
  const DraftId id{turn_.office.ports.random.draw<16>()};
  const auto* type = input.find("type");
  DraftRecord record{.id = id,
                     .created_by = who.fingerprint.is_zero() ? "" : who.fingerprint.hex(),
                     .created_at = turn_.now,
                     .state = "open"};
  std::vector<exchange::Part> parts;
  if (type && type->is_text() && type->text() == "statement") {
    TRY_LET(const Json statement, draft_statement(turn_, id, input));
    record.kind = "statement";
    record.type = statement.at("kind").text();
    record.content = to_bytes(formats::canonical(statement));
    // Before there are two officers the root's certificate is the authority for adding one.
    if (!asked_by(turn_, record).duties.empty())
      TRY(require_role(who, {"drafter", "approver", "executor", "screener"}));
  } else {
    TRY_LET(auto draft, draft_act(turn_, who, id, input));
    record.kind = "act";
    record.type = exchange::name_of(draft.substance.type);
    record.exchange = draft.substance.exchange;
    record.content = exchange::substance_content(draft.substance);
    TRY(exchange::read_substance(record.content));
    parts = std::move(draft.parts);
  }
  TRY(turn_.store().put_draft(record));
  for (auto& part : parts)
    TRY(turn_.store().put_part({.owner = id.hex(), .part = std::move(part)}));
  if (!who.fingerprint.is_zero())
    TRY(note(turn_, k_internal_log, custody::EntryKind::draft_made,
             Json::object({{"draft", id.hex()}, {"officer", who.fingerprint.hex()}}),
             {.exchange = record.exchange}));
  return to_json(turn_, record);
}

Result<Json> Desk::drafts(const Officer& who) {
  TRY(require_role(who, {}));
  TRY_LET(const auto drafts, turn_.store().open_drafts());
  auto list = Json::array();
  std::vector<std::string> ids;
  for (const auto& draft : drafts) {
    ids.push_back(draft.id.hex());
    list.push_back(to_json(turn_, draft));
  }
  TRY(note_list(turn_, who.fingerprint, "drafts", ids));
  return Json::object({{"drafts", std::move(list)}, {"exercise", turn_.charter().exercise}});
}

Result<Json> Desk::draft(const Officer& who, const DraftId& id) {
  TRY(require_role(who, {}));
  TRY_LET(const auto draft, turn_.store().draft(id));
  if (!draft) return fault(FaultCode::not_found, "no draft " + id.hex());
  TRY_LET(const auto parts, turn_.store().parts(id.hex()));
  auto json = to_json(turn_, *draft);
  auto list = Json::array();
  for (const auto& part : parts)
    list.push_back(Json::object({{"name", part.part.name},
                                 {"media_type", part.part.media_type},
                                 {"salt", base64(part.part.salt)},
                                 {"bytes", base64(part.part.bytes)}}));
  json.set("parts", std::move(list));
  TRY(note(turn_, k_internal_log, custody::EntryKind::read_draft,
           Json::object({{"draft", id.hex()}, {"officer", who.fingerprint.hex()}}),
           {.exchange = draft->exchange}));
  return json;
}

Result<Json> Desk::sign(const Officer& who, const DraftId& id, const Json& input) {
  TRY(require_role(who, {}));
  if (!input.is_object()) return fault(FaultCode::format_field, "signature: not an object");
  formats::Fields fields(input, "signature");
  exchange::OfficerSignature signature;
  TRY_LET(signature.duty, fields.text("duty", 64));
  TRY_LET(signature.signature, fields.bytes_base64("signature", std::size_t{32} * 1024));
  TRY(fields.end());
  TRY_LET(auto record, open_draft(turn_, id));
  const auto asked = asked_by(turn_, record);
  const auto duty = std::ranges::find(asked.duties, signature.duty, &exchange::Duty::name);
  if (duty == asked.duties.end())
    return fault(FaultCode::officer_role, "this draft asks for no " + signature.duty);
  TRY_LET(const auto signer, verify_signature(turn_, record, signature));
  if (!holds_any(signer, duty->roles))
    return fault(FaultCode::officer_role, "to sign as " + signature.duty);
  TRY(check_own_rules(turn_, record, asked, signer));
  TRY_LET(const auto others, verify_signatures(turn_, record));
  for (const auto& other : others) {
    if (other.duty == signature.duty) return fault(FaultCode::conflict, other.duty + " has signed");
    if (exchange::same_officer(other, signer)) return fault(FaultCode::officer_two, signer.name);
  }
  record.signatures.push_back(std::move(signature));
  TRY(note(turn_, k_internal_log, custody::EntryKind::draft_signed,
           Json::object({{"draft", id.hex()}, {"officer", signer.certificate.hex()}}),
           {.exchange = record.exchange}));
  TRY(turn_.store().put_draft(record));
  auto absent = Json::array();
  for (const auto& name : missing(asked, record)) absent.push_back(name);
  const bool complete = absent.size() == 0;
  return Json::object({{"complete", complete}, {"missing", std::move(absent)}});
}

Result<Json> Desk::send(const Officer& who, const DraftId& id) {
  TRY_LET(auto record, open_draft(turn_, id));
  const auto asked = asked_by(turn_, record);
  const auto absent = missing(asked, record);
  if (!asked.duties.empty())
    TRY(require_role(who, {"drafter", "approver", "executor", "screener"}));
  if (!absent.empty()) {
    std::string names;
    for (const auto& name : absent) names += (names.empty() ? "" : ", ") + name;
    return fault(FaultCode::officer_two, "signatures are missing: " + names);
  }
  // Verified again: an officer may have been revoked since.
  TRY_LET(const auto signers, verify_signatures(turn_, record));
  record.state = "used";
  if (record.kind == "statement") {
    std::vector<Digest> officers;
    for (const auto& signer : signers) officers.push_back(signer.certificate);
    TRY_LET(const Json statement, formats::parse_canonical(record.content));
    formats::Fields fields(statement, "statement");
    TRY_LET(const auto draft, fields.text("draft", 64));
    TRY_LET(const auto kind, fields.text("kind", 64));
    TRY(check_row(record, draft, kind));
    TRY(check_signers(asked.duties, signers));
    for (const auto& signer : signers) TRY(check_own_rules(turn_, record, asked, signer));
    TRY_LET(auto done, record.type == "log.origin" ? declare_origin(turn_, record)
                                                   : carry_out(turn_, statement, officers));
    TRY(turn_.store().put_draft(record));
    return done.set("kind", record.type).set("done", true);
  }
  TRY_LET(const auto substance, exchange::read_substance(record.content));
  TRY(check_row(record, substance.draft.hex(), exchange::name_of(substance.type)));
  TRY(exchange::check_duties(substance, signers));
  TRY(check_signers(asked.duties, signers));
  for (const auto& signer : signers) TRY(check_own_rules(turn_, record, asked, signer));
  TRY(check_still_open(turn_, substance));
  // The State's keys may have changed since it was drafted.
  if (substance.type == ActType::acceptance || substance.type == ActType::delivery)
    TRY(require_callback(turn_.office, substance.to));
  TRY_LET(const auto kept, turn_.store().parts(id.hex()));
  std::vector<exchange::Part> parts;
  for (const auto& part : kept) parts.push_back(part.part);
  std::optional<ItemRecord> item;
  if (substance.type == ActType::delivery) {
    TRY_LET(item, turn_.store().item(*ItemId::from_hex(substance.body.at("item").text())));
    CHECK(item);
    // Destroyed or released since it was drafted: what is gone does not come back.
    if (item->state != ItemState::sealed)
      return fault(FaultCode::conflict, "the item is " + std::string(name_of(item->state)));
    TRY(check_not_quarantined(turn_, item->id));
    if (const auto opening = evidence::read_opening(item->manifest);
        opening && opening->until <= turn_.now)
      return fault(FaultCode::evidence_ended, "it ended at " + to_text(opening->until));
  }
  TRY_LET(const auto act, post_act(turn_, substance, record.signatures, std::move(parts)));
  if (item) {
    item->state = ItemState::released;
    item->delivery = act.id;
    item->changed_at = turn_.now;
    TRY(turn_.store().put_item(*item));
    TRY(note(turn_, partner_log(substance.to), custody::EntryKind::item_released,
             Json::object({{"manifest", exchange::act_id(item->manifest).hex()},
                           {"officer", signers.back().certificate.hex()}}),
             {.exchange = substance.exchange, .item = item->id}));
    if (signers.size() == 1) TRY(tell_of_emergency(turn_, act, *item, signers[0].certificate));
  }
  if (was_decided_alone(turn_, substance, record.signatures))
    TRY(await_review(turn_, act.exchange));
  TRY(turn_.store().put_draft(record));
  TRY_LET(const auto loaded, load_exchange(turn_, substance.exchange));
  return Json::object({{"act", act.id.hex()},
                       {"exchange", act.exchange.hex()},
                       {"sequence", act.sequence},
                       {"type", record.type},
                       {"phase", loaded.record.phase}});
}

Result<Json> Desk::drop(const Officer& who, const DraftId& id) {
  TRY(require_role(who, {"drafter", "approver", "executor", "screener"}));
  TRY_LET(auto record, open_draft(turn_, id));
  record.state = "dropped";
  TRY(turn_.store().put_draft(record));
  // Its recipient was told to nobody. If we die before, the next start ends the key.
  if (record.type == exchange::name_of(ActType::request) && record.exchange)
    turn_.once_durable.push_back(
        [keys = &turn_.office.ports.evidence_keys, name = "request-" + record.exchange->hex()] {
          CHECK(keys->destroy(name));
        });
  TRY(note(turn_, k_internal_log, custody::EntryKind::draft_dropped,
           Json::object({{"draft", id.hex()}, {"officer", who.fingerprint.hex()}}),
           {.exchange = record.exchange}));
  return Json::object({{"draft", id.hex()}, {"state", "dropped"}});
}

}  // namespace comity::node
