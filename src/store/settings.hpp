// A node's settings as comity.toml holds them. Read strictly: a name that is not known is an error
// and not a wish, since a misspelt setting would be one that nobody keeps.
// It never holds a secret: the file may be shown to whoever helps.
#pragma once

#include "directory/entry.hpp"
#include "node/line.hpp"

namespace comity::store {

inline constexpr std::size_t k_settings_bytes_max = 65'536;

/// How much one node takes on. Zero never means "without limit".
struct Limits {
  std::uint64_t item_bytes_max = std::uint64_t{16} << 40;  // of one sealed item
  std::uint32_t transfers_max = 4;                         // items moved at once
  std::uint32_t connections_max = 512;                     // at each door
  std::uint64_t scrub_bytes_s = std::uint64_t{8} << 20;    // read again of what is at rest
  bool operator==(const Limits&) const = default;
};

/// What this State allows on the line to one partner, each way.
struct LineSettings {
  StateCode partner;
  node::LineRules rules;
  bool operator==(const LineSettings&) const = default;
};
inline constexpr std::size_t k_lines_max = 256;
/// Below this a single piece would take longer than the other end waits.
inline constexpr std::uint64_t k_line_bytes_per_s_min = 65'536;

struct Settings {
  StateCode state;
  std::string authority;       // its name, as its certificate bears it
  std::string authority_code;  // [a-z0-9-]{1,64}; acts name it
  bool exercise = false;
  directory::Endpoint listen;                  // the peers' door
  std::optional<directory::Endpoint> console;  // on the loopback only; none: no such door
  std::vector<std::string> languages;          // preferred first
  std::vector<directory::SecondContact> second_contacts;
  std::string log_origin_prefix;  // "kgz.comity.example/"; a log's origin is this and its name
  std::string data_directory;     // instruments and profiles; relative paths begin at the home
  std::string profile;  // [a-z0-9-]{1,64}: its law is data_directory/profiles/PROFILE.toml
  Limits limits;
  std::vector<LineSettings> lines;  // one a partner at most; no row: as fast as it goes, always
  /// age recipients for whom backups are sealed; their keys lie away from the node.
  std::vector<std::string> backup_recipients;
  bool operator==(const Settings&) const = default;
};

/// Reads the file's bytes. `file` stands in faults, with the line. Faults: format.toml,
/// format.field, limit.size, limit.count.
Result<Settings> read_settings(View toml, const std::string& file);
/// The file for `comity init`, with a comment for each setting. Fault: format.field for values that
/// read_settings would refuse.
Result<std::string> write_settings(const Settings& settings);

/// "127.0.0.1:8443", "[::1]:8443" or "node.example:8443". Fault: format.field.
Result<directory::Endpoint> read_endpoint(std::string_view text);
std::string to_text(const directory::Endpoint& endpoint);

}  // namespace comity::store
