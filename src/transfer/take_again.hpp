// A whole item that was damaged where it lay becomes one that is still arriving: what is right of
// it is kept, the rest is fetched as after a cut.
#pragma once

#include "transfer/item_files.hpp"

namespace comity::transfer {

/// Reads sealed.age once and leaves it as sealed.age.partial beside a bitmap of its right chunks.
/// Nothing happens where there is no sealed.age: that is what an earlier call left. Faults:
/// store.*.
Result<void> take_again(const Path& directory, const evidence::SealedShape& shape);

}  // namespace comity::transfer
