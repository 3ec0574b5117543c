#include "cli/findings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_view.hpp"
#include "cli/page.hpp"

namespace comity::cli {
namespace {

using formats::Json;

constexpr std::int64_t k_clock_noticed_ms = 30'000;
constexpr std::int64_t k_clock_refused_ms = 300'000;  // spec/limits.md: clock.tolerance
constexpr std::int64_t k_expiry_early_days = 60;
constexpr std::int64_t k_expiry_close_days = 30;
constexpr std::uint64_t k_space_low_bytes = std::uint64_t{2} << 30;
constexpr std::uint64_t k_space_out_bytes = std::uint64_t{256} << 20;
constexpr std::int64_t k_backup_old_days = 2;
constexpr std::int64_t k_partner_silent_days = 30;

constexpr std::array<std::string_view, 4> k_names{"ok", "note", "attention", "broken"};
constexpr std::array<std::string_view, 4> k_marks{"ok", "note", "LOOK", "BROKEN"};

std::string_view name_of(Severity severity) {
  return k_names[static_cast<std::size_t>(severity)];
}

std::string seconds_words(std::int64_t ms) {
  return fmt::format("{}.{} s", std::abs(ms) / 1000, std::abs(ms) % 1000 / 100);
}

/// Of the entry in force, our own or a partner's: whatever in it ends first.
Finding judge_entry(const Json& entry, Instant now) {
  const auto state = text_at(entry, "state");
  const bool own = entry.at("own").boolean();
  const std::string whose = own ? "our own " : state + "'s ";
  if (text_at(entry, "status") == "revoked")
    return {"certificates", Severity::attention, state + "'s entry was revoked",
            "Nothing is sent to it until a new entry is accepted: 'comity directory accept'."};
  Finding worst;
  std::optional<Instant> first;
  const auto judge = [&](const std::string& what, const Json& at) {
    const auto ends = instant_from_text(as_words(at));
    if (!ends || (first && *ends >= *first)) return;
    first = *ends;
    worst = judge_expiry(whose + what, *ends, now, own);
  };
  judge("directory entry", entry.at("valid_to"));
  judge("root certificate", entry.at("root"));
  for (const auto& one : items_at(entry, "tls")) judge("TLS certificate", one);
  for (const auto& one : items_at(entry, "authorities")) judge("authority certificate", one);
  return worst;
}

}  // namespace

int exit_code(const Findings& findings) {
  const auto worst = std::ranges::max_element(findings, {}, &Finding::severity);
  if (worst == findings.end() || worst->severity <= Severity::note) return 0;
  return worst->severity == Severity::attention ? 1 : 2;
}

Json to_json(const Findings& findings) {
  auto list = Json::array();
  for (const auto& one : findings) {
    auto json = Json::object(
        {{"subject", one.subject}, {"severity", name_of(one.severity)}, {"words", one.words}});
    if (!one.next.empty()) json.set("next", one.next);
    list.push_back(std::move(json));
  }
  return Json::object({{"findings", std::move(list)}, {"exit_code", exit_code(findings)}});
}

std::string page_of(const Findings& findings) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : findings) {
    rows.push_back(
        {std::string(k_marks[static_cast<std::size_t>(one.severity)]), one.subject, one.words});
    if (!one.next.empty()) rows.push_back({"", "", "→ " + one.next});
  }
  return table({"", "WHAT", "FOUND"}, rows);
}

Finding judge_clock(const std::string& against, std::int64_t difference_ms) {
  const auto words =
      fmt::format("{} {} {}", against, seconds_words(difference_ms),
                  difference_ms < 0 ? "behind this machine" : "ahead of this machine");
  if (std::abs(difference_ms) >= k_clock_refused_ms)
    return {"clock", Severity::broken, words,
            "Acts are refused over it. Find out which clock is wrong; keep this one by NTP."};
  if (std::abs(difference_ms) >= k_clock_noticed_ms)
    return {"clock", Severity::attention, words,
            "Find out which clock is wrong before it reaches five minutes."};
  return {"clock", Severity::ok, words, ""};
}

Finding judge_expiry(const std::string& named, Instant ends_at, Instant now, bool own) {
  const auto days = (ends_at.ms - now.ms) / (k_day_s * 1000);
  const std::string next = own ? "Renew it with the State's root: docs/runbooks/expiry.md."
                               : "Ask that State for its renewed entry.";
  if (ends_at <= now)
    return {"certificates", own ? Severity::broken : Severity::attention,
            named + " ended on " + to_text(ends_at), next};
  const auto words = fmt::format("{} ends in {}, on {}", named,
                                 plural(static_cast<std::uint64_t>(days), "day"), to_text(ends_at));
  if (days < k_expiry_close_days) return {"certificates", Severity::attention, words, next};
  if (days < k_expiry_early_days) return {"certificates", Severity::note, words, next};
  return {"certificates", Severity::ok, words, ""};
}

