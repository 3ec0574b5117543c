// Items of evidence at the desk: described before they are sealed, released only by a delivery act
// (two officers), logged before anything of them is opened. Bytes never pass here.
#include <fmt/format.h>

#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "node/damage.hpp"
#include "node/draft.hpp"
#include "node/item_words.hpp"
#include "node/restored.hpp"
#include "node/screening.hpp"
#include "node/use.hpp"

namespace comity::node {
namespace {

constexpr std::array<std::string_view, 3> k_media{"file", "folder_tar", "stream"};
constexpr std::size_t k_items_max = 200;  // in one answer
constexpr std::size_t k_fetches_page = 64;
constexpr std::size_t k_fetches_looked_at_max = 4096;   // in one turn
constexpr std::size_t k_fetches_of_a_partner_max = 16;  // under way or put off
constexpr std::int64_t k_seal_begins_within_s = k_hour_s;

Result<ItemRecord> load_item(Turn& turn, const ItemId& id) {
  TRY_LET(auto item, turn.store().item(id));
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  return *std::move(item);
}

Json to_json(const ItemRecord& item, const DamagedItems& damaged = {}) {
  auto json = Json::object({{"id", item.id.hex()},
                            {"exchange", item.exchange.hex()},
                            {"ours", item.ours},
                            {"state", name_of(item.state)},
                            {"name", item.name},
                            {"added_by", item.added_by},
                            {"changed_at", to_text(item.changed_at)}});
  if (const auto opening = evidence::read_opening(item.manifest)) {
    json.set("manifest", evidence::to_json(*opening));
    json.set("is_open", true);
  } else if (const auto manifest = evidence::read_manifest(item.manifest)) {
    json.set("manifest", evidence::to_json(*manifest));
    json.set("bytes_total", manifest->sealed.total_size());
  }
  if (const auto damage = damaged.find(item.id); damage != damaged.end())
    json.set("damaged", to_json(damage->second));
  return json;
}

/// What the executor says of the item; the numbers come with the seal.
Result<evidence::Manifest> read_description(const Json& input, const ItemId& item,
                                            const ExchangeId& exchange) {
  if (!input.is_object()) return fault(FaultCode::format_field, "item: not an object");
  formats::Fields fields(input, "item");
  evidence::Manifest manifest{.item = item, .exchange = exchange};
  TRY_LET(manifest.name, fields.text("name", evidence::k_item_name_max));
  if (!evidence::is_safe_name(manifest.name)) return fields.refuse("name", "not a plain file name");
  TRY_LET(const auto media, fields.choice("media", k_media));
  manifest.media = static_cast<evidence::Media>(media);
  TRY_LET(manifest.custodian, item_words(fields, "custodian"));
  TRY_LET(manifest.collector, item_words(fields, "collector"));
  TRY_LET(manifest.collected_at, fields.instant("collected_at"));
  TRY_LET(const auto offset,
          fields.optional_integer("clock_offset_s", -evidence::k_clock_offset_max_s,
                                  evidence::k_clock_offset_max_s));
  manifest.clock_offset_s = offset.value_or(0);
  TRY_LET(manifest.tool, item_words(fields, "tool"));
  TRY_LET(manifest.received_sha256, fields.optional_digest("received_sha256"));
  TRY_LET(manifest.authorisation, item_words(fields, "authorisation"));
  TRY_LET(manifest.omissions, item_remarks(fields, "omissions"));
  TRY_LET(manifest.transformations, item_remarks(fields, "transformations"));
  TRY(fields.end());
  return manifest;
}

/// As an officer sees it.
Result<Json> shown(Turn& turn, const ItemRecord& item, const DamagedItems& damaged) {
  auto json = to_json(item, damaged);
  TRY_LET(const auto quarantine, quarantine_of(turn, item.id));
  if (quarantine) json.set("quarantine", to_json(*quarantine));
  TRY_LET(auto first, shown_first(turn, item));
  if (first) json.set("first", *std::move(first));
  return json;
}

std::string description_key(const ItemId& item) {
  return "description/" + item.hex();
}

using FetchesUnderWay = std::map<FetchLane, std::size_t>;

/// What the executor said of an item that is being sealed.
Result<evidence::Manifest> description_of(Turn& turn, const ItemRecord& item) {
  TRY_LET(const auto described, turn.store().setting(description_key(item.id)));
  if (!described) return fault(FaultCode::store_corrupt, "the item's description is missing");
  TRY_LET(const Json input, formats::parse_json(as_bytes(*described)));
  return read_description(input, item.id, item.exchange);
}

/// The order to fetch an item, if it is to be fetched now.
Result<std::optional<FetchOrder>> fetch_order(Turn& turn, const ItemRecord& item,
                                              FetchesUnderWay& under_way) {
  auto& office = turn.office;
  if (office.fetches_under_way.contains(item.id)) return std::nullopt;
  if (evidence::is_opening(item.manifest)) return std::nullopt;  // it is followed (desk_live.cpp)
  const auto put_off = office.arrivals_put_off.find(item.id);
  // A time far ahead was set by a clock that ran ahead and is right again: nobody waits for it.
  if (put_off != office.arrivals_put_off.end() && turn.now < put_off->second &&
      put_off->second <= turn.now.plus_s(k_hour_s))
    return std::nullopt;
  TRY_LET(const auto exchange, turn.store().exchange(item.exchange));
  if (!exchange) return fault(FaultCode::store_corrupt, "an item without its exchange");
  const auto& partner = exchange->partner;
  const auto accepted = partner_in_force(office, partner, turn.now);
  if (!accepted) return std::nullopt;  // waits until the entry is renewed
  if (!check_settled(office, partner)) return std::nullopt;
  TRY_LET(const auto life, exchange::Life::from_text(exchange->life));
  if (life.now().suspended) return std::nullopt;  // nothing would be given until it is resumed
  if (!check_not_quarantined(turn, item.id)) return std::nullopt;
  TRY_LET(auto manifest, evidence::read_manifest(item.manifest));
  TRY_LET(const auto damaged, damaged_items(turn.store()));
  const auto cargo = cargo_of(turn, item, *exchange, manifest);
  const FetchLane lane(partner, why_first(office, cargo));
  if (under_way[lane] >= k_fetches_of_a_partner_max) return std::nullopt;
  ++under_way[lane];
  office.fetches_under_way.emplace(item.id, lane);
  return FetchOrder{.manifest = std::move(manifest),
                    .from = partner,
                    .endpoint = (*accepted)->entry.endpoint,
                    .tls_certificates = usable_tls(**accepted, turn.now),
                    .again = damaged.contains(item.id),
                    .cargo = cargo};
}

/// The statement by which the item was destroyed, and who signed it.
Result<std::optional<Json>> destruction_of(Turn& turn, const ItemId& id) {
  TRY_LET(const auto name, turn.store().setting(destruction_setting(id)));
  if (!name) return std::nullopt;
  TRY_LET(const auto draft_id, DraftId::from_hex(*name));
  TRY_LET(const auto draft, turn.store().draft(draft_id));
  if (!draft) return fault(FaultCode::store_corrupt, "a statement of destruction is not there");
  TRY_LET(auto statement, formats::parse_canonical(draft->content));
  auto signatures = to_json(turn, *draft).at("signatures");
  return Json::object({{"statement", std::move(statement)},
                       {"digest", crypto::sha256(draft->content).hex()},
                       {"signatures", std::move(signatures)}});
}

}  // namespace

Result<Json> Desk::begin_item(const Officer& who, const ExchangeId& exchange, const Json& input) {
  TRY(require_role(who, {"executor"}));
  TRY_LET(const auto loaded, load_exchange(turn_, exchange));
  const auto situation = loaded.life.now();
  using exchange::Phase;
  // Nothing is collected for a request that was not accepted (DESIGN: what must never be, 2 and 3).
  if (loaded.record.our_side != Side::requested || !situation.delivers ||
      (situation.phase != Phase::accepted && situation.phase != Phase::delivered))
    return fault(FaultCode::act_illegal,
                 "evidence is added to an accepted request from another State");
  TRY(check_no_screener(turn_, exchange, who));
  const ItemId id{turn_.office.ports.random.draw<16>()};
  TRY(read_description(input, id, exchange));
  TRY(turn_.store().put_setting(description_key(id), formats::canonical(input)));
  const ItemRecord item{.id = id,
                        .exchange = exchange,
                        .ours = true,
                        .state = ItemState::sealing,
                        .name = input.at("name").text(),
                        .added_by = who.fingerprint.hex(),
                        .changed_at = turn_.now};
  TRY(turn_.store().put_item(item));
  return Json::object({{"item", id.hex()}});
}

Result<SealOrder> Desk::seal_order(const Officer& who, const ItemId& id) {
  TRY(require_role(who, {"executor"}));
  TRY_LET(const auto item, load_item(turn_, id));
  if (item.state != ItemState::sealing || item.added_by != who.fingerprint.hex())
    return fault(FaultCode::conflict, "the item is " + std::string(name_of(item.state)));
  if (turn_.office.seals_under_way.contains(id))
    return fault(FaultCode::conflict, "bytes of this item are being read already");
  TRY_LET(const auto request, request_of(turn_, item.exchange));
  TRY_LET(const auto body, exchange::body_as<exchange::RequestBody>(request.act.substance));
  if (!body.recipient) return fault(FaultCode::act_illegal, "this measure delivers nothing");
  TRY_LET(const auto described, description_of(turn_, item));
  // Durable before anything is sealed to it. If we die here, start ends the key with the item.
  TRY_LET(auto own, turn_.office.ports.evidence_keys.make(key_name_of(item)));
  turn_.office.seals_under_way.insert(id);
  return SealOrder{
      .item = id, .recipients = {*body.recipient, std::move(own)}, .media = described.media};
}

Result<Json> Desk::item_sealed(const Officer& who, const ItemId& id, const SealOutcome& outcome) {
  TRY(require_role(who, {"executor"}));
  TRY_LET(auto item, load_item(turn_, id));
  if (item.state != ItemState::sealing)
    return fault(FaultCode::conflict, "the item is not being sealed");
  TRY_LET(auto manifest, description_of(turn_, item));
  manifest.sealed = outcome.shape;
  manifest.recipients = outcome.recipients;
  manifest.survey = outcome.survey;
  manifest.sealed_at = {turn_.now.ms / 1000 * 1000};
  TRY(apply_screening(turn_, manifest));
  if (manifest.received_sha256 && *manifest.received_sha256 != outcome.shape.plaintext_sha256)
    return fault(FaultCode::evidence_hash,
                 "the bytes read are not those that the custodian hashed");
  TRY_LET(item.manifest, evidence::write_manifest(manifest));
  TRY_LET(const auto loaded, load_exchange(turn_, item.exchange));
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_sealed,
           Json::object({{"manifest", exchange::act_id(item.manifest).hex()}}),
           {.exchange = item.exchange, .item = id}));
  TRY(put_item_state(turn_, item, ItemState::sealed));
  turn_.office.seals_under_way.erase(id);
  return to_json(item);
}

