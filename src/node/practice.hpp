// How fast this State wants its officers to be: policy, not law, in numbers that it can change. The
// Convention counts in words ("as soon as possible", "promptly"); only what a treaty or an act
// itself dates is not in here.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "law/profile.hpp"

namespace comity::node {

struct Practice {
  std::int64_t acknowledge_s = k_day_s;       // a request, by a person
  std::int64_t decide_s = 30 * k_day_s;       // a request that is complete
  std::int64_t preserve_s = k_day_s;          // a request to preserve
  std::int64_t emergency_s = 2 * k_hour_s;    // an emergency
  std::int64_t answer_s = 7 * k_day_s;        // a query, a proposal, conditions
  std::int64_t complete_s = 14 * k_day_s;     // a request that came back
  std::int64_t destroy_s = 7 * k_day_s;       // what was annulled
  std::int64_t emergency_review_s = k_day_s;  // by the second officer
  std::vector<int> rest_days = {6, 0};        // of the week, Sunday is 0
  bool operator==(const Practice&) const = default;
};

/// As the profile's service levels and limits say; what they do not name keeps its number.
Practice practice_of(const law::Profile& profile);

/// The end (midnight UTC) of the first day after `at` on which people work.
Instant end_of_next_working_day(Instant at, const std::vector<int>& rest_days);

}  // namespace comity::node
