#include "store/backup_manifest.hpp"

#include <algorithm>
#include <set>

#include "base/check.hpp"
#include "formats/fields.hpp"
#include "formats/note.hpp"

namespace comity::store {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::string_view k_kind = "backup/1";
constexpr std::string_view k_evidence_keys = "keys/evidence/";
constexpr std::string_view k_identity = ".age-identity";
// What a node can not be without; a backup lacks none of it.
constexpr std::array<std::string_view, 10> k_needed{"node.db",
                                                    "comity.toml",
                                                    "entry.p7m",
                                                    "keys/authority.key",
                                                    "keys/authority.crt",
                                                    "keys/tls.key",
                                                    "keys/tls.crt",
                                                    "keys/log-partner.key",
                                                    "keys/log-internal.key",
                                                    "keys/log-anchor.key"};

// Keys that wait to follow others.
constexpr std::array<std::string_view, 5> k_optional{
    "keys/authority.next", "keys/tls.next", "keys/log-partner.next", "keys/log-internal.next",
    "keys/log-anchor.next"};

Json to_json(const BackupLog& log) {
  return Json::object({{"name", log.name},
                       {"origin", log.origin},
                       {"size", log.size},
                       {"checkpoint", log.checkpoint}});
}

Result<BackupLog> read_log(Fields fields) {
  BackupLog log;
  TRY_LET(log.name, fields.text("name", 200));
  TRY_LET(log.origin, fields.text("origin", formats::k_note_name_bytes_max));
  TRY_LET(const auto size, fields.integer("size"));
  log.size = static_cast<std::uint64_t>(size);
  const auto* checkpoint = fields.optional_value("checkpoint");
  if (!checkpoint || !checkpoint->is_text() || checkpoint->text().size() > 65'536)
    return fields.refuse("checkpoint", "a signed note, or an empty text");
  log.checkpoint = checkpoint->text();
  TRY(fields.end());
  return log;
}

Result<BackupFile> read_file(Fields fields, bool evidence_keys) {
  BackupFile file;
  TRY_LET(file.path, fields.text("path", formats::k_tape_path_max));
  TRY_LET(const auto size, fields.integer("size"));
  file.size = static_cast<std::uint64_t>(size);
  TRY_LET(file.sha256, fields.digest("sha256"));
  TRY(fields.end());
  if (!is_backup_path(file.path, evidence_keys))
    return fault(FaultCode::store_backup, file.path + ": no backup holds a file of this name");
  if (file.path != "node.db" && file.size > k_backup_small_file_max)
    return fault(FaultCode::limit_size, file.path);
  return file;
}

}  // namespace

bool is_backup_path(std::string_view path, bool evidence_keys) {
  if (std::ranges::find(k_needed, path) != k_needed.end() ||
      std::ranges::find(k_optional, path) != k_optional.end())
    return true;
  if (!evidence_keys || !formats::is_tape_path(path) || !path.starts_with(k_evidence_keys) ||
      !path.ends_with(k_identity))
    return false;
  path.remove_prefix(k_evidence_keys.size());
  path.remove_suffix(std::min(path.size(), k_identity.size()));
  return !path.empty() && std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Bytes write_backup_manifest(const BackupManifest& manifest) {
  auto logs = Json::array(), files = Json::array();
  for (const auto& log : manifest.logs) logs.push_back(to_json(log));
  for (const auto& file : manifest.files)
    files.push_back(
        Json::object({{"path", file.path}, {"size", file.size}, {"sha256", file.sha256.hex()}}));
  return to_bytes(formats::canonical(Json::object({{"comity", k_kind},
                                                   {"backup", manifest.id.hex()},
                                                   {"state", manifest.state.text()},
                                                   {"exercise", manifest.exercise},
                                                   {"version", manifest.version},
                                                   {"made_at", to_text(manifest.made_at)},
                                                   {"evidence_keys", manifest.evidence_keys},
                                                   {"logs", std::move(logs)},
                                                   {"files", std::move(files)}})));
}

Result<BackupManifest> read_backup_manifest(View bytes) {
  TRY_LET(const Json json,
          formats::parse_json(bytes, {.bytes_max = k_backup_manifest_bytes_max, .depth_max = 4}));
  if (!json.is_object()) return fault(FaultCode::format_field, "backup: not an object");
  Fields fields(json, "backup");
  TRY_LET(const auto kind, fields.text("comity", 64));
  if (kind != k_kind)
    return kind.starts_with("backup/") ? fault(FaultCode::format_version, kind)
                                       : fields.refuse("comity", "must be backup/1");
  BackupManifest manifest;
  TRY_LET(manifest.id, fields.id<BackupId>("backup"));
  TRY_LET(manifest.state, fields.state("state"));
  TRY_LET(manifest.exercise, fields.boolean("exercise"));
  TRY_LET(manifest.version, fields.text("version", 64));
  TRY_LET(manifest.made_at, fields.instant("made_at"));
  TRY_LET(manifest.evidence_keys, fields.boolean("evidence_keys"));
  TRY_LET(const auto logs, fields.array("logs", k_backup_logs_max));
  for (std::size_t i = 0; i < logs.size(); ++i) {
    TRY_LET(auto log, read_log(item_fields(fields, "logs", i, logs[i])));
    manifest.logs.push_back(std::move(log));
  }
  TRY_LET(const auto files, fields.array("files", k_backup_files_max));
  std::set<std::string_view> missing(k_needed.begin(), k_needed.end());
  std::set<std::string> seen;
  for (std::size_t i = 0; i < files.size(); ++i) {
    TRY_LET(auto file,
            read_file(item_fields(fields, "files", i, files[i]), manifest.evidence_keys));
    if (!seen.insert(file.path).second)
      return fault(FaultCode::store_backup, file.path + ": comes twice");
    missing.erase(file.path);
    manifest.files.push_back(std::move(file));
  }
  TRY(fields.end());
  if (!missing.empty())
    return fault(FaultCode::store_backup, std::string(*missing.begin()) + ": is missing");
  return manifest;
}

}  // namespace comity::store
