// part.json: which run of an item's plaintext a bundle shows, and how its two ends lead to the root
// that the manifest signs (spec/parts.md §3). It is not signed itself: all that it says is checked
// against what is.
#pragma once

#include "evidence/parts.hpp"

namespace comity::court {

inline constexpr std::string_view k_part_format = "comity-part/1";
inline constexpr std::size_t k_part_statement_bytes_max = std::size_t{64} << 10;

/// What the run is said to be.
enum class PartKind {
  range,  // bytes of the plaintext, from one place where it can be cut to another
  entry,  // one entry of a folder's archive, whole
};
std::string_view name_of(PartKind kind);

struct PartStatement {
  ItemId item;
  PartKind kind{};
  Salt manifest_salt;                           // with which the act of delivery binds the manifest
  std::optional<evidence::ProvenCut> from, to;  // none: the plaintext's beginning, its end

  bool operator==(const PartStatement&) const = default;
};

/// Canonical JSON, and back, strictly. Faults: format.json, format.field, format.version, limit.*.
Bytes write_part_statement(const PartStatement& statement);
Result<PartStatement> read_part_statement(View bytes);

}  // namespace comity::court
