// A part bundle: a tape archive that holds one run of an item's plaintext and all that shows that
// it belongs to the signed item, for somebody who may not see the rest (spec/parts.md §3). Any `tar
// -x` opens it. The plaintext comes last and passes here in pieces. It must never hold a key, nor
// anything of the item but that run.
#pragma once

#include "court/part_statement.hpp"
#include "court/report.hpp"

namespace comity::court {

/// The members before the plaintext, in this order.
inline constexpr std::string_view k_part_readme = "README.txt", k_part_json = "part.json",
                                  k_part_manifest = "manifest.json",
                                  k_part_delivery = "delivery.p7m", k_part_entry = "entry.p7m",
                                  k_part_bytes = "bytes";

struct PartBundle {
  PartStatement statement;
  Bytes manifest;          // canonical JSON, as the delivery binds it
  Bytes delivery;          // .p7m
  Bytes entry;             // .p7m: the entry of the delivery's author, in force when it was signed
  std::uint64_t size = 0;  // of the run
  Instant made_at;
};

/// The text for people; a bundle with another one is none, since people act on what it says.
std::string part_readme(const PartStatement& statement);
/// What stands before the run's bytes. Fault: limit.size.
Result<Bytes> part_bundle_head(const PartBundle& bundle);
/// And after them.
Bytes part_bundle_tail(std::uint64_t size);

/// Fills the span unless the bundle ends before; gives how much there was.
using PartReader = std::function<Result<std::size_t>(std::span<std::uint8_t>)>;

/// The check of a bundle, offline: lines as those of an export's check (report.hpp), named
/// part.bundle, part.bytes and part.entry besides. It holds little in memory, however long the run.
Report verify_part(const PartReader& read, const TrustedRoots& trusted);

}  // namespace comity::court
