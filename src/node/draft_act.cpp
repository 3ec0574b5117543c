// From what an officer asks for to the substance that officers sign. Every rule that can be known
// before signing is applied here, so that nobody signs what could not be sent.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "law/assess.hpp"
#include "law/decide.hpp"
#include "node/answer.hpp"
#include "node/drafting.hpp"
#include "node/footing.hpp"
#include "node/hold.hpp"
#include "node/judgement.hpp"
#include "node/screening.hpp"
#include "treaty/form.hpp"

namespace comity::node {
namespace {

using formats::Fields;

constexpr std::size_t k_translations_max = 16;

Result<void> request(Turn& turn, Drafting& drafting, exchange::Substance& substance,
                     Fields& fields) {
  const auto& charter = turn.charter();
  TRY_LET(substance.to, fields.state("to"));
  TRY_LET(const auto* partner, partner_in_force(turn.office, substance.to, turn.now));
  TRY_LET(const auto instrument, fields.optional_text("instrument", 64));
  if (instrument) substance.instrument = *instrument;
  TRY_LET(substance.measure, fields.text("measure", 64));
  TRY_LET(const auto* measure, need_measure(charter, substance.instrument, substance.measure));
  TRY_LET(const auto authority, fields.optional_text("authority", 64));
  const auto is_competent = [&](const directory::Authority& one) {
    return std::ranges::any_of(one.roles, [&](const auto& role) {
      return std::ranges::find(measure->roles, role) != measure->roles.end();
    });
  };
  const auto& authorities = partner->entry.authorities;
  const auto competent = std::ranges::find_if(authorities, [&](const auto& one) {
    return (!authority || one.code == *authority) && is_competent(one);
  });
  if (competent == authorities.end()) {
    // The wrong authority in the right State: say which is the right one.
    const auto right = std::ranges::find_if(authorities, is_competent);
    return fault(FaultCode::directory_role,
                 substance.to.text() +
                     (right == authorities.end()
                          ? " names none for " + substance.measure
                          : ": " + *authority + " does not deal with " + substance.measure +
                                "; the competent authority is " + right->code));
  }
  substance.to_authority = competent->code;
  substance.from_authority = charter.authority_code;
  TRY_LET(const auto without_treaty, fields.optional_text("without_treaty", 64));
  TRY(check_footing(charter, partner->entry.published, substance, without_treaty, turn.now));
  substance.exchange = ExchangeId{turn.office.ports.random.draw<16>()};
  TRY_LET(const auto* form, fields.value("fields"));
  TRY_LET(auto split, treaty::split(*measure, *form));
  exchange::RequestBody body{.fields = std::move(split.body), .without_treaty = without_treaty};
  TRY_LET(body.linked, fields.optional_id<ExchangeId>("linked"));
  // A recipient made for this request alone: one stolen key opens one case. Made durable before the
  // request can be signed; if we die here, an unused key stays behind.
  if (measure->delivers) {
    TRY_LET(body.recipient,
            turn.office.ports.evidence_keys.make("request-" + substance.exchange.hex()));
  }
  for (auto& part : split.parts)
    TRY(drafting.add(part.name, part.media_type, std::move(part.bytes)));
  drafting.body(std::move(body));
  return {};
}

Result<bool> has_text_part(Turn& turn, const ExchangeId& exchange, std::string_view name) {
  TRY_LET(const auto acts, turn.store().acts(exchange));
  for (const auto& act : acts) {
    TRY_LET(const auto parts, turn.store().parts(act.id.hex()));
    for (const auto& part : parts)
      if (part.part.name == name && part.part.media_type.starts_with("text/")) return true;
  }
  return false;
}

/// A translation is a part, signed by who made it: LANGUAGE.NAME, of what stood last before it as
/// NAME (spec/acts.md §6).
Result<void> translations(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  TRY_LET(const auto list, fields.optional_array("translations", k_translations_max));
  const auto& languages = turn.charter().treaties->vocabulary.languages;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto one = formats::item_fields(fields, "translations", i, list[i]);
    TRY_LET(const auto of, one.text("of", 60));
    TRY_LET(const bool is_there, has_text_part(turn, loaded.record.id, of));
    if (!is_there) return one.refuse("of", "names no text in this exchange");
    TRY_LET(const auto language, one.text("language", 2));
    if (std::ranges::find(languages, language) == languages.end())
      return one.refuse("language", "must be one of the six");
    TRY_LET(const auto text, one.text("text", k_text_bytes_max));
    TRY(one.end());
    TRY(drafting.add_text(language + "." + of, text));
  }
  return {};
}

Result<void> supplement(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  exchange::SupplementBody body;
  TRY_LET(body.answers, fields.optional_digest("answers"));
  TRY_LET(const auto text, fields.optional_text("text", k_text_bytes_max));
  if (text) TRY(drafting.add_text("text", *text));
  TRY(translations(turn, drafting, loaded, fields));
  TRY(draft_answer(turn, drafting, loaded, fields));
  drafting.body(std::move(body));
  return {};
}

Result<void> query(Drafting& drafting, Fields& fields) {
  TRY_LET(const auto kind, fields.choice("kind", exchange::k_query_kinds));
  TRY_LET(const auto text, fields.optional_text("text", k_text_bytes_max));
  if (text) TRY(drafting.add_text("text", *text));
  drafting.body(exchange::QueryBody{static_cast<exchange::QueryKind>(kind)});
  return {};
}

Result<void> consultation(Drafting& drafting, Fields& fields) {
  exchange::ConsultationBody body;
  TRY_LET(body.about, fields.text("about", 64));
  TRY_LET(const auto text, fields.text("text", k_text_bytes_max));
  TRY(drafting.add_text("text", text));
  drafting.body(std::move(body));
  return {};
}

Result<std::vector<law::Answer>> read_answers(Fields& fields) {
  const auto* answers = fields.optional_value("answers");
  if (!answers) return std::vector<law::Answer>{};
  return law::read_answers(*answers);
}

/// A ground that the measure does not know refuses no part of it either.
Result<void> check_grounds(const law::Assessment& assessment,
                           const std::vector<std::string>& grounds) {
  for (const auto& ground : grounds)
    if (std::ranges::find(assessment.refusal_grounds, ground) == assessment.refusal_grounds.end())
      return fault(FaultCode::decision_ground,
                   ground + ": can not refuse " + assessment.measure + " here");
  return {};
}

Result<void> acceptance(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  TRY(require_callback(turn.office, loaded.record.partner));
  TRY_LET(const auto assessment, assess_request(turn, loaded.record.id));
  TRY_LET(const auto answers, read_answers(fields));
  TRY(law::decision_allowed(assessment, answers, {.kind = law::DecisionKind::accept}));
  exchange::AcceptanceBody body;
  TRY_LET(const auto conditions, fields.optional_array("conditions", exchange::k_conditions_max));
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    auto one = formats::item_fields(fields, "conditions", i, conditions[i]);
    exchange::Condition condition;
    TRY_LET(condition.code, one.text("code", 64));
    TRY_LET(condition.text, one.text("text", exchange::k_statement_bytes_max));
    TRY_LET(condition.until, one.optional_instant("until"));
    TRY(one.end());
    body.conditions.push_back(std::move(condition));
  }
  TRY_LET(body.preserve_until, fields.optional_instant("preserve_until"));
  const auto& charter = turn.charter();
  const auto* measure = measure_of(charter, loaded.record.instrument, loaded.record.measure);
  if (measure != nullptr && measure->preserves) {
    const auto days =
        law::preservation_days(*applied(charter, loaded.record.instrument), charter.profile);
    const Instant least{turn.now.plus_s(days * k_day_s).ms / 1000 * 1000};
    body.secured_at = turn.now;
    if (!body.preserve_until) body.preserve_until = least.plus_s(60);
    if (*body.preserve_until < least)
      return fields.refuse("preserve_until",
                           fmt::format("not before {} ({} days)", to_text(least), days));
  } else if (body.preserve_until) {
    return fields.refuse("preserve_until", "this request preserves nothing");
  }
  TRY_LET(auto part, fields.optional_object("refused"));
  if (part) {
    exchange::RefusedPart refused;
    TRY_LET(refused.grounds, part->texts("grounds", exchange::k_grounds_max, 64));
    TRY(check_grounds(assessment, refused.grounds));
    TRY_LET(const auto reasons, part->text("reasons", k_text_bytes_max));
    TRY(drafting.add_text("reasons", reasons));
    TRY(read_consulted(*part, loaded.life.now(), refused));
    TRY(part->end());
    body.refused = std::move(refused);
  }
  TRY_LET(body.assessment, keep_decision(turn, assessment, answers));
  drafting.body(std::move(body));
  return {};
}

