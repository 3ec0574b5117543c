// Re-verifies a sealed item at rest, without any key: what a scrub, an export and a court's check
// ask. It changes nothing.
#pragma once

#include "transfer/item_files.hpp"

namespace comity::transfer {

/// Every byte of sealed.age and every hash tile it needs against the signed shape.
/// Faults: evidence.chunk naming the first bad chunk, the prefix or a hash tile;
/// evidence.incomplete for another length; store.io.
Result<void> verify_sealed(const Path& directory, const evidence::SealedShape& shape,
                           const WorkOptions& options = {});

}  // namespace comity::transfer
