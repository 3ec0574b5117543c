// Fingerprints of States' roots as a checker gives them: "KGZ=3f9a…", or "@FILE" with one a line. A
// State that changed its root unannounced has several.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "court/report.hpp"

namespace comity::cli {

/// Faults: request.usage for another form; format.hex; store.io.
Result<court::TrustedRoots> read_trust(const std::vector<std::string>& arguments);

}  // namespace comity::cli
