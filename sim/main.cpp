// comity_sim: worlds from seeds, one after the other. Those that failed once run first. A failing
// seed is told with its options and the line that replays it. Ends with 1 if any failed.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <set>

#include "sim/world.hpp"

namespace {

using namespace comity::sim;

char replay_line[128];

/// A bug stops the process: then at least the seed is told.
void tell_seed(int) {
  static_cast<void>(std::fputs(replay_line, stderr));
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

struct Arguments {
  std::uint64_t seeds = 40, first = 1, minutes = 0;
  bool alone = false;  // without those that failed once
};

bool read(int count, char** values, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    if (name == "--alone") {
      arguments.alone = true;
      continue;
    }
    auto* into = name == "--seeds"     ? &arguments.seeds
                 : name == "--first"   ? &arguments.first
                 : name == "--minutes" ? &arguments.minutes
                                       : nullptr;
    if (!into || ++i == count) return false;
    const auto* end = values[i] + std::strlen(values[i]);
    if (const auto parsed = std::from_chars(values[i], end, *into);
        parsed.ec != std::errc() || parsed.ptr != end)
      return false;
  }
  return true;
}

std::vector<std::uint64_t> failed_once() {
  std::vector<std::uint64_t> seeds;
  std::ifstream in(COMITY_SOURCE_DIR "/sim/seeds.txt");
  for (std::string line; std::getline(in, line);) {
    std::uint64_t seed = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), seed).ec == std::errc())
      seeds.push_back(seed);
  }
  return seeds;
}

bool holds(std::uint64_t seed, std::map<std::string, std::uint64_t>& counts) {
  const auto line = fmt::format("replay: comity_sim --alone --seeds 1 --first {}\n", seed);
  std::memcpy(replay_line, line.c_str(), std::min(line.size() + 1, sizeof replay_line));
  const auto options = draw_options(seed);
  const auto outcome = run_world(options);
  for (const auto& [name, count] : outcome.counts) counts[name] += count;
  if (outcome.violations.empty()) return true;
  fmt::print("seed {} fails: {}\n", seed, to_text(options));
  for (const auto& violation : outcome.violations)
    fmt::print("  {}: {}\n", violation.checker, violation.what);
  fmt::print("  {}", line);
  return false;
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments;
  if (!read(count, values, arguments)) {
    fmt::print(stderr, "usage: comity_sim [--seeds N] [--first S] [--minutes M] [--alone]\n");
    return 2;
  }
  std::signal(SIGABRT, tell_seed);
  std::vector<std::uint64_t> seeds;
  if (!arguments.alone) seeds = failed_once();
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) seeds.push_back(arguments.first + i);
  const auto begun = std::chrono::steady_clock::now();
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t ran = 0, failed = 0;
  for (const auto seed : seeds) {
    const auto passed = std::chrono::steady_clock::now() - begun;
    if (arguments.minutes > 0 && passed >= std::chrono::minutes(arguments.minutes)) break;
    ++ran;
    if (!holds(seed, counts)) ++failed;
    static_cast<void>(std::fflush(stdout));
  }
  fmt::print("{} worlds, {} failed\n", ran, failed);
  for (const auto& [name, number] : counts) fmt::print("  {:<28} {}\n", name, number);
  return failed == 0 && ran > 0 ? 0 : 1;
}
