// Where the source lies from which this program was built, for tests that read data/ and spec/.
// Found, not compiled in: the same bytes come out of a compiler's cache in every folder. Never in
// what a State runs.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/check.hpp"

namespace comity {

/// COMITY_SOURCE_DIR, or the nearest folder above this program that has Comity's presets.
inline std::string source_dir() {
  if (const char* told = std::getenv("COMITY_SOURCE_DIR")) return told;
  auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  while (!std::filesystem::exists(folder / "CMakePresets.json")) {
    CHECK(folder.has_relative_path());
    folder = folder.parent_path();
  }
  return folder.string();
}

}  // namespace comity
