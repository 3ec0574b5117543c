// Drafts of what comes between a request and its decision, and after delivery: returned, put off,
// authorised, proposed, replied to, told, annulled. As in draft_act.cpp, whatever can be known
// before signing is applied here.
#include <algorithm>

#include "node/authorisation.hpp"
#include "node/drafting.hpp"
#include "node/footing.hpp"
#include "node/history.hpp"
#include "treaty/instrument.hpp"

namespace comity::node {
namespace {

using exchange::NoticeKind;
using formats::Fields;

Result<void> add_words(Drafting& drafting, Fields& fields, const char* part) {
  TRY_LET(const auto words, fields.text(part, k_text_bytes_max));
  return drafting.add_text(part, words);
}

Result<void> add_words_if_any(Drafting& drafting, Fields& fields, const char* part) {
  TRY_LET(const auto words, fields.optional_text(part, k_text_bytes_max));
  if (words) TRY(drafting.add_text(part, *words));
  return {};
}

Result<std::vector<ItemId>> read_items(Fields& fields) {
  TRY_LET(const auto texts, fields.optional_texts("items", exchange::k_act_items_max));
  std::vector<ItemId> items;
  for (const auto& text : texts) {
    TRY_LET(const auto item, ItemId::from_hex(text));
    items.push_back(item);
  }
  return items;
}

Result<void> returned(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  exchange::ReturnBody body;
  TRY_LET(body.missing, fields.texts("missing", exchange::k_missing_max, 64));
  const auto* measure = measure_of(turn.charter(), loaded.record.instrument, loaded.record.measure);
  for (const auto& code : body.missing)
    if (measure != nullptr && measure->field(code) == nullptr)
      return fields.refuse("missing", "names " + code + ", which the form does not have");
  TRY(add_words(drafting, fields, "text"));
  drafting.body(std::move(body));
  return {};
}

Result<void> postponement(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  exchange::PostponementBody body;
  TRY_LET(body.ground, fields.text("ground", 64));
  TRY_LET(body.until, fields.instant("until"));
  if (body.until <= turn.now) return fields.refuse("until", "must lie ahead");
  TRY(read_consulted(fields, loaded.life.now(), body));
  TRY(add_words(drafting, fields, "reasons"));
  drafting.body(std::move(body));
  return {};
}

/// An authorisation wider than the request would let more be done than was asked for.
Result<void> check_scope(Turn& turn, const ExchangeId& exchange, Fields& fields,
                         const std::vector<std::string>& categories) {
  TRY_LET(const auto request, request_of(turn, exchange));
  TRY_LET(const auto asked, exchange::body_as<exchange::RequestBody>(request.act.substance));
  const auto* list = asked.fields.find("data_categories");
  if (list == nullptr || !list->is_array()) return {};
  for (const auto& category : categories)
    if (std::ranges::find(list->items(), Json(category)) == list->items().end())
      return fields.refuse("data_categories", "covers " + category + ", which was not asked for");
  return {};
}

Result<void> authorisation(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  TRY_LET(auto read, read_authorisation(fields));
  TRY(check_scope(turn, loaded.record.id, fields, read.told.data_categories));
  // The whole stays here; if we die before the act is sent, a record that nothing names is left.
  TRY(turn.store().put_setting("authorisation/" + read.told.record.hex(), read.record));
  drafting.body(std::move(read.told));
  return {};
}

Result<void> proposal(Drafting& drafting, Fields& fields) {
  exchange::ProposalBody body;
  TRY_LET(body.kind, fields.parsed<exchange::ProposalKind>("kind", exchange::proposal_kind));
  TRY_LET(body.proceeding, fields.optional_text("proceeding", exchange::k_reference_bytes_max));
  TRY_LET(body.state, fields.optional_state("state"));
  TRY_LET(body.until, fields.optional_instant("until"));
  TRY_LET(body.items, read_items(fields));
  TRY(add_words(drafting, fields, "text"));
  drafting.body(std::move(body));
  return {};
}

Result<void> reply(Drafting& drafting, const Loaded& loaded, Fields& fields) {
  exchange::ReplyBody body;
  TRY_LET(const auto to, fields.optional_digest("to"));
  TRY_LET(body.agrees, fields.boolean("agrees"));
  const auto situation = loaded.life.now();
  if (to) {
    body.to = *to;
  } else if (situation.conditions_pending) {
    body.to = situation.acceptance;
  } else {
    // What waits, if it is one thing alone.
    const auto waits = [&](const exchange::ProposalStanding& one) {
      return one.state == exchange::ProposalState::pending && one.by != loaded.record.our_side;
    };
    if (std::ranges::count_if(situation.proposals, waits) != 1)
      return fields.refuse("to", "must name the act that is replied to");
    body.to = std::ranges::find_if(situation.proposals, waits)->act;
  }
  TRY(add_words_if_any(drafting, fields, "text"));
  drafting.body(std::move(body));
  return {};
}

/// A node tells of no deletion that it did not carry out.
Result<void> check_deleted(Turn& turn, const exchange::NoticeBody& body) {
  for (const auto& id : body.items) {
    TRY_LET(const auto item, turn.store().item(id));
    if (!item || item->ours) return fault(FaultCode::evidence_unknown, id.hex());
    if (item->state != ItemState::destroyed)
      return fault(FaultCode::conflict, "the item " + id.hex() + " is " +
                                            std::string(name_of(item->state)) +
                                            ": destroy it with 'comity evidence destroy' first");
  }
  return {};
}

Result<void> notice(Turn& turn, Drafting& drafting, const Loaded& loaded, Fields& fields) {
  exchange::NoticeBody body;
  TRY_LET(body.kind, fields.parsed<NoticeKind>("kind", exchange::notice_kind));
  TRY_LET(body.until, fields.optional_instant("until"));
  TRY_LET(body.authority, fields.optional_text("authority", 64));
  TRY_LET(body.items, read_items(fields));
  const bool lies_ahead = body.kind != NoticeKind::secrecy_ending;
  if (body.until && lies_ahead && *body.until <= turn.now)
    return fields.refuse("until", "must lie ahead");
  if (body.kind == NoticeKind::deletion) TRY(check_deleted(turn, body));
  if (body.kind == NoticeKind::preservation_renewed ||
      body.kind == NoticeKind::preservation_ending) {
    TRY_LET(const auto acts, history_of(turn, loaded.record.id));
    const auto held = preserved_until(acts);
    // What was promised is held for as long as it was promised (42(8)).
    if (held && body.until && *body.until < *held)
      return fields.refuse("until", "is before " + to_text(*held) + ", which was promised");
  }
  TRY(add_words(drafting, fields, "text"));
  drafting.body(std::move(body));
  return {};
}

Result<void> annulment(Drafting& drafting, Fields& fields) {
  exchange::AnnulmentBody body;
  TRY_LET(body.authorisation, fields.optional_digest("authorisation"));
  TRY_LET(body.items, read_items(fields));
  TRY_LET(const auto demand, fields.optional_choice("demand", exchange::k_demands));
  body.demand = static_cast<exchange::Demand>(demand.value_or(0));
  TRY(add_words(drafting, fields, "reasons"));
  drafting.body(std::move(body));
  return {};
}

}  // namespace

Result<void> draft_step(Turn& turn, Drafting& drafting, const Loaded& loaded, ActType type,
                        Fields& fields) {
  switch (type) {
    case ActType::return_:
      return returned(turn, drafting, loaded, fields);
    case ActType::postponement:
      return postponement(turn, drafting, loaded, fields);
    case ActType::resumption:
      TRY(add_words_if_any(drafting, fields, "text"));
      drafting.body(exchange::ResumptionBody{loaded.life.now().put_off});
      return {};
    case ActType::authorisation:
      return authorisation(turn, drafting, loaded, fields);
    case ActType::proposal:
      return proposal(drafting, fields);
    case ActType::reply:
      return reply(drafting, loaded, fields);
    case ActType::notice:
      return notice(turn, drafting, loaded, fields);
    case ActType::annulment:
      return annulment(drafting, fields);
    default:
      return fault(FaultCode::act_form, "no draft of a " + std::string(name_of(type)));
  }
}

Result<void> check_delivery(Turn& turn, const Loaded& loaded, const exchange::DeliveryBody& body) {
  const auto* measure = measure_of(turn.charter(), loaded.record.instrument, loaded.record.measure);
  if (body.emergency && (measure == nullptr || !measure->emergency))
    return fault(FaultCode::act_illegal, loaded.record.measure + " knows no emergency");
  if (!body.authorisation) return {};
  TRY_LET(const auto record, turn.store().act(*body.authorisation));
  if (!record || record->type != ActType::authorisation || record->exchange != loaded.record.id)
    return fault(FaultCode::decision_authorisation, "there is none " + body.authorisation->hex());
  TRY_LET(const auto full, full_act(turn, *record));
  TRY_LET(const auto told, exchange::body_as<exchange::AuthorisationBody>(full.act.substance));
  if (turn.now < told.valid_from || told.valid_to <= turn.now)
    return fault(FaultCode::decision_authorisation, told.reference + " is valid from " +
                                                        to_text(told.valid_from) + " to " +
                                                        to_text(told.valid_to));
  return {};
}

}  // namespace comity::node
