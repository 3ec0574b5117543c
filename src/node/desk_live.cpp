// Live items at the desk: described and sealed to nobody yet, released by a delivery act as any
// item is, and from then on ordered about until their time is over. The heart says what may happen
// to records; none of them passes here.
#include "node/live.hpp"

#include <algorithm>
#include <map>

#include "crypto/digest.hpp"
#include "evidence/sealer.hpp"
#include "exchange/body.hpp"
#include "node/footing.hpp"
#include "node/item_words.hpp"
#include "node/restored.hpp"
#include "node/screening.hpp"
#include "node/use.hpp"

namespace comity::node {
namespace {

constexpr std::string_view k_open_setting = "live";  // the ids of items that are open
constexpr std::size_t k_live_items_max = 64;         // open at once, of both sides
constexpr std::int64_t k_segment_ms_default = 10;

std::string end_setting(const ItemId& item) {
  return "live/end/" + item.hex();
}

Result<std::vector<ItemId>> open_items(Store& store) {
  std::vector<ItemId> items;
  TRY_LET(const auto kept, store.setting(k_open_setting));
  if (!kept) return items;
  TRY_LET(const Json list, formats::parse_json(as_bytes(*kept)));
  for (const auto& one : list.items()) {
    TRY_LET(const auto id, ItemId::from_hex(one.text()));
    items.push_back(id);
  }
  return items;
}

Result<void> put_open_items(Store& store, const std::vector<ItemId>& items) {
  auto list = Json::array();
  for (const auto& item : items) list.push_back(item.hex());
  return store.put_setting(k_open_setting, formats::canonical(list));
}

/// Completions that the other State did not take, by item: when each may be said again.
constexpr std::string_view k_unsaid_setting = "live/unsaid";
constexpr std::int64_t k_completion_again_s = 300;  // a clock that is wrong may be right by then

Result<std::map<ItemId, Instant>> unsaid_items(Store& store) {
  std::map<ItemId, Instant> items;
  TRY_LET(const auto kept, store.setting(k_unsaid_setting));
  if (!kept) return items;
  TRY_LET(const Json list, formats::parse_json(as_bytes(*kept)));
  for (const auto& [id, at] : list.members()) {
    TRY_LET(const auto item, ItemId::from_hex(id));
    items[item] = Instant{at.integer()};
  }
  return items;
}

Result<void> put_unsaid_items(Store& store, const std::map<ItemId, Instant>& items) {
  auto list = Json::object();
  for (const auto& [item, at] : items) list.set(item.hex(), at.ms);
  return store.put_setting(k_unsaid_setting, formats::canonical(list));
}

std::string begun_setting(const ItemId& item) {
  return "live/begun/" + item.hex();
}

/// As declared in the opening manifest.
constexpr std::string_view k_cut_what = "content of packets; options and extension headers";
constexpr std::string_view k_cut_why =
    "the measure allows traffic data only: cut and zeroed before sealing";

Result<evidence::Opening> read_input(const Json& input) {
  if (!input.is_object()) return fault(FaultCode::format_field, "live: not an object");
  formats::Fields fields(input, "live");
  evidence::Opening opening;
  TRY_LET(opening.name, fields.text("name", evidence::k_item_name_max));
  if (!evidence::is_safe_name(opening.name)) return fields.refuse("name", "not a plain file name");
  TRY_LET(opening.custodian, item_words(fields, "custodian"));
  TRY_LET(opening.collector, item_words(fields, "collector"));
  TRY_LET(opening.tool, item_words(fields, "tool"));
  TRY_LET(opening.authorisation, item_words(fields, "authorisation"));
  TRY_LET(opening.omissions, item_remarks(fields, "omissions"));
  TRY_LET(opening.transformations, item_remarks(fields, "transformations"));
  TRY_LET(opening.records, fields.text("records", 64));
  TRY_LET(opening.source, item_words(fields, "source"));
  TRY_LET(opening.scope, item_words(fields, "scope"));
  TRY_LET(opening.from, fields.instant("from"));
  TRY_LET(opening.until, fields.instant("until"));
  TRY_LET(const auto segment, fields.optional_integer("segment_ms", 1, evidence::k_segment_ms_max));
  opening.segment_ms = segment.value_or(k_segment_ms_default);
  TRY(fields.end());
  return opening;
}

/// Of our own item or another's, with its opening; a closed one is none any more.
struct LiveItem {
  ItemRecord item;
  evidence::Opening opening;
};
Result<LiveItem> load_live(Turn& turn, const ItemId& id) {
  TRY_LET(auto item, turn.store().item(id));
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  if (!evidence::is_opening(item->manifest))
    return fault(FaultCode::evidence_ended, "it is no live item, or is closed");
  TRY_LET(auto opening, evidence::read_opening(item->manifest));
  return LiveItem{*std::move(item), std::move(opening)};
}

/// Whether its delivery stands: the act that officers signed tells which item it gives.
bool stands(const Loaded& loaded, const ItemRecord& item) {
  const auto situation = loaded.life.now();
  const auto* delivery = situation.delivery(item.delivery);
  return delivery && delivery->item == item.id &&
         delivery->state == exchange::DeliveryState::under_way;
}

/// The act that fixes a live item, said by the node itself.
Result<void> say_completed(Turn& turn, const ItemRecord& item, Bytes manifest) {
  TRY_LET(const auto request, request_of(turn, item.exchange));
  const auto& asked = request.act.substance;
  exchange::Part part{.name = "manifest",
                      .media_type = "application/json",
                      .salt = turn.office.ports.random.draw<16>(),
                      .bytes = std::move(manifest)};
  // The node says this by itself: it states only what it verified (spec/acts.md §5).
  const exchange::Substance substance{
      .exercise = turn.charter().exercise,
      .exchange = item.exchange,
      .draft = {turn.office.ports.random.draw<16>()},
      .type = ActType::completion,
      .from = asked.to,
      .to = asked.from,
      .from_authority = asked.to_authority,
      .to_authority = asked.from_authority,
      .instrument = asked.instrument,
      .measure = asked.measure,
      .body = exchange::to_json(exchange::CompletionBody{item.delivery, item.id, part.name}),
      .parts = {part.binding()}};
  TRY(post_act(turn, substance, {}, {std::move(part)}));
  return {};
}

/// What was not taken is said again, as long as its delivery stands.
Result<void> say_again(Turn& turn) {
  TRY_LET(auto items, unsaid_items(turn.store()));
  const auto before = items.size();
  for (auto one = items.begin(); one != items.end();) {
    if (one->second > turn.now) {
      ++one;
      continue;
    }
    TRY_LET(const auto item, turn.store().item(one->first));
    if (item && item->state == ItemState::released) {
      TRY_LET(const auto loaded, load_exchange(turn, item->exchange));
      if (stands(loaded, *item)) TRY(say_completed(turn, *item, item->manifest));
    }
    one = items.erase(one);
  }
  return items.size() == before ? Result<void>() : put_unsaid_items(turn.store(), items);
}

Result<LiveOrder> order_of(Turn& turn, const LiveItem& live, const StateCode& partner) {
  auto& office = turn.office;
  LiveOrder order{.ours = live.item.ours,
                  .opening = live.opening,
                  .partner = partner,
                  .key_name = key_name_of(live.item),
                  .origin = evidence::head_origin(office.charter.origin_prefix, live.item.id),
                  .log = partner_log(partner)};
  // Heads that came before the State's key was replaced stay its word.
  TRY_LET(const auto entries, entries_of_state(turn, partner));
  for (const auto& entry : entries) {
    auto verifier = formats::make_verifier(
        evidence::head_origin(entry.logs.origin_prefix, live.item.id), entry.logs.partner);
    if (std::ranges::find(order.verifiers, verifier) == order.verifiers.end())
      order.verifiers.push_back(std::move(verifier));
  }
  const auto* kind = treaty::find_kind(office.charter.records, live.opening.records);
  if (live.item.ours && !kind)
    return fault(FaultCode::act_measure, "no kind of records: " + live.opening.records);
  if (kind) order.kind = *kind;
  TRY_LET(const auto begun, turn.store().setting(begun_setting(live.item.id)));
  order.has_begun = begun.has_value();
  return order;
}

}  // namespace

Result<Described> describe(View manifest) {
  if (evidence::is_opening(manifest)) {
    TRY_LET(auto opening, evidence::read_opening(manifest));
    Described described{opening.item, opening.exchange, opening.name, opening.recipients, {}};
    described.opening = std::move(opening);
    return described;
  }
  TRY_LET(const auto read, evidence::read_manifest(manifest));
  if (read.live)
    return fault(FaultCode::format_manifest, "a live item is delivered by its opening manifest");
  return Described{read.item, read.exchange, read.name, read.recipients, {}};
}

Result<void> check_opening(Turn& turn, const evidence::Opening& opening) {
  const auto refuse = [](const std::string& why) { return fault(FaultCode::format_manifest, why); };
  TRY_LET(const auto request, request_of(turn, opening.exchange));
  const auto& asked = request.act.substance;
  TRY_LET(const auto* measure, need_measure(turn.charter(), asked.instrument, asked.measure));
  if (std::ranges::find(measure->live, opening.records) == measure->live.end())
    return refuse("records of the kind " + opening.records + " are not sent live under " +
                  measure->code);
  // What is there already is sealed when it is sealed; what the request covers, two officers
  // release.
  if (opening.records == treaty::k_bytes_kind) return {};
  TRY_LET(const Json form, request_fields(turn, request));
  const auto* period = form.find(measure->live_period);
  if (!period) return refuse("the request names no period");
  formats::Fields fields(*period, "period");
  TRY_LET(const auto from, fields.instant("from"));
  TRY_LET(const auto to, fields.instant("to"));
  if (opening.from < from || opening.until > to)
    return refuse("it lies outside the period of the request, " + to_text(from) + " to " +
                  to_text(to));
  const auto* kind = treaty::find_kind(turn.charter().records, opening.records);
  const auto is_cut = [](const evidence::Remark& remark) { return remark.what == k_cut_what; };
  if (kind && kind->form == treaty::RecordForm::packet_headers &&
      std::ranges::none_of(opening.transformations, is_cut))
    return refuse("the cut of packets is not declared");
  return {};
}

Result<void> note_live(Turn& turn, const ItemId& item) {
  TRY_LET(auto items, open_items(turn.store()));
  if (std::ranges::find(items, item) != items.end()) return {};
  if (items.size() >= k_live_items_max)
    return fault(FaultCode::limit_count, "live items that are open");
  items.push_back(item);
  return put_open_items(turn.store(), items);
}

Result<void> completion_void(Turn& turn, const ActRecord& completion) {
  TRY_LET(const auto full, full_act(turn, completion));
  TRY_LET(const auto body, exchange::body_as<exchange::CompletionBody>(full.act.substance));
  TRY_LET(auto unsaid, unsaid_items(turn.store()));
  unsaid[body.item] = turn.now.plus_s(k_completion_again_s);
  return put_unsaid_items(turn.store(), unsaid);
}

Result<void> forget_own_live(Turn& turn) {
  TRY_LET(auto items, open_items(turn.store()));
  std::vector<ItemId> theirs;
  for (const auto& id : items) {
    TRY_LET(const auto item, turn.store().item(id));
    if (item && !item->ours) theirs.push_back(id);
  }
  return put_open_items(turn.store(), theirs);
}

Result<std::optional<Bytes>> completion_of(Turn& turn, const exchange::Substance& substance,
                                           const std::vector<exchange::Part>& parts) {
  if (substance.type != ActType::completion) return std::nullopt;
  TRY_LET(const auto body, exchange::body_as<exchange::CompletionBody>(substance));
  TRY_LET(const auto item, turn.store().item(body.item));
  if (!item || item->exchange != substance.exchange || !evidence::is_opening(item->manifest))
    return fault(FaultCode::act_form, "no live item that is open: " + body.item.hex());
  const auto part = std::ranges::find(parts, body.manifest, &exchange::Part::name);
  if (part == parts.end()) return fault(FaultCode::act_part, body.manifest);
  TRY_LET(const auto manifest, evidence::read_manifest(part->bytes));
  TRY_LET(const auto opening, evidence::read_opening(item->manifest));
  TRY(evidence::check_completed(manifest, opening, item->manifest));
  return part->bytes;
}

Result<Json> Desk::begin_live(const Officer& who, const ExchangeId& exchange, const Json& input) {
  TRY(require_role(who, {"executor"}));
  TRY_LET(auto opening, read_input(input));
  TRY_LET(const auto loaded, load_exchange(turn_, exchange));
  const auto situation = loaded.life.now();
  using exchange::Phase;
  if (loaded.record.our_side != Side::requested || !situation.delivers ||
      (situation.phase != Phase::accepted && situation.phase != Phase::delivered))
    return fault(FaultCode::act_illegal,
                 "evidence is added to an accepted request from another State");
  TRY(check_no_screener(turn_, exchange, who));
  auto& office = turn_.office;
  opening.item = ItemId{office.ports.random.draw<16>()};
  opening.exchange = exchange;
  opening.opened_at = {turn_.now.ms / 1000 * 1000};
  if (opening.until <= turn_.now)
    return fault(FaultCode::evidence_ended, "it ended at " + to_text(opening.until));
  if (opening.records == treaty::k_bytes_kind) TRY(check_unscreened(turn_, exchange));
  const auto* kind = treaty::find_kind(office.charter.records, opening.records);
  if (kind && kind->form == treaty::RecordForm::packet_headers)
    opening.transformations.push_back({std::string(k_cut_what), std::string(k_cut_why)});
  TRY(check_opening(turn_, opening));

  TRY_LET(const auto request, request_of(turn_, exchange));
  TRY_LET(const auto body, exchange::body_as<exchange::RequestBody>(request.act.substance));
  if (!body.recipient) return fault(FaultCode::act_illegal, "this measure delivers nothing");
  ItemRecord item{.id = opening.item,
                  .exchange = exchange,
                  .ours = true,
                  .state = ItemState::sealed,
                  .name = opening.name,
                  .added_by = who.fingerprint.hex(),
                  .changed_at = turn_.now};
  // Durable before anything is sealed to it. If we die here, start ends the key that no item names.
  TRY_LET(const auto own, office.ports.evidence_keys.make(key_name_of(item)));
  std::vector<formats::AgeRecipient> recipients;
  for (const auto& text : {*body.recipient, own}) {
    TRY_LET(const auto recipient, formats::AgeRecipient::from_text(text));
    recipients.push_back(recipient);
  }
  TRY_LET(auto start, evidence::start_seal(recipients, office.ports.random));
  opening.prefix = std::move(start.prefix);
  opening.recipients = std::move(start.recipients);
  TRY_LET(item.manifest, evidence::write_opening(opening));
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_sealed,
           Json::object({{"manifest", exchange::act_id(item.manifest).hex()}, {"live", true}}),
           {.exchange = exchange, .item = item.id}));
  TRY(note_live(turn_, item.id));
  TRY(put_item_state(turn_, item, ItemState::sealed));
  return Json::object({{"id", item.id.hex()},
                       {"exchange", exchange.hex()},
                       {"name", item.name},
                       {"state", name_of(item.state)},
                       {"manifest", evidence::to_json(opening)}});
}

