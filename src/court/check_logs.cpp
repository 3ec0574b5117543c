// Who logged it: receipts, the exporter's own custody entries, and whether all that was shown of
// one log can be the same log.
#include <algorithm>

#include "court/consistency_file.hpp"
#include "court/examination.hpp"
#include "crypto/digest.hpp"
#include "custody/log.hpp"

namespace comity::court {
namespace {

using custody::EntryKind;
using formats::Json;

std::string head_words(const formats::Checkpoint& checkpoint) {
  return checkpoint.origin + " at " + std::to_string(checkpoint.size) + " entries";
}

/// Opens a proof against whichever of the log's keys signed it.
Result<custody::Receipt> open_proof(const KnownLog& log, View text, std::optional<EntryKind> kind,
                                    const Json& facts) {
  TRY_LET(auto proof, formats::parse_tlog_proof(text));
  if (!proof.extra) return fault(FaultCode::format_proof, "it carries no entry");
  TRY_LET(auto checkpoint, formats::verify_proof(proof, *proof.extra, log.verifiers));
  if (std::ranges::find(log.verifiers, checkpoint.origin, &formats::Verifier::name) ==
      log.verifiers.end())
    return fault(FaultCode::log_proof, "it is of another log");
  TRY_LET(auto entry, custody::read_entry(*proof.extra));
  if (kind && entry.kind != *kind)
    return fault(FaultCode::log_proof, "it proves an entry " + std::string(name_of(entry.kind)));
  for (const auto& [key, value] : facts.members())
    if (const auto* fact = entry.facts.find(key); fact == nullptr || *fact != value)
      return fault(FaultCode::log_proof, "its entry tells of another " + key);
  return custody::Receipt{std::move(entry), *std::move(proof.extra), proof.index,
                          std::move(checkpoint), std::move(proof.checkpoint)};
}

/// What every entry about this act must say, where it says it.
Result<void> check_act_facts(const custody::Entry& entry, const KnownAct& act) {
  const auto& substance = act.act.substance;
  const auto agrees = [&](std::string_view key, const Json& value) {
    const auto* fact = entry.facts.find(key);
    return fact == nullptr || *fact == value;
  };
  if (agrees("p7m", act.p7m.hex()) && agrees("exchange", substance.exchange.hex()) &&
      agrees("sequence", act.act.order.sequence) && agrees("type", name_of(substance.type)))
    return {};
  return fault(FaultCode::log_proof, "its entry does not describe this act");
}

Result<custody::Receipt> check_receipt(const Examination& exam, const KnownLog& log,
                                       const KnownAct& act, View text) {
  TRY_LET(auto receipt, open_proof(log, text, EntryKind::act_received,
                                   Json::object({{"act", act.id.hex()},
                                                 {"exchange", exam.index.exchange.hex()},
                                                 {"p7m", act.p7m.hex()}})));
  TRY(check_act_facts(receipt.entry, act));
  return receipt;
}

void show_checkpoint(Examination& exam, KnownLog& log) {
  const Place place{.role = Role::checkpoint, .state = log.state, .internal = log.internal};
  if (exam.row(place) == nullptr) return;
  const auto path = path_of(place);
  const auto note = exam.read(place);
  if (!note) return;
  auto checkpoint = formats::open_checkpoint(*note, log.verifiers);
  if (!checkpoint) {
    exam.report.fails("log.checkpoint", path, checkpoint.error());
    return;
  }
  exam.report.holds("log.checkpoint", path, head_words(*checkpoint));
  log.latest = *checkpoint;
  log.heads.push_back({path, *std::move(checkpoint)});
}

/// What an entry says must be true of what is here. Gives words for a person.
Result<std::string> check_entry(const Examination& exam, const custody::Receipt& proof) {
  const auto& entry = proof.entry;
  const auto refuse = [](const char* why) { return fault(FaultCode::log_proof, why); };
  const auto text_of = [&](std::string_view key) -> std::optional<std::string> {
    const auto* fact = entry.facts.find(key);
    return fact != nullptr && fact->is_text() ? std::optional(fact->text()) : std::nullopt;
  };
  if (const auto exchange = text_of("exchange"); exchange && *exchange != exam.index.exchange.hex())
    return refuse("its entry is about another exchange");
  if (const auto manifest = text_of("manifest")) {
    const auto known = std::ranges::find_if(
        exam.manifest_digests, [&](const auto& row) { return row.first.hex() == text_of("item"); });
    const auto read = known == exam.manifest_digests.end() ? exam.manifests.end()
                                                           : exam.manifests.find(known->first);
    // Until a live item was closed, its opening manifest was the one.
    const bool is_opening = read != exam.manifests.end() && read->second.live &&
                            read->second.live->opening.hex() == *manifest;
    if (known != exam.manifest_digests.end() && known->second.hex() != *manifest && !is_opening)
      return refuse("its entry names another manifest of the item");
  }
  if (const auto id = text_of("act")) {
    const auto digest = Digest::from_hex(*id);
    const auto* act = digest ? exam.act(*digest) : nullptr;
    const bool ours = entry.kind == EntryKind::act_sent;
    if (ours || entry.kind == EntryKind::act_received) {
      if (act == nullptr) return refuse("its entry is about an act that is not here");
      if ((act->author() == exam.index.exporter) != ours)
        return refuse("its entry gives the act the wrong direction");
      TRY(check_act_facts(entry, *act));
    }
  }
  std::string words = std::string(name_of(entry.kind)) + " at " + to_text(entry.at);
  for (const auto* key : {"item", "act", "officer", "recipient"})
    if (const auto fact = text_of(key))
      words += std::string(", ") + key + " " + fact->substr(0, 16);
  return words;
}

void note_header(Examination& exam, const custody::Entry& entry) {
  const auto* header = entry.facts.find("header");
  if (header == nullptr || !header->is_text() || !entry.facts.at("item").is_text()) return;
  const auto digest = Digest::from_hex(header->text());
  const auto item = ItemId::from_hex(entry.facts.at("item").text());
  if (digest && item) exam.logged_headers.emplace(*item, *digest);
}

Result<std::string> check_custody_proof(Examination& exam, const KnownLog& log, const Place& place,
                                        View text, std::map<std::uint64_t, Digest>& order) {
  TRY_LET(const auto proof, open_proof(log, text, std::nullopt, Json::object()));
  if (proof.index != place.number)
    return fault(FaultCode::log_proof, "it proves entry " + std::to_string(proof.index));
  if (!log.latest || proof.checkpoint != *log.latest)
    return fault(FaultCode::log_proof, "it is not made at the checkpoint that is shown");
  TRY_LET(const auto words, check_entry(exam, proof));
  const auto kind = proof.entry.kind;
  if (!log.internal && kind == EntryKind::item_exported) note_header(exam, proof.entry);
  if (!log.internal && (kind == EntryKind::act_sent || kind == EntryKind::act_received)) {
    TRY_LET(const auto act, Digest::from_hex(proof.entry.facts.at("act").text()));
    order.emplace(proof.index, act);
  }
  return words;
}

/// The acts are numbered as the exporter's log has them.
void check_numbering(Examination& exam, const std::map<std::uint64_t, Digest>& order) {
  std::uint64_t last = 0;
  for (const auto& [index, id] : order) {
    const auto* act = exam.act(id);
    if (act == nullptr) continue;
    if (act->number < last)
      exam.report.fails("act.order", act->path,
                        "the exporter's log has it at " + std::to_string(index) +
                            ", after an act with a higher number");
    last = act->number;
  }
}

Result<std::string> check_consistency_file(KnownLog& log, const Place& place, View bytes) {
  TRY_LET(const auto file, parse_consistency_file(bytes));
  TRY_LET(const auto later, formats::open_checkpoint(as_bytes(file.checkpoint), log.verifiers));
  if (file.old_size != place.old_size || later.size != place.new_size)
    return fault(FaultCode::log_proof, "its sizes are not those of its name");
  const auto earlier = std::ranges::find_if(log.heads, [&](const KnownHead& head) {
    return head.checkpoint.size == file.old_size && head.checkpoint.origin == later.origin;
  });
  if (earlier == log.heads.end())
    return fault(FaultCode::log_proof, "nothing here shows the log at the earlier size");
  TRY(formats::check_consistency(file.old_size, earlier->checkpoint.root, later.size, later.root,
                                 file.hashes));
  log.heads.push_back({path_of(place), later});
  return "the log at " + std::to_string(later.size) + " contains what it was at " +
         std::to_string(file.old_size);
}

/// Two signed heads of one size and two roots: the log was forked. Gives whether there are none.
bool check_forks(Examination& exam, const KnownLog& log) {
  bool whole = true;
  std::map<std::pair<std::string, std::uint64_t>, const KnownHead*> seen;
  for (const auto& head : log.heads) {
    const auto [at, is_new] =
        seen.emplace(std::pair(head.checkpoint.origin, head.checkpoint.size), &head);
    if (is_new || at->second->checkpoint.root == head.checkpoint.root) continue;
    whole = false;
    exam.report.fails(
        "log.consistency", head.path,
        "this log denies its past: at one size it has another root in " + at->second->path);
  }
  return whole;
}

/// Sizes that consistency proofs tie to the latest checkpoint.
std::set<std::uint64_t> connected(const Examination& exam, const KnownLog& log) {
  std::multimap<std::uint64_t, std::uint64_t> ties;
  for (const auto* row : exam.rows(Role::consistency)) {
    const auto place = *place_of(row->path);
    if (place.state != log.state) continue;
    ties.emplace(place.old_size, place.new_size);
    ties.emplace(place.new_size, place.old_size);
  }
  std::set<std::uint64_t> sizes = {log.latest->size};
  for (std::vector next = {log.latest->size}; !next.empty();) {
    const auto [from, to] = ties.equal_range(next.back());
    next.pop_back();
    for (auto tie = from; tie != to; ++tie)
      if (sizes.insert(tie->second).second) next.push_back(tie->second);
  }
  return sizes;
}

void check_connected(Examination& exam, const KnownLog& log) {
  if (!log.latest) return;
  const auto sizes = connected(exam, log);
  std::size_t loose = 0, before = 0;
  for (const auto& head : log.heads) {
    if (head.checkpoint.origin != log.latest->origin)
      ++before;
    else if (!sizes.contains(head.checkpoint.size))
      ++loose;
  }
  const auto subject = log.state.text();
  if (before > 0)
    exam.report.add("log.consistency", subject, Verdict::not_present,
                    std::to_string(before) + " signed states are of a log before or after " +
                        log.latest->origin + ": that State went on under a new origin");
  if (loose == 0)
    exam.report.holds("log.consistency", subject,
                      "all that is shown of " + log.latest->origin + " is one log");
  else
    exam.report.add("log.consistency", subject, Verdict::not_present,
                    std::to_string(loose) + " signed states of " + log.latest->origin +
                        " stand alone: no proof here ties them to the latest");
}

}  // namespace

void check_checkpoints(Examination& exam) {
  for (auto& log : exam.partner_logs) show_checkpoint(exam, log);
  show_checkpoint(exam, exam.internal_log);
}

void check_receipts(Examination& exam) {
  for (const auto* row : exam.rows(Role::receipt)) {
    const auto text = exam.read(row->path);
    auto* act = exam.act_number(place_of(row->path)->number);
    if (!text) continue;
    if (act == nullptr) {
      exam.report.fails("receipt", row->path, "there is no act of this number that can be read");
      continue;
    }
    auto* log = exam.partner_log(act->act.substance.to);
    if (log == nullptr) continue;  // the act's own line says that it is between other States
    auto receipt = check_receipt(exam, *log, *act, *text);
    if (!receipt) {
      exam.report.fails("receipt", row->path, receipt.error());
      continue;
    }
    act->logged_at = receipt->entry.at;
    exam.report.holds("receipt", row->path,
                      act->act.substance.to.text() + " logged " + act->path.substr(5) + " at " +
                          to_text(receipt->entry.at) + " as entry " +
                          std::to_string(receipt->index));
    log->heads.push_back({row->path, std::move(receipt->checkpoint)});
  }
}

void check_custody(Examination& exam) {
  std::map<std::uint64_t, Digest> order;
  for (const auto* row : exam.rows(Role::custody)) {
    const auto text = exam.read(row->path);
    if (!text) continue;
    const auto place = *place_of(row->path);
    const auto& log = place.internal ? exam.internal_log : exam.partner_logs[0];
    const auto words = check_custody_proof(exam, log, place, *text, order);
    if (words)
      exam.report.holds("custody", row->path, *words);
    else
      exam.report.fails("custody", row->path, words.error());
  }
  check_numbering(exam, order);
}

void check_consistency_files(Examination& exam) {
  auto rows = exam.rows(Role::consistency);
  std::ranges::sort(rows, {}, [](const IndexFile* row) { return place_of(row->path)->old_size; });
  for (const auto* row : rows) {
    const auto place = *place_of(row->path);
    auto* log = exam.partner_log(place.state);
    const auto bytes = exam.read(row->path);
    if (!bytes) continue;
    if (log == nullptr) {
      exam.report.fails("log.consistency", row->path, "it is of a third State");
      continue;
    }
    const auto words = check_consistency_file(*log, place, *bytes);
    if (words)
      exam.report.holds("log.consistency", row->path, *words);
    else
      exam.report.fails("log.consistency", row->path, words.error());
  }
  for (const auto& log : exam.partner_logs)
    if (check_forks(exam, log)) check_connected(exam, log);
}

}  // namespace comity::court
