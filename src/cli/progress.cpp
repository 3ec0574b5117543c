#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/page.hpp"

namespace comity::cli {
namespace {

constexpr std::int64_t k_between_ms = 200;
constexpr std::size_t k_bar_width = 24;

}  // namespace

std::string duration_words(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string progress_line(const std::string& what, std::uint64_t done,
                          std::optional<std::uint64_t> total, std::int64_t spent_ms) {
  const double rate =
      spent_ms > 0 ? static_cast<double>(done) * 1000 / static_cast<double>(spent_ms) : 0;
  const std::string rate_words = bytes_words(static_cast<std::uint64_t>(rate)) + "/s";
  if (!total) return fmt::format("{}  {}  {}", what, bytes_words(done), rate_words);
  const double share =
      *total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(*total));
  const auto filled = static_cast<std::size_t>(share * k_bar_width);
  std::string line = fmt::format("{}  [{}{}]  {} of {}  {}", what, std::string(filled, '#'),
                                 std::string(k_bar_width - filled, '.'), bytes_words(done),
                                 bytes_words(*total), rate_words);
  if (rate > 0 && done < *total)
    line += fmt::format(
        "  {} left",
        duration_words(static_cast<std::uint64_t>(static_cast<double>(*total - done) / rate) + 1));
  return line;
}

Progress::Progress(Clock& clock, std::string what, std::optional<std::uint64_t> total)
    : clock_(clock),
      what_(std::move(what)),
      total_(total),
      begun_(clock.now()),
      shown_(begun_),
      on_terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_shown_) say_aside("\n");
}

void Progress::at(std::uint64_t done) {
  if (!on_terminal_) return;
  const Instant now = clock_.now();
  const bool is_whole = total_ && done >= *total_;
  if (now.ms - shown_.ms < k_between_ms && !is_whole) return;
  shown_ = now;
  is_shown_ = true;
  say_aside("\r" + progress_line(what_, done, total_, now.ms - begun_.ms) + "\x1b[K");
}

}  // namespace comity::cli
