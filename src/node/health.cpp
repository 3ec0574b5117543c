#include "node/health.hpp"

#include <algorithm>

#include "crypto/cms.hpp"
#include "custody/log.hpp"
#include "directory/entry.hpp"
#include "node/damage.hpp"

namespace comity::node {
namespace {

using formats::Json;

constexpr std::uint64_t k_looked_at = 256;  // entries, from the newest back

Json entry_json(const directory::Entry& entry, std::string_view status, bool own) {
  auto tls = Json::array(), authorities = Json::array(), pins = Json::array();
  for (const auto& one : entry.tls) {
    tls.push_back(to_text(one.not_after()));
    pins.push_back(one.fingerprint().hex());
  }
  for (const auto& one : entry.authorities)
    authorities.push_back(to_text(one.certificate.not_after()));
  return Json::object({{"state", entry.state.text()},
                       {"own", own},
                       {"status", status},
                       {"serial", entry.serial},
                       {"host", entry.endpoint.host},
                       {"port", entry.endpoint.port},
                       {"pins", std::move(pins)},
                       {"valid_to", to_text(entry.valid_to)},
                       {"root", to_text(entry.root.not_after())},
                       {"tls", std::move(tls)},
                       {"authorities", std::move(authorities)}});
}

Result<Json> entries_of(Store& store) {
  auto list = Json::array();
  TRY_LET(const auto own, store.setting("entry/own"));
  if (own) {
    TRY_LET(const auto p7m, from_base64(*own));
    // Its signature is as old as it is itself, so it is opened as of its own time.
    TRY_LET(const auto signature, crypto::cms_open(p7m));
    TRY_LET(const auto opened, directory::open_entry(p7m, signature.signing_time));
    list.push_back(entry_json(opened, "in_force", true));
  }
  TRY_LET(const auto records, store.directory());
  for (const auto& record : records) {
    if (record.status == "superseded") continue;
    TRY_LET(const auto entry, directory::open_entry(record.p7m, record.accepted_at));
    list.push_back(entry_json(entry, record.status, false));
  }
  return list;
}

/// The newest receipt of a partner: when it came, and how far its clock then was ahead of ours.
Result<std::optional<Json>> contact_in(Store& store, const LogRecord& log) {
  const auto from = log.size > k_looked_at ? log.size - k_looked_at : 0;
  TRY_LET(const auto rows, store.entries(log.name, from, log.size));
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (row->kind != "receipt.kept" && row->kind != "act.received") continue;
    TRY_LET(const auto entry, custody::read_entry(row->entry));
    auto json = Json::object({{"log", log.name}, {"last_at", to_text_ms(entry.at)}});
    if (row->kind == "receipt.kept") {
      TRY_LET(const auto id, Digest::from_hex(entry.facts.at("act").text()));
      TRY_LET(const auto act, store.act(id));
      const auto proof = act ? formats::parse_tlog_proof(as_bytes(act->receipt))
                             : Result<formats::TlogProof>(fault(FaultCode::not_found));
      const auto theirs = proof && proof->extra
                              ? custody::read_entry(*proof->extra)
                              : Result<custody::Entry>(fault(FaultCode::not_found));
      if (theirs) json.set("clock_ms", theirs->at.ms - entry.at.ms);
    }
    return json;
  }
  return std::nullopt;
}

Result<Json> setting_json(Store& store, std::string_view name) {
  TRY_LET(const auto text, store.setting(name));
  if (!text || text->empty()) return Json();
  return formats::parse_json(as_bytes(*text));
}

}  // namespace

Result<Json> health_of(Store& store) {
  auto health = Json::object();
  TRY_LET(const auto outbox, store.outbox_size());
  health.set("outbox", outbox);
  TRY_LET(auto backup, setting_json(store, "backup/last"));
  health.set("backup", std::move(backup));
  TRY_LET(const auto halted, store.setting("halted"));
  health.set("halted", halted && !halted->empty() ? Json(*halted) : Json());
  TRY_LET(const auto restored, setting_json(store, "restored"));
  auto unsettled = Json::array();
  if (const auto* partners = restored.find("partners"))
    for (const auto& [state, one] : partners->members()) unsettled.push_back(state);
  health.set("unsettled", std::move(unsettled));
  TRY_LET(auto unvouched, setting_json(store, "unvouched"));
  health.set("unvouched", std::move(unvouched));
  TRY_LET(const auto items, damaged_items(store));
  auto damaged = Json::array();
  for (const auto& [item, damage] : items)
    damaged.push_back(to_json(damage).set("item", item.hex()));
  health.set("damaged", std::move(damaged));
  TRY_LET(auto entries, entries_of(store));
  health.set("entries", std::move(entries));
  auto officers = Json::array();
  TRY_LET(const auto records, store.officers());
  for (const auto& record : records) {
    if (record.revoked_from) continue;
    TRY_LET(const auto certificate, crypto::Certificate::from_der(record.certificate));
    officers.push_back(Json::object({{"name", certificate.subject().common_name},
                                     {"valid_to", to_text(certificate.not_after())}}));
  }
  health.set("officers", std::move(officers));
  auto contacts = Json::array();
  TRY_LET(const auto logs, store.logs());
  for (const auto& log : logs) {
    if (!log.name.starts_with("partner/")) continue;
    TRY_LET(auto contact, contact_in(store, log));
    if (contact) contacts.push_back(*std::move(contact));
  }
  health.set("contacts", std::move(contacts));
  return health;
}

}  // namespace comity::node
