// All that a node keeps at one moment, to see whether a forgery left a trace: every row of every
// table and every byte of every log file.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace comity::corpus {

class Snapshot {
 public:
  /// Of a node between two turns. The database is copied with its journal and read from the copy,
  /// since the node holds it for itself alone.
  static Snapshot of(const std::filesystem::path& home);

  /// "" if not a byte differs; else what does, by table and by log: "log +1 -1, setting +1".
  std::string changes_since(const Snapshot& before) const;

 private:
  std::map<std::string, std::size_t> rows_;   // "table: values", how often
  std::map<std::string, std::string> files_;  // path below the home, bytes
};

/// Names and SHA-256 of all files below `home`, one a line, database and journal as they stand.
std::string bytes_of(const std::filesystem::path& home);

}  // namespace comity::corpus
