// How the verbs of live items wait: between two tries, and for a source before theirs to let go.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

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

/// How long a verb goes on trying: k_reconnect_within_s in which nothing was done, however long it
/// has run before. Faults that lie further apart than that are each the first.
class Patience {
 public:
  explicit Patience(Clock& clock) : clock_(clock) {}
  /// Whether `fault` is worth another try. `done`: how far the work has come, in whatever is
  /// counted.
  bool bears(const Fault& fault, std::uint64_t done);

 private:
  Clock& clock_;
  std::optional<Instant> first_, last_;  // of the faults that nothing was done between
  std::uint64_t done_ = 0;
};

/// How many records the node has taken, once no source is connected that could add to them.
/// Faults: evidence.ended, evidence.unreleased, limit.busy; those of the node.
Result<std::uint64_t> taken_at(Node& node, const std::string& item, Pause& between);

/// As taken_at, after `broken` ended what was given to the node: once it is there again. Faults:
/// also `broken`, or what came after it, when it is not borne any longer.
Result<std::uint64_t> taken_again(Node& node, const std::string& item, Fault broken,
                                  std::uint64_t done, Patience& patience, Pause& between);

}  // namespace comity::cli
