// The court's bundle at the desk: everything kept about one exchange, gathered for court::compose.
// The export is logged in the same turn, so nothing leaves before its own record is durable.
#include <set>

#include "court/bundle.hpp"
#include "node/office.hpp"

namespace comity::node {
namespace {

struct Published {
  std::uint64_t size = 0;
  std::string checkpoint;
};

/// What a log of ours had published before this turn.
Published published(Turn& turn, const std::string& log) {
  if (const auto batch = turn.batches.find(log); batch != turn.batches.end())
    return {batch->second.before().size(), batch->second.before().checkpoint()};
  const auto book = turn.office.books.find(log);
  if (book == turn.office.books.end() || !book->second.state) return {};
  return {book->second.state->size(), book->second.state->checkpoint()};
}

formats::TileHashReader hashes(Turn& turn, const std::string& log, std::uint64_t size) {
  return {size, [&turn, log](const formats::Tile& tile) -> Result<Bytes> {
            TRY_LET(auto bytes, turn.office.ports.log_files.read(log, formats::path_of(tile)));
            if (!bytes) return fault(FaultCode::log_corrupt, log + ": a tile is missing");
            return *std::move(bytes);
          }};
}

Result<std::vector<court::BundleAct>> gather_acts(Turn& turn, const ExchangeId& id) {
  TRY_LET(const auto records, turn.store().acts(id));
  std::vector<court::BundleAct> acts;
  for (const auto& record : records) {
    TRY_LET(const auto parts, turn.store().parts(record.id.hex()));
    court::BundleAct act{
        .p7m = record.p7m, .receipt = record.receipt, .rejection = record.rejection};
    for (const auto& part : parts) act.parts.push_back({part.part, part.erased});
    acts.push_back(std::move(act));
  }
  return acts;
}

Result<std::vector<court::BundleProof>> gather_proofs(Turn& turn, const ExchangeId& id,
                                                      const std::string& partner, bool& internal) {
  TRY_LET(const auto entries, turn.store().entries_about(id));
  std::vector<court::BundleProof> proofs;
  for (const auto& entry : entries) {
    const bool is_internal = entry.log == k_internal_log;
    if (!is_internal && entry.log != partner) continue;
    const auto head = published(turn, entry.log);
    if (entry.index >= head.size) continue;  // of this very turn
    auto reader = hashes(turn, entry.log, head.size);
    TRY_LET(auto text, custody::make_receipt(entry.index, entry.entry, head.checkpoint, reader));
    proofs.push_back({is_internal, std::move(text)});
    internal = internal || is_internal;
  }
  return proofs;
}

/// Our log, from each receipt that we gave to the checkpoint shown.
Result<void> add_own_growth(Turn& turn, const std::string& log, const std::vector<ActRecord>& acts,
                            Side ours, std::vector<court::BundleConsistency>& into) {
  const auto head = published(turn, log);
  std::set<std::uint64_t> sizes;
  for (const auto& act : acts) {
    if (act.side == ours || act.receipt.empty()) continue;
    TRY_LET(const auto proof, formats::parse_tlog_proof(as_bytes(act.receipt)));
    TRY_LET(const auto note, formats::parse_note(as_bytes(proof.checkpoint)));
    TRY_LET(const auto checkpoint, formats::parse_checkpoint(note.text));
    if (checkpoint.size < head.size) sizes.insert(checkpoint.size);
  }
  for (const auto size : sizes) {
    auto reader = hashes(turn, log, head.size);
    TRY_LET(auto proof, formats::consistency_proof(reader, size, head.size));
    into.push_back({turn.charter().state, size, std::move(proof), head.checkpoint});
  }
  return {};
}

/// The partner's log, by the proofs that came with its receipts.
Result<void> add_partner_growth(Turn& turn, const StateCode& partner,
                                const std::vector<ActRecord>& acts, Side ours,
                                std::vector<court::BundleConsistency>& into) {
  std::set<std::uint64_t> done;
  for (const auto& act : acts) {
    if (act.side != ours || act.receipt.empty()) continue;
    TRY_LET(const auto receipt, formats::parse_tlog_proof(as_bytes(act.receipt)));
    TRY_LET(const auto note, formats::parse_note(as_bytes(receipt.checkpoint)));
    TRY_LET(const auto checkpoint, formats::parse_checkpoint(note.text));
    for (auto size = checkpoint.size; done.insert(size).second;) {
      TRY_LET(const auto kept,
              turn.store().setting("growth/" + partner.text() + "/" + std::to_string(size)));
      if (!kept) break;
      TRY_LET(const Json json, formats::parse_json(as_bytes(*kept)));
      court::BundleConsistency growth{
          .state = partner, .old_size = size, .checkpoint = json.at("checkpoint").text()};
      for (const auto& hash : json.at("hashes").items()) {
        TRY_LET(const auto raw, from_base64(hash.text()));
        TRY_LET(const auto digest, Digest::from_bytes(raw));
        growth.hashes.push_back(digest);
      }
      TRY_LET(const auto later_note, formats::parse_note(as_bytes(growth.checkpoint)));
      TRY_LET(const auto later, formats::parse_checkpoint(later_note.text));
      into.push_back(std::move(growth));
      size = later.size;
    }
  }
  return {};
}

Result<std::vector<court::BundleState>> gather_states(Turn& turn, const StateCode& partner,
                                                      bool internal) {
  TRY_LET(const auto own, turn.store().setting("entry/own"));
  if (!own) return fault(FaultCode::directory_entry, "this node's own entry is not there");
  TRY_LET(auto own_entry, from_base64(*own));
  court::BundleState ours{.state = turn.charter().state,
                          .entries = {std::move(own_entry)},
                          .checkpoint = published(turn, partner_log(partner)).checkpoint};
  TRY_LET(const auto superseded, turn.store().setting("entry/superseded"));
  if (superseded) {
    TRY_LET(const Json list, formats::parse_json(as_bytes(*superseded)));
    for (auto old = list.items().rbegin(); old != list.items().rend(); ++old) {
      TRY_LET(auto older, from_base64(old->text()));
      ours.entries.push_back(std::move(older));
    }
  }
  if (internal) ours.internal_checkpoint = published(turn, std::string(k_internal_log)).checkpoint;
  court::BundleState theirs{.state = partner};
  TRY_LET(const auto records, turn.store().directory());
  for (const auto& record : records)
    if (record.state == partner) theirs.entries.insert(theirs.entries.begin(), record.p7m);
  TRY_LET(const auto kept, turn.store().partner(partner));
  if (kept) theirs.checkpoint = kept->checkpoint;
  return std::vector{std::move(ours), std::move(theirs)};
}

}  // namespace

Result<Json> Desk::export_bundle(const Officer& who, const ExchangeId& id,
                                 std::string_view purpose_name) {
  auto& turn = turn_;
  TRY(require_role(who, {"approver", "auditor"}));
  TRY_LET(const auto purpose, court::purpose_from(purpose_name));
  TRY_LET(const auto loaded, load_exchange(turn, id));
  const auto& partner = loaded.record.partner;
  const auto log = partner_log(partner);
  court::BundleInput input{.exercise = turn.charter().exercise,
                           .exchange = id,
                           .exporter = turn.charter().state,
                           .partner = partner,
                           .authority = turn.charter().authority_code,
                           .purpose = purpose,
                           .made_at = {turn.now.ms / 1000 * 1000}};
  TRY_LET(input.acts, gather_acts(turn, id));
  bool internal = false;
  TRY_LET(input.proofs, gather_proofs(turn, id, log, internal));
  TRY_LET(input.states, gather_states(turn, partner, internal));
  TRY_LET(const auto acts, turn.store().acts(id));
  TRY(add_own_growth(turn, log, acts, loaded.record.our_side, input.consistency));
  TRY(add_partner_growth(turn, partner, acts, loaded.record.our_side, input.consistency));
  TRY_LET(const auto items, turn.store().items(id));
  // An auditor sees that there is plaintext, never the plaintext.
  const bool may_open = who.has("approver") && purpose == court::Purpose::court;
  for (const auto& item : items) {
    if (item.delivery.is_zero()) continue;  // never released: not part of the exchange
    court::BundleItem one{.manifest = item.manifest};
    one.why_no_sealed = item.state == ItemState::destroyed   ? "it was destroyed"
                        : item.state == ItemState::failed    ? "its delivery is void"
                        : item.state == ItemState::announced ? "it has not arrived whole"
                                                             : "";
    one.sealed = one.why_no_sealed.empty();
    one.plaintext = may_open && one.sealed;
    if (!one.plaintext)
      one.why_no_plaintext = one.sealed ? "this export shows none" : one.why_no_sealed;
    input.items.push_back(std::move(one));
    TRY(note(turn, log, custody::EntryKind::item_exported,
             Json::object({{"officer", who.fingerprint.hex()}}),
             {.exchange = id, .item = item.id}));
  }
  TRY_LET(const auto bundle, court::compose(input));
  TRY(note(turn, k_internal_log, custody::EntryKind::request_exported,
           Json::object({{"officer", who.fingerprint.hex()}}), {.exchange = id}));
  auto files = Json::array(), references = Json::array();
  for (const auto& file : bundle.files)
    files.push_back(Json::object({{"path", file.path}, {"content", base64(file.bytes)}}));
  for (const auto& reference : bundle.references)
    references.push_back(Json::object({{"item", reference.item.hex()},
                                       {"kind", court::name_of(reference.role)},
                                       {"path", reference.path}}));
  TRY_LET(const auto index, court::index_content(bundle.index));
  TRY_LET(auto index_json, formats::parse_json(index));
  return Json::object({{"files", std::move(files)},
                       {"references", std::move(references)},
                       {"index_input", std::move(index_json)}});
}

Result<Json> Desk::sign_index(const Officer& who, const ExchangeId& id, const Json& input) {
  TRY(require_role(who, {"approver", "auditor"}));
  formats::Fields fields(input, "index");
  TRY_LET(const auto content, fields.bytes_base64("content", court::k_index_bytes_max));
  TRY(fields.end());
  TRY_LET(const auto index, court::read_index(content));
  // The authority's key signs an index of this exchange and nothing else that is put before it.
  if (index.exchange != id || index.exporter != turn_.charter().state ||
      index.exercise != turn_.charter().exercise ||
      index.authority != turn_.charter().authority_code)
    return fault(FaultCode::conflict, "the index is of another export");
  if (turn_.now.ms - index.made_at.ms > k_day_s * 1000 || index.made_at > turn_.now)
    return fault(FaultCode::conflict, "the export is too old to be signed; make it again");
  TRY_LET(const auto p7m, turn_.office.ports.signer.sign(content, index.made_at));
  TRY(note(turn_, k_internal_log, custody::EntryKind::request_exported,
           Json::object(
               {{"officer", who.fingerprint.hex()}, {"index", exchange::act_id(content).hex()}}),
           {.exchange = id}));
  return Json::object({{"p7m", base64(p7m)}});
}

}  // namespace comity::node
