// Statements: what officers ask of their own node, signed like acts and carried out once complete.
// Trust is given and taken here, so nothing here is done on one person's word where two are asked.
#include <algorithm>

#include "base/check.hpp"
#include "court/state_files.hpp"
#include "crypto/digest.hpp"
#include "directory/revocation.hpp"
#include "node/draft.hpp"
#include "node/leftovers.hpp"
#include "node/restored.hpp"
#include "node/review.hpp"
#include "node/roles.hpp"
#include "node/screening.hpp"
#include "node/share.hpp"
#include "node/statement_text.hpp"
#include "node/vouched.hpp"

namespace comity::node {
namespace {

/// The entry offered and what it would change.
struct Offered {
  directory::Entry entry;
  directory::Change change{};
};

Result<Offered> consider(Turn& turn, const EntryOffer& offer) {
  TRY_LET(auto entry, directory::open_entry(offer.p7m, turn.now));
  Offered offered{std::move(entry)};
  if (offered.entry.state == turn.charter().state)
    return fault(FaultCode::directory_entry, "this is our own State's entry");
  const auto found = turn.office.partners.find(offered.entry.state);
  const std::optional<directory::Accepted> current =
      found == turn.office.partners.end() ? std::nullopt : std::optional(found->second);
  TRY_LET(offered.change, directory::consider(current, offered.entry, offer.fingerprint,
                                              turn.charter().exercise, turn.now));
  return offered;
}

Result<Json> carry(Turn& turn, const EntryAccept& said, const std::vector<Digest>& officers) {
  TRY_LET(const auto offered, consider(turn, said.offer));
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
                         .p7m = said.offer.p7m,
                         .status = "in_force",
                         .accepted_at = turn.now,
                         .how = said.how};
  for (const auto& officer : officers) record.officers.push_back(officer.hex());
  TRY(turn.store().put_directory(record));
  TRY(turn.store().put_setting(acceptance_setting(state, record.serial), said.draft.hex()));
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

Result<Json> carry(Turn& turn, const EntryRevoke& said, const std::vector<Digest>&) {
  std::optional<directory::OpenedRevocation> opened;
  for (const auto& [state, accepted] : turn.office.partners)
    if (auto one = directory::open_revocation(said.file, accepted, turn.now))
      opened = std::move(*one);
  // Our own State's is kept too: whoever checks an export of ours must see it.
  TRY_LET(const auto own, own_accepted(turn));
  if (own)
    if (auto one = directory::open_revocation(said.file, *own, turn.now)) opened = std::move(*one);
  if (!opened)
    return fault(FaultCode::directory_entry, "no State in the directory signed this revocation");
  const auto state = opened->revocation.state;
  const auto& entry =
      state == turn.charter().state ? own->entry : turn.office.partners.find(state)->second.entry;
  // The file as it was signed: an export shows it to others (spec/export.md §2).
  TRY_LET(auto files, revocations_since(turn.store(), entry));
  if (std::ranges::find(files, said.file) == files.end()) files.push_back(said.file);
  if (files.size() > court::k_revocations_of_a_state_max)
    return fault(FaultCode::limit_count, "revocations of " + state.text());
  Json list = Json::array();
  for (const auto& each : files) list.push_back(base64(each));
  const auto name = "revocations/" + state.text();
  TRY(turn.store().put_setting(name, formats::canonical(list)));
  TRY(note(turn, k_internal_log, custody::EntryKind::entry_revoked,
           Json::object({{"partner", state.text()}, {"serial", opened->revocation.serial}})));
  TRY(load_directory(turn.office));
  turn.notices.push_back(Json::object({{"kind", "directory"}, {"partner", state.text()}}));
  return Json::object(
      {{"state", state.text()}, {"revoked_from", to_text(opened->revocation.revoked_from)}});
}

Result<Json> carry(Turn& turn, const OfficerAdd& said, const std::vector<Digest>&) {
  const auto& certificate = said.certificate;
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

Result<Json> carry(Turn& turn, const OfficerRevoke& said, const std::vector<Digest>&) {
  const auto& fingerprint = said.certificate;
  const auto found = turn.office.officers.find(fingerprint);
  if (found == turn.office.officers.end())
    return fault(FaultCode::officer_unknown, fingerprint.hex());
  if (active_officers(turn.office, turn.now) <= 2)
    return fault(FaultCode::officer_last, "two officers must remain");
  TRY_LET(const auto revoked, crypto::Certificate::from_der(found->second.certificate));
  const auto from = std::min(said.revoked_from.value_or(turn.now), turn.now);
  // With every certificate of the same key: what is lost or left is the key.
  for (auto& [each, record] : turn.office.officers) {
    TRY_LET(const auto certificate, crypto::Certificate::from_der(record.certificate));
    if (certificate.public_spki() != revoked.public_spki()) continue;
    auto ended = record;
    ended.revoked_from = std::min(record.revoked_from.value_or(from), from);
    ended.reason = said.reason;
    TRY(turn.store().put_officer(ended));
    TRY(note(turn, k_internal_log, custody::EntryKind::officer_revoked,
             Json::object({{"officer", each.hex()}})));
    record = std::move(ended);
  }
  return Json::object({{"officer", fingerprint.hex()}, {"revoked_from", to_text(from)}});
}

Result<Json> carry(Turn& turn, const CallbackRecord& said, const std::vector<Digest>& officers) {
  const auto& state = said.state;
  TRY(partner_in_force(turn.office, state, turn.now));
  TRY_LET(auto partner, turn.store().partner(state));
  if (!partner) partner = PartnerRecord{.state = state};
  partner->called_back = true;
  partner->called_back_by = officers.front().hex() + " " + to_text(turn.now) + " " + said.words;
  TRY(turn.store().put_partner(*partner));
  TRY(turn.store().put_setting(callback_setting(state), said.draft.hex()));
  TRY(note(turn, k_internal_log, custody::EntryKind::callback_recorded,
           Json::object({{"partner", state.text()}, {"officer", officers.front().hex()}})));
  TRY(load_directory(turn.office));
  return Json::object({{"state", state.text()}});
}

/// Why an item may not be destroyed yet; nothing if it may.
std::optional<std::string> still_bound(const ItemRecord& item, const exchange::Situation& situation,
                                       const std::vector<ActRecord>& acts, Side ours) {
  using exchange::Phase;
  const auto* delivery = situation.delivery(item.delivery);
  if (delivery && delivery->state == exchange::DeliveryState::under_way)
    return "its delivery is under way: wait until the other State says that it arrived";
  if (item.ours) return std::nullopt;
  // What was annulled goes alone, at any time: its sender demands it.
  if (delivery && delivery->state == exchange::DeliveryState::annulled) return std::nullopt;
  // More may come under the request's key, and could not be opened.
  if (situation.phase == Phase::accepted || situation.phase == Phase::delivered)
    return "more may come under the key of the request: close the request first";
  // An arrival or a withdrawal that is rejected yet is as if never made, and the item is awaited.
  const bool is_settled = std::ranges::none_of(acts, [&](const ActRecord& act) {
    return act.side == ours && act.standing == Standing::logged;
  });
  if (!is_settled) return "the other State has not receipted all that was sent: wait for it";
  return std::nullopt;
}

/// The items that go when this one does. What came under the request's one recipient can only be
/// destroyed together. Ended while its delivery is under way, an item would be asked for by the
/// other State for ever, and the exchange could never be closed: evidence.under_way.
Result<std::vector<ItemRecord>> what_goes_with(Turn& turn, const ItemId& id) {
  TRY_LET(const auto first, turn.store().item(id));
  if (!first) return fault(FaultCode::evidence_unknown, id.hex());
  if (first->state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  if (first->state == ItemState::sealing)
    return fault(FaultCode::evidence_under_way, id.hex() + ": it is being sealed");
  if (first->ours && first->state == ItemState::failed)
    return fault(FaultCode::evidence_unknown, id.hex() + ": it was never sealed, nothing is kept");
  TRY_LET(const auto loaded, load_exchange(turn, first->exchange));
  TRY_LET(auto items, turn.store().items(first->exchange));
  TRY_LET(const auto acts, turn.store().acts(first->exchange));
  const auto situation = loaded.life.now();
  const auto* delivery = situation.delivery(first->delivery);
  const bool alone =
      first->ours || (delivery && delivery->state == exchange::DeliveryState::annulled);
  std::erase_if(items, [&](const ItemRecord& item) {
    return item.state == ItemState::destroyed || (item.id != id && (alone || item.ours));
  });
  for (const auto& item : items)
    if (const auto why = still_bound(item, situation, acts, loaded.record.our_side))
      return fault(FaultCode::evidence_under_way, item.id.hex() + ": " + *why);
  return items;
}

/// As the officers read it: each item by its id, its name and the manifest that describes it.
Json named(const std::vector<ItemRecord>& items) {
  auto list = Json::array();
  for (const auto& item : items) {
    auto one = Json::object({{"item", item.id.hex()}, {"name", item.name}});
    if (!item.manifest.empty()) one.set("manifest", crypto::sha256(item.manifest).hex());
    list.push_back(std::move(one));
  }
  return list;
}

Result<Json> carry(Turn& turn, const ItemDestroy& said, const std::vector<Digest>& officers) {
  TRY_LET(auto items, what_goes_with(turn, said.item));
  // More may have come under the same key since they signed.
  if (said.items != named(items))
    return fault(FaultCode::conflict, "other items would go by now; have it drafted again");
  TRY_LET(const auto record, turn.store().exchange(items.front().exchange));
  auto destroyed = Json::array();
  for (auto& item : items) {
    TRY(note(
        turn, partner_log(record->partner), custody::EntryKind::item_destroyed,
        Json::object({{"officer", officers.front().hex()}, {"statement", said.statement.hex()}}),
        {.exchange = item.exchange, .item = item.id}));
    TRY(turn.store().put_setting(destruction_setting(item.id), said.draft.hex()));
    TRY(put_item_state(turn, item, ItemState::destroyed));
    // Key and sealed bytes go once the decision is durable. If we die between, start ends them.
    // The request's key stays while another item needs it, or may still come.
    TRY_LET(const auto need, need_of_key(turn.store(), key_name_of(item)));
    end_item(turn, item, need != Need::needed);
    destroyed.push_back(item.id.hex());
  }
  return Json::object({{"items", std::move(destroyed)}, {"remains", said.remains}});
}

/// Two officers let evidence keys leave in one backup, sealed for these recipients.
Result<Json> carry(Turn& turn, const BackupEvidenceKeys& said, const std::vector<Digest>&) {
  auto list = Json::array();
  for (const auto& recipient : said.recipients) list.push_back(recipient);
  const auto permission = said.draft.hex();
  TRY(turn.store().put_setting("backup/permission/" + permission, formats::canonical(list)));
  return Json::object({{"permission", permission}});
}

Result<Json> carry(Turn& turn, const DeputyAppoint& said, const std::vector<Digest>&) {
  return appoint_deputy(turn, said);
}

Result<Json> carry(Turn& turn, const ActReview& said, const std::vector<Digest>& officers) {
  return review_act(turn, said, officers.front());
}

/// It takes the officers' signatures with it, so it is carried out where those are (origin.cpp).
Result<Json> carry(Turn&, const LogOrigin& said, const std::vector<Digest>&) {
  return fault(FaultCode::conflict, "a new origin for the log with " + said.partner.text());
}

/// Whether our own next entry may follow the one in force.
Result<void> check_renewal(Turn& turn, const directory::Entry& next,
                           const std::optional<Digest>& confirmed, std::size_t officers) {
  const auto& own = turn.office.own_entries;
  if (next.state != turn.charter().state || next.exercise != turn.charter().exercise)
    return fault(FaultCode::directory_entry, "not our own State's entry");
  if (confirmed && *confirmed != fingerprint(next))
    return fault(FaultCode::directory_fingerprint, "the entry's is " + fingerprint(next).hex());
  if (!own.empty() && next.serial <= own.front().serial)
    return fault(FaultCode::directory_serial, next.state.text());
  if (next.root == turn.charter().root) return {};
  if (!own.empty() && own.front().next_root == fingerprint(next)) return {};
  // A root that nothing announced is whatever somebody made. Two who know it must say so.
  if (!confirmed)
    return fault(FaultCode::directory_root, "the new root is " + fingerprint(next).hex());
  return officers >= 2 ? Result<void>() : fault(FaultCode::officer_two, "a root never announced");
}

/// The certificates by which officers go on: the same people, keys and roles, and nobody else.
Result<std::vector<OfficerRecord>> renewed_officers(
    Turn& turn, const directory::Entry& next, const std::vector<crypto::Certificate>& officers) {
  std::vector<OfficerRecord> renewed;
  std::size_t approvers = 0;
  for (const auto& certificate : officers) {
    TRY(turn.office.ports.opener.verify_issued(certificate, next.root, crypto::Usage::officer,
                                               turn.now));
    bool is_known = false;
    for (const auto& [fingerprint, record] : turn.office.officers) {
      if (record.revoked_from) continue;
      TRY_LET(const auto before, crypto::Certificate::from_der(record.certificate));
      is_known = is_known || (before.public_spki() == certificate.public_spki() &&
                              before.subject() == certificate.subject());
    }
    if (!is_known)
      return fault(FaultCode::officer_unknown, certificate.subject().common_name +
                                                   ": no officer here has this key, this name "
                                                   "and these roles");
    const auto& roles = certificate.subject().roles;
    if (std::ranges::find(roles, "officer:approver") != roles.end()) ++approvers;
    renewed.push_back({.fingerprint = certificate.fingerprint(), .certificate = certificate.der()});
  }
  // With fewer, nobody could act here, or whoever is certified next could alone.
  if (next.root != turn.charter().root && approvers < 2)
    return fault(FaultCode::officer_last,
                 "under a new root, name the new certificates of at least two approvers");
  return renewed;
}

Result<Json> carry(Turn& turn, const EntryRenew& said, const std::vector<Digest>& officers) {
  TRY_LET(const auto entry, directory::open_entry(said.offer.p7m, turn.now));
  TRY(check_renewal(turn, entry, said.offer.fingerprint, officers.size()));
  TRY_LET(const auto renewed, renewed_officers(turn, entry, said.officers));
  TRY_LET(const auto before, turn.store().setting("entry/own"));
  if (before) {
    // Acts that were made under it are checked with it, also years from now.
    TRY_LET(const auto list, turn.store().setting("entry/superseded"));
    Json superseded = Json::array();
    if (list) {
      TRY_LET(superseded, formats::parse_json(as_bytes(*list)));
    }
    superseded.push_back(*before);
    TRY(turn.store().put_setting("entry/superseded", formats::canonical(superseded)));
  }
  TRY(turn.store().put_setting("entry/own", base64(said.offer.p7m)));
  TRY(note(turn, k_internal_log, custody::EntryKind::entry_renewed,
           Json::object({{"serial", entry.serial},
                         {"entry", crypto::sha256(directory::entry_content(entry)).hex()}})));
  for (const auto& record : renewed) {
    if (turn.office.officers.contains(record.fingerprint)) continue;
    TRY(turn.store().put_officer(record));
    TRY(note(turn, k_internal_log, custody::EntryKind::officer_added,
             Json::object({{"officer", record.fingerprint.hex()}})));
    turn.office.officers.insert_or_assign(record.fingerprint, record);
  }
  turn.office.charter.root = entry.root;
  TRY(load_own_entries(turn.office));
  return Json::object({{"serial", entry.serial}, {"root", fingerprint(entry).hex()}});
}

}  // namespace

Result<Json> draft_statement(Turn& turn, const DraftId& id, const Json& input) {
  TRY_LET(const auto asked, read_asked_statement(input));
  if (const auto* accept = std::get_if<EntryAccept>(&asked)) TRY(consider(turn, accept->offer));
  if (const auto* share = std::get_if<ItemShare>(&asked)) TRY(check_share(turn, *share));
  TRY(check_screening(turn, asked));
  if (const auto* appoint = std::get_if<DeputyAppoint>(&asked))
    TRY(check_appointment(turn, *appoint));
  if (const auto* review = std::get_if<ActReview>(&asked)) TRY(check_review(turn, *review));
  if (const auto* renew = std::get_if<EntryRenew>(&asked)) {
    // What would be refused in the end is refused before anybody signs.
    TRY_LET(const auto next, directory::open_entry(renew->offer.p7m, turn.now));
    TRY(check_renewal(turn, next, renew->offer.fingerprint, 2));
    TRY(renewed_officers(turn, next, renew->officers));
  }
  const auto* destroy = std::get_if<ItemDestroy>(&asked);
  if (destroy && destroy->items)
    return fault(FaultCode::format_field, "statement: what goes with the item is for the node");
  const auto* origin = std::get_if<LogOrigin>(&asked);
  if (origin && (origin->previous || origin->origin || origin->last_known))
    return fault(FaultCode::format_field, "statement: what is known of the log is for the node");
  Json statement = input;
  statement.set("comity", "statement/1");
  statement.set("draft", id.hex());
  statement.set("by", turn.charter().state.text());
  statement.set("exercise", turn.charter().exercise);
  statement.set("made_at", to_text(turn.now));
  if (destroy) {
    TRY_LET(const auto items, what_goes_with(turn, destroy->item));
    statement.set("items", named(items));
  }
  if (origin) TRY(complete_origin_statement(turn, origin->partner, statement));
  return statement;
}

std::string destruction_setting(const ItemId& item) {
  return "destruction/" + item.hex();
}

Result<Json> carry_out(Turn& turn, const Json& statement, const std::vector<Digest>& officers) {
  TRY_LET(const auto said, read_signed_statement(statement));
  return std::visit([&](const auto& one) { return carry(turn, one, officers); }, said);
}

Result<Json> Desk::consider_entry(const Officer& who, const Json& input) {
  TRY(require_role(who, {}));
  TRY_LET(const auto offer, read_entry_offer(input));
  TRY_LET(const auto offered, consider(turn_, offer));
  // A forgotten line would bring a stolen key back.
  auto lifts = Json::array();
  if (const auto known = turn_.office.partners.find(offered.entry.state);
      known != turn_.office.partners.end())
    for (const auto& revoked : directory::lifted_by(known->second, offered.entry))
      lifts.push_back(Json::object({{"certificate", revoked.certificate.hex()},
                                    {"revoked_from", to_text(revoked.revoked_from)},
                                    {"reason", revoked.reason}}));
  return Json::object({{"state", offered.entry.state.text()},
                       {"serial", offered.entry.serial},
                       {"fingerprint", directory::fingerprint(offered.entry).hex()},
                       {"change", directory::name_of(offered.change)},
                       {"lifts", std::move(lifts)}});
}

}  // namespace comity::node
