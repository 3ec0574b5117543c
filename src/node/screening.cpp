#include "node/screening.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "node/history.hpp"
#include "node/vouched.hpp"

namespace comity::node {
namespace {

using exchange::Signer;

/// That a screener spoke in the exchange, and who: certificates, as an array.
std::string screeners_setting(const ExchangeId& exchange) {
  return "screeners/" + exchange.hex();
}

Result<std::vector<Digest>> screeners_of(Turn& turn, const ExchangeId& exchange) {
  std::vector<Digest> screeners;
  TRY_LET(const auto kept, turn.store().setting(screeners_setting(exchange)));
  if (!kept) return screeners;
  TRY_LET(const Json list, formats::parse_json(as_bytes(*kept)));
  for (const auto& one : list.items()) {
    TRY_LET(const auto officer, Digest::from_hex(one.text()));
    screeners.push_back(officer);
  }
  return screeners;
}

Result<void> add_screeners(Turn& turn, const ExchangeId& exchange,
                           const std::vector<Digest>& officers) {
  TRY_LET(auto screeners, screeners_of(turn, exchange));
  for (const auto& officer : officers)
    if (std::ranges::find(screeners, officer) == screeners.end()) screeners.push_back(officer);
  auto list = Json::array();
  for (const auto& screener : screeners) list.push_back(screener.hex());
  return turn.store().put_setting(screeners_setting(exchange), formats::canonical(list));
}

/// An officer of ours, also one who is none any more.
std::optional<Signer> officer_of(const Office& office, const Digest& fingerprint) {
  const auto found = office.officers.find(fingerprint);
  if (found == office.officers.end()) return std::nullopt;
  const auto certificate = crypto::Certificate::from_der(found->second.certificate);
  if (!certificate) return std::nullopt;
  return exchange::signer_of("", *certificate);
}

/// Everybody of this State who signed an act of the exchange, drafted one or sealed an item.
Result<std::vector<Signer>> taking_part(Turn& turn, const ExchangeId& exchange) {
  std::vector<Signer> people;
  const auto add = [&](const std::string& fingerprint) {
    const auto digest = Digest::from_hex(fingerprint);
    if (!digest) return;  // nobody: the node itself, or the other State's
    if (auto officer = officer_of(turn.office, *digest)) people.push_back(*std::move(officer));
  };
  TRY_LET(const auto acts, history_of(turn, exchange));
  for (const auto& one : acts) {
    const auto& substance = one.act.substance;
    if (substance.from != turn.charter().state) continue;
    const auto content = exchange::substance_content(substance);
    for (const auto& officer : one.act.officers) {
      TRY_LET(const auto certificate,
              turn.office.ports.opener.open_detached(officer.signature, content));
      people.push_back(exchange::signer_of(officer.duty, certificate));
    }
    TRY_LET(const auto draft, turn.store().draft(substance.draft));
    if (draft) add(draft->created_by);
  }
  TRY_LET(const auto items, turn.store().items(exchange));
  for (const auto& item : items)
    if (item.ours) add(item.added_by);
  return people;
}

Result<ItemRecord> item_at_hand(Turn& turn, const ItemId& id) {
  TRY_LET(auto item, turn.store().item(id));
  if (!item || item->state == ItemState::sealing || item->state == ItemState::failed)
    return fault(FaultCode::evidence_unknown, id.hex());
  if (item->state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  return *std::move(item);
}

Result<void> check(Turn& turn, const ItemScreen& said) {
  TRY_LET(const auto loaded, load_exchange(turn, said.exchange));
  if (loaded.record.our_side != Side::requested)
    return fault(FaultCode::act_illegal, "what is screened is what this State hands over");
  TRY_LET(const auto known, screening_by_officers(turn.office, said.exchange, said.sha256));
  if (known) return fault(FaultCode::conflict, "these bytes were screened already");
  return {};
}

Result<void> check(Turn& turn, const ItemQuarantine& said) {
  TRY(item_at_hand(turn, said.item));
  TRY_LET(const auto before, quarantine_of(turn, said.item));
  if (before)
    return fault(FaultCode::conflict, "it has been in quarantine since " + to_text(before->since));
  return {};
}

Result<void> check(Turn& turn, const ItemClear& said) {
  TRY(item_at_hand(turn, said.item));
  TRY_LET(const auto before, quarantine_of(turn, said.item));
  if (!before) return fault(FaultCode::conflict, "the item is not in quarantine");
  return {};
}

Result<void> check(Turn&, const auto&) {
  return {};
}

/// Whoever follows the item sees it change; its state stays.
Result<void> note_item(Turn& turn, custody::EntryKind kind, const ItemId& id, const Digest& officer,
                       const Digest& statement) {
  TRY_LET(auto item, item_at_hand(turn, id));
  TRY_LET(const auto loaded, load_exchange(turn, item.exchange));
  TRY(note(turn, partner_log(loaded.record.partner), kind,
           Json::object({{"officer", officer.hex()}, {"statement", statement.hex()}}),
           {.exchange = item.exchange, .item = id}));
  return put_item_state(turn, item, item.state);
}

}  // namespace

Json to_json(const Quarantine& quarantine) {
  return Json::object({{"since", to_text(quarantine.since)}, {"reason", quarantine.reason}});
}

Result<std::optional<Quarantine>> quarantine_of(Turn& turn, const ItemId& item) {
  TRY_LET(const auto latest, privilege_by_officers(turn.office, item));
  if (!latest) return std::nullopt;
  const auto* said = std::get_if<ItemQuarantine>(&latest->said);
  if (said == nullptr) return std::nullopt;  // cleared
  return Quarantine{latest->made_at, said->reason};
}

Result<void> check_not_quarantined(Turn& turn, const ItemId& item) {
  TRY_LET(const auto quarantine, quarantine_of(turn, item));
  if (!quarantine) return {};
  return fault(FaultCode::forbidden,
               "the item " + item.hex() + " has been in quarantine since " +
                   to_text(quarantine->since) +
                   ": a screener outside the investigation opens it, and with an approver clears "
                   "it ('comity evidence clear'); or it is destroyed");
}

Result<void> apply_screening(Turn& turn, evidence::Manifest& manifest) {
  TRY_LET(const auto screeners, screeners_of(turn, manifest.exchange));
  if (screeners.empty()) return {};
  TRY_LET(const auto passed,
          screening_by_officers(turn.office, manifest.exchange, manifest.sealed.plaintext_sha256));
  if (!passed)
    return fault(
        FaultCode::evidence_hash,
        "this exchange is screened, and no screener passed these bytes: 'comity evidence screen'");
  auto& omissions = manifest.omissions;
  if (omissions.size() + passed->withheld.size() > evidence::k_manifest_remarks_max)
    return fault(FaultCode::limit_count, "omissions, with what was withheld");
  omissions.insert(omissions.end(), passed->withheld.begin(), passed->withheld.end());
  return {};
}

Result<void> check_unscreened(Turn& turn, const ExchangeId& exchange) {
  TRY_LET(const auto screeners, screeners_of(turn, exchange));
  if (screeners.empty()) return {};
  return fault(FaultCode::forbidden,
               "this exchange is screened: seal what a screener passed with 'comity evidence add'");
}

Result<void> check_outside(Turn& turn, const ExchangeId& exchange, const Signer& signer) {
  TRY_LET(const auto people, taking_part(turn, exchange));
  for (const auto& person : people)
    if (exchange::same_officer(person, signer))
      return fault(FaultCode::officer_two,
                   signer.name + " takes part in this exchange; somebody outside it screens");
  return {};
}

Result<void> check_no_screener(Turn& turn, const ExchangeId& exchange, const Signer& signer) {
  TRY_LET(const auto screeners, screeners_of(turn, exchange));
  for (const auto& screener : screeners) {
    const auto person = officer_of(turn.office, screener);
    if (person && exchange::same_officer(*person, signer))
      return fault(FaultCode::officer_two,
                   signer.name + " screened in this exchange, and takes no part in it");
  }
  return {};
}

Result<void> check_no_screener(Turn& turn, const ExchangeId& exchange, const Officer& who) {
  return check_no_screener(
      turn, exchange, Signer{{}, who.name, who.fingerprint, crypto::sha256(who.spki), who.roles});
}

Result<void> check_may_judge(Turn& turn, const Officer& who, const ItemRecord& item) {
  if (!who.has(k_screener)) return check_not_quarantined(turn, item.id);
  const auto person = officer_of(turn.office, who.fingerprint);
  if (!person) return fault(FaultCode::officer_unknown, who.fingerprint.hex());
  return check_outside(turn, item.exchange, *person);
}

Result<std::optional<ExchangeId>> screened_exchange(Turn& turn, const Statement& said) {
  if (const auto* screen = std::get_if<ItemScreen>(&said)) return screen->exchange;
  const auto* clear = std::get_if<ItemClear>(&said);
  if (clear == nullptr) return std::nullopt;
  TRY_LET(const auto item, item_at_hand(turn, clear->item));
  return item.exchange;
}

Result<void> check_screening(Turn& turn, const Statement& said) {
  return std::visit([&](const auto& one) { return check(turn, one); }, said);
}

Result<Json> carry(Turn& turn, const ItemScreen& said, const std::vector<Digest>& officers) {
  TRY(check(turn, said));
  TRY_LET(const auto loaded, load_exchange(turn, said.exchange));
  TRY(turn.store().put_setting(screening_setting(said.exchange, said.sha256), said.draft.hex()));
  TRY(add_screeners(turn, said.exchange, officers));
  TRY(note(turn, partner_log(loaded.record.partner), custody::EntryKind::item_screened,
           Json::object({{"officer", officers.front().hex()},
                         {"sha256", said.sha256.hex()},
                         {"statement", said.statement.hex()}}),
           {.exchange = said.exchange}));
  return Json::object({{"exchange", said.exchange.hex()},
                       {"sha256", said.sha256.hex()},
                       {"withheld", std::ssize(said.withheld)}});
}

Result<Json> carry(Turn& turn, const ItemQuarantine& said, const std::vector<Digest>& officers) {
  TRY(check(turn, said));
  TRY(turn.store().put_setting(privilege_setting(said.item), said.draft.hex()));
  TRY(note_item(turn, custody::EntryKind::item_quarantined, said.item, officers.front(),
                said.statement));
  return Json::object({{"item", said.item.hex()}});
}

Result<Json> carry(Turn& turn, const ItemClear& said, const std::vector<Digest>& officers) {
  TRY(check(turn, said));
  TRY_LET(const auto item, item_at_hand(turn, said.item));
  TRY(turn.store().put_setting(privilege_setting(said.item), said.draft.hex()));
  TRY(note_item(turn, custody::EntryKind::item_cleared, said.item, officers.front(),
                said.statement));
  return Json::object({{"item", said.item.hex()}});
}

}  // namespace comity::node
