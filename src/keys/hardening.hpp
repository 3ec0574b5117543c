// What a process that holds keys does first: leave nothing of its memory to others.
#pragma once

#include "base/result.hpp"

namespace comity::keys {

/// No core dumps, no tracing by other programs of the same user (prctl(2), PR_SET_DUMPABLE), and
/// new files for their owner alone whatever their maker forgot. Called by mains before a key is
/// read. Fault: crypto.key when refused.
Result<void> harden_process();

/// Keeps all memory of the process, now and later, out of swap (mlockall(2)): every key lies on
/// pages with much else. Only where the limit (RLIMIT_MEMLOCK) is none, as in our unit: under a
/// limit, memory that is asked for later would be refused. False: it may be swapped.
bool lock_memory();

}  // namespace comity::keys
