// What the heart asks of a measure beyond its form.
#pragma once

#include "treaty/instrument.hpp"

namespace comity::node {

/// Whether a delivery may leave on one officer's word, the second following (41(3)): only where the
/// instrument's data say so.
template <typename Measure>
bool is_emergency(const Measure& measure) {
  if constexpr (requires { measure.emergency; }) {
    return measure.emergency;
  } else {
    return false;
  }
}

}  // namespace comity::node
