// The command line of officers and operators: argv in, exit code out. Every verb speaks to a node
// over its socket, or works on files alone (roots, exports, logs). It must never decide anything:
// what may be done is judged by the node, and a person's key signs here, never there.
#pragma once

#include <functional>
#include <string>

#include "formats/json.hpp"

namespace comity::cli {

/// What only the main can do, since it sees rooms that do not see one another.
struct Hooks {
  /// Runs the node of a home until SIGTERM; gives the exit code.
  std::function<int(const std::string& home)> serve;
  /// Makes a backup of a home whose node does not run; the order as POST /v1/backups takes it.
  std::function<Result<formats::Json>(const std::string& home, const formats::Json& order)> back_up;
};

/// Exit codes: 0 done, else that of the fault's row in the catalogue (base/faults.def).
int run(int argc, const char* const* argv, const Hooks& hooks);

}  // namespace comity::cli
