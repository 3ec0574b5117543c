// The layout of a node's home directory, its creation, and the checks before it is used. Everything
// in it belongs to one user; a home whose secrets others can read is refused, not repaired:
// somebody must find out who has read them.
#pragma once

#include "store/files.hpp"
#include "store/settings.hpp"

namespace comity::store {

class Home {
 public:
  /// Makes `directory` (which must not be there, or be empty) with its folders and comity.toml.
  /// The database, the keys and the root are made by whoever owns them. Faults: store.exists,
  /// store.io, store.full, format.field.
  static Result<Home> create(const Path& directory, const Settings& settings);
  /// Faults: store.io when there is none, store.permissions, and as read_settings.
  static Result<Home> open(const Path& directory);

  const Settings& settings() const { return settings_; }
  const Path& directory() const { return directory_; }
  Path settings_file() const { return directory_ / "comity.toml"; }
  Path database() const { return directory_ / "node.db"; }
  Path logs() const { return directory_ / "logs"; }
  Path evidence() const { return directory_ / "evidence"; }
  Path keys() const { return directory_ / "keys"; }
  Path root() const { return directory_ / "root"; }  // meant to leave for a machine offline
  Path socket() const { return directory_ / "socket"; }
  /// The data directory of the settings, as an absolute path or one from the home.
  Path data() const { return directory_ / settings_.data_directory; }

  /// That every secret below is this user's alone. Fault: store.permissions, naming the file.
  Result<void> check_permissions() const;

 private:
  Home(Path directory, Settings settings)
      : directory_(std::move(directory)), settings_(std::move(settings)) {}

  Path directory_;
  Settings settings_;
};

}  // namespace comity::store
