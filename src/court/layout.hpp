// Where everything stands in an export: each file's path, and back from a path to what it means.
// One spelling for each place, in plain ASCII, so that a path can never lead elsewhere
// (spec/export.md §2). What is in the files is no matter here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.hpp"

namespace comity::court {

inline constexpr std::size_t k_export_path_bytes_max = 255;
inline constexpr std::size_t k_export_depth_max = 16;  // folders below the export's own
inline constexpr std::uint64_t k_act_number_max = 9999;

inline constexpr std::string_view k_index_json = "index.json";
inline constexpr std::string_view k_index_p7m = "index.p7m";

/// The roles that an index names, in the order of reading.
enum class Role {
  readme,       // README.txt
  root,         // states/KGZ/root.pem
  entry,        // states/KGZ/entry.p7m; an older one: states/KGZ/entry-SERIAL.p7m
  revocation,   // states/KGZ/revocation-1.json: that State's word since its newest entry
  log_keys,     // states/KGZ/logs.vkeys
  checkpoint,   // checkpoints/KGZ.checkpoint; of the internal log: KGZ.internal.checkpoint
  consistency,  // checkpoints/KGZ.OLD-NEW.consistency
  act,          // acts/0001-request.p7m
  parts,        // acts/0001-request.parts.json
  part,         // acts/0001-request.parts/NAME
  rejection,    // acts/0001-request.rejection.p7m
  receipt,      // receipts/0001.tlog-proof
  custody,      // custody/partner/17.tlog-proof, custody/internal/17.tlog-proof
  manifest,     // evidence/ITEM/manifest.json
  sealed,       // evidence/ITEM/sealed.age
  header,       // evidence/ITEM/header.age: another age header for the same payload
  plaintext,    // evidence/ITEM/plaintext
  tiles,        // evidence/ITEM/chunks.tiles: a folder, bound by the chunk root
};
std::string_view name_of(Role role);
/// Fault: format.field.
Result<Role> role_from(std::string_view name);

/// A place in the layout. Only what the role's path shows is set; the rest stays empty. A value.
struct Place {
  Role role{};
  StateCode state;           // root, entry, revocation, log_keys, checkpoint, consistency
  std::uint64_t number = 0;  // of an act, of a revocation; index of a custody entry; older entry:
                             // its serial
  std::uint64_t old_size = 0, new_size = 0;  // consistency
  std::string name;                          // type of an act; a part's name is in `part`
  std::string part;
  bool internal = false;  // custody, checkpoint: of the internal log
  ItemId item;            // evidence

  bool operator==(const Place&) const = default;
};

/// The one path of a place.
std::string path_of(const Place& place);
/// Nothing for a path that means nothing in this version.
std::optional<Place> place_of(std::string_view path);

/// True for a relative path out of [A-Za-z0-9._-] and '/', within the limits above, whose
/// components do not begin with '.' or '-'.
bool is_export_path(std::string_view path);

/// "acts/0001-request": what the paths of an act and its parts begin with.
std::string act_stem(std::uint64_t number, std::string_view type);
/// "evidence/ITEM/"
std::string item_folder(const ItemId& item);

}  // namespace comity::court
