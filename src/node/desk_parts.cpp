// A part of an item for somebody who may not see the rest: who may give it, that it is logged
// before it leaves, and which signed papers go with it. The bytes and their proof are made by
// whoever opened the item; what they prove is checked against these papers, and not by this node.
#include <algorithm>

#include "court/state_files.hpp"
#include "exchange/body.hpp"
#include "formats/fields.hpp"
#include "node/use.hpp"

namespace comity::node {
namespace {

/// The entry of the delivering State under which its act was signed.
Result<Bytes> entry_of(Turn& turn, const ActRecord& delivery, bool is_ours,
                       const StateCode& partner) {
  TRY_LET(const auto opened, turn.office.ports.opener.open(delivery.p7m));
  std::vector<Bytes> entries;
  if (is_ours) {
    TRY_LET(entries, own_entry_files(turn.store()));
  } else {
    TRY_LET(const auto records, turn.store().directory());
    for (const auto& record : records)
      if (record.state == partner) entries.insert(entries.begin(), record.p7m);
  }
  for (auto& p7m : entries) {
    TRY_LET(const auto entry, court::open_entry_file(p7m));
    if (std::ranges::find(entry.authorities, opened.signer, &directory::Authority::certificate) !=
        entry.authorities.end())
      return std::move(p7m);
  }
  return fault(FaultCode::directory_entry, "the entry under which the delivery was signed");
}

}  // namespace

Result<Json> Desk::prove_part(const Officer& who, const ItemId& id, const Json& input) {
  TRY(require_role(who, {"executor", "approver"}));
  if (!input.is_object()) return fault(FaultCode::format_field, "part: not an object");
  formats::Fields fields(input, "part");
  TRY_LET(const auto first, fields.integer("first"));
  TRY_LET(const auto end, fields.integer("end"));
  TRY_LET(const auto sha256, fields.digest("sha256"));
  TRY(fields.end());
  TRY_LET(const auto item, turn_.store().item(id));
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  if (item->state == ItemState::destroyed) return fault(FaultCode::evidence_destroyed, id.hex());
  if (item->delivery.is_zero()) return fault(FaultCode::evidence_unreleased, id.hex());
  TRY_LET(const auto manifest, evidence::read_manifest(item->manifest));
  const auto size = static_cast<std::int64_t>(manifest.sealed.plaintext_size);
  if (first >= end || end > size) return fields.refuse("end", "no run of this item's bytes");
  TRY_LET(const auto record, turn_.store().act(item->delivery));
  if (!record) return fault(FaultCode::store_corrupt, "the item's delivery is not there");
  TRY_LET(const auto delivery, full_act(turn_, *record));
  TRY_LET(const auto body, exchange::body_as<exchange::DeliveryBody>(delivery.act.substance));
  const auto part = std::ranges::find(delivery.parts, body.manifest,
                                      [](const PartRecord& row) { return row.part.name; });
  if (part == delivery.parts.end())
    return fault(FaultCode::store_corrupt, "the delivery's manifest is not there");
  TRY_LET(const auto loaded, load_exchange(turn_, item->exchange));
  TRY(check_use(turn_, loaded, *item, {}));
  TRY_LET(const auto entry, entry_of(turn_, *record, item->ours, loaded.record.partner));
  TRY(note(turn_, partner_log(loaded.record.partner), custody::EntryKind::item_proven,
           Json::object({{"officer", who.fingerprint.hex()},
                         {"first", first},
                         {"end", end},
                         {"sha256", sha256.hex()}}),
           {.exchange = item->exchange, .item = id}));
  return Json::object({{"manifest", base64(item->manifest)},
                       {"manifest_salt", hex(part->part.salt)},
                       {"delivery", base64(record->p7m)},
                       {"entry", base64(entry)}});
}

}  // namespace comity::node
