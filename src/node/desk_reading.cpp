// Reading at the desk. Every read of a request is logged, with who and when, before it is shown.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "crypto/digest.hpp"
#include "custody/anchor.hpp"
#include "exchange/open.hpp"
#include "formats/text.hpp"
#include "node/draft.hpp"
#include "node/footing.hpp"
#include "node/judgement.hpp"
#include "node/review.hpp"
#include "treaty/form.hpp"

namespace comity::node {
namespace {

constexpr std::uint64_t k_entries_max = 1000;
constexpr std::size_t k_exchanges_max = 1000;  // in one answer

Json summary(const ExchangeRecord& record) {
  auto json = Json::object({{"id", record.id.hex()},
                            {"partner", record.partner.text()},
                            {"side", exchange::name_of(record.our_side)},
                            {"instrument", record.instrument},
                            {"measure", record.measure},
                            {"phase", record.phase},
                            {"opened_at", to_text(record.opened_at)},
                            {"changed_at", to_text(record.changed_at)}});
  json.set("linked", record.linked ? Json(record.linked->hex()) : Json());
  return json;
}

Json situation_json(const exchange::Situation& situation) {
  auto deliveries = Json::array(), queries = Json::array();
  for (const auto& delivery : situation.deliveries)
    deliveries.push_back(Json::object({{"act", delivery.act.hex()},
                                       {"item", delivery.item.hex()},
                                       {"state", exchange::name_of(delivery.state)}}));
  for (const auto& query : situation.open_queries)
    queries.push_back(
        Json::object({{"act", query.act.hex()}, {"by", exchange::name_of(query.by)}}));
  auto proposals = Json::array(), authorisations = Json::array();
  for (const auto& proposal : situation.proposals)
    proposals.push_back(Json::object({{"act", proposal.act.hex()},
                                      {"by", exchange::name_of(proposal.by)},
                                      {"kind", exchange::name_of(proposal.kind)},
                                      {"state", exchange::name_of(proposal.state)}}));
  for (const auto& id : situation.authorisations) authorisations.push_back(id.hex());
  auto json = Json::object({{"phase", exchange::name_of(situation.phase)},
                            {"suspended", situation.suspended},
                            {"preserves", situation.preserves},
                            {"proposals", std::move(proposals)},
                            {"authorisations", std::move(authorisations)},
                            {"delivers", situation.delivers},
                            {"consulted", situation.consulted()},
                            {"conditions_pending", situation.conditions_pending},
                            {"deliveries", std::move(deliveries)},
                            {"open_queries", std::move(queries)}});
  const auto hex_or_null = [](const Digest& id) { return id.is_zero() ? Json() : Json(id.hex()); };
  json.set("acceptance", hex_or_null(situation.acceptance));
  json.set("returned", hex_or_null(situation.returned));
  return json;
}

Json part_json(const PartRecord& part) {
  auto json = Json::object({{"name", part.part.name},
                            {"media_type", part.part.media_type},
                            {"size", part.part.bytes.size()}});
  if (!part.erased.empty())
    json.set("erased", part.erased);
  else if (part.part.bytes.size() <= std::size_t{64} * 1024 &&
           formats::is_utf8(as_text(part.part.bytes)))
    json.set("text", std::string(as_text(part.part.bytes)));
  return json;
}

Result<Json> act_json(Turn& turn, const ActRecord& record, std::size_t number,
                      const exchange::Situation& situation) {
  TRY_LET(const auto full, full_act(turn, record));
  auto officers = Json::array(), parts = Json::array();
  const auto content = exchange::substance_content(full.act.substance);
  for (const auto& signature : full.act.officers) {
    const auto signer = turn.office.ports.opener.open_detached(signature.signature, content);
    officers.push_back(
        Json::object({{"duty", signature.duty},
                      {"name", signer ? signer->subject().common_name : std::string("?")}}));
  }
  for (const auto& part : full.parts) parts.push_back(part_json(part));
  constexpr std::array<std::string_view, 3> standings{"logged", "receipted", "rejected"};
  auto json = Json::object(
      {{"number", number},
       {"id", record.id.hex()},
       {"side", exchange::name_of(record.side)},
       {"type", exchange::name_of(record.type)},
       {"sequence", record.sequence},
       {"made_at", to_text(full.act.order.made_at)},
       {"logged_at", to_text_ms(record.logged_at)},
       {"log_index", record.log_index},
       {"standing", standings[static_cast<std::size_t>(record.standing)]},
       {"receipt", !record.receipt.empty()},
       {"body", full.act.substance.body},
       {"officers", std::move(officers)},
       {"parts", std::move(parts)},
       {"moot", std::ranges::find(situation.moot, record.id) != situation.moot.end()}});
  if (!record.rejection.empty()) {
    TRY_LET(const auto opened, turn.office.ports.opener.open(record.rejection));
    TRY_LET(const auto rejection, exchange::read_rejection(opened.content));
    json.set("rejection",
             Json::object({{"code", row_of(rejection.code).name}, {"detail", rejection.detail}}));
  }
  return json;
}

/// What came first under keys that nobody has confirmed by voice asks for a call, on every page
/// where an officer would decide upon it.
void ask_to_call_back(const Turn& turn, const StateCode& partner, Json& page) {
  if (must_call_back(turn.office, partner))
    page.set("call_back", second_contacts(turn.office, partner));
}

}  // namespace

Json Desk::status() {
  auto& office = turn_.office;
  auto logs = Json::array(), partners = Json::array();
  for (const auto& [name, book] : office.books)
    if (book.state)
      logs.push_back(Json::object(
          {{"name", name}, {"origin", book.state->origin()}, {"size", book.state->size()}}));
  for (const auto& [state, accepted] : office.partners)
    partners.push_back(
        Json::object({{"state", state.text()},
                      {"serial", accepted.entry.serial},
                      {"status", directory::name_of(directory::status_at(accepted, turn_.now))}}));
  const auto waiting = turn_.store().outbox_size();
  return Json::object({{"state", office.charter.state.text()},
                       {"exercise", office.charter.exercise},
                       {"version", COMITY_VERSION},
                       {"officers", active_officers(office, turn_.now)},
                       {"partners", std::move(partners)},
                       {"logs", std::move(logs)},
                       {"outbox", waiting.value_or(0)}});
}

Result<Officer> Desk::officer(const Digest& fingerprint) {
  TRY_LET(const auto certificate, active_officer(turn_.office, fingerprint, turn_.now));
  return Officer{fingerprint, certificate.subject().common_name, certificate.subject().roles,
                 certificate.public_spki()};
}

Result<Json> Desk::measures(const std::string& instrument) {
  const auto& charter = turn_.charter();
  const auto* asked =
      applied(charter, instrument.empty() ? charter.profile.instrument : instrument);
  if (asked == nullptr) return fault(FaultCode::act_measure, instrument);
  auto instruments = Json::array(), list = Json::array();
  for (const auto& one : charter.profile.instruments) instruments.push_back(one.instrument);
  for (const auto& measure : asked->measures)
    list.push_back(Json::object({{"code", measure.code},
                                 {"title", treaty::in_language(measure.title)},
                                 {"schema", treaty::schema_of(measure)}}));
  return Json::object({{"instrument", asked->code},
                       {"instruments", std::move(instruments)},
                       {"measures", std::move(list)}});
}

Result<Json> Desk::exchanges(const Officer& who, ExchangeFilter filter) {
  TRY(require_role(who, {}));
  if (filter.limit == 0 || filter.limit > k_exchanges_max)
    return fault(FaultCode::limit_count, fmt::format("1 to {} exchanges at once", k_exchanges_max));
  const auto limit = filter.limit++;  // one more tells whether there are more
  TRY_LET(auto records, turn_.store().exchanges(filter));
  const bool is_more = records.size() > limit;
  if (is_more) records.pop_back();
  auto list = Json::array();
  std::vector<std::string> ids;
  for (const auto& record : records) {
    ids.push_back(record.id.hex());
    list.push_back(summary(record));
  }
  TRY(note_list(turn_, who.fingerprint, "exchanges", ids));
  auto page =
      Json::object({{"exchanges", std::move(list)}, {"exercise", turn_.charter().exercise}});
  const bool has_place = is_more && filter.begins_with.empty();
  page.set("next",
           has_place ? Json(place_text({records.back().changed_at, records.back().id})) : Json());
  return page;
}

std::string place_text(const ExchangePlace& place) {
  return fmt::format("{}.{}", place.changed_at.ms, place.id.hex());
}

Result<ExchangePlace> read_place(std::string_view text) {
  const auto dot = text.find('.');
  const auto ms = formats::decimal(text.substr(0, dot), FaultCode::bad_usage);
  const auto id = ExchangeId::from_hex(dot == text.npos ? "" : text.substr(dot + 1));
  if (!ms || *ms > std::uint64_t{std::numeric_limits<std::int64_t>::max()} || !id)
    return fault(FaultCode::bad_usage, "'after' is what stood in 'next'");
  return ExchangePlace{Instant{static_cast<std::int64_t>(*ms)}, *id};
}

Result<Json> Desk::exchange(const Officer& who, const ExchangeId& id) {
  TRY(require_role(who, {}));
  TRY_LET(const auto loaded, load_exchange(turn_, id));
  const auto situation = loaded.life.now();
  TRY_LET(const auto records, turn_.store().acts(id));
  auto acts = Json::array(), waiting = Json::array(), drafts = Json::array();
  std::size_t number = 0;
  for (const auto& record : records) {
    TRY_LET(auto act, act_json(turn_, record, ++number, situation));
    acts.push_back(std::move(act));
    TRY_LET(const auto outbox, turn_.store().outbox(record.id));
    if (outbox)
      waiting.push_back(Json::object({{"act", record.id.hex()},
                                      {"attempts", outbox->attempts},
                                      {"next_try_at", to_text(outbox->next_try_at)},
                                      {"last_fault", outbox->last_fault}}));
  }
  TRY_LET(const auto open, turn_.store().open_drafts());
  for (const auto& draft : open)
    if (draft.exchange == id) drafts.push_back(to_json(turn_, draft));
  TRY_LET(const auto items, turn_.store().items(id));
  auto list = Json::array();
  for (const auto& item : items)
    list.push_back(
        Json::object({{"id", item.id.hex()}, {"name", item.name}, {"state", name_of(item.state)}}));
  TRY(note(turn_, k_internal_log, custody::EntryKind::read_request,
           Json::object({{"officer", who.fingerprint.hex()}}), {.exchange = id}));
  auto json = summary(loaded.record);
  json.set("exercise", turn_.charter().exercise);
  json.set("situation", situation_json(situation));
  auto steps = Json::array();
  for (const auto type : exchange::open_to(situation, loaded.record.our_side))
    steps.push_back(exchange::name_of(type));
  json.set("open_acts", std::move(steps));
  json.set("acts", std::move(acts));
  json.set("items", std::move(list));
  json.set("waiting", std::move(waiting));
  json.set("open_drafts", std::move(drafts));
  const bool is_theirs_there = std::ranges::any_of(
      records, [&](const auto& record) { return record.side != loaded.record.our_side; });
  if (is_theirs_there) ask_to_call_back(turn_, loaded.record.partner, json);
  return json;
}

Result<Json> Desk::assessment(const Officer& who, const ExchangeId& id) {
  TRY(require_role(who, {}));
  TRY_LET(const auto assessment, assess_request(turn_, id));
  auto json = law::to_json(assessment);
  const auto digest = crypto::sha256(as_bytes(formats::canonical(json)));
  TRY(note(turn_, k_internal_log, custody::EntryKind::decision_assessed,
           Json::object({{"officer", who.fingerprint.hex()}, {"assessment", digest.hex()}}),
           {.exchange = id}));
  json.set("digest", digest.hex());
  TRY_LET(const auto loaded, load_exchange(turn_, id));
  ask_to_call_back(turn_, loaded.record.partner, json);
  return json;
}

Result<Json> Desk::log_entries(const Officer& who, std::string_view log, std::uint64_t from,
                               std::uint64_t to) {
  TRY(require_role(who, {"auditor", "approver"}));
  if (!turn_.office.books.contains(log))
    return fault(FaultCode::not_found, "no log " + std::string(log));
  if (to < from || to - from > k_entries_max)
    return fault(FaultCode::limit_count, "1,000 entries at once");
  TRY_LET(const auto rows, entries_of(turn_, log, from, to));
  auto list = Json::array();
  for (const auto& row : rows) {
    TRY_LET(auto entry, formats::parse_json(row.entry));
    list.push_back(Json::object({{"index", row.index}, {"entry", std::move(entry)}}));
  }
  TRY(note(turn_, k_internal_log, custody::EntryKind::read_log,
           Json::object({{"officer", who.fingerprint.hex()}})));
  return Json::object({{"log", log}, {"entries", std::move(list)}});
}

Result<Json> Desk::officers(const Officer& who) {
  if (!turn_.office.officers.empty()) TRY(require_role(who, {}));
  auto list = Json::array();
  for (const auto& [fingerprint, record] : turn_.office.officers) {
    TRY_LET(const auto certificate, crypto::Certificate::from_der(record.certificate));
    auto roles = Json::array();
    for (const auto& role : certificate.subject().roles) roles.push_back(role);
    auto json = Json::object({{"officer", fingerprint.hex()},
                              {"name", certificate.subject().common_name},
                              {"roles", std::move(roles)},
                              {"valid_to", to_text(certificate.not_after())}});
    if (record.revoked_from)
      json.set("revoked_from", to_text(*record.revoked_from)).set("reason", record.reason);
    list.push_back(std::move(json));
  }
  return Json::object({{"officers", std::move(list)}});
}

Result<Json> Desk::directory(const Officer& who) {
  TRY(require_role(who, {}));
  auto list = Json::array();
  for (const auto& [state, accepted] : turn_.office.partners)
    list.push_back(
        Json::object({{"state", state.text()},
                      {"name", treaty::in_language(accepted.entry.names)},
                      {"serial", accepted.entry.serial},
                      {"status", directory::name_of(directory::status_at(accepted, turn_.now))},
                      {"fingerprint", directory::fingerprint(accepted.entry).hex()},
                      {"valid_to", to_text(accepted.entry.valid_to)},
                      {"called_back", accepted.callback_confirmed}}));
  return Json::object({{"entries", std::move(list)}, {"exercise", turn_.charter().exercise}});
}

Result<Json> Desk::entry(const Officer& who, const StateCode& state) {
  TRY(require_role(who, {}));
  std::optional<directory::Accepted> known;
  if (state == turn_.charter().state) {
    TRY_LET(known, own_accepted(turn_));
  } else if (const auto found = turn_.office.partners.find(state);
             found != turn_.office.partners.end()) {
    known = found->second;
  }
  if (!known) return fault(FaultCode::directory_unknown, state.text());
  const auto& accepted = *known;
  TRY_LET(const auto content, formats::parse_json(directory::entry_content(accepted.entry)));
  TRY_LET(auto review, review_of(turn_, accepted));
  TRY_LET(const auto partner, turn_.store().partner(state));
  auto officers = Json::array();
  for (const auto& officer : accepted.officers) officers.push_back(officer.hex());
  return Json::object({{"entry", content},
                       {"fingerprint", directory::fingerprint(accepted.entry).hex()},
                       {"status", directory::name_of(directory::status_at(accepted, turn_.now))},
                       {"accepted_at", to_text(accepted.accepted_at)},
                       {"how", accepted.how_confirmed},
                       {"officers", std::move(officers)},
                       {"called_back", partner && partner->called_back},
                       {"review", std::move(review)}});
}

Result<void> Desk::anchor() {
  std::vector<custody::LogHead> logs;
  for (const auto& [name, book] : turn_.office.books)
    if (book.state && !name.starts_with(k_anchor_log) && book.state->size() > 0)
      logs.push_back({book.state->origin(), book.state->size(), book.state->edge().root()});
  const auto made = custody::make_anchor(std::move(logs), turn_.office.ports.random);
  TRY(note(turn_, k_anchor_log, custody::EntryKind::logs_anchored,
           Json::object({{"commitment", custody::commitment_of(made).hex()}})));
  return turn_.store().put_setting("anchor/" + custody::commitment_of(made).hex(),
                                   std::string(as_text(custody::write_opening(made))));
}

}  // namespace comity::node