Result<void> refusal(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  TRY_LET(const auto assessment, assess_request(turn, loaded.record.id));
  TRY_LET(const auto answers, read_answers(fields));
  law::Decision decision{.kind = law::DecisionKind::refuse};
  TRY_LET(decision.grounds, fields.texts("grounds", exchange::k_grounds_max, 64));
  TRY_LET(decision.reasons, fields.text("reasons", k_text_bytes_max));
  TRY_LET(const auto impossible,
          fields.optional_text("consultation_impossible", exchange::k_statement_bytes_max));
  const auto situation = loaded.life.now();
  decision.consultation_offered = situation.consulted();
  decision.consultation_impossible = impossible.value_or("");
  TRY(law::decision_allowed(assessment, answers, decision));
  exchange::RefusalBody body{.grounds = decision.grounds};
  if (situation.consulted())
    body.consultation = situation.consultations.back();
  else
    body.consultation_impossible = impossible;
  TRY(drafting.add_text("reasons", decision.reasons));
  TRY_LET(body.assessment, keep_decision(turn, assessment, answers));
  drafting.body(std::move(body));
  return {};
}

Result<void> delivery(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  TRY(require_callback(turn.office, loaded.record.partner));
  TRY_LET(const auto id, fields.id<ItemId>("item"));
  TRY_LET(const auto item, turn.store().item(id));
  if (!item || item->exchange != loaded.record.id || !item->ours)
    return fault(FaultCode::evidence_unknown, id.hex());
  if (item->state != ItemState::sealed)
    return fault(FaultCode::conflict, "the item is " + std::string(name_of(item->state)));
  TRY(check_not_quarantined(turn, id));
  TRY(drafting.add("manifest", "application/json", item->manifest));
  exchange::DeliveryBody body{loaded.life.now().acceptance, id, "manifest"};
  TRY_LET(body.authorisation, fields.optional_digest("authorisation"));
  TRY_LET(const auto emergency, fields.optional_boolean("emergency"));
  body.emergency = emergency.value_or(false);
  TRY(check_delivery(turn, loaded, body));
  drafting.body(std::move(body));
  return {};
}

