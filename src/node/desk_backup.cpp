// Backups at the desk: who asked for which and what came of it stands in the internal log, the
// asking before a byte is written. The bytes themselves are copied and sealed elsewhere.
#include "formats/age_keys.hpp"
#include "node/health.hpp"
#include "node/office.hpp"

namespace comity::node {
namespace {

constexpr std::size_t k_recipients_max = 16;
constexpr std::size_t k_path_bytes_max = 4096;

/// The permission of two officers (statement backup.evidence_keys), used up.
Result<void> use_permission(Turn& turn, formats::Fields& fields,
                            const std::vector<std::string>& recipients) {
  const auto missing = [] {
    return fault(FaultCode::officer_two,
                 "evidence keys leave the node only when two officers asked for it");
  };
  TRY_LET(const auto draft, fields.optional_id<DraftId>("permission"));
  if (!draft) return missing();
  const auto name = "backup/permission/" + draft->hex();
  TRY_LET(const auto given, turn.store().setting(name));
  if (!given || given->empty()) return missing();
  auto wanted = Json::array();
  for (const auto& recipient : recipients) wanted.push_back(recipient);
  if (formats::canonical(wanted) != *given)
    return fault(FaultCode::officer_two, "the two officers named other recipients");
  return turn.store().put_setting(name, "");
}

}  // namespace

Result<BackupOrder> Desk::begin_backup(const Officer& who, const Json& input) {
  if (!input.is_object()) return fault(FaultCode::format_field, "backup: not an object");
  formats::Fields fields(input, "backup");
  BackupOrder order{.id = hex(turn_.office.ports.random.draw<16>())};
  TRY_LET(order.file, fields.text("file", k_path_bytes_max));
  if (!order.file.starts_with('/') || order.file.ends_with('/'))
    return fields.refuse("file", "an absolute path");
  TRY_LET(order.recipients, fields.texts("recipients", k_recipients_max, 128));
  if (order.recipients.empty()) return fields.refuse("recipients", "one at least");
  auto digests = Json::array();
  for (const auto& text : order.recipients) {
    TRY_LET(const auto recipient, formats::AgeRecipient::from_text(text));
    digests.push_back(recipient.id().hex());
  }
  TRY_LET(order.evidence_keys, fields.boolean("evidence_keys"));
  if (order.evidence_keys) TRY(use_permission(turn_, fields, order.recipients));
  TRY(fields.end());
  auto facts = Json::object({{"backup", order.id},
                             {"evidence_keys", order.evidence_keys},
                             {"recipients", std::move(digests)}});
  if (!who.fingerprint.is_zero()) facts.set("officer", who.fingerprint.hex());
  TRY(note(turn_, k_internal_log, custody::EntryKind::backup_begun, std::move(facts)));
  return order;
}

Result<Json> Desk::backup_made(const BackupOrder& order, const BackupOutcome& outcome) {
  TRY(note(turn_, k_internal_log, custody::EntryKind::backup_made,
           Json::object({{"backup", order.id}, {"sha256", outcome.sha256.hex()}})));
  const auto made = Json::object({{"backup", order.id},
                                  {"file", order.file},
                                  {"made_at", to_text(outcome.made_at)},
                                  {"sha256", outcome.sha256.hex()},
                                  {"size", outcome.size},
                                  {"evidence_keys", order.evidence_keys}});
  TRY(turn_.store().put_setting("backup/last", formats::canonical(made)));
  return made;
}

Result<void> Desk::backup_failed(const BackupOrder& order, const Fault& why) {
  TRY(note(turn_, k_internal_log, custody::EntryKind::backup_failed,
           Json::object({{"backup", order.id}, {"code", row_of(why.code).name}})));
  return {};
}

Result<Json> Desk::health() {
  return health_of(turn_.store());
}

}  // namespace comity::node
