// How one log's checkpoints agree over time: what a holder concludes from the checkpoint it keeps
// and the one it is shown, and what a log concludes when it is shown its own.
// Pure: signatures are verified before (formats::open_checkpoint), consequences are drawn after.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "formats/checkpoint.hpp"

namespace comity::custody {

enum class Agreement {
  first,     // nothing was held before: keep the shown one
  same,      // the very checkpoint that is held
  newer,     // proven to contain the held one: keep the shown one
  older,     // proven to be contained in the held one: keep the held one
  unproven,  // sizes differ and the proof does not connect them: ask for a proof, believe nothing
  forked,    // one size, two roots, both signed: the log denies its past. Keep both notes, stop.
};
std::string_view name_of(Agreement agreement);

/// `proof` leads from the smaller of the two trees to the larger. Both checkpoints must name the
/// same origin; else it is a bug.
Agreement judge(const std::optional<formats::Checkpoint>& held, const formats::Checkpoint& shown,
                std::span<const Digest> proof);

/// What a node makes of a signed checkpoint of its own log that a partner shows.
/// Faults: log.rolled_back when it is newer than the log (an old backup was restored);
/// log.inconsistent when the log never had that root (forked, or the key is in other hands);
/// the reader's.
Result<void> check_own(const formats::Checkpoint& shown, std::uint64_t own_size,
                       formats::HashReader& own);

}  // namespace comity::custody