Result<LiveOrder> Desk::take_records(const Officer& who, const ItemId& id) {
  TRY(require_role(who, {"executor"}));
  TRY_LET(const auto live, load_live(turn_, id));
  if (!live.item.ours || live.item.state != ItemState::released)
    return fault(FaultCode::evidence_unreleased, id.hex());
  TRY_LET(const auto loaded, load_exchange(turn_, live.item.exchange));
  TRY(check_settled(turn_.office, loaded.record.partner));
  TRY_LET(const auto items, open_items(turn_.store()));
  TRY_LET(const auto ended, turn_.store().setting(end_setting(id)));
  if (ended || !stands(loaded, live.item) || std::ranges::find(items, id) == items.end())
    return fault(FaultCode::evidence_ended, "the item was ended, or its delivery is void");
  if (turn_.now < live.opening.from)
    return fault(FaultCode::evidence_ended, "it begins at " + to_text(live.opening.from));
  if (turn_.now >= live.opening.until)
    return fault(FaultCode::evidence_ended, "it ended at " + to_text(live.opening.until));
  return order_of(turn_, live, loaded.record.partner);
}

Result<void> Desk::live_begun(const ItemId& id) {
  return turn_.store().put_setting(begun_setting(id), to_text(turn_.now));
}

Result<Json> Desk::end_live(const Officer& who, const ItemId& id) {
  TRY(require_role(who, {"executor", "approver"}));
  TRY_LET(auto live, load_live(turn_, id));
  if (!live.item.ours || live.item.state != ItemState::released)
    return fault(FaultCode::evidence_unreleased, id.hex());
  TRY(turn_.store().put_setting(end_setting(id), who.fingerprint.hex()));
  // The state is what it was; who listens looks for orders again.
  TRY(put_item_state(turn_, live.item, live.item.state));
  return Json::object({{"item", id.hex()}, {"ending", true}});
}

