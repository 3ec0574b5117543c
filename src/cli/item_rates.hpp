// How fast items move, as far as somebody watches: the rate of each, and of all, over the last
// moments and not since the beginning, so that a line that became slow is seen to be slow.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace comity::cli {

/// Over how long a rate is taken: long enough to be steady, short enough to be of now.
inline constexpr std::int64_t k_rate_span_ms = 10'000;

/// A value.
class ItemRates {
 public:
  /// `done` bytes of an item at `now`. Times never go back.
  void see(const std::string& item, std::uint64_t done, Instant now);
  /// Bytes per second; nothing before two looks that lie apart.
  std::optional<std::uint64_t> of(const std::string& item) const;

 private:
  struct Seen {
    Instant at;
    std::uint64_t done = 0;
  };
  std::map<std::string, std::deque<Seen>> items_;
};

/// "12 s", rounded up; nothing without a rate.
std::string time_left(std::uint64_t bytes, std::optional<std::uint64_t> bytes_s);

}  // namespace comity::cli
