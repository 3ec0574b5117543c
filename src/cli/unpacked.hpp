// A backup, unpacked and examined: what `backup check` proves and `restore` goes on from.
#pragma once

#include "store/backup.hpp"

namespace comity::cli {

/// An age identity file as age-keygen writes it: comments, and one AGE-SECRET-KEY-1… line.
/// Faults: store.io, store.permissions, format.bech32; request.usage for none or several.
Result<formats::AgeIdentity> read_identity(const std::string& file);

struct Examined {
  store::BackupManifest manifest;
  Digest fingerprint;         // of the State's root, as its entry bears it
  std::uint64_t entries = 0;  // of all logs
  std::vector<std::string> partners;
};

/// Unpacks into `directory`, which must not be there or be empty, and examines: the settings, the
/// entry, that the keys are those that the entry names, every page and reference of the database,
/// every hash of every log up to its signed checkpoint. Writes the logs' files. What it leaves on a
/// fault is of no use. Faults: as store::unpack_backup; store.backup; log.corrupt.
Result<Examined> unpack_and_examine(const std::string& file, const formats::AgeIdentity& identity,
                                    const store::Path& directory, Clock& clock);

}  // namespace comity::cli
