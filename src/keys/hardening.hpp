// What a process that holds keys does first: leave nothing of its memory to others.
#pragma once

#include "base/result.hpp"

namespace comity::keys {

/// No core dumps, no tracing by other programs of the same user (prctl(2), PR_SET_DUMPABLE), and
/// new files for their owner alone whatever their maker forgot. Called by mains before a key is
/// read. Memory is not locked: every key lies on pages with much else, and a node may lock little
/// (RLIMIT_MEMLOCK); so swap belongs on an encrypted disk. Fault: crypto.key when refused.
Result<void> harden_process();

}  // namespace comity::keys
