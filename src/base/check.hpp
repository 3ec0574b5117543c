// CHECK: an invariant that is false is a bug, and stops the process, in release too.
// It must never judge input from a user, a file or the network: that is a Fault.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace comity {
[[noreturn]] inline void check_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "comity: bug: %s is false at %s:%d. Stopping; nothing unlogged was sent.\n",
               what, file, line);
  std::abort();
}
}  // namespace comity

#define CHECK(condition) \
  ((condition) ? void(0) : ::comity::check_failed(#condition, __FILE_NAME__, __LINE__))
