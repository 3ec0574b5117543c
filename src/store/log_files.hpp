// The custody logs' files (c2sp.org/tlog-tiles): "checkpoint", "tile/0/000", "tile/entries/000.p/7"
// below one folder a log. They follow the rows and can be written again from them; so they are
// never the proof that something happened, only the form in which others read it.
#pragma once

#include <filesystem>
#include <map>
#include <set>

#include "node/ports.hpp"

namespace comity::store {

inline constexpr std::size_t k_log_path_bytes_max = 200;
/// The largest file of a log: a full bundle of entries at their format's limit.
inline constexpr std::size_t k_log_file_bytes_max = std::size_t{256} * (65535 + 2);

/// Whether `path` is one or more components of [A-Za-z0-9._-], none of them beginning with a dot,
/// joined by single slashes. Log names and file paths both obey it, whoever asks for them.
bool is_log_path(std::string_view path);

/// Below a directory that is there, each log in the folder of its name. One thread uses it.
class DiskLogFiles final : public node::LogFiles {
 public:
  explicit DiskLogFiles(std::filesystem::path root) : root_(std::move(root)) {}

  /// Faults: format.field for a name or path that is none; store.io.
  Result<std::optional<Bytes>> read(std::string_view log, std::string_view path) override;
  /// The file is replaced in one step, so a reader finds it whole. Faults as read; store.full.
  Result<void> write(std::string_view log, std::string_view path, View bytes) override;
  /// All that was written since the last success is durable on return, names included. After a
  /// fault it is tried again with the next call, from files written again by then.
  Result<void> sync() override;

  /// Where a log's folder is, for those who read it with other tools.
  std::filesystem::path folder(std::string_view log) const { return root_ / log; }

 private:
  std::filesystem::path root_;
  std::set<std::filesystem::path> files_, directories_;  // changed since the last sync
};

/// In memory, for simulations.
class MemoryLogFiles final : public node::LogFiles {
 public:
  Result<std::optional<Bytes>> read(std::string_view log, std::string_view path) override;
  Result<void> write(std::string_view log, std::string_view path, View bytes) override;
  Result<void> sync() override;

  /// What a loss of power leaves: the files as of the last sync.
  void lose_unsynced() { files_ = durable_; }

 private:
  std::map<std::string, Bytes, std::less<>> files_, durable_;
};

}  // namespace comity::store