Result<void> Desk::item_failed(const ItemId& id, const Fault& why) {
  turn_.office.seals_under_way.erase(id);
  TRY_LET(auto item, load_item(turn_, id));
  if (item.state != ItemState::sealing) return {};
  return give_up_item(turn_, item, why.code);
}

Result<Json> Desk::seal_ended(const Officer& who, const ItemId& id,
                              const Result<SealOutcome>& outcome) {
  auto sealed =
      outcome ? item_sealed(who, id, *outcome) : Result<Json>(std::unexpected(outcome.error()));
  // Sealed bytes that nobody may describe are of no use: the officer hears why, and adds again.
  if (!sealed) TRY(item_failed(id, sealed.error()));
  return sealed;
}

void Desk::seal_put_off(const ItemId& id) {
  turn_.office.seals_under_way.erase(id);
}

Result<void> Desk::keep_house() {
  TRY(turn_.store().drop_tokens(turn_.now));
  TRY_LET(auto items, turn_.store().item_page({.state = ItemState::sealing}));
  for (auto& item : items)
    if (!turn_.office.seals_under_way.contains(item.id) &&
        item.changed_at.plus_s(k_seal_begins_within_s) < turn_.now)
      TRY(give_up_item(turn_, item, FaultCode::evidence_incomplete));
  return {};
}