Result<LiveOrder> Desk::read_records(const Officer& who, const ItemId& id) {
  TRY(require_role(who, {"executor", "approver"}));
  TRY_LET(auto item, turn_.store().item(id));
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  if (item->state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  TRY_LET(const auto live, load_live(turn_, id));
  TRY_LET(const auto loaded, load_exchange(turn_, live.item.exchange));
  TRY(check_use(turn_, loaded, live.item, {}));
  // Logged before the first byte, for all that comes while this call lasts.
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_opened,
           Json::object({{"officer", who.fingerprint.hex()}, {"live", true}}),
           {.exchange = live.item.exchange, .item = id}));
  return order_of(turn_, live, loaded.record.partner);
}

Result<void> Desk::serve_live(const StateCode& partner, const ItemId& id) {
  const auto refuse = [&] { return fault(FaultCode::evidence_unknown, id.hex()); };
  TRY(partner_in_force(turn_.office, partner, turn_.now));
  TRY_LET(const auto item, turn_.store().item(id));
  TRY(check_settled(turn_.office, partner));
  if (!item || !item->ours || item->state != ItemState::released ||
      !evidence::is_opening(item->manifest))
    return refuse();
  TRY_LET(const auto loaded, load_exchange(turn_, item->exchange));
  if (loaded.record.partner != partner || !stands(loaded, *item)) return refuse();
  // A remedy stops the bytes wherever they are, as in serve_item.
  if (loaded.life.now().suspended || !check_not_quarantined(turn_, id)) return refuse();
  return {};
}

