// What an export holds, subject by subject: composed once to be listed, and once more when its
// files are asked for. Nothing here is logged or decided; the desk did so before.
#include <algorithm>

#include "court/state_files.hpp"
#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "node/export.hpp"
#include "node/screening.hpp"

namespace comity::node {
namespace {

using court::Bundle;

formats::TileHashReader hashes(Turn& turn, const std::string& log, std::uint64_t size) {
  return {size, [&turn, log](const formats::Tile& tile) -> Result<Bytes> {
            TRY_LET(auto bytes, turn.office.ports.log_files.read(log, formats::path_of(tile)));
            if (!bytes) return fault(FaultCode::log_corrupt, log + ": a tile is missing");
            return *std::move(bytes);
          }};
}

Result<ActRecord> act_record(Turn& turn, const Digest& id) {
  TRY_LET(auto record, turn.store().act(id));
  if (!record) return fault(FaultCode::store_corrupt, "an act of the exchange is not there");
  return *std::move(record);
}

/// The size of the log at which a receipt was given.
Result<formats::Checkpoint> shown_in(const std::string& receipt) {
  TRY_LET(const auto proof, formats::parse_tlog_proof(as_bytes(receipt)));
  TRY_LET(const auto note, formats::parse_note(as_bytes(proof.checkpoint)));
  return formats::parse_checkpoint(note.text);
}

/// How the partner's log grew from there to its next size known here: that came with its receipts.
Result<std::optional<court::BundleConsistency>> partner_growth(Turn& turn, const StateCode& partner,
                                                               std::uint64_t size) {
  const auto later = turn.office.their_logs.find(partner);  // as desk_answers keeps them
  const auto log = later == turn.office.their_logs.end() ? "" : later->second + "/";
  TRY_LET(const auto kept,
          turn.store().setting("growth/" + partner.text() + "/" + log + std::to_string(size)));
  if (!kept) return std::nullopt;
  TRY_LET(const Json json, formats::parse_json(as_bytes(*kept)));
  court::BundleConsistency growth{
      .state = partner, .old_size = size, .checkpoint = json.at("checkpoint").text()};
  for (const auto& hash : json.at("hashes").items()) {
    TRY_LET(const auto raw, from_base64(hash.text()));
    TRY_LET(const auto digest, Digest::from_bytes(raw));
    growth.hashes.push_back(digest);
  }
  return growth;
}

// One composer for each subject.
struct Compose {
  Turn& turn;
  const OpenExport& open;

  const StateCode& partner() const { return open.about.partner; }
  const PublishedLog& head(const std::string& log) const { return open.logs.at(log); }

  Result<Bundle> operator()(const ExportedAct& subject) const {
    TRY_LET(const auto record, act_record(turn, subject.id));
    TRY_LET(const auto parts, turn.store().parts(subject.id.hex()));
    court::BundleAct act{
        .p7m = record.p7m, .receipt = record.receipt, .rejection = record.rejection};
    for (const auto& part : parts) act.parts.push_back({part.part, part.erased});
    return court::compose_act(open.about, subject.number, act);
  }

  Result<Bundle> operator()(const ExportedState& subject) const {
    court::BundleState state{.state = subject.state};
    if (subject.state == partner()) {
      TRY_LET(const auto records, turn.store().directory());
      for (const auto& record : records)
        if (record.state == partner()) state.entries.insert(state.entries.begin(), record.p7m);
      state.checkpoint = open.partner_checkpoint;
    } else {
      TRY_LET(state.entries, own_entry_files(turn.store()));
      state.checkpoint = head(current_log(turn.office, partner_log(partner()))).checkpoint;
      if (const auto internal = open.logs.find(current_log(turn.office, k_internal_log));
          internal != open.logs.end())
        state.internal_checkpoint = internal->second.checkpoint;
    }
    if (state.entries.empty()) return fault(FaultCode::directory_unknown, subject.state.text());
    TRY_LET(const auto newest, court::open_entry_file(state.entries.front()));
    TRY_LET(state.revocations, revocations_since(turn.store(), newest));
    return court::compose_state(open.about, state);
  }

  Result<Bundle> operator()(const ExportedEntry& subject) const {
    const auto& log = head(subject.log);
    TRY_LET(const auto entries,
            turn.store().entries(subject.log, subject.index, subject.index + 1));
    if (entries.empty()) return fault(FaultCode::log_corrupt, subject.log + ": a row is missing");
    auto reader = hashes(turn, subject.log, log.size);
    TRY_LET(auto text,
            custody::make_receipt(subject.index, entries.front().entry, log.checkpoint, reader));
    return court::compose_custody(
        {subject.log == current_log(turn.office, k_internal_log), std::move(text)});
  }