std::vector<ItemId> Desk::ended_items() {
  return std::exchange(turn_.office.ended_items, {});
}

Result<Json> Desk::items(const Officer& who, ItemFilter filter) {
  TRY(require_role(who, {}));
  if (filter.limit == 0 || filter.limit > k_items_max)
    return fault(FaultCode::limit_count, fmt::format("1 to {} items at once", k_items_max));
  if (filter.after) TRY(load_item(turn_, *filter.after));
  const auto limit = filter.limit++;  // one more tells whether there are more
  TRY_LET(auto items, turn_.store().item_page(filter));
  const bool is_more = items.size() > limit;
  if (is_more) items.pop_back();
  TRY_LET(const auto damaged, damaged_items(turn_.store()));
  auto list = Json::array();
  std::vector<std::string> ids;
  for (const auto& item : items) {
    ids.push_back(item.id.hex());
    TRY_LET(auto json, shown(turn_, item, damaged));
    list.push_back(std::move(json));
  }
  TRY(note_list(turn_, who.fingerprint, "items", ids));
  if (filter.exchange)
    TRY(note(turn_, k_internal_log, custody::EntryKind::read_request,
             Json::object({{"officer", who.fingerprint.hex()}}), {.exchange = *filter.exchange}));
  auto page = Json::object({{"items", std::move(list)}, {"exercise", turn_.charter().exercise}});
  const bool has_place = is_more && filter.begins_with.empty();
  page.set("next", has_place ? Json(items.back().id.hex()) : Json());
  return page;
}

