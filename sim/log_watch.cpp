#include "sim/log_watch.hpp"

#include <fmt/format.h>

#include "formats/tlog_proof.hpp"

namespace comity::sim {

void LogWatch::grow(const Key& key, Golden& golden, Bytes entry) {
  golden.edge.append(formats::leaf_hash(entry));
  golden.roots.push_back(golden.edge.root());
  if (const auto read = custody::read_entry(entry)) {
    const auto kind = custody::name_of(read->kind);
    if (kind == "act.received" || kind == "act.sent") {
      const auto act = std::string(kind) + " " + read->facts.at("act").text();
      if (++golden.taken[act] > 1)
        stage_.report("once", fmt::format("{} {}: {} twice", key.first.text(), key.second, act));
    }
  } else {
    stage_.report("log", fmt::format("{} {}: not an entry", key.first.text(), key.second));
  }
  golden.entries.push_back(std::move(entry));
}

void LogWatch::look(Member& at) {
  const auto logs = at.rows().logs();
  if (!logs) return stage_.report_fault(at, "lists logs", logs.error());
  for (const auto& log : *logs) {
    const Key key{at.state(), log.name};
    auto& golden = logs_[key];
    const auto name = at.state().text() + " " + log.name;
    const auto rows = at.rows().entries(log.name, 0, log.size);
    if (!rows || rows->size() != log.size) {
      stage_.report("log", name + ": entries are missing");
      continue;
    }
    if (log.size < golden.entries.size()) {
      stage_.report("log", fmt::format("{}: {} entries, there were {}", name, log.size,
                                       golden.entries.size()));
      continue;
    }
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if (i >= golden.entries.size())
        grow(key, golden, (*rows)[i].entry);
      else if (golden.entries[i] != (*rows)[i].entry)
        stage_.report("log", fmt::format("{}: entry {} is another than before", name, i));
    }
    if (log.size > 0) check_note(at, log.name, log.checkpoint);
    const auto file = at.log_file(log.name, "checkpoint");
    if (file && *file) check_note(at, log.name, as_text(**file));
  }
}

void LogWatch::check_note(Member& of, const std::string& log, std::string_view note) {
  auto& golden = logs_[{of.state(), log}];
  if (golden.good_note == note) return;  // what was shown once is shown again
  const auto verifier = of.verifier(log);
  const auto shown = formats::open_checkpoint(as_bytes(note), std::span(&verifier, 1));
  const auto name = of.state().text() + " " + log;
  if (!shown) return stage_.report("log", name + ": a checkpoint that does not open");
  if (shown->size >= golden.roots.size())
    return stage_.report("durable", fmt::format("{}: a checkpoint of size {} was shown, durable "
                                                "are {}",
                                                name, shown->size, golden.entries.size()));
  if (golden.roots[shown->size] != shown->root)
    return stage_.report("log", fmt::format("{}: size {} has two roots", name, shown->size));
  golden.good_note = note;
}

void LogWatch::shown(Member& of, const std::string& log, std::string_view note) {
  if (!stage_.is_sound(of)) return;
  look(of);
  check_note(of, log, note);
}

std::optional<std::string> LogWatch::flaw_of_receipt(Member& by, const std::string& log,
                                                     const Digest& act,
                                                     const std::string& receipt) {
  const auto key = by.state().text() + act.hex() + receipt;
  if (good_receipts_.contains(key)) return std::nullopt;
  const auto proof = formats::parse_tlog_proof(as_bytes(receipt));
  if (!proof || !proof->extra) return "it is no proof with its entry";
  const auto verifier = by.verifier(log);
  const auto shown = formats::verify_proof(*proof, *proof->extra, std::span(&verifier, 1));
  if (!shown) return shown.error().detail.empty() ? "it does not verify" : shown.error().detail;
  const auto entry = custody::read_entry(*proof->extra);
  if (!entry || custody::name_of(entry->kind) != "act.received" ||
      entry->facts.at("act") != Json(act.hex()))
    return "it proves something else";
  const auto& golden = logs_[{by.state(), log}];
  if (proof->index >= golden.entries.size() || golden.entries[proof->index] != *proof->extra)
    return "the entry does not stand in the log";
  if (shown->size >= golden.roots.size() || golden.roots[shown->size] != shown->root)
    return "the log never had that root";
  good_receipts_[key] = true;
  return std::nullopt;
}

}  // namespace comity::sim
