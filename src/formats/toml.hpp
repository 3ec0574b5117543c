// TOML 1.0 settings and data files (settings, profiles, instruments, scenarios) as JSON values that
// remember their lines, so that a loader can say "comity.toml:12: listen: must be a text".
// It must not decide what a file may say: loaders read it through Fields, strictly.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "formats/fields.hpp"

namespace comity::formats {

inline constexpr std::size_t k_toml_bytes_max = 1 << 20;
inline constexpr std::size_t k_toml_line_bytes_max = 4096;  // bounds the depth of dotted keys too
inline constexpr std::size_t k_toml_depth_max = 32;

/// A file as read. Paths are those of Fields over the root with an empty name: "peers[0].state".
struct TomlDocument {
  std::string file;  // as the caller named it
  Json root;         // an object; times are RFC 3339 texts, in UTC where the file gave an offset
  std::map<std::string, std::uint32_t, std::less<>> lines;  // path → line, from 1

  Fields fields() const { return Fields(root, ""); }
  /// The line of the value at `path`, or of the nearest one around it; 1 if there is none.
  std::uint32_t line_of(std::string_view path) const;
  /// A fault whose detail begins with a path ("peers[0].state: is missing"), with file and line
  /// before it.
  Fault at_line(Fault fault) const;
  /// The result, its fault brought to file and line.
  template <typename T>
  Result<T> located(Result<T> result) const {
    if (!result) return std::unexpected(at_line(std::move(result).error()));
    return result;
  }
};

/// Refuses floats, integers beyond ±(2^53 - 1), hidden control characters, keys outside ASCII.
/// Faults: format.toml with file and line; limit.size, limit.depth.
Result<TomlDocument> parse_toml(View bytes, std::string file);

}  // namespace comity::formats