  Result<Bundle> operator()(const ExportedGrowth& subject) const {
    if (!subject.ours) {
      TRY_LET(const auto growth, partner_growth(turn, partner(), subject.old_size));
      if (!growth) return fault(FaultCode::store_corrupt, "a proof of growth is not there");
      return court::compose_consistency(*growth);
    }
    const auto log = current_log(turn.office, partner_log(partner()));
    auto reader = hashes(turn, log, head(log).size);
    TRY_LET(auto proof, formats::consistency_proof(reader, subject.old_size, head(log).size));
    return court::compose_consistency(
        {turn.charter().state, subject.old_size, std::move(proof), head(log).checkpoint});
  }

  Result<Bundle> operator()(const ExportedItem& subject) const {
    TRY_LET(const auto item, turn.store().item(subject.id));
    if (!item) return fault(FaultCode::store_corrupt, "an item of the exchange is not there");
    court::BundleItem shown{.manifest = item->manifest};
    TRY_LET(shown.why_withheld, why_item_withheld(turn, open, *item));
    shown.why_no_sealed = why_not_here(*item);
    shown.sealed = shown.why_no_sealed.empty();
    if (const auto header = open.headers.find(item->id); header != open.headers.end())
      shown.header = header->second;
    shown.plaintext = open.may_open && shown.sealed;
    if (!shown.plaintext)
      shown.why_no_plaintext = !shown.sealed           ? shown.why_no_sealed
                               : !shown.header.empty() ? "opened to one reader by header.age"
                                                       : "this export shows none";
    return court::compose_item(open.about, shown);
  }