Result<std::vector<LiveOrder>> Desk::live_orders() {
  auto& office = turn_.office;
  TRY(say_again(turn_));
  std::vector<LiveOrder> orders;
  std::vector<ItemId> open;
  TRY_LET(const auto items, open_items(turn_.store()));
  for (const auto& id : items) {
    const auto live = load_live(turn_, id);
    // Completed, or destroyed: no longer one that grows.
    if (!live || live->item.state == ItemState::destroyed) continue;
    open.push_back(id);
    const auto& item = live->item;
    TRY_LET(const auto loaded, load_exchange(turn_, item.exchange));
    const auto& partner = loaded.record.partner;
    const auto accepted = partner_in_force(office, partner, turn_.now);
    if (!stands(loaded, item) || !check_settled(office, partner)) continue;
    if (item.ours ? item.state != ItemState::released : item.state != ItemState::announced)
      continue;
    TRY_LET(auto order, order_of(turn_, *live, partner));
    order.is_served = accepted.has_value() && !loaded.life.now().suspended &&
                      check_not_quarantined(turn_, id).has_value();
    if (item.ours) {
      TRY_LET(const auto ended, turn_.store().setting(end_setting(id)));
      // The authorisation's end is nobody's decision: the node stops by itself.
      order.why_ended = turn_.now >= live->opening.until ? "authorisation" : ended ? "officer" : "";
    } else {
      if (!order.is_served) continue;
      order.endpoint = (*accepted)->entry.endpoint;
      order.tls_certificates = usable_tls(**accepted, turn_.now);
    }
    orders.push_back(std::move(order));
  }
  if (open.size() != items.size()) TRY(put_open_items(turn_.store(), open));
  return orders;
}

