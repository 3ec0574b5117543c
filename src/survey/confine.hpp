// What the surveying process gives up before it looks at a byte: new rights, memory and time
// without end, every file, every socket, every other program. It can not be undone. It must be
// called by a process of one thread that needs nothing more than the descriptors it has.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace comity::survey {

/// Limits of the process; beyond them the kernel stops it.
inline constexpr std::uint64_t k_memory_bytes_max = std::uint64_t{1} << 30;
inline constexpr std::uint64_t k_cpu_s_max = 4 * 3600;
inline constexpr std::uint64_t k_descriptors_max = 16;

/// Gives the walls that stand, as codes: "no-new-rights", "not-dumpable", "limits", "landlock",
/// "seccomp". Without the last there is a fault and nothing may be read; Landlock is missing where
/// the kernel has none. Fault: store.io.
Result<std::vector<std::string>> confine();

}  // namespace comity::survey
