// What a backup says of itself: whose it is, up to where its logs reach, and each file with its
// hash. It is the first file of the archive, so whoever reads on knows what must come, in order.
// A name that stands on no list here never reaches a disk.
#pragma once

#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "formats/tape.hpp"

namespace comity::store {

inline constexpr std::string_view k_backup_manifest_path = "backup.json";
inline constexpr std::size_t k_backup_files_max = 200'000;  // evidence keys above all
inline constexpr std::size_t k_backup_manifest_bytes_max = std::size_t{64} << 20;
inline constexpr std::size_t k_backup_logs_max = 4096;
/// Of every file but the database: settings, the entry, keys.
inline constexpr std::uint64_t k_backup_small_file_max = std::uint64_t{1} << 20;

using BackupId = Id<struct BackupTag, 16>;  // drawn with each backup

struct BackupFile {
  std::string path;
  std::uint64_t size = 0;
  Digest sha256;
  bool operator==(const BackupFile&) const = default;
};

/// A log as of the commit point: the last transaction whose rows the backup holds.
struct BackupLog {
  std::string name;
  std::string origin;
  std::uint64_t size = 0;
  std::string checkpoint;  // signed note; empty for a log without entries
  bool operator==(const BackupLog&) const = default;
};

struct BackupManifest {
  BackupId id;
  StateCode state;
  bool exercise = false;
  std::string version;  // of the node that made it
  Instant made_at;      // whole seconds
  bool evidence_keys = false;
  std::vector<BackupLog> logs;    // by name
  std::vector<BackupFile> files;  // in the order of the archive
  bool operator==(const BackupManifest&) const = default;
};

/// Whether a backup may hold a file of this name: node.db, comity.toml, entry.p7m, the node's keys
/// and certificates, and, with evidence keys, keys/evidence/NAME.age-identity.
bool is_backup_path(std::string_view path, bool evidence_keys);

Bytes write_backup_manifest(const BackupManifest& manifest);
/// Strict. Faults: format.json, format.field, format.version; store.backup for a path, a size or
/// an order that no backup has; limit.*.
Result<BackupManifest> read_backup_manifest(View bytes);

}  // namespace comity::store
