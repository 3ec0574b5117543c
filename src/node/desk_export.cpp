// The court's bundle at the desk: who may have it, what of it is logged before it leaves, and the
// authority's signature at its end. What stands in it is composed in export_list.cpp.
#include <algorithm>

#include "crypto/digest.hpp"
#include "formats/age_keys.hpp"
#include "node/export.hpp"
#include "node/use.hpp"
#include "treaty/texts.hpp"

namespace comity::node {
namespace {

using formats::Fields;

constexpr std::size_t k_name_bytes_max = 128;
constexpr std::size_t k_act_prefix_digits_min = 8;
constexpr std::size_t k_subjects_of_a_turn_max = 64;
constexpr std::size_t k_bytes_of_a_turn = std::size_t{4} << 20;

/// An act as an officer names it: its number, its number and type as in an export
/// ("0003-delivery"), its type where there is one of it, or the first digits of its id.
class ActNames {
 public:
  static Result<ActNames> of(Turn& turn, const ExchangeId& exchange) {
    ActNames names;
    TRY_LET(names.ids_, turn.store().act_ids(exchange));
    for (const auto& id : names.ids_) {
      TRY_LET(const auto record, turn.store().act(id));
      if (!record) return fault(FaultCode::store_corrupt, "an act of the exchange is not there");
      names.types_.emplace_back(exchange::name_of(record->type));
    }
    return names;
  }

  Result<Digest> find(std::string_view name) const {
    const auto digits = name.substr(0, name.find_first_not_of("0123456789"));
    const auto number = formats::decimal(strip_zeros(digits), FaultCode::act_part);
    const bool is_short = digits.size() < k_act_prefix_digits_min;
    std::vector<Digest> found;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const bool numbered = number && is_short && *number == i + 1;
      if ((numbered && (digits == name || name.substr(digits.size()) == "-" + types_[i])) ||
          name == types_[i] ||
          (name.size() >= k_act_prefix_digits_min && ids_[i].hex().starts_with(name)))
        found.push_back(ids_[i]);
    }
    const std::string said(name);
    if (found.empty()) return fault(FaultCode::act_part, "there is no act \"" + said + "\" here");
    if (found.size() > 1)
      return fault(FaultCode::act_part,
                   "\"" + said + "\" names more than one act: give its number");
    return found.front();
  }

 private:
  static std::string_view strip_zeros(std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
  }

  std::vector<Digest> ids_;
  std::vector<std::string> types_;
};

Result<court::Withheld> read_one_withheld(Turn& turn, const ActNames& names, Fields& fields) {
  court::Withheld withheld;
  TRY_LET(const auto act, fields.text("act", k_name_bytes_max));
  TRY_LET(withheld.part, fields.text("part", k_name_bytes_max));
  TRY_LET(withheld.why, fields.text("why", k_withheld_why_bytes_max));
  // The reason stands in what the authority signs, and in a text that people read.
  if (withheld.why.empty()) return fields.refuse("why", "a reason is asked for");
  if (const auto flaw = treaty::text_flaw(withheld.why, false)) return fields.refuse("why", *flaw);
  TRY_LET(withheld.act, names.find(act));
  TRY_LET(const auto parts, turn.store().parts(withheld.act.hex()));
  const auto found =
      std::ranges::find(parts, withheld.part, [](const PartRecord& row) { return row.part.name; });
  if (found == parts.end())
    return fault(FaultCode::act_part, "act " + act + " has no part \"" + withheld.part + "\"");
  if (found->erased.empty()) withheld.sha256 = crypto::sha256(found->part.bytes);
  return withheld;
}

/// Room for one more: the one longest unused goes.
void make_room(Office& office) {
  while (office.exports.size() >= k_exports_open_max)
    office.exports.erase(std::ranges::min_element(
        office.exports, {}, [](const auto& each) { return each.second->used; }));
}

Result<std::shared_ptr<OpenExport>> find_export(Turn& turn, const ExportId& id) {
  const auto found = turn.office.exports.find(id);
  if (found == turn.office.exports.end() ||
      turn.now.ms - found->second->begun_at.ms > k_export_life_s * 1000)
    return fault(FaultCode::not_found, "the export is not under way any more; begin it again");
  found->second->used = ++turn.office.exports_used;
  return found->second;
}

/// One who did not begin it sees nothing of it.
Result<std::shared_ptr<OpenExport>> own_export(Turn& turn, const Officer& who, const ExportId& id) {
  TRY(require_role(who, {"approver", "auditor"}));
  TRY_LET(auto open, find_export(turn, id));
  if (open->officer != who.fingerprint)
    return fault(FaultCode::not_found, "the export is not under way any more; begin it again");
  if (!open->listed()) return fault(FaultCode::conflict, "the export is being listed");
  return open;
}

/// The items of which bytes leave: not withheld, whole here.
Result<std::vector<ItemRecord>> leaving_items(Turn& turn, const OpenExport& open) {
  std::vector<ItemRecord> leaving;
  TRY_LET(auto items, turn.store().items(open.about.exchange));
  for (auto& item : items) {
    if (item.delivery.is_zero() || !why_not_here(item).empty() ||
        evidence::is_opening(item.manifest))
      continue;
    TRY_LET(const auto why, why_item_withheld(turn, open, item));
    if (why.empty()) leaving.push_back(std::move(item));
  }
  return leaving;
}

bool is_among(const std::vector<OpenOrder>& orders, const ItemId& item) {
  return std::ranges::any_of(orders,
                             [&](const OpenOrder& order) { return order.manifest.item == item; });
}

/// What was fetched apart must be what the manifest describes, as far as it does.
Result<court::IndexFile> read_fetched(Turn& turn, const OpenExport& open, Fields& fields) {
  TRY_LET(const auto path, fields.text("path", court::k_export_path_bytes_max));
  const auto reference = std::ranges::find(open.references, path, &court::BundleReference::path);
  if (reference == open.references.end() || reference->role == court::Role::tiles)
    return fault(FaultCode::conflict, path + " is not one to be fetched for this export");
  court::IndexFile file{.path = path, .role = reference->role};
  TRY_LET(const auto size, fields.integer("size", 0));
  file.size = static_cast<std::uint64_t>(size);
  TRY_LET(file.sha256, fields.digest("sha256"));
  TRY_LET(const auto item, turn.store().item(reference->item));
  if (!item) return fault(FaultCode::store_corrupt, "an item of the exchange is not there");
  TRY_LET(const auto manifest, evidence::read_manifest(item->manifest));
  const auto& sealed = manifest.sealed;
  const bool agrees = file.role == court::Role::sealed ? file.size == sealed.total_size()
                                                       : file.size == sealed.plaintext_size &&
                                                             file.sha256 == sealed.plaintext_sha256;
  if (!agrees) return fault(FaultCode::conflict, path + " is not what its manifest describes");
  return file;
}

}  // namespace

