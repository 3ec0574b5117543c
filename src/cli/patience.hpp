// How the verbs of live items wait: between two tries, and for a source before theirs to let go.
#pragma once

#include <condition_variable>
#include <mutex>

#include "cli/node.hpp"

namespace comity::cli {

inline constexpr std::int64_t k_reconnect_within_s = 300;
inline constexpr std::int64_t k_again_ms = 300;

/// Between two tries; ends at once when nobody waits any more.
class Pause {
 public:
  void wait(std::int64_t ms);
  void end();

 private:
  std::mutex mutex_;
  std::condition_variable over_changed_;
  bool over_ = false;
};

/// What a broken connection is worth another try for; a refusal of what was given is not.
bool is_passing(FaultCode code);

/// How many records the node has taken, once no source is connected that could add to them.
/// Faults: evidence.ended, evidence.unreleased, limit.busy; those of the node.
Result<std::uint64_t> taken_at(Node& node, const std::string& item, Pause& between);

}  // namespace comity::cli
