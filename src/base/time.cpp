#include "base/time.hpp"

#include <fmt/format.h>

#include <chrono>

namespace comity {
namespace {

using Days = std::chrono::sys_days;

struct Civil {
  int year;
  unsigned month, day;
  std::int64_t second_of_day, ms;
};

Civil civil(Instant at) {
  const auto point =
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(at.ms));
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const auto rest = (point - day).count();
  return {int(date.year()), unsigned(date.month()), unsigned(date.day()), rest / 1000, rest % 1000};
}

}  // namespace

std::string to_text(Instant at) {
  const auto c = civil(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day,
                     c.second_of_day / 3600, c.second_of_day / 60 % 60, c.second_of_day % 60);
}

std::string to_text_ms(Instant at) {
  auto text = to_text(at);
  text.pop_back();
  return text + fmt::format(".{:03}Z", civil(at).ms);
}

Result<Instant> instant_from_text(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  const auto refuse = [&] {
    return fault(FaultCode::format_time, std::string(text.substr(0, 40)));
  };
  const bool with_ms = text.size() == shape.size() + 5;
  if ((text.size() != shape.size() + 1 && !with_ms) || text.back() != 'Z') return refuse();
  const auto number = [&](std::size_t at, std::size_t width) {
    int value = 0;
    for (std::size_t i = at; i < at + width; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  for (std::size_t i = 0; i < text.size() - 1; ++i) {
    const char expected = i < shape.size() ? shape[i] : i == shape.size() ? '.' : '0';
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (expected == '0' ? !digit : text[i] != expected) return refuse();
  }
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(unsigned(number(5, 2))),
                                         std::chrono::day(unsigned(number(8, 2)))};
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return refuse();
  const std::int64_t days = Days(date).time_since_epoch().count();
  return Instant{((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 +
                 (with_ms ? number(20, 3) : 0)};
}

Instant SystemClock::now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

}  // namespace comity
