#include "node/office.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/check.hpp"
#include "court/state_files.hpp"
#include "crypto/digest.hpp"
#include "directory/revocation.hpp"
#include "exchange/body.hpp"
#include "node/vouched.hpp"
#include "treaty/form.hpp"

namespace comity::node {
namespace {

/// An arrival that was rejected (by a clock that is wrong, say) is told again after so long.
constexpr std::int64_t k_arrival_again_s = 300;

}  // namespace

std::string_view name_of(ItemState state) {
  switch (state) {
    case ItemState::sealing:
      return "sealing";
    case ItemState::sealed:
      return "sealed";
    case ItemState::released:
      return "released";
    case ItemState::announced:
      return "announced";
    case ItemState::arrived:
      return "arrived";
    case ItemState::failed:
      return "failed";
    case ItemState::destroyed:
      return "destroyed";
  }
  return "";
}

Result<ItemState> item_state(std::string_view name) {
  for (const auto state :
       {ItemState::sealing, ItemState::sealed, ItemState::released, ItemState::announced,
        ItemState::arrived, ItemState::failed, ItemState::destroyed})
    if (name_of(state) == name) return state;
  return fault(FaultCode::format_field, "no state of an item: " + std::string(name.substr(0, 40)));
}

bool Officer::has(std::string_view role) const {
  for (const auto& held : roles)
    if (held == "officer:" + std::string(role)) return true;
  return false;
}

Result<void> require_role(const Officer& who, std::initializer_list<std::string_view> roles) {
  std::string needed;
  for (const auto role : roles) {
    if (who.has(role)) return {};
    needed += (needed.empty() ? "" : " or ") + std::string(role);
  }
  if (roles.size() == 0 && !who.fingerprint.is_zero()) return {};
  if (who.fingerprint.is_zero())
    return fault(FaultCode::unauthenticated, "an officer's signature on the call is needed");
  return fault(FaultCode::officer_role, "needs the role of " + needed);
}

Result<const directory::Accepted*> partner_in_force(const Office& office, const StateCode& state,
                                                    Instant now) {
  const auto found = office.partners.find(state);
  if (found == office.partners.end()) return fault(FaultCode::directory_unknown, state.text());
  switch (directory::status_at(found->second, now)) {
    case directory::EntryStatus::in_force:
      return &found->second;
    case directory::EntryStatus::expired:
      return fault(FaultCode::directory_expired, state.text());
    case directory::EntryStatus::revoked:
      return fault(FaultCode::directory_revoked, state.text());
    case directory::EntryStatus::superseded:
      break;
  }
  return fault(FaultCode::directory_unknown, state.text());
}

bool must_call_back(const Office& office, const StateCode& state) {
  const auto found = office.partners.find(state);
  return found == office.partners.end() || !found->second.callback_confirmed;
}

Result<void> require_callback(const Office& office, const StateCode& state) {
  if (!must_call_back(office, state)) return {};
  return fault(FaultCode::directory_callback, state.text());
}

Json second_contacts(const Office& office, const StateCode& state) {
  auto list = Json::array();
  if (const auto found = office.partners.find(state); found != office.partners.end())
    for (const auto& contact : found->second.entry.second_contacts)
      list.push_back(
          Json::object({{"title", contact.title}, {"phone", contact.phone}, {"how", contact.how}}));
  return list;
}

namespace {

/// A State's keys, and since when officers have accepted them.
struct Keys {
  std::optional<directory::Entry> entry;
  Instant since;
};

/// As many as a State may have, each as large as it may be.
constexpr formats::JsonLimits k_entries_limits{.bytes_max = std::size_t{256} << 20};
constexpr formats::JsonLimits k_revocations_limits{.bytes_max = std::size_t{256} << 20};

}  // namespace

Result<std::vector<Bytes>> revocations_since(Store& store, const directory::Entry& entry) {
  std::vector<Bytes> since;
  TRY_LET(const auto told, store.setting("revocations/" + entry.state.text()));
  if (!told) return since;
  TRY_LET(const Json list, formats::parse_json(as_bytes(*told), k_revocations_limits));
  for (const auto& one : list.items()) {
    TRY_LET(auto file, from_base64(one.text()));
    TRY_LET(const auto revocation, directory::revocation_in(file));
    if (revocation.serial >= entry.serial) since.push_back(std::move(file));
  }
  return since;
}

/// Of a call to a contact that nobody vouches for.
constexpr Instant k_never{std::numeric_limits<std::int64_t>::max()};

Result<void> load_directory(Office& office) {
  TRY_LET(const auto records, office.ports.store.directory());
  office.partners.clear();
  office.partners_entries.clear();
  office.unvouched.clear();
  // Those who accepted a partner may have left before the root was replaced: nobody vouches for it
  // any more. It is not believed until officers accept it again; all others go on.
  const bool had_another_root = std::ranges::any_of(
      office.own_entries, [&](const auto& own) { return own.root != office.charter.root; });
  std::map<StateCode, Keys> keys;
  for (const auto& record : records) {  // by serial: the newest stays
    TRY_LET(auto entry, directory::open_entry(record.p7m, record.accepted_at));
    const auto accepted_at = accepted_by_officers(office, record);
    if (!accepted_at && !had_another_root) return std::unexpected(accepted_at.error());
    auto& known = keys[record.state];
    if (directory::keys_changed(known.entry, entry)) known.since = accepted_at.value_or(k_never);
    known.entry = entry;
    if (record.status == "superseded") continue;
    if (!accepted_at) {
      office.unvouched.insert(record.state);
      continue;
    }
    directory::Accepted accepted{.entry = std::move(entry),
                                 .p7m = record.p7m,
                                 .accepted_at = record.accepted_at,
                                 .how_confirmed = record.how};
    for (const auto& officer : record.officers) {
      TRY_LET(const auto fingerprint, Digest::from_hex(officer));
      accepted.officers.push_back(fingerprint);
    }
    TRY_LET(const auto status, directory::entry_status(record.status));
    accepted.status = status;
    accepted.revoked_from = record.revoked_from;
    TRY_LET(const auto partner, office.ports.store.partner(record.state));
    accepted.callback_confirmed =
        partner && partner->called_back && called_by_officer(office, record.state, known.since);
    TRY_LET(const auto files, revocations_since(office.ports.store, accepted.entry));
    for (const auto& file : files) {
      TRY_LET(const auto revocation, directory::revocation_in(file));
      accepted = directory::revoke(std::move(accepted), revocation);
    }
    office.partners.insert_or_assign(record.state, std::move(accepted));
  }
  return {};
}

Result<void> load_officers(Office& office) {
  TRY_LET(const auto records, office.ports.store.officers());
  office.officers.clear();
  for (const auto& record : records) office.officers.emplace(record.fingerprint, record);
  return {};
}

Result<void> load_own_entries(Office& office) {
  auto& store = office.ports.store;
  auto list = Json::array();
  TRY_LET(const auto before, store.setting("entry/superseded"));
  if (before) {
    TRY_LET(list, formats::parse_json(as_bytes(*before), k_entries_limits));
  }
  TRY_LET(const auto own, store.setting("entry/own"));
  if (own) list.push_back(*own);
  office.own_entries.clear();
  for (const auto& one : list.items()) {
    TRY_LET(const auto p7m, from_base64(one.text()));
    TRY_LET(auto entry, court::open_entry_file(p7m));
    office.own_entries.push_back(std::move(entry));
  }
  std::ranges::sort(office.own_entries, std::greater<>{}, &directory::Entry::serial);
  return {};
}

Result<std::span<const directory::Entry>> entries_of_state(Turn& turn, const StateCode& state) {
  auto& office = turn.office;
  if (state == office.charter.state) return office.own_entries;
  if (const auto found = office.partners_entries.find(state);
      found != office.partners_entries.end())
    return found->second;
  std::vector<directory::Entry> entries;
  TRY_LET(const auto records, turn.store().directory());
  for (const auto& record : records) {
    if (record.state != state) continue;
    TRY_LET(auto entry, court::open_entry_file(record.p7m));
    entries.push_back(std::move(entry));
  }
  std::ranges::sort(entries, std::greater<>{}, &directory::Entry::serial);
  return office.partners_entries.insert_or_assign(state, std::move(entries)).first->second;
}

Result<void> issued_under(Office& office, std::span<const directory::Entry> entries,
                          const crypto::Certificate& certificate, crypto::Usage usage, Instant at) {
  Result<void> answer = fault(FaultCode::directory_unknown, "no entry");
  for (const auto& entry : entries) {
    const auto issued = office.ports.opener.verify_issued(certificate, entry.root, usage, at);
    if (issued) return issued;
    if (&entry == &entries.front()) answer = issued;
  }
  return answer;
}

std::vector<Digest> usable_tls(const directory::Accepted& accepted, Instant now) {
  std::vector<Digest> usable;
  for (const auto& certificate : accepted.entry.tls)
    if (directory::usable_at(accepted, certificate, crypto::Usage::tls, now))
      usable.push_back(certificate.fingerprint());
  return usable;
}

std::vector<formats::Verifier> verifiers_of(std::span<const directory::Entry> entries,
                                            const std::string& origin) {
  std::vector<formats::Verifier> verifiers;
  std::set<Bytes> seen;
  for (const auto& entry : entries)
    if (origin.starts_with(entry.logs.origin_prefix) &&
        seen.insert(to_bytes(entry.logs.partner.view())).second)
      verifiers.push_back(formats::make_verifier(origin, entry.logs.partner));
  return verifiers;
}

const crypto::Ed25519Public& verifier_in(const directory::Entry& own, std::string_view log) {
  if (log.starts_with("partner/")) return own.logs.partner;
  return log.starts_with(k_anchor_log) ? own.logs.anchor : own.logs.internal;
}

Result<std::vector<formats::Verifier>> own_verifiers(const Office& office, std::string_view log) {
  const auto origin = office.charter.origin_prefix + std::string(log);
  TRY_LET(auto present, formats::parse_vkey(office.ports.log_signer.verifier_key(log, origin)));
  std::vector<formats::Verifier> verifiers{std::move(present)};
  for (const auto& entry : office.own_entries) {
    const auto& key = verifier_in(entry, log);
    if (std::ranges::find(verifiers, key, &formats::Verifier::key) == verifiers.end())
      verifiers.push_back(formats::make_verifier(origin, key));
  }
  return verifiers;
}

formats::Verifier verifier_of(const Office& office, const directory::Accepted& accepted) {
  const auto& logs = accepted.entry.logs;
  const auto known = office.their_logs.find(accepted.entry.state);
  const auto log =
      known == office.their_logs.end() ? partner_log(office.charter.state) : known->second;
  return formats::make_verifier(logs.origin_prefix + log, logs.partner);
}

Result<Loaded> load_exchange(Turn& turn, const ExchangeId& id) {
  TRY_LET(auto record, turn.store().exchange(id));
  if (!record) return fault(FaultCode::not_found, "no exchange " + id.hex());
  TRY_LET(auto life, exchange::Life::from_text(record->life));
  return Loaded{*std::move(record), std::move(life)};
}

namespace {

/// An item stands where its delivery stands. A void one is neither served nor fetched any more, but
/// its holder keeps what was sealed: only two officers destroy. An act that made it void, or that
/// said it had arrived, may have been rejected: then it is under way again (spec/acts.md §8, §9).
Result<void> follow_delivery(Turn& turn, ItemRecord& item, exchange::DeliveryState delivery) {
  using exchange::DeliveryState;
  if (item.ours) {
    if (delivery == DeliveryState::arrived) TRY(forget_first(turn.office, item.id));
    if (delivery == DeliveryState::void_ && item.state == ItemState::released)
      return recall_item(turn, item);
    return {};
  }
  const bool ended = delivery == DeliveryState::void_ || delivery == DeliveryState::annulled;
  if (ended && item.state == ItemState::announced)
    return put_item_state(turn, item, ItemState::failed);
  if (delivery != DeliveryState::under_way) return {};
  if (item.state == ItemState::arrived) {
    turn.office.arrivals_put_off[item.id] = turn.now.plus_s(k_arrival_again_s);
    return put_item_state(turn, item, ItemState::announced);
  }
  if (item.state == ItemState::failed) return put_item_state(turn, item, ItemState::announced);
  return {};
}

}  // namespace

Result<void> save_exchange(Turn& turn, Loaded& loaded) {
  const auto situation = loaded.life.now();
  loaded.record.life = loaded.life.to_text();
  loaded.record.phase = exchange::name_of(situation.phase);
  loaded.record.changed_at = turn.now;
  TRY(turn.store().put_exchange(loaded.record));
  for (const auto& delivery : situation.deliveries) {
    TRY_LET(auto item, turn.store().item(delivery.item));
    if (item && item->delivery == delivery.act) TRY(follow_delivery(turn, *item, delivery.state));
  }
  return {};
}

std::string key_name_of(const ItemRecord& item) {
  return item.ours ? "item-" + item.id.hex() : "request-" + item.exchange.hex();
}

Result<void> put_item_state(Turn& turn, ItemRecord& item, ItemState state, Json told) {
  item.state = state;
  item.changed_at = turn.now;
  TRY(turn.store().put_item(item));
  if (state == ItemState::arrived || state == ItemState::failed || state == ItemState::destroyed)
    TRY(forget_first(turn.office, item.id));
  told.set("kind", "item");
  told.set("item", item.id.hex());
  told.set("exchange", item.exchange.hex());
  told.set("state", name_of(state));
  turn.notices.push_back(std::move(told));
  return {};
}

void end_item(Turn& turn, const ItemRecord& item, bool with_key) {
  turn.once_durable.push_back([&turn, with_key, id = item.id, key = key_name_of(item)] {
    // A key that the disk would not let go: the node stops and says so, and start ends it.
    if (with_key)
      if (const auto gone = turn.office.ports.evidence_keys.destroy(key); !gone)
        turn.fatal = gone.error();
    turn.office.ended_items.push_back(id);
  });
}

Result<void> give_up_item(Turn& turn, ItemRecord& item, FaultCode why) {
  TRY_LET(const auto record, turn.store().exchange(item.exchange));
  CHECK(record);
  const std::string code(row_of(why).name);
  TRY(note(turn, partner_log(record->partner), custody::EntryKind::item_failed,
           Json::object({{"code", code}}), {.exchange = item.exchange, .item = item.id}));
  end_item(turn, item);
  return put_item_state(turn, item, ItemState::failed, Json::object({{"code", code}}));
}

Result<void> recall_item(Turn& turn, ItemRecord& item) {
  TRY_LET(const auto record, turn.store().exchange(item.exchange));
  CHECK(record);
  TRY(note(turn, partner_log(record->partner), custody::EntryKind::item_recalled,
           Json::object({{"act", item.delivery.hex()}}),
           {.exchange = item.exchange, .item = item.id}));
  return put_item_state(turn, item, ItemState::sealed);
}

Result<FullAct> full_act(Turn& turn, const ActRecord& record) {
  TRY_LET(const auto opened, turn.office.ports.opener.open(record.p7m));
  TRY_LET(auto act, exchange::read_act(opened.content));
  TRY_LET(auto parts, turn.store().parts(record.id.hex()));
  return FullAct{record, std::move(act), std::move(parts)};
}

Result<FullAct> request_of(Turn& turn, const ExchangeId& exchange) {
  TRY_LET(const auto acts, turn.store().acts(exchange));
  for (const auto& act : acts)
    if (act.type == ActType::request && act.standing != Standing::rejected)
      return full_act(turn, act);
  return fault(FaultCode::not_found, "no request stands in exchange " + exchange.hex());
}

Result<Json> request_fields(Turn& turn, const FullAct& request) {
  const auto& substance = request.act.substance;
  // Read as it was written, also when this State has ceased to apply that instrument since.
  const auto* instrument = turn.charter().treaties->instrument(substance.instrument);
  const auto* measure = instrument ? instrument->measure(substance.measure) : nullptr;
  if (!measure) return fault(FaultCode::act_measure, substance.measure);
  TRY_LET(const auto body, exchange::body_as<exchange::RequestBody>(substance));
  std::vector<treaty::PartValue> parts;
  for (const auto& part : request.parts)
    if (part.erased.empty())
      parts.push_back({part.part.name, part.part.media_type, part.part.bytes});
  return treaty::join(*measure, body.fields, parts);
}

}  // namespace comity::node
