// What `comity doctor` finds: a subject, how serious, what it is, what to do. Plain words, since it
// is read by whoever is on duty.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "formats/json.hpp"

namespace comity::cli {

enum class Severity { ok, note, attention, broken };

struct Finding {
  std::string subject;  // "clock", "certificates", "disk", …
  Severity severity = Severity::ok;
  std::string words;
  std::string next;  // what to do; empty when nothing
};
using Findings = std::vector<Finding>;

/// The exit code: 0 all is well, 1 something needs attention, 2 something is broken.
int exit_code(const Findings& findings);
formats::Json to_json(const Findings& findings);
std::string page_of(const Findings& findings);

// Judgments over values, so that each can be tested without a node.
/// A clock that differs from a partner's by so much: their acts are refused beyond five minutes.
Finding judge_clock(const std::string& against, std::int64_t difference_ms);
/// Anything that ends: warned of early, `named` as in "the TLS certificate".
Finding judge_expiry(const std::string& named, Instant ends_at, Instant now, bool own);
Finding judge_space(std::uint64_t free_bytes, std::uint64_t all_bytes);
/// The last backup as the node keeps it; null: none was ever made.
Finding judge_backup(const formats::Json& last, Instant now);
/// All that a node or its rows say of themselves (node/health.hpp).
Findings judge_health(const formats::Json& health, Instant now);

}  // namespace comity::cli
