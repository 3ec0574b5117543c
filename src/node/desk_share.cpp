// One more recipient of an item that came from another State: a new age header over the same
// payload, by the word of two officers. Within this State that is enough; elsewhere the State that
// sent the item must have consented, signed, in this exchange. The bytes, their chunk root and
// every proof stay what they are.
#include "node/share.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "formats/age_keys.hpp"
#include "formats/fields.hpp"
#include "node/use.hpp"

namespace comity::node {
namespace {

std::string share_setting(const std::string& draft) {
  return "share/" + draft;
}

bool is_approver(const crypto::Certificate& certificate) {
  const auto& roles = certificate.subject().roles;
  return std::ranges::find(roles, "officer:approver") != roles.end();
}

/// The sender's supplement whose text names the item and the recipient, signed by an approver of
/// its own.
Result<void> check_consent(Turn& turn, const ItemRecord& item, const ItemShare& said) {
  const auto refuse = [](const char* why) { return fault(FaultCode::forbidden, why); };
  if (!said.consent) return refuse("a recipient in another State needs the sender's consent");
  TRY_LET(const auto record, turn.store().act(*said.consent));
  if (!record || record->exchange != item.exchange)
    return refuse("the consent is no act of this exchange");
  TRY_LET(const auto loaded, load_exchange(turn, item.exchange));
  if (record->side == loaded.record.our_side || record->standing != Standing::logged)
    return refuse("the consent is no act of the sender's that stands");
  TRY_LET(const auto act, full_act(turn, *record));
  if (act.act.substance.type != ActType::supplement || act.act.officers.size() != 1)
    return refuse("the consent is no supplement");
  const auto content = exchange::substance_content(act.act.substance);
  TRY_LET(const auto signer,
          turn.office.ports.opener.open_detached(act.act.officers.front().signature, content));
  if (!is_approver(signer)) return refuse("no approver of the sender's signed the consent");
  const auto text =
      std::ranges::find(act.parts, "text", [](const PartRecord& row) { return row.part.name; });
  if (text == act.parts.end()) return refuse("the consent has no text");
  const auto words = as_text(text->part.bytes);
  if (words.find(item.id.hex()) == std::string_view::npos ||
      words.find(said.recipient) == std::string_view::npos)
    return refuse("the consent names another item or recipient");
  return {};
}

}  // namespace

Result<void> check_share(Turn& turn, const ItemShare& said) {
  TRY_LET(const auto item, turn.store().item(said.item));
  if (!item) return fault(FaultCode::evidence_unknown, said.item.hex());
  if (item->ours)
    return fault(FaultCode::conflict, "the item is ours: it is released to whoever asks for it");
  if (item->state == ItemState::destroyed)
    return fault(FaultCode::evidence_destroyed, said.item.hex());
  if (item->state != ItemState::arrived)
    return fault(FaultCode::evidence_incomplete, said.item.hex());
  TRY(formats::AgeRecipient::from_text(said.recipient));
  TRY_LET(const auto loaded, load_exchange(turn, item->exchange));
  TRY(check_use(turn, loaded, *item, {}));
  if (said.state == turn.charter().state) return {};
  return check_consent(turn, *item, said);
}

Result<Json> carry(Turn& turn, const ItemShare& said, const std::vector<Digest>&) {
  TRY(check_share(turn, said));
  const auto permission = said.draft.hex();
  TRY(turn.store().put_setting(share_setting(permission),
                               formats::canonical(Json::object(
                                   {{"item", said.item.hex()}, {"recipient", said.recipient}}))));
  return Json::object({{"permission", permission}});
}

Result<ShareOrder> Desk::share_item(const Officer& who, const ItemId& id, const Json& input) {
  TRY(require_role(who, {"executor", "approver"}));
  if (!input.is_object()) return fault(FaultCode::format_field, "header: not an object");
  formats::Fields fields(input, "header");
  TRY_LET(const auto draft, fields.id<DraftId>("permission"));
  TRY(fields.end());
  TRY_LET(const auto kept, turn_.store().setting(share_setting(draft.hex())));
  if (!kept) return fault(FaultCode::officer_two, "no statement of two officers allows this");
  TRY_LET(const Json permission, formats::parse_json(as_bytes(*kept)));
  if (permission.at("item").text() != id.hex())
    return fault(FaultCode::officer_two, "the statement is about another item");
  TRY_LET(const auto item, turn_.store().item(id));
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  if (item->state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  TRY_LET(const auto loaded, load_exchange(turn_, item->exchange));
  TRY(check_use(turn_, loaded, *item, {}));  // what held when it was allowed may have fallen since
  TRY_LET(auto manifest, evidence::read_manifest(item->manifest));
  return ShareOrder{.open = {.manifest = std::move(manifest), .key_name = key_name_of(*item)},
                    .recipient = permission.at("recipient").text()};
}

Result<Json> Desk::header_shared(const Officer& who, const ShareOrder& order, View header) {
  const auto& id = order.open.manifest.item;
  TRY_LET(const auto item, turn_.store().item(id));
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  TRY_LET(const auto reader, formats::AgeRecipient::from_text(order.recipient));
  TRY_LET(const auto loaded, load_exchange(turn_, item->exchange));
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_shared,
           Json::object({{"officer", who.fingerprint.hex()},
                         {"recipient", reader.id().hex()},
                         {"header", crypto::sha256(header).hex()}}),
           {.exchange = item->exchange, .item = id}));
  return Json::object({{"header", base64(header)}});
}

}  // namespace comity::node