Result<std::vector<court::Withheld>> read_withheld(Turn& turn, const ExchangeId& exchange,
                                                   const Json& list) {
  std::vector<court::Withheld> all;
  if (!list.is_array() || list.items().size() > k_withheld_max)
    return fault(FaultCode::format_field, "withhold: at most 1000 parts");
  if (list.items().empty()) return all;
  TRY_LET(const auto names, ActNames::of(turn, exchange));
  for (const auto& one : list.items()) {
    if (!one.is_object()) return fault(FaultCode::format_field, "withhold: not an object");
    Fields fields(one, "withhold");
    TRY_LET(auto withheld, read_one_withheld(turn, names, fields));
    TRY(fields.end());
    for (const auto& other : all)
      if (other.act == withheld.act && other.part == withheld.part)
        return fault(FaultCode::act_part, "\"" + withheld.part + "\" is withheld twice");
    all.push_back(std::move(withheld));
  }
  return all;
}

Result<ExportOrder> Desk::begin_export(const Officer& who, const ExchangeId& id,
                                       const Json& input) {
  auto& turn = turn_;
  TRY(require_role(who, {"approver", "auditor"}));
  if (!input.is_object()) return fault(FaultCode::format_field, "export: not an object");
  Fields fields(input, "export");
  TRY_LET(const auto purpose, fields.parsed<court::Purpose>("for", court::purpose_from));
  const auto* withhold = fields.optional_value("withhold");
  const auto* recipient = fields.optional_value("recipient");
  TRY_LET(const auto use, read_use(fields));
  TRY(fields.end());
  // What a reader does not see, and who else sees evidence, is decided by one who may decide.
  if (withhold || recipient) TRY(require_role(who, {"approver"}));
  TRY_LET(const auto loaded, load_exchange(turn, id));
  const auto open = std::make_shared<OpenExport>();
  open->officer = who.fingerprint;
  open->begun_at = turn.now;
  open->used = ++turn.office.exports_used;
  open->about = {.exercise = turn.charter().exercise,
                 .exchange = id,
                 .exporter = turn.charter().state,
                 .partner = loaded.record.partner,
                 .authority = turn.charter().authority_code,
                 .purpose = purpose};
  if (withhold) {
    TRY_LET(open->about.withheld, read_withheld(turn, id, *withhold));
  }
  ExportOrder order{.id = {turn.office.ports.random.draw<16>()}};
  TRY_LET(const auto leaving, leaving_items(turn, *open));
  if (recipient) {
    if (!recipient->is_text()) return fields.refuse("recipient", "age1…");
    TRY_LET(const auto reader, formats::AgeRecipient::from_text(recipient->text()));
    order.recipient = reader.text();
    open->recipient = order.recipient;
    for (const auto& item : leaving) {
      TRY_LET(auto manifest, evidence::read_manifest(item.manifest));
      order.open.push_back({.manifest = std::move(manifest), .key_name = key_name_of(item)});
    }
  }
  // An auditor sees that there is plaintext, never the plaintext.
  open->may_open = who.has("approver") && purpose == court::Purpose::court && !recipient;
  if (open->may_open || recipient)
    for (const auto& item : leaving) TRY(check_use(turn, loaded, item, use));
  const auto officer = use_facts(use, who);
  for (const auto& item : leaving)
    if (!is_among(order.open, item.id))  // those are logged with the header that opens them
      TRY(note(turn, partner_log(loaded.record.partner), custody::EntryKind::item_exported, officer,
               {.exchange = id, .item = item.id}));
  TRY(note(turn, k_internal_log, custody::EntryKind::request_exported, officer, {.exchange = id}));
  make_room(turn.office);
  turn.office.exports.emplace(order.id, open);
  return order;
}

