// comity root entry: a State's next directory entry, made from the one before.
#pragma once

#include "cli/context.hpp"

namespace comity::cli {

void add_root_entry(Verb& root, Context& context);

}  // namespace comity::cli