  Result<Bundle> operator()(const ExportedReadme&) const {
    return court::compose_readme(open.index);
  }
};

/// Proofs that tie the log to the receipt of this act, once for each size.
Result<void> add_growth(Turn& turn, OpenExport& open, const Digest& id) {
  TRY_LET(const auto record, act_record(turn, id));
  if (record.receipt.empty()) return {};
  TRY_LET(const auto shown, shown_in(record.receipt));
  auto size = shown.size;
  TRY_LET(const auto exchange, turn.store().exchange(open.about.exchange));
  const bool ours = record.side != exchange->our_side;  // who took the act gave the receipt
  const auto known = [&](std::uint64_t old_size) {
    return std::ranges::any_of(open.subjects, [&](const ExportSubject& subject) {
      const auto* growth = std::get_if<ExportedGrowth>(&subject);
      return growth && growth->ours == ours && growth->old_size == old_size;
    });
  };
  // A log that another one followed after a restore grows no more: only the present ones are tied.
  const auto log = current_log(turn.office, partner_log(open.about.partner));
  const auto entry = turn.office.partners.find(open.about.partner);
  const bool is_present = ours ? shown.origin == turn.charter().origin_prefix + log
                               : entry != turn.office.partners.end() &&
                                     shown.origin == verifier_of(turn.office, entry->second).name;
  if (!is_present) return {};
  if (ours) {
    if (size < open.logs.at(log).size && !known(size))
      open.subjects.emplace_back(ExportedGrowth{true, size});
    return {};
  }
  while (!known(size)) {
    TRY_LET(const auto growth, partner_growth(turn, open.about.partner, size));
    if (!growth) break;
    open.subjects.emplace_back(ExportedGrowth{false, size});
    TRY_LET(const auto note, formats::parse_note(as_bytes(growth->checkpoint)));
    TRY_LET(const auto later, formats::parse_checkpoint(note.text));
    size = later.size;
  }
  return {};
}

/// What a log of ours had published before this turn.
PublishedLog shown_of(const Turn& turn, const std::string& log) {
  const auto [size, checkpoint] = published(turn, log);
  return {size, checkpoint};
}

}  // namespace

Result<std::vector<Bytes>> own_entry_files(Store& store) {
  TRY_LET(const auto own, store.setting("entry/own"));
  if (!own) return fault(FaultCode::directory_entry, "this node's own entry is not there");
  TRY_LET(auto newest, from_base64(*own));
  std::vector<Bytes> entries = {std::move(newest)};
  TRY_LET(const auto superseded, store.setting("entry/superseded"));
  if (!superseded) return entries;
  TRY_LET(const Json list, formats::parse_json(as_bytes(*superseded)));
  for (auto old = list.items().rbegin(); old != list.items().rend(); ++old) {
    TRY_LET(auto older, from_base64(old->text()));
    entries.push_back(std::move(older));
  }
  return entries;
}

std::string why_not_here(const ItemRecord& item) {
  switch (item.state) {
    case ItemState::destroyed:
      return "it was destroyed";
    case ItemState::failed:
      return "its delivery is void";
    case ItemState::announced:
      return "it has not arrived whole";
    default:
      return {};
  }
}

Result<std::string> why_item_withheld(Turn& turn, const OpenExport& open, const ItemRecord& item) {
  TRY_LET(const auto quarantine, quarantine_of(turn, item.id));
  if (quarantine)
    return "in quarantine since " + to_text(quarantine->since) + ": it may be privileged";
  for (const auto& withheld : open.about.withheld) {
    if (withheld.act != item.delivery) continue;
    TRY_LET(const auto record, act_record(turn, item.delivery));
    TRY_LET(const auto delivery, full_act(turn, record));
    TRY_LET(const auto body, exchange::body_as<exchange::DeliveryBody>(delivery.act.substance));
    if (withheld.part == body.manifest) return withheld.why;
  }
  return std::string();
}

Result<void> freeze(Turn& turn, OpenExport& open) {
  const auto& id = open.about.exchange;
  // Entries of a log that was followed by another are shown by the receipts made from them.
  const auto partner = current_log(turn.office, partner_log(open.about.partner));
  const auto internal_log = current_log(turn.office, k_internal_log);
  open.about.made_at = {turn.now.seconds() * 1000};
  open.index = court::index_about(open.about);
  open.logs[partner] = shown_of(turn, partner);
  TRY_LET(const auto kept, turn.store().partner(open.about.partner));
  if (kept) open.partner_checkpoint = kept->checkpoint;
  TRY_LET(const auto acts, turn.store().act_ids(id));
  for (std::uint64_t number = 0; const auto& act : acts)
    open.subjects.emplace_back(ExportedAct{++number, act});
  TRY_LET(const auto entries, turn.store().entries_about(id));
  const auto internal = shown_of(turn, internal_log);
  for (const auto& entry : entries) {
    const bool is_internal = entry.log == internal_log;
    if (!is_internal && entry.log != partner) continue;
    if (entry.index >= (is_internal ? internal : open.logs[partner]).size) continue;  // of now
    if (is_internal) open.logs[entry.log] = internal;
    open.subjects.emplace_back(ExportedEntry{entry.log, entry.index});
  }
  open.subjects.emplace_back(ExportedState{open.about.exporter});
  open.subjects.emplace_back(ExportedState{open.about.partner});
  TRY_LET(const auto items, turn.store().items(id));
  for (const auto& item : items)  // what was never released is no part of the exchange
    if (!item.delivery.is_zero() && !evidence::is_opening(item.manifest))  // nor what still grows
      open.subjects.emplace_back(ExportedItem{item.id});
  open.frozen = true;
  return {};
}

Result<void> list_next(Turn& turn, OpenExport& open) {
  const auto at = open.next++;
  const auto subject = open.subjects.at(at);
  TRY_LET(auto piece, std::visit(Compose{turn, open}, subject));
  for (const auto& file : piece.index.files)
    open.listed_files.insert_or_assign(file.path, OpenExport::Listed{at, file.sha256});
  open.references.insert(open.references.end(), piece.references.begin(), piece.references.end());
  piece.files.clear();
  Bundle rows{.index = std::move(open.index)};
  rows.add(std::move(piece));
  open.index = std::move(rows.index);
  if (const auto* act = std::get_if<ExportedAct>(&subject)) TRY(add_growth(turn, open, act->id));
  if (!open.listed() || std::holds_alternative<ExportedReadme>(subject)) return {};
  TRY(court::check_withheld(open.about, open.index));
  open.subjects.emplace_back(ExportedReadme{});
  return {};
}

Result<Bytes> exported_file(Turn& turn, const OpenExport& open, const std::string& path) {
  const auto at = open.listed_files.find(path);
  if (at == open.listed_files.end())
    return fault(FaultCode::not_found, path + " is no file of this export");
  TRY_LET(auto piece, std::visit(Compose{turn, open}, open.subjects.at(at->second.subject)));
  for (auto& file : piece.files)
    if (file.path == path && crypto::sha256(file.bytes) == at->second.sha256)
      return std::move(file.bytes);
  return fault(FaultCode::conflict, path + " has changed since; begin the export again");
}

}  // namespace comity::node
