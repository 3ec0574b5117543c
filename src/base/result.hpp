// How a fault travels: as a value. Three kinds of "no" never share a channel (ARCHITECTURE.md):
// an answer is an ordinary value, a fault is Result<T>, a bug stops the process (check.hpp).
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/fault.hpp"

namespace comity {

/// What went wrong with bytes, a peer, a disk or a rule: a code of the catalogue (spec/errors.md)
/// and one sentence about this occurrence. Never carries a secret.
struct Fault {
  FaultCode code{};
  std::string detail;

  bool operator==(const Fault&) const = default;
};

template <typename T>
using Result = std::expected<T, Fault>;

inline std::unexpected<Fault> fault(FaultCode code, std::string detail = {}) {
  return std::unexpected(Fault{code, std::move(detail)});
}

}  // namespace comity

#define COMITY_JOIN_(a, b) a##b
#define COMITY_JOIN(a, b) COMITY_JOIN_(a, b)

/// TRY(expr): returns the fault of `expr` from this function, or goes on.
#define TRY(...)                                                                          \
  do {                                                                                    \
    if (auto&& comity_tried = (__VA_ARGS__); !comity_tried)                               \
      return std::unexpected(std::forward<decltype(comity_tried)>(comity_tried).error()); \
  } while (false)

/// TRY_LET(auto x, expr): declares x from the value of `expr`, or returns its fault.
#define TRY_LET(declaration, ...) \
  TRY_LET_(COMITY_JOIN(comity_tried_, __COUNTER__), declaration, __VA_ARGS__)
#define TRY_LET_(name, declaration, ...)                      \
  auto name = (__VA_ARGS__);                                  \
  if (!name) return std::unexpected(std::move(name).error()); \
  declaration = *std::move(name)
