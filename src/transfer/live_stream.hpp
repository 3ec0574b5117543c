// The bytes of a live item on their way: the sender's frames of signed heads and sealed chunks
// (spec/live.md §5). It holds no key and opens nothing.
#pragma once

#include "node/call.hpp"
#include "transfer/live_writer.hpp"

namespace comity::transfer {

inline constexpr std::uint64_t k_frame_chunks_max = 192;  // between two heads; 12 MiB

/// Writes frames from chunk `from` on until the last head has gone, or the sink has. A silence of
/// `heartbeat_ms` is broken by a sign of life; `goes_on` is asked then and before each frame.
/// Faults: log.rolled_back when the receiver holds more than was ever sealed here; evidence.ended
/// when it does not go on; those of the sink; store.*.
Result<void> send_live(const LiveWriter& writer, std::uint64_t from, node::Sink& sink,
                       std::int64_t heartbeat_ms, const std::function<bool()>& goes_on);

}  // namespace comity::transfer
