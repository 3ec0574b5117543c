// `comity serve DIR`: one node of one State, from its home directory, until SIGTERM or SIGINT.
#pragma once

#include <filesystem>

namespace comity {

/// Gives the exit code: 0 after an orderly stop, else that of the fault's row in the catalogue,
/// which is printed with what to do next.
int serve(const std::filesystem::path& directory);

}  // namespace comity
