#include <fmt/format.h>

#include <limits>

#include "treaty/instrument.hpp"

namespace comity::treaty {
namespace {

std::int64_t number_in(std::string_view digits) {
  std::int64_t number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

// Beyond the calendar that we can write, nothing takes effect.
Instant midnight_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  const auto at = instant_from_text(fmt::format("{:04}-{:02}-{:02}T00:00:00Z", year, month, day));
  return at ? *at : Instant{std::numeric_limits<std::int64_t>::max()};
}

}  // namespace

Instant Span::after(Instant day) const {
  if (days != 0) return day.plus_s(days * k_day_s);
  const auto text = to_text(day);
  const auto year = number_in(text.substr(0, 4)), month = number_in(text.substr(5, 2)),
             of_month = number_in(text.substr(8, 2));
  if (months != 0) {
    // "The first day of the month following the expiration of a period of three months."
    const auto counted = month - 1 + months + 1;
    return midnight_of(year + counted / 12, counted % 12 + 1, 1);
  }
  // 29 February becomes 1 March where there is none.
  const auto same =
      instant_from_text(fmt::format("{:04}-{:02}-{:02}T00:00:00Z", year + years, month, of_month));
  return same ? *same : midnight_of(year + years, 3, 1);
}

}  // namespace comity::treaty
