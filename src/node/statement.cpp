// Statements: what officers ask of their own node, signed like acts and carried out once complete.
// Trust is given and taken here, so nothing here is done on one person's word where two are asked.
#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "directory/revocation.hpp"
#include "node/draft.hpp"
#include "treaty/texts.hpp"

namespace comity::node {
namespace {

using formats::Fields;

constexpr std::size_t k_words_bytes_max = 2000;

/// The entry offered and what it would change.
struct Offered {
  directory::Entry entry;
  Bytes p7m;
  directory::Change change{};
};

Result<Offered> read_offer(Turn& turn, Fields& fields) {
  const auto* p7m = fields.optional_value("p7m");
  if (!p7m || !p7m->is_text()) return fields.refuse("p7m", "base64 of the entry's file");
  TRY_LET(auto file, from_base64(p7m->text()));
  TRY_LET(auto entry, directory::open_entry(file, turn.now));
  Offered offered{std::move(entry), std::move(file)};
  if (offered.entry.state == turn.charter().state)
    return fault(FaultCode::directory_entry, "this is our own State's entry");
  TRY_LET(const auto fingerprint, fields.optional_digest("fingerprint"));
  const auto found = turn.office.partners.find(offered.entry.state);
  const std::optional<directory::Accepted> current =
      found == turn.office.partners.end() ? std::nullopt : std::optional(found->second);
  TRY_LET(offered.change, directory::consider(current, offered.entry, fingerprint,
                                              turn.charter().exercise, turn.now));
  return offered;
}

Result<Json> accept_entry(Turn& turn, Fields& fields, const std::vector<Digest>& officers) {
  TRY_LET(auto offered, read_offer(turn, fields));
  TRY_LET(const auto how, fields.text("how", k_words_bytes_max));
  const auto& state = offered.entry.state;
  const auto found = turn.office.partners.find(state);
  std::optional<directory::Entry> before;
  TRY_LET(auto records, turn.store().directory());
  if (found != turn.office.partners.end()) {
    before = found->second.entry;
    for (auto& record : records) {
      if (record.state != state || record.status == "superseded") continue;
      record.status = "superseded";
      TRY(turn.store().put_directory(record));
    }
  }
  DirectoryRecord record{.state = state,
                         .serial = offered.entry.serial,
                         .p7m = offered.p7m,
                         .status = "in_force",
                         .accepted_at = turn.now,
                         .how = how};
  for (const auto& officer : officers) record.officers.push_back(officer.hex());
  TRY(turn.store().put_directory(record));
  TRY_LET(auto partner, turn.store().partner(state));
  if (!partner) partner = PartnerRecord{.state = state};
  // New keys are confirmed by voice again before the first decision under them.
  if (directory::keys_changed(before, offered.entry)) partner->called_back = false;
  TRY(turn.store().put_partner(*partner));
  const auto content_hash = crypto::sha256(directory::entry_content(offered.entry));
  TRY(note(turn, k_internal_log, custody::EntryKind::entry_accepted,
           Json::object({{"partner", state.text()},
                         {"serial", offered.entry.serial},
                         {"entry", content_hash.hex()}})));
  TRY(load_directory(turn.office));
  turn.notices.push_back(Json::object({{"kind", "directory"}, {"partner", state.text()}}));
  return Json::object({{"state", state.text()},
                       {"serial", offered.entry.serial},
                       {"change", directory::name_of(offered.change)},
                       {"call_back", !partner->called_back}});
}

Result<Json> revoke_entry(Turn& turn, Fields& fields) {
  TRY_LET(const auto file, fields.bytes_base64("file", 256 * 1024));
  TRY_LET(const Json outer, formats::parse_json(file));
  std::optional<directory::OpenedRevocation> opened;
  for (const auto& [state, accepted] : turn.office.partners)
    if (auto one = directory::open_revocation(file, accepted, turn.now)) opened = std::move(*one);
  if (!opened)
    return fault(FaultCode::directory_entry, "no State in the directory signed this revocation");
  const auto state = opened->revocation.state;
  const auto name = "revocations/" + state.text();
  TRY_LET(const auto told, turn.store().setting(name));
  Json list = Json::array();
  if (told) {
    TRY_LET(list, formats::parse_json(as_bytes(*told)));
  }
  list.push_back(std::string(as_text(directory::revocation_content(opened->revocation))));
  TRY(turn.store().put_setting(name, formats::canonical(list)));
  TRY(note(turn, k_internal_log, custody::EntryKind::entry_revoked,
           Json::object({{"partner", state.text()}, {"serial", opened->revocation.serial}})));
  TRY(load_directory(turn.office));
  turn.notices.push_back(Json::object({{"kind", "directory"}, {"partner", state.text()}}));
  return Json::object(
      {{"state", state.text()}, {"revoked_from", to_text(opened->revocation.revoked_from)}});
}

Result<Json> add_officer(Turn& turn, Fields& fields) {
  TRY_LET(const auto pem, fields.text("certificate", 32 * 1024));
  TRY_LET(const auto certificate, crypto::Certificate::from_pem(pem));
  TRY(turn.office.ports.opener.verify_issued(certificate, turn.charter().root,
                                             crypto::Usage::officer, turn.now));
  for (const auto& [fingerprint, officer] : turn.office.officers) {
    TRY_LET(const auto other, crypto::Certificate::from_der(officer.certificate));
    if (fingerprint == certificate.fingerprint())
      return fault(FaultCode::conflict, "this officer is there already");
    if (!officer.revoked_from && other.public_spki() == certificate.public_spki())
      return fault(FaultCode::conflict, "this key belongs to another officer");
  }
  const OfficerRecord record{.fingerprint = certificate.fingerprint(),
                             .certificate = certificate.der()};
  TRY(turn.store().put_officer(record));
  TRY(note(turn, k_internal_log, custody::EntryKind::officer_added,
           Json::object({{"officer", record.fingerprint.hex()}})));
  turn.office.officers.insert_or_assign(record.fingerprint, record);
  return Json::object(
      {{"officer", record.fingerprint.hex()}, {"name", certificate.subject().common_name}});
}

Result<Json> revoke_officer(Turn& turn, Fields& fields) {
  TRY_LET(const auto fingerprint, fields.digest("certificate"));
  TRY_LET(const auto reason, fields.text("reason", k_words_bytes_max));
  TRY_LET(const auto from, fields.optional_instant("revoked_from"));
  const auto found = turn.office.officers.find(fingerprint);
  if (found == turn.office.officers.end())
    return fault(FaultCode::officer_unknown, fingerprint.hex());
  if (active_officers(turn.office, turn.now) <= 2)
    return fault(FaultCode::officer_last, "two officers must remain");
  auto record = found->second;
  record.revoked_from = std::min(from.value_or(turn.now), turn.now);
  record.reason = reason;
  TRY(turn.store().put_officer(record));
  TRY(note(turn, k_internal_log, custody::EntryKind::officer_revoked,
           Json::object({{"officer", fingerprint.hex()}})));
  turn.office.officers.insert_or_assign(fingerprint, record);
  return Json::object(
      {{"officer", fingerprint.hex()}, {"revoked_from", to_text(*record.revoked_from)}});
}

Result<Json> record_callback(Turn& turn, Fields& fields, const std::vector<Digest>& officers) {
  TRY_LET(const auto state, fields.state("state"));
  TRY_LET(const auto words, fields.text("words", k_words_bytes_max));
  TRY(partner_in_force(turn.office, state, turn.now));
  TRY_LET(auto partner, turn.store().partner(state));
  if (!partner) partner = PartnerRecord{.state = state};
  partner->called_back = true;
  partner->called_back_by = officers.front().hex() + " " + to_text(turn.now) + " " + words;
  TRY(turn.store().put_partner(*partner));
  TRY(note(turn, k_internal_log, custody::EntryKind::callback_recorded,
           Json::object({{"partner", state.text()}, {"officer", officers.front().hex()}})));
  TRY(load_directory(turn.office));
  return Json::object({{"state", state.text()}});
}

Result<Json> destroy_item(Turn& turn, Fields& fields, const std::vector<Digest>& officers) {
  TRY_LET(const auto id, fields.id<ItemId>("item"));
  TRY_LET(const auto remains, fields.text("remains", k_words_bytes_max));
  TRY_LET(const auto first, turn.store().item(id));
  if (!first) return fault(FaultCode::evidence_unknown, id.hex());
  if (first->state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  TRY_LET(const auto loaded, load_exchange(turn, first->exchange));
  TRY_LET(auto items, turn.store().items(first->exchange));
  const auto situation = loaded.life.now();
  // What came under the request's one recipient can only be destroyed together.
  const auto goes = [&](const ItemRecord& item) {
    return item.state != ItemState::destroyed && (item.id == id || (!first->ours && !item.ours));
  };
  // What two officers released is on its way until it arrived or became void: ended in between, the
  // other State would ask for it for ever and the exchange could never be closed.
  for (const auto& item : items) {
    const auto* delivery = situation.delivery(item.delivery);
    if (goes(item) && delivery && delivery->state == exchange::DeliveryState::under_way)
      return fault(FaultCode::conflict, "the delivery of " + item.id.hex() + " is under way");
  }
  auto destroyed = Json::array();
  for (auto& item : items) {
    if (!goes(item)) continue;
    item.state = ItemState::destroyed;
    item.changed_at = turn.now;
    TRY(turn.store().put_item(item));
    TRY(note(turn, partner_log(loaded.record.partner), custody::EntryKind::item_destroyed,
             Json::object({{"officer", officers.front().hex()}}),
             {.exchange = item.exchange, .item = item.id}));
    destroyed.push_back(item.id.hex());
  }
  const auto key = first->ours ? "item-" + id.hex() : "request-" + first->exchange.hex();
  // The key goes once the decision is durable. If we die between the two, start ends the key.
  turn.once_durable.push_back(
      [keys = &turn.office.ports.evidence_keys, key] { CHECK(keys->destroy(key)); });
  return Json::object({{"items", std::move(destroyed)}, {"remains", remains}});
}

Result<Json> renew_own(Turn& turn, Fields& fields) {
  TRY_LET(const auto p7m, fields.bytes_base64("p7m", 512 * 1024));
  TRY_LET(const auto entry, directory::open_entry(p7m, turn.now));
  if (entry.state != turn.charter().state || entry.root != turn.charter().root)
    return fault(FaultCode::directory_entry, "not our own entry under our own root");
  TRY_LET(const auto before, turn.store().setting("entry/own"));
  if (before) {
    TRY_LET(const auto old, from_base64(*before));
    TRY_LET(const auto old_entry, directory::open_entry(old, entry.issued_at));
    if (entry.serial <= old_entry.serial)
      return fault(FaultCode::directory_serial, entry.state.text());
    // Acts that were made under it are checked with it, also years from now.
    TRY_LET(const auto list, turn.store().setting("entry/superseded"));
    Json superseded = Json::array();
    if (list) {
      TRY_LET(superseded, formats::parse_json(as_bytes(*list)));
    }
    superseded.push_back(*before);
    TRY(turn.store().put_setting("entry/superseded", formats::canonical(superseded)));
  }
  TRY(turn.store().put_setting("entry/own", base64(p7m)));
  TRY(note(turn, k_internal_log, custody::EntryKind::entry_renewed,
           Json::object({{"serial", entry.serial},
                         {"entry", crypto::sha256(directory::entry_content(entry)).hex()}})));
  return Json::object({{"serial", entry.serial}});
}

}  // namespace

Result<Json> draft_statement(Turn& turn, const DraftId& id, const Json& input) {
  Fields fields(input, "statement");
  TRY_LET(const auto kind, fields.text("kind", 64));
  constexpr std::array<std::string_view, 7> kinds{"officer.add",  "officer.revoke",  "entry.accept",
                                                  "entry.revoke", "callback.record", "item.destroy",
                                                  "entry.renew"};
  if (std::ranges::find(kinds, kind) == kinds.end())
    return fields.refuse("kind", "no such statement");
  Json statement = input;
  statement.set("comity", "statement/1");
  statement.set("draft", id.hex());
  // Not "state": that is whom a callback.record is about.
  statement.set("by", turn.charter().state.text());
  statement.set("exercise", turn.charter().exercise);
  statement.set("made_at", to_text(turn.now));
  if (kind == "callback.record" || kind == "item.destroy" || kind == "entry.accept") {
    for (const auto* name : {"words", "remains", "how"})
      if (const auto* text = input.find(name); text && text->is_text())
        if (const auto flaw = treaty::text_flaw(text->text(), true))
          return fields.refuse(name, *flaw);
  }
  if (kind == "entry.accept") TRY(read_offer(turn, fields));
  return statement;
}

Result<Json> carry_out(Turn& turn, const Json& statement, const std::vector<Digest>& officers) {
  Fields fields(statement, "statement");
  TRY_LET(const auto kind, fields.text("kind", 64));
  if (kind == "officer.add") return add_officer(turn, fields);
  if (kind == "officer.revoke") return revoke_officer(turn, fields);
  if (kind == "entry.accept") return accept_entry(turn, fields, officers);
  if (kind == "entry.revoke") return revoke_entry(turn, fields);
  if (kind == "callback.record") return record_callback(turn, fields, officers);
  if (kind == "item.destroy") return destroy_item(turn, fields, officers);
  return renew_own(turn, fields);
}

Result<Json> Desk::consider_entry(const Officer& who, const Json& input) {
  TRY(require_role(who, {}));
  if (!input.is_object()) return fault(FaultCode::format_field, "entry: not an object");
  Fields fields(input, "entry");
  TRY_LET(const auto offered, read_offer(turn_, fields));
  return Json::object({{"state", offered.entry.state.text()},
                       {"serial", offered.entry.serial},
                       {"fingerprint", directory::fingerprint(offered.entry).hex()},
                       {"change", directory::name_of(offered.change)}});
}

}  // namespace comity::node
