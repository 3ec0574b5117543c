// What every verb is given: the machine's clock and generator, what main can do, and the options
// that all verbs share.
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "cli/command.hpp"
#include "cli/run.hpp"

namespace comity::cli {

struct Context {
  const Hooks& hooks;
  Clock& clock;
  Random& random;

  std::string home;                   // --home; empty: $COMITY_HOME, else "."
  std::vector<std::string> officers;  // --as; empty: $COMITY_AS, paths joined by ':'
  bool json = false;                  // --json
  bool quiet = false;                 // --quiet: the id alone
  /// What stays when the verb fails from here on; told with the fault.
  std::string kept = "Nothing was changed.";

  std::string home_directory() const;
  std::vector<std::string> officer_files() const;
};

/// --home, --as, --json and --quiet, for verbs that speak to a node.
Verb& node_options(Verb& verb, Context& context);

}  // namespace comity::cli
