// A failing run made smaller: first its options, then its moves, as long as it still fails.
#pragma once

#include <functional>

#include "sim/options.hpp"

namespace comity::sim {

/// Whether a world with these options fails (in the same way as the first one did).
using Fails = std::function<bool(const Options&)>;

/// The smallest that was found with at most `tries` worlds.
Options shrink(Options failing, const Fails& fails, int tries);

}  // namespace comity::sim
