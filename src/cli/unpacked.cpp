#include "cli/unpacked.hpp"

#include <algorithm>

#include "keys/key_files.hpp"
#include "keys/node_keys.hpp"
#include "keys/secret_file.hpp"
#include "node/rebuild.hpp"
#include "store/log_files.hpp"
#include "store/sqlite_store.hpp"

namespace comity::cli {
namespace {

std::unexpected<Fault> is_not(std::string_view what) {
  return fault(FaultCode::store_backup, std::string(what));
}

/// The newest entry that this node took as its own.
Result<directory::Entry> own_entry(const store::Home& home, node::Store& rows, Instant now) {
  TRY_LET(Bytes p7m,
          store::read_bounded(home.directory() / "entry.p7m", 2 * directory::k_entry_bytes_max));
  TRY_LET(const auto renewed, rows.setting("entry/own"));
  if (renewed) {
    TRY_LET(p7m, from_base64(*renewed));
  }
  return directory::open_entry(p7m, now);
}

/// A backup can be made by anybody who knows the recipient. But the keys that the entry names, and
/// the root that signed the entry, can not.
Result<void> check_keys(const store::Home& home, const directory::Entry& entry) {
  TRY_LET(const auto signer, keys::FileAuthoritySigner::load(home.keys()));
  if (std::ranges::none_of(entry.authorities, [&](const auto& authority) {
        return authority.certificate == signer->certificate();
      }))
    return is_not("the authority's key is not one of the State's entry");
  TRY_LET(const auto tls, keys::load_tls_key(home.keys()));
  if (std::ranges::find(entry.tls, tls.certificate) == entry.tls.end())
    return is_not("the TLS key is not one of the State's entry");
  TRY_LET(const auto logs, keys::FileLogSigner::load(home.keys()));
  if (!logs->holds(entry.logs)) return is_not("the logs' keys are not those of the State's entry");
  return {};
}

Result<void> check_log(node::Store& rows, const node::LogRecord& log,
                       const store::BackupManifest& manifest, const keys::FileLogSigner& signer,
                       const directory::Entry& entry, store::DiskLogFiles& files) {
  const auto told = std::ranges::find(manifest.logs, log.name, &store::BackupLog::name);
  if (told == manifest.logs.end() || told->size != log.size || told->checkpoint != log.checkpoint)
    return is_not(log.name + ": is not at the size that the manifest says");
  if (log.origin != entry.logs.origin_prefix + log.name)
    return is_not(log.name + ": is of another origin");
  TRY_LET(const auto verifier, formats::parse_vkey(signer.verifier_key(log.name, log.origin)));
  return node::rebuild_log(rows, log, verifier, &files);
}

}  // namespace

Result<formats::AgeIdentity> read_identity(const std::string& file) {
  TRY_LET(const Secret text, keys::read_secret(std::filesystem::absolute(file)));
  std::optional<formats::AgeIdentity> found;
  std::string_view rest = as_text(text.view());
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (found) return fault(FaultCode::bad_usage, file + ": holds several identities");
    TRY_LET(found, formats::AgeIdentity::from_text(line));
  }
  if (!found) return fault(FaultCode::bad_usage, file + ": holds no identity");
  return *std::move(found);
}

Result<Examined> unpack_and_examine(const std::string& file, const formats::AgeIdentity& identity,
                                    const store::Path& directory, Clock& clock) {
  TRY_LET(auto manifest, store::unpack_backup(file, identity, directory));
  for (const char* folder : {"logs", "evidence", "root"})
    TRY(store::make_directory(directory / folder));
  TRY_LET(const auto home, store::Home::open(directory));
  if (home.settings().state != manifest.state || home.settings().exercise != manifest.exercise)
    return is_not("settings and manifest are of different nodes");
  TRY_LET(const auto rows, store::SqliteStore::open(home.database(), store::Opening::existing));
  TRY(rows->check());
  TRY_LET(const auto entry, own_entry(home, *rows, clock.now()));
  if (entry.state != manifest.state || entry.exercise != manifest.exercise)
    return is_not("the entry is of another State");
  TRY(check_keys(home, entry));
  TRY_LET(const auto signer, keys::FileLogSigner::load(home.keys()));
  TRY_LET(const auto logs, rows->logs());
  if (logs.size() != manifest.logs.size()) return is_not("logs are missing or too many");
  store::DiskLogFiles files(home.logs());
  Examined examined{.fingerprint = directory::fingerprint(entry)};
  for (const auto& log : logs) {
    TRY(check_log(*rows, log, manifest, *signer, entry, files));
    examined.entries += log.size;
    if (log.name.starts_with("partner/")) examined.partners.push_back(log.name.substr(8));
  }
  TRY(files.sync());
  TRY(rows->begin());
  for (auto log : logs) {
    log.installed = log.size;
    TRY(rows->put_log(log));
  }
  TRY(rows->commit());
  examined.manifest = std::move(manifest);
  return examined;
}

}  // namespace comity::cli