Finding judge_space(std::uint64_t free_bytes, std::uint64_t all_bytes) {
  const auto words = fmt::format("{} free of {}", bytes_words(free_bytes), bytes_words(all_bytes));
  if (free_bytes < k_space_out_bytes)
    return {"disk", Severity::broken, words,
            "Make room now: the node stops when the disk is full."};
  if (free_bytes < k_space_low_bytes || free_bytes < all_bytes / 20)
    return {"disk", Severity::attention, words,
            "Make room, or move the evidence to a larger disk."};
  return {"disk", Severity::ok, words, ""};
}

Finding judge_backup(const Json& last, Instant now) {
  constexpr const char* k_make = "Make one: 'comity backup --help'.";
  if (!last.is_object()) return {"backups", Severity::attention, "none was ever made", k_make};
  const auto at = instant_from_text(text_at(last, "made_at"));
  if (!at) return {"backups", Severity::attention, "the last one bears no time", k_make};
  const auto days = (now.ms - at->ms) / (k_day_s * 1000);
  const auto words = fmt::format("the last is of {}: {}", to_text(*at), text_at(last, "file"));
  if (days >= k_backup_old_days) return {"backups", Severity::attention, words, k_make};
  return {"backups", Severity::ok, words, ""};
}

Findings judge_health(const Json& health, Instant now) {
  Findings all;
  if (const auto* halted = health.find("halted"); halted && halted->is_text())
    all.push_back(
        {"logs", Severity::broken, "stopped for good: " + halted->text(),
         "Find the newest disk, or restore the newest backup: docs/runbooks/restore.md."});
  for (const auto& state : items_at(health, "unsettled"))
    all.push_back({"partners", Severity::attention,
                   as_words(state) + " was not settled with since the restore",
                   "See 'comity restored'."});
  for (const auto& state : items_at(health, "unvouched"))
    all.push_back({"partners", Severity::broken,
                   as_words(state) + " was accepted by officers who left before the root changed",
                   "Two officers accept its entry again: 'comity directory accept'."});
  for (const auto& item : items_at(health, "damaged"))
    all.push_back(
        {"evidence", Severity::broken,
         fmt::format("item {} is not what was signed: {}, {}, found {}", text_at(item, "item"),
                     text_at(item, "code"), text_at(item, "detail"), text_at(item, "found_at")),
         "Look at the disk. What came from another State is fetched again with 'comity "
         "evidence refetch'; restore what is ours from a backup."});
  for (const auto& entry : items_at(health, "entries")) all.push_back(judge_entry(entry, now));
  for (const auto& officer : items_at(health, "officers")) {
    const auto ends = instant_from_text(text_at(officer, "valid_to"));
    if (!ends) continue;
    auto finding = judge_expiry("the certificate of " + text_at(officer, "name"), *ends, now, true);
    if (finding.severity == Severity::ok) continue;  // one line for each would hide the others
    finding.severity = std::min(finding.severity, Severity::attention);
    all.push_back(std::move(finding));
  }
  for (const auto& contact : items_at(health, "contacts")) {
    const auto log = text_at(contact, "log");
    if (const auto* ms = contact.find("clock_ms"))
      all.push_back(judge_clock("when " + log + " last got a receipt, the partner's clock was",
                                ms->integer()));
    const auto at = instant_from_text(text_at(contact, "last_at"));
    if (!at) continue;
    if (at->ms > now.ms + k_clock_refused_ms)
      all.push_back({"clock", Severity::broken,
                     log + " was written at " + to_text(*at) + ", which is still to come",
                     "This machine's clock was set back, or was wrong then."});
    const bool silent = (now.ms - at->ms) / (k_day_s * 1000) >= k_partner_silent_days;
    all.push_back({"partners", silent ? Severity::note : Severity::ok,
                   log + ": last heard of at " + to_text(*at), ""});
  }
  const auto waiting = health.at("outbox").integer();
  all.push_back({"partners", Severity::ok,
                 waiting == 0
                     ? "nothing waits to be sent"
                     : plural(static_cast<std::uint64_t>(waiting), "act") + " wait to be sent",
                 ""});
  all.push_back(judge_backup(health.at("backup"), now));
  return all;
}

}  // namespace comity::cli
