// The anchor: one salted commitment to all logs of a State, entered into the one log that foreign
// cosigners see. It fixes every log in time and shows nothing: not how many there are, not whose.
// The opening stays with the State; showing it to a court shows all origins and sizes it lists.
#pragma once

#include <vector>

#include "base/id.hpp"
#include "base/random.hpp"
#include "custody/entry.hpp"
#include "formats/checkpoint.hpp"

namespace comity::custody {

inline constexpr std::size_t k_anchored_logs_max = 1000;

/// Where one log stood.
struct LogHead {
  std::string origin;
  std::uint64_t size = 0;
  Digest root;

  auto operator<=>(const LogHead&) const = default;
};

/// What the commitment hides. A value; kept with the rows, never in a log.
struct AnchorOpening {
  Salt salt{};                 // its own, not the entry's, which cosigners may see
  std::vector<LogHead> heads;  // by origin, each once
};

/// Sorts the heads and draws the salt. Two heads of one origin are a bug.
AnchorOpening make_anchor(std::vector<LogHead> heads, Random& random);
/// SHA-256(salt ‖ canonical JSON [{"origin":…,"root":"<hex>","size":…},…]).
Digest commitment_of(const AnchorOpening& opening);
/// The facts of the entry logs.anchored.
formats::Json anchor_facts(const AnchorOpening& opening);

/// {"heads":[…],"salt":"<base64>"}, canonical.
Bytes write_opening(const AnchorOpening& opening);
/// Fault: format.field and the other faults of JSON; heads out of order or twice too.
Result<AnchorOpening> read_opening(View bytes);

/// That the entry commits to this opening. Fault: log.proof.
Result<void> check_anchor(const Entry& entry, const AnchorOpening& opening);
/// That the log of `checkpoint` stood at its size and root when the anchor was made: the opening
/// lists it so. Fault: log.proof.
Result<void> check_anchored(const AnchorOpening& opening, const formats::Checkpoint& checkpoint);

}  // namespace comity::custody
