// A backup: what a node can not make again, as a tape archive sealed for keys that lie elsewhere.
// It holds the database as of one commit, settings, certificates and the node's keys; the logs'
// files follow from the database. Sealed items are not in it: they never change and are sealed
// already, so any tool copies them. The root is not, and evidence keys only when asked for.
#pragma once

#include "store/backup_manifest.hpp"
#include "store/home.hpp"
#include "store/sealed_stream.hpp"

namespace comity::store {

inline constexpr std::size_t k_backup_recipients_max = 16;

struct BackupOrder {
  BackupId id;
  Path file;  // absolute; must not be there
  std::vector<formats::AgeRecipient> recipients;
  bool evidence_keys = false;
};

struct BackupMade {
  BackupManifest manifest;
  Digest sha256;  // of the sealed file
  std::uint64_t size = 0;
};

/// Where the copy of the database lies while a backup of this home is made.
Path backup_scratch(const Home& home);

/// Writes the backup from a finished copy of the database (DatabaseCopy), which nobody else uses.
/// The file appears whole and durable, or not at all. Memory does not grow with the database.
/// Faults: store.exists, store.io, store.full, store.corrupt; limit.count.
Result<BackupMade> write_backup(const Home& home, const Path& database_copy,
                                const BackupOrder& order, Instant now, Random& random);

/// Unpacks a backup below `directory`, which is there and empty: every byte authenticated, every
/// file of the length and hash that the manifest says, nothing else. Files are 0600 and durable.
/// Faults: store.io, store.full; format.age, crypto.open; format.tape, store.backup and those of
/// read_backup_manifest. After a fault what is there is of no use.
Result<BackupManifest> unpack_backup(const Path& file, const formats::AgeIdentity& identity,
                                     const Path& directory);

}  // namespace comity::store
