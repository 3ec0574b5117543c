// Waiting for something at the node without asking again and again: the node tells of each change
// (server-sent events, /v1/events), and only then the condition is looked at.
#pragma once

#include "cli/node.hpp"

namespace comity::cli {

/// Looks once, then after each change that `concerns` (empty: any), until `is_so` gives true.
/// Faults: those of `is_so` and the node; peer.timeout when `deadline_s` have passed.
Result<void> wait_until(Node& node, std::int64_t deadline_s,
                        const std::function<Result<bool>()>& is_so,
                        const std::function<bool(const Json& notice)>& concerns = {});

/// Cuts a stream of server-sent events (WHATWG HTML §9.2) into the data of its events. Comments
/// and other fields are passed over.
class EventReader {
 public:
  /// Gives the data of each event that `bytes` completes. Fault: limit.size for a line beyond
  /// 64 KiB.
  Result<std::vector<std::string>> take(View bytes);

 private:
  std::string line_, data_;
};

}  // namespace comity::cli
