// Points in time, to the millisecond, always UTC; and the Clock port.
// Only the process's outer edge reads a real clock: the heart is told what time it is.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace comity {

struct Instant {
  std::int64_t ms = 0;  // since 1970-01-01T00:00:00Z

  auto operator<=>(const Instant&) const = default;
  std::int64_t seconds() const { return ms / 1000; }
  Instant plus_s(std::int64_t seconds) const { return {ms + seconds * 1000}; }
  Instant plus_ms(std::int64_t more_ms) const { return {ms + more_ms}; }
};

inline constexpr std::int64_t k_hour_s = 3600;
inline constexpr std::int64_t k_day_s = 86400;

/// RFC 3339 in UTC with whole seconds: 2026-01-31T23:59:59Z.
std::string to_text(Instant at);
/// The exact form above, or with three decimals (…59.123Z). Fault: format.time.
Result<Instant> instant_from_text(std::string_view text);
/// With milliseconds, for logs and timelines: 2026-01-31T23:59:59.123Z.
std::string to_text_ms(Instant at);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

/// The machine's clock. Used by mains only.
class SystemClock final : public Clock {
 public:
  Instant now() override;
};

}  // namespace comity
