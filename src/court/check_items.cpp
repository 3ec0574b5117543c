// Are the bytes those that were signed: manifests against deliveries, sealed bytes chunk by chunk
// against the signed root, every hash tile, and the plaintext where it is shown.
#include <algorithm>

#include "court/examination.hpp"
#include "court/rewrap.hpp"
#include "court/sealed_check.hpp"
#include "crypto/digest.hpp"
#include "evidence/live.hpp"
#include "exchange/body.hpp"

namespace comity::court {
namespace {

std::set<ItemId> items_of(const Index& index) {
  std::set<ItemId> items;
  for (const auto& file : index.files)
    if (file.path.starts_with("evidence/")) items.insert(place_of(file.path)->item);
  for (const auto& row : index.tiles) items.insert(row.item);
  return items;
}

/// The acts that deliver items, or say that they arrived; the first of each item.
template <typename T>
std::map<ItemId, const KnownAct*> acts_by_item(const Examination& exam) {
  std::map<ItemId, const KnownAct*> found;
  for (const auto& act : exam.acts) {
    if (act.is_void) continue;
    if (const auto body = exchange::body_as<T>(act.act.substance)) found.emplace(body->item, &act);
  }
  return found;
}
using ActsByItem = std::map<ItemId, const KnownAct*>;

const KnownAct* find(const ActsByItem& acts, const ItemId& item) {
  const auto at = acts.find(item);
  return at == acts.end() ? nullptr : at->second;
}

/// The row of the part of an act that holds a manifest, if it is here.
const IndexFile* manifest_part(const Examination& exam, const KnownAct& act,
                               const std::string& name) {
  Place place = *place_of(act.path);
  place.role = Role::part;
  place.part = name;
  return exam.row(place);
}

/// Of a live item: the act that completed it binds the final manifest, and that says what the
/// opening said which was delivered (spec/live.md §6).
void check_completion(Examination& exam, const KnownAct& delivery, const KnownAct* completion,
                      const evidence::Manifest& manifest, const IndexFile& file) {
  const auto fails = [&](const std::string& why) {
    exam.report.fails("item.delivery", file.path, why);
  };
  if (completion == nullptr) return fails("no act here completes this live item");
  const auto body = exchange::body_as<exchange::CompletionBody>(completion->act.substance);
  if (body->delivery != delivery.id) return fails(completion->path + " completes another delivery");
  const auto* part = manifest_part(exam, *completion, body->manifest);
  const auto opened = exchange::body_as<exchange::DeliveryBody>(delivery.act.substance);
  const auto* opening = manifest_part(exam, delivery, opened->manifest);
  if (part == nullptr || opening == nullptr) {
    exam.report.add("item.delivery", file.path, Verdict::not_present,
                    "a part that binds it, or its opening, is not here");
    return;
  }
  if (!completion->bound.contains(body->manifest) || part->sha256 != file.sha256)
    return fails("is not the manifest that " + completion->path + " binds");
  const auto bytes = exam.read(opening->path);
  if (!bytes) return;
  const auto released = evidence::read_opening(*bytes);
  const auto agrees = released ? evidence::check_completed(manifest, *released, *bytes)
                               : Result<void>(std::unexpected(released.error()));
  exam.report.outcome("item.delivery", file.path, agrees,
                      "bound by " + completion->path + ", as " + delivery.path + " released it");
}

/// The manifest is the part that the act of delivery binds.
void check_delivery(Examination& exam, const KnownAct* delivery, const KnownAct* completion,
                    const evidence::Manifest& described, const IndexFile& manifest) {
  if (delivery == nullptr) {
    exam.report.fails("item.delivery", manifest.path, "no act here delivers this item");
    return;
  }
  if (described.live) return check_completion(exam, *delivery, completion, described, manifest);
  const auto body = exchange::body_as<exchange::DeliveryBody>(delivery->act.substance);
  const auto* part = manifest_part(exam, *delivery, body->manifest);
  if (part == nullptr)
    exam.report.add("item.delivery", manifest.path, Verdict::not_present,
                    "the part of " + delivery->path + " that binds it is not here");
  else if (delivery->bound.contains(body->manifest) && part->sha256 == manifest.sha256)
    exam.report.holds("item.delivery", manifest.path, "bound by " + delivery->path);
  else
    exam.report.fails("item.delivery", manifest.path,
                      "is not the manifest that " + delivery->path + " binds");
}

void check_arrival(Examination& exam, const evidence::Manifest& manifest, const KnownAct* delivery,
                   const KnownAct* arrival) {
  const auto folder = item_folder(manifest.item);
  if (arrival == nullptr) {
    exam.report.add("item.arrival", folder, Verdict::not_present,
                    "no act here says that it arrived");
    return;
  }
  const auto body = exchange::body_as<exchange::ArrivalBody>(arrival->act.substance);
  if (body->chunk_root != manifest.sealed.chunk_root)
    exam.report.fails("item.arrival", arrival->path, "what arrived has another root");
  else if (delivery == nullptr || body->delivery != delivery->id)
    exam.report.fails("item.arrival", arrival->path, "it answers another delivery");
  else
    exam.report.holds(
        "item.arrival", arrival->path,
        arrival->author().text() + " verified every chunk at " + to_text(body->verified_at));
}

void tell_sealed(Examination& exam, const ItemId& item, const SealedFindings& found) {
  const auto folder = item_folder(item);
  const auto sealed = folder + "sealed.age";
  for (const auto& problem : found.problems) exam.report.fails("item.sealed", sealed, problem);
  for (const auto& problem : found.tile_problems)
    exam.report.fails("item.tiles", problem.path, problem.why);
  if (found.problems.empty())
    exam.report.holds("item.sealed", sealed,
                      std::to_string(found.chunks) + " chunks lead to the signed root");
  if (found.tile_problems.empty())
    exam.report.holds("item.tiles", folder + "chunks.tiles",
                      std::to_string(found.tiles) + " hash tiles are those of the sealed bytes");
}

/// Opening evidence to one more reader is an access like any other: its log entry must be shown.
Result<void> check_header(const Examination& exam, const ItemId& item, View prefix, View header) {
  TRY(check_rewrapped(prefix, header));
  if (exam.logged_headers.contains({item, crypto::sha256(header)})) return {};
  return fault(FaultCode::log_proof, "no custody entry here tells that it was made");
}

void check_sealed(Examination& exam, const ItemId& item, const evidence::Manifest& manifest) {
  const Place place{.role = Role::sealed, .item = item};
  const auto* row = exam.row(place);
  const auto tiles = std::ranges::find(exam.index.tiles, item, &IndexTiles::item);
  if (row == nullptr && tiles == exam.index.tiles.end()) return;
  if (row == nullptr || tiles == exam.index.tiles.end()) {
    exam.report.fails("item.sealed", item_folder(item), "sealed bytes and tiles belong together");
    return;
  }
  exam.refer(row->path);
  const auto& shape = manifest.sealed;
  if (tiles->chunks != shape.chunks() || tiles->chunk_root != shape.chunk_root)
    exam.report.fails("item.tiles", path_of({.role = Role::tiles, .item = item}),
                      "index and manifest tell of different trees");
  const auto found = check_sealed_item(exam.folder, item, shape);
  tell_sealed(exam, item, found);
  if (found.sha256 != row->sha256) exam.bad_file(row->path, "is not the file that the index lists");

  const Place header{.role = Role::header, .item = item};
  if (exam.row(header) == nullptr) return;
  if (const auto bytes = exam.read(header))
    exam.report.outcome("item.header", path_of(header),
                        check_header(exam, item, found.prefix, *bytes),
                        "opens the same payload to one more reader; its making is logged");
}

/// Its bytes were compared with the index when the folder was.
void check_plaintext(Examination& exam, const ItemId& item, const evidence::Manifest& manifest) {
  const auto* row = exam.row(Place{.role = Role::plaintext, .item = item});
  if (row == nullptr) return;
  exam.refer(row->path);
  if (row->size == manifest.sealed.plaintext_size &&
      row->sha256 == manifest.sealed.plaintext_sha256)
    exam.report.holds("item.plaintext", row->path, "has the hash that the manifest signs");
  else
    exam.report.fails("item.plaintext", row->path, "is not what the manifest describes");
}

/// Where no manifest can be read, the sealed bytes are still compared with the index.
void hash_only(Examination& exam, const ItemId& item) {
  const auto* row = exam.row(Place{.role = Role::sealed, .item = item});
  if (row == nullptr) return;
  auto file = exam.folder.open_file(row->path);
  if (!file) return;  // told with the files
  const auto digest = stream(*file);
  if (!digest || *digest != row->sha256)
    exam.bad_file(row->path, "is not the file that the index lists");
}

/// What the sending node recognised: its word, which this check can not repeat without the key.
std::string survey_words(const evidence::Manifest& manifest) {
  if (!manifest.survey) return {};
  const auto& survey = *manifest.survey;
  if (!survey.missed.empty()) return "; not surveyed by the sending node: " + survey.missed;
  std::string words = "; recognised by the sending node: " + survey.form;
  for (const auto& check : survey.checks)
    words += ", the " + check.what + " that it carries " +
             (!check.found        ? "was not checked"
              : check.disagrees() ? "DISAGREES with what is in it"
                                  : "agrees");
  return words;
}

Result<evidence::Manifest> read_item_manifest(const Examination& exam, const ItemId& item,
                                              View bytes) {
  TRY_LET(auto manifest, evidence::read_manifest(bytes));
  if (manifest.item != item || manifest.exchange != exam.index.exchange)
    return fault(FaultCode::format_manifest, "it is of another item or exchange");
  return manifest;
}

}  // namespace

void read_manifests(Examination& exam) {
  for (const auto& item : items_of(exam.index)) {
    const Place place{.role = Role::manifest, .item = item};
    const auto path = path_of(place);
    const auto bytes = exam.read(place);
    if (!bytes) continue;
    auto manifest = read_item_manifest(exam, item, *bytes);
    if (!manifest) {
      exam.report.fails("item.manifest", path, manifest.error());
      continue;
    }
    exam.report.holds("item.manifest", path,
                      std::to_string(manifest->sealed.plaintext_size) + " bytes, sealed at " +
                          to_text(manifest->sealed_at) +
                          "; omissions: " + std::to_string(manifest->omissions.size()) +
                          ", transformations: " + std::to_string(manifest->transformations.size()) +
                          survey_words(*manifest));
    exam.manifest_digests.emplace(item, crypto::sha256(*bytes));
    exam.manifests.emplace(item, *std::move(manifest));
  }
}

void check_items(Examination& exam) {
  const auto items = items_of(exam.index);
  const auto deliveries = acts_by_item<exchange::DeliveryBody>(exam);
  const auto arrivals = acts_by_item<exchange::ArrivalBody>(exam);
  const auto completions = acts_by_item<exchange::CompletionBody>(exam);
  for (const auto& item : items) {
    const auto at = exam.manifests.find(item);
    if (at == exam.manifests.end()) {
      hash_only(exam, item);
      continue;
    }
    const auto* delivery = find(deliveries, item);
    check_delivery(exam, delivery, find(completions, item), at->second,
                   *exam.row(Place{.role = Role::manifest, .item = item}));
    check_arrival(exam, at->second, delivery, find(arrivals, item));
    check_sealed(exam, item, at->second);
    check_plaintext(exam, item, at->second);
  }
  for (const auto& [item, act] : deliveries)
    if (!items.contains(item))
      exam.report.add("item.delivery", act->path, Verdict::not_present,
                      "the item that it delivers is not in this export");
}

}  // namespace comity::court
