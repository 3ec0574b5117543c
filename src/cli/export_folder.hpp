// The folder of an export while it is written: DIR.partial, and DIR once all of it is there.
// Paths come from a node and stay within the layout of court/layout.hpp all the same.
#pragma once

#include "cli/evidence_file.hpp"

namespace comity::cli {

class ExportFolder {
 public:
  /// Faults: store.exists when DIR or DIR.partial is there; store.io.
  static Result<ExportFolder> make(const std::filesystem::path& directory);

  std::filesystem::path partial() const { return directory_.string() + ".partial"; }
  /// Fault: format.field for a path that is none of an export; store.*.
  Result<void> write(const std::string& path, View bytes) const;
  Result<NewFile> begin(const std::string& path) const;
  /// Gives the folder its name.
  Result<void> finish() const;

 private:
  explicit ExportFolder(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<std::filesystem::path> place(const std::string& path) const;

  std::filesystem::path directory_;
};

}  // namespace comity::cli