Result<void> Desk::headers_made(const ExportId& id, ExportHeaders headers) {
  TRY_LET(const auto open, find_export(turn_, id));
  if (!open->recipient || open->frozen)
    return fault(FaultCode::conflict, "no headers are asked for");
  TRY_LET(const auto reader, formats::AgeRecipient::from_text(*open->recipient));
  for (auto& [item, header] : headers) {
    TRY(note(turn_, partner_log(open->about.partner), custody::EntryKind::item_exported,
             Json::object({{"officer", open->officer.hex()},
                           {"recipient", reader.id().hex()},
                           {"header", crypto::sha256(header).hex()}}),
             {.exchange = open->about.exchange, .item = item}));
    open->headers.insert_or_assign(item, std::move(header));
  }
  return {};
}

Result<bool> Desk::list_export(const ExportId& id) {
  TRY_LET(const auto open, find_export(turn_, id));
  if (!open->frozen) TRY(freeze(turn_, *open));
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < k_subjects_of_a_turn_max && bytes < k_bytes_of_a_turn; ++i) {
    if (open->listed()) return false;
    const auto before = open->index.files.size();
    TRY(list_next(turn_, *open));
    for (auto at = before; at < open->index.files.size(); ++at) bytes += open->index.files[at].size;
    // Told before it is all fetched, not after.
    if (open->index.files.size() > court::k_index_files_max)
      return fault(FaultCode::limit_count, "the files of this export");
  }
  return !open->listed();
}

Result<Json> Desk::listed_export(const ExportId& id) {
  TRY_LET(const auto open, find_export(turn_, id));
  if (!open->listed()) return fault(FaultCode::conflict, "the export is being listed");
  auto references = Json::array();
  for (const auto& reference : open->references)
    references.push_back(Json::object({{"item", reference.item.hex()},
                                       {"kind", court::name_of(reference.role)},
                                       {"path", reference.path}}));
  TRY_LET(const auto content, court::index_content(open->index));
  TRY_LET(auto index, formats::parse_json(content, {.bytes_max = court::k_index_bytes_max}));
  return Json::object(
      {{"export", id.hex()}, {"references", std::move(references)}, {"index", std::move(index)}});
}

void Desk::end_export(const ExportId& id) {
  turn_.office.exports.erase(id);
}

Result<Bytes> Desk::export_file(const Officer& who, const ExportId& id, const std::string& path) {
  TRY_LET(const auto open, own_export(turn_, who, id));
  return exported_file(turn_, *open, path);
}

Result<Json> Desk::sign_export(const Officer& who, const ExportId& id, const Json& input) {
  TRY_LET(const auto open, own_export(turn_, who, id));
  if (!input.is_object()) return fault(FaultCode::format_field, "index: not an object");
  Fields fields(input, "index");
  TRY_LET(const auto fetched, fields.array("files", court::k_index_items_max * 2));
  // The authority signs what the node listed itself, and nothing else that is put before it.
  auto index = open->index;
  for (const auto& one : fetched) {
    if (!one.is_object()) return fields.refuse("files", "not an object");
    Fields row(one, "files");
    TRY_LET(auto file, read_fetched(turn_, *open, row));
    TRY(row.end());
    index.files.push_back(std::move(file));
  }
  TRY(fields.end());
  for (const auto& reference : open->references)
    if (reference.role != court::Role::tiles &&
        std::ranges::count(index.files, reference.path, &court::IndexFile::path) != 1)
      return fault(FaultCode::conflict, reference.path + " was not fetched, once");
  TRY_LET(const auto content, court::index_content(index));
  TRY_LET(const auto p7m, turn_.office.ports.signer.sign(content, index.made_at));
  TRY(note(turn_, k_internal_log, custody::EntryKind::request_exported,
           Json::object(
               {{"officer", who.fingerprint.hex()}, {"index", exchange::act_id(content).hex()}}),
           {.exchange = open->about.exchange}));
  return Json::object({{"p7m", base64(p7m)}});
}

}  // namespace comity::node
