// One world from one seed: it is set up, lives through its troubles, and then must come to rest.
#pragma once

#include "sim/options.hpp"
#include "sim/stage.hpp"

namespace comity::sim {

struct Outcome {
  std::vector<Violation> violations;
  std::map<std::string, std::uint64_t> counts;
  bool was_planted = false;  // the canary, if there was one
};

Outcome run_world(const Options& options);

}  // namespace comity::sim
