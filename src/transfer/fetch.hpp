// The receiver: pulls a sealed item over whatever the ports speak, checks every chunk against the
// signed tree as it lands, and writes only what is right. A cut, a crash or a lying peer costs at
// most the chunks that were on their way; what was checked is never asked for again.
// It holds no key and opens nothing.
#pragma once

#include "node/call.hpp"
#include "transfer/item_files.hpp"

namespace comity::transfer {

/// How the sender's bytes are had. Both block, and are called from the caller's thread.
struct FetchPorts {
  /// Writes exactly `length` bytes of sealed.age from `offset` to the sink, and stops with the
  /// sink's fault if it gives one. The sink blocks while the disk is slow.
  std::function<Result<void>(std::uint64_t offset, std::uint64_t length, node::Sink&)> range;
  /// The bytes of one hash tile.
  formats::TileFetch tile;
};

struct FetchOptions
    : WorkOptions {  // progress: bytes of sealed chunks checked, of earlier runs too
  std::uint64_t save_interval =
      0;  // bytes between saves of the bitmap; 0: chosen by the item's size
};

/// Takes the transfer up where it stands in `directory` (which must exist, and serves one fetch at
/// a time) and ends with sealed.age and chunks.tiles there, whole and durable. At once when they
/// are there already.
/// Faults: evidence.chunk naming the chunk, the prefix or the hash tile that is not what was
/// signed; peer.protocol for too few or too many bytes; those of the ports; store.*;
/// evidence.incomplete after a stop. After each of them a later call goes on.
Result<void> fetch_item(const evidence::SealedShape& shape, const Path& directory,
                        const FetchPorts& ports, const FetchOptions& options = {});

/// How many chunks a call of fetch_item would not ask for any more. Fault: store.io.
Result<std::uint64_t> chunks_present(const evidence::SealedShape& shape, const Path& directory);

}  // namespace comity::transfer
