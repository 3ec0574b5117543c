// Fingerprints of States' roots as a checker gives them: "KGZ=3f9a…", or "@FILE" with one a line.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/id.hpp"

namespace comity::cli {

/// Faults: request.usage for another form or two fingerprints of one State; format.hex; store.io.
Result<std::map<StateCode, Digest>> read_trust(const std::vector<std::string>& arguments);

}  // namespace comity::cli
