// What a node keeps free of its disk, and the question whether something new still fits. Whoever is
// to begin something, or to take bulk bytes, asks first; what was begun may use the reserve.
#pragma once

#include "store/files.hpp"

namespace comity::store {

/// What was begun can be finished and written down in it: reads are logged, receipts are kept.
inline constexpr std::uint64_t k_disk_reserve_bytes = std::uint64_t{64} << 20;

/// That the disk of `directory` has room for `bytes` more above the reserve. Faults: store.full,
/// saying how much is free; store.io.
Result<void> check_room(const Path& directory, std::uint64_t bytes);

}  // namespace comity::store