Result<Json> Desk::item(const Officer& who, const ItemId& id) {
  TRY(require_role(who, {}));
  TRY_LET(const auto item, load_item(turn_, id));
  TRY(note(turn_, k_internal_log, custody::EntryKind::read_item,
           Json::object({{"officer", who.fingerprint.hex()}}),
           {.exchange = item.exchange, .item = id}));
  TRY_LET(const auto damaged, damaged_items(turn_.store()));
  TRY_LET(auto json, shown(turn_, item, damaged));
  if (item.state != ItemState::destroyed) return json;
  TRY_LET(auto destruction, destruction_of(turn_, id));
  if (destruction) json.set("destruction", *std::move(destruction));
  return json;
}

Result<OpenOrder> Desk::open_item(const Officer& who, const ItemId& id, bool exporting,
                                  const Use& use) {
  TRY(require_role(who, {"executor", "approver", "screener"}));
  TRY_LET(const auto item, load_item(turn_, id));
  TRY_LET(const auto quarantine, quarantine_of(turn_, id));
  // Judged, it stays here; and nobody whose one role is to judge opens what nobody doubts.
  if (quarantine && !exporting)
    TRY(check_may_judge(turn_, who, item));
  else
    TRY(require_role(who, {"executor", "approver"}));
  if (item.state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  if (item.state == ItemState::announced) return fault(FaultCode::evidence_incomplete, id.hex());
  if (item.state == ItemState::failed || item.state == ItemState::sealing)
    return fault(FaultCode::evidence_unknown, "the item is " + std::string(name_of(item.state)));
  if (evidence::is_opening(item.manifest))
    return fault(FaultCode::evidence_incomplete, id.hex() + ": it is still growing");
  TRY_LET(auto manifest, evidence::read_manifest(item.manifest));
  TRY_LET(const auto loaded, load_exchange(turn_, item.exchange));
  if (!quarantine || exporting) TRY(check_use(turn_, loaded, item, use));
  TRY(note(turn_, partner_log(loaded.record.partner),
           exporting ? custody::EntryKind::item_exported : custody::EntryKind::item_opened,
           use_facts(use, who), {.exchange = item.exchange, .item = id}));
  return OpenOrder{.manifest = std::move(manifest), .key_name = key_name_of(item)};
}

Result<evidence::Manifest> Desk::sealed_item(const Officer& who, const ItemId& id) {
  TRY(require_role(who, {"executor", "approver", "auditor"}));
  TRY_LET(const auto item, load_item(turn_, id));
  if (item.state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  if (item.state == ItemState::announced || item.state == ItemState::failed ||
      item.manifest.empty() || evidence::is_opening(item.manifest))
    return fault(FaultCode::evidence_incomplete, id.hex());
  TRY(check_not_quarantined(turn_, id));  // whoever has a key of another authority would open it
  TRY(note(turn_, k_internal_log, custody::EntryKind::read_item,
           Json::object({{"officer", who.fingerprint.hex()}}),
           {.exchange = item.exchange, .item = id}));
  return evidence::read_manifest(item.manifest);
}

Result<ServeOrder> Desk::serve_item(const StateCode& partner, const ItemId& id) {
  // One answer for what is not there, not released and not this partner's: a member learns its own
  // exchanges and nobody else's.
  const auto refuse = [&] { return fault(FaultCode::evidence_unknown, id.hex()); };
  TRY(partner_in_force(turn_.office, partner, turn_.now));
  TRY_LET(const auto item, turn_.store().item(id));
  TRY(check_settled(turn_.office, partner));
  if (!item || !item->ours || item->state != ItemState::released ||
      evidence::is_opening(item->manifest))
    return refuse();
  TRY_LET(const auto loaded, load_exchange(turn_, item->exchange));
  if (loaded.record.partner != partner) return refuse();
  const auto situation = loaded.life.now();
  const auto* delivery = situation.delivery(item->delivery);
  // The act that officers signed tells which item it gives, not the row.
  if (!delivery || delivery->item != id) return refuse();
  const bool is_sent = delivery->state == exchange::DeliveryState::under_way ||
                       delivery->state == exchange::DeliveryState::arrived;
  // A remedy stops the bytes wherever they are; the other State asks again until it is resumed.
  if (!is_sent || situation.suspended || !check_not_quarantined(turn_, id)) return refuse();
  TRY_LET(auto manifest, evidence::read_manifest(item->manifest));
  const auto cargo = cargo_of(turn_, *item, loaded.record, manifest);
  return ServeOrder{.manifest = std::move(manifest), .cargo = cargo};
}

Result<std::vector<FetchOrder>> Desk::fetches() {
  auto& office = turn_.office;
  FetchesUnderWay under_way;
  for (const auto& [item, lane] : office.fetches_under_way) ++under_way[lane];
  std::vector<FetchOrder> orders;
  // Goes on where it stopped, so that one partner's many items never hide another's.
  bool has_begun_anew = !office.fetches_after;
  for (std::size_t looked_at = 0; looked_at < k_fetches_looked_at_max;) {
    TRY_LET(const auto items, turn_.store().item_page({.state = ItemState::announced,
                                                       .after = office.fetches_after,
                                                       .limit = k_fetches_page}));
    for (const auto& item : items) {
      TRY_LET(auto order, fetch_order(turn_, item, under_way));
      if (order) orders.push_back(*std::move(order));
    }
    looked_at += items.size();
    office.fetches_after.reset();
    if (items.size() == k_fetches_page)
      office.fetches_after = items.back().id;
    else if (std::exchange(has_begun_anew, true))
      break;
  }
  return orders;
}

Result<void> Desk::item_arrived(const ItemId& id) {
  turn_.office.fetches_under_way.erase(id);
  TRY_LET(auto item, load_item(turn_, id));
  if (item.state != ItemState::announced) return {};
  TRY_LET(const auto loaded, load_exchange(turn_, item.exchange));
  const auto situation = loaded.life.now();
  if (const auto* delivery = situation.delivery(item.delivery);
      delivery && delivery->state == exchange::DeliveryState::arrived) {
    // It had arrived, and was fetched again: the other State was told then.
    TRY(put_item_state(turn_, item, ItemState::arrived));
    return item_scrubbed(id, {});
  }
  TRY_LET(const auto manifest, evidence::read_manifest(item.manifest));
  TRY_LET(const auto request, request_of(turn_, item.exchange));
  const auto& asked = request.act.substance;
  // The node says this by itself: it states only what it verified (spec/acts.md §5).
  const exchange::Substance substance{
      .exercise = turn_.charter().exercise,
      .exchange = item.exchange,
      .draft = {turn_.office.ports.random.draw<16>()},
      .type = ActType::arrival,
      .from = asked.from,
      .to = asked.to,
      .from_authority = asked.from_authority,
      .to_authority = asked.to_authority,
      .instrument = asked.instrument,
      .measure = asked.measure,
      .body = exchange::to_json(exchange::ArrivalBody{.delivery = item.delivery,
                                                      .item = id,
                                                      .verified_at = turn_.now,
                                                      .chunk_root = manifest.sealed.chunk_root})};
  TRY(post_act(turn_, substance, {}, {}));
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_arrived,
           Json::object({{"manifest", exchange::act_id(item.manifest).hex()}}),
           {.exchange = item.exchange, .item = id}));
  turn_.office.arrivals_put_off.erase(id);
  return put_item_state(turn_, item, ItemState::arrived);
}

Result<void> Desk::item_broken(const ItemId& id, const Fault& why) {
  turn_.office.fetches_under_way.erase(id);
  turn_.notices.push_back(Json::object({{"kind", "item"},
                                        {"item", id.hex()},
                                        {"state", "interrupted"},
                                        {"code", row_of(why.code).name}}));
  return {};
}

}  // namespace comity::node
