// One line for each call, to stderr: which door, what, how it ended, how long it took, whose
// certificate. Never a query, a header, a body or an address.
#pragma once

#include <cstdint>
#include <optional>

#include "base/id.hpp"
#include "node/call.hpp"

namespace comity::wire {

struct CallLine {
  node::Door door = node::Door::socket;
  std::string method;
  std::string path;
  std::optional<StateCode> peer;
};

/// `status` 0: the connection ended without an answer.
void log_call(const CallLine& line, int status, std::int64_t took_ms);

}  // namespace comity::wire
