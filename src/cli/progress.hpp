// How far long work has come, on a terminal: bytes, rate, time left. Silent anywhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace comity::cli {

class Progress {
 public:
  /// `total`: bytes, when they are known.
  Progress(Clock& clock, std::string what, std::optional<std::uint64_t> total);
  ~Progress();  // leaves the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(std::uint64_t done);

 private:
  Clock& clock_;
  std::string what_;
  std::optional<std::uint64_t> total_;
  Instant begun_, shown_;
  bool is_shown_ = false, on_terminal_;
};

/// "4 s", "2 min 5 s", "1 h 10 min"
std::string duration_words(std::uint64_t seconds);
/// "sealing  [#####.....]  1.2 GiB of 2.4 GiB  310.0 MiB/s  4 s left"
std::string progress_line(const std::string& what, std::uint64_t done,
                          std::optional<std::uint64_t> total, std::int64_t spent_ms);

}  // namespace comity::cli