Result<void> withdrawal(Drafting& drafting, Fields& fields) {
  TRY_LET(const auto reasons, fields.optional_text("reasons", k_text_bytes_max));
  if (reasons) TRY(drafting.add_text("reasons", *reasons));
  drafting.body(exchange::WithdrawalBody{});
  return {};
}

Result<void> closure(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  TRY(check_release(turn, loaded));
  TRY_LET(const auto outcome, fields.optional_text("outcome", 64));
  const auto phase = loaded.life.now().phase;
  drafting.body(
      exchange::ClosureBody{outcome.value_or(phase == exchange::Phase::refused     ? "refused"
                                             : phase == exchange::Phase::withdrawn ? "withdrawn"
                                                                                   : "executed")});
  return {};
}

/// Who speaks to whom, as the request settled it.
Result<void> address(Turn& turn, exchange::Substance& substance, const Loaded& loaded) {
  TRY_LET(const auto first, request_of(turn, loaded.record.id));
  const auto& asked = first.act.substance;
  const bool ours = loaded.record.our_side == Side::requester;
  substance.exchange = loaded.record.id;
  substance.measure = asked.measure;
  substance.instrument = asked.instrument;
  substance.to = loaded.record.partner;
  substance.from_authority = ours ? asked.from_authority : asked.to_authority;
  substance.to_authority = ours ? asked.to_authority : asked.from_authority;
  return {};
}

/// That it says what such an act may say, and that the step is open now, before anybody is asked to
/// sign it.
Result<void> check_open(const Loaded& loaded, const exchange::Substance& substance) {
  TRY(exchange::read_body(substance));
  const auto side = loaded.record.our_side;
  const exchange::Act provisional{.substance = substance,
                                  .order = {.sequence = loaded.life.next_sequence(side),
                                            .previous = loaded.life.last(side),
                                            .seen = loaded.life.seen_now(side)}};
  const auto judgement = loaded.life.judge(exchange::step_of(provisional, Digest{{1}}, side));
  if (!judgement.takes()) return std::unexpected(judgement.why);
  return {};
}

}  // namespace

Result<ActDraft> draft_act(Turn& turn, const Officer& who, const DraftId& id, const Json& input) {
  Fields fields(input, "draft");
  TRY_LET(const auto type_name, fields.text("type", 32));
  TRY_LET(const auto type, exchange::act_type(type_name));
  ActDraft draft;
  auto& substance = draft.substance;
  substance.exercise = turn.charter().exercise;
  substance.draft = id;
  substance.type = type;
  substance.from = turn.charter().state;
  substance.instrument = turn.charter().profile.instrument;
  Drafting drafting(turn, draft);
  if (type == ActType::request) {
    TRY(require_role(who, {"drafter", "approver"}));
    TRY(request(turn, drafting, substance, fields));
    TRY(fields.end());
    return draft;
  }
  if (type == ActType::arrival || type == ActType::completion)
    return fault(FaultCode::forbidden, "the node itself says what arrived, and what ended");
  TRY(require_role(who, {"drafter", "approver", "executor"}));
  TRY_LET(const auto exchange_id, fields.id<ExchangeId>("exchange"));
  TRY_LET(const auto loaded, load_exchange(turn, exchange_id));
  TRY(address(turn, substance, loaded));
  switch (type) {
    case ActType::supplement:
      TRY(supplement(turn, drafting, loaded, fields));
      break;
    case ActType::query:
      TRY(query(drafting, fields));
      break;
    case ActType::consultation:
      TRY(consultation(drafting, fields));
      break;
    case ActType::acceptance:
      TRY(acceptance(turn, drafting, loaded, fields));
      break;
    case ActType::refusal:
      TRY(refusal(turn, drafting, loaded, fields));
      break;
    case ActType::delivery:
      TRY(delivery(turn, drafting, loaded, fields));
      break;
    case ActType::withdrawal:
      TRY(withdrawal(drafting, fields));
      break;
    case ActType::closure:
      TRY(closure(turn, drafting, loaded, fields));
      break;
    case ActType::request:
    case ActType::arrival:
    case ActType::completion:
      break;
    default:
      TRY(draft_step(turn, drafting, loaded, type, fields));
  }
  TRY(fields.end());
  TRY(check_open(loaded, substance));
  return draft;
}

}  // namespace comity::node