Result<void> Desk::live_ended(const ItemId& id, const evidence::SealedShape& shape,
                              const evidence::LiveCounts& counts, const std::string& why) {
  TRY_LET(auto item, turn_.store().item(id));
  if (!item || !evidence::is_opening(item->manifest)) return {};  // told before
  TRY_LET(const auto opening, evidence::read_opening(item->manifest));
  TRY_LET(const auto loaded, load_exchange(turn_, item->exchange));
  const Instant ended_at{turn_.now.ms / 1000 * 1000};
  const auto manifest = evidence::completed(
      opening, shape, {.opening = crypto::sha256(item->manifest), .counts = counts, .why = why},
      ended_at);
  TRY_LET(const auto bytes, evidence::write_manifest(manifest));
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_completed,
           Json::object({{"manifest", exchange::act_id(bytes).hex()},
                         {"opening", manifest.live->opening.hex()},
                         {"records", counts.records},
                         {"why", why}}),
           {.exchange = item->exchange, .item = id}));
  if (stands(loaded, *item)) TRY(say_completed(turn_, *item, bytes));
  // post_act may have moved the item with its delivery.
  TRY_LET(item, turn_.store().item(id));
  item->manifest = bytes;
  return put_item_state(turn_, *item, item->state);
}

Result<void> Desk::live_forked(const ItemId& id) {
  TRY_LET(const auto item, turn_.store().item(id));
  if (!item) return {};
  const auto setting = "live/fork/" + id.hex();
  TRY_LET(const auto told, turn_.store().setting(setting));
  if (told) return {};
  TRY_LET(const auto loaded, load_exchange(turn_, item->exchange));
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_forked,
           Json::object(), {.exchange = item->exchange, .item = id}));
  TRY(turn_.store().put_setting(setting, to_text(turn_.now)));
  turn_.notices.push_back(Json::object({{"kind", "item"},
                                        {"item", id.hex()},
                                        {"state", "forked"},
                                        {"code", row_of(FaultCode::evidence_fork).name}}));
  return {};
}

}  // namespace comity::node
