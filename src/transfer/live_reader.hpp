// The records of a live item as they are verified: chunk by chunk, opened with the item's key, line
// by line. It gives nothing that no signed head covers.
#pragma once

#include "base/secret.hpp"
#include "transfer/live_writer.hpp"

namespace comity::transfer {

/// Where the chunks are, and how far they are signed for.
struct LiveView {
  Path directory;
  std::uint64_t prefix_size = 0;
  Secret payload_key;
  /// The newest head; waits a little for one past `chunks`. Nothing: none is there yet.
  std::function<std::optional<SignedHead>(std::uint64_t chunks)> wait;
  /// Asked now and then; the silence between records is told to `quiet`.
  std::function<bool()> goes_on;
};

/// Gives each line from record `from` on (1: from the beginning, with the lines of sources) until
/// the last one, or until it does not go on. `quiet` is called when nothing came for a while.
/// Faults: evidence.chunk, naming it; those of `take` and `quiet`; store.*.
Result<void> read_lines(const LiveView& view, std::uint64_t from,
                        const std::function<Result<void>(std::string_view line)>& take,
                        const std::function<Result<void>()>& quiet);

/// Gives the bytes of an item of bytes from its first one on, as they are verified, in the same
/// way.
Result<void> read_bytes(const LiveView& view, const std::function<Result<void>(View bytes)>& take,
                        const std::function<Result<void>()>& quiet);

}  // namespace comity::transfer
