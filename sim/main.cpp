// comity_sim: worlds from seeds, one after the other. Those that failed once run first. A failing
// seed is told with its options and the line that replays it, made smaller and told again. Ends
// with 1 if any failed. Each share of the seeds is a process of its own: a bug that stops one is
// told like any other failure.
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/source_dir_test.hpp"
#include "sim/shrink.hpp"
#include "sim/world.hpp"

namespace {

using namespace comity;
using namespace comity::sim;

constexpr int k_tries_max = 300;                 // worlds that making one smaller may cost
constexpr std::chrono::minutes k_told_every(5);  // how far a long run is

struct Arguments {
  std::uint64_t seeds = 40, first = 1, minutes = 0, jobs = 1;
  bool alone = false;  // without those that failed once
  std::string options;
};

bool read(int count, char** values, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    if (name == "--alone") {
      arguments.alone = true;
      continue;
    }
    if (++i == count) return false;
    if (name == "--options") {
      arguments.options = values[i];
      continue;
    }
    auto* into = name == "--seeds"     ? &arguments.seeds
                 : name == "--first"   ? &arguments.first
                 : name == "--minutes" ? &arguments.minutes
                 : name == "--jobs"    ? &arguments.jobs
                                       : nullptr;
    const auto* end = values[i] + std::strlen(values[i]);
    if (!into) return false;
    if (const auto parsed = std::from_chars(values[i], end, *into);
        parsed.ec != std::errc() || parsed.ptr != end)
      return false;
  }
  return arguments.jobs > 0;
}

/// Each line a seed, and perhaps the options that it had.
std::vector<Options> failed_once() {
  std::vector<Options> all;
  std::ifstream in(source_dir() + "/sim/seeds.txt");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::uint64_t seed = 0;
    std::string options;
    if (!(words >> seed)) continue;
    all.push_back(draw_options(seed));
    if (words >> options && !set_options(all.back(), options))
      fmt::print(stderr, "sim/seeds.txt: {}\n", line);
  }
  return all;
}

std::string replay_line(const Options& options) {
  return fmt::format("./dev sim --alone --seeds 1 --first {} --options {}", options.seed,
                     to_text(options));
}

/// Runs a world in a process of its own, silently: the checkers that reported, or how it ended.
std::string how_it_fails(const Options& options) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
    std::set<std::string> checkers;
    for (const auto& violation : run_world(options).violations) checkers.insert(violation.checker);
    std::string names;
    for (const auto& name : checkers) names += name + " ";
    const auto written = ::write(ends[1], names.data(), names.size());
    ::_exit(written < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string names(1000, ' ');
  const auto size = ::read(ends[0], names.data(), names.size());
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  names.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return WIFEXITED(status) ? names : "bug ";
}

void tell_smaller(const Options& options) {
  const auto how = how_it_fails(options);
  if (how.empty()) return;
  const auto first = how.substr(0, how.find(' ') + 1);
  const auto smaller = shrink(
      options, [&](const Options& one) { return how_it_fails(one).starts_with(first); },
      k_tries_max);
  fmt::print("  smaller: {}\n", replay_line(smaller));
}

struct Share {
  std::uint64_t ran = 0, failed = 0;
  std::map<std::string, std::uint64_t> counts;
};

void run(const Options& options, Share& share) {
  const auto outcome = run_world(options);
  ++share.ran;
  for (const auto& [name, count] : outcome.counts) share.counts[name] += count;
  if (outcome.violations.empty()) return;
  ++share.failed;
  fmt::print("seed {} fails\n", options.seed);
  for (const auto& violation : outcome.violations)
    fmt::print("  {}: {}\n", violation.checker, violation.what);
  fmt::print("  replay: {}\n", replay_line(options));
  tell_smaller(options);
  static_cast<void>(std::fflush(stdout));
}

std::uint64_t cpu_ms() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<std::uint64_t>(used.ru_utime.tv_sec * 1000 + used.ru_utime.tv_usec / 1000);
}

/// One share of the worlds, in this process; what it counted goes to `out`.
Share run_share(const std::vector<Options>& worlds, const Arguments& arguments,
                std::uint64_t number) {
  const auto begun = std::chrono::steady_clock::now();
  auto told = begun;
  Share share;
  for (std::size_t i = number; i < worlds.size(); i += arguments.jobs) {
    const auto passed = std::chrono::steady_clock::now() - begun;
    if (arguments.minutes > 0 && passed >= std::chrono::minutes(arguments.minutes)) break;
    // Whatever stops this process, the seed is known.
    const auto line = fmt::format("{}\n", worlds[i].seed);
    static_cast<void>(::ftruncate(STDIN_FILENO, 0));
    static_cast<void>(::pwrite(STDIN_FILENO, line.data(), line.size(), 0));
    run(worlds[i], share);
    if (std::chrono::steady_clock::now() - told < k_told_every) continue;
    told = std::chrono::steady_clock::now();
    fmt::print(stderr, "job {}: {} worlds in {} minutes, {} failed\n", number, share.ran,
               std::chrono::duration_cast<std::chrono::minutes>(told - begun).count(),
               share.failed);
  }
  share.counts["processor ms"] = cpu_ms();
  return share;
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments;
  if (!read(count, values, arguments)) {
    fmt::print(stderr,
               "usage: comity_sim [--seeds N] [--first S] [--minutes M] [--jobs J] [--alone]\n"
               "                  [--options states=3,moves=80,…]\n");
    return 2;
  }
  // Worlds come and go: their memory is kept for the next, not given back and asked for again.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 16 << 20);
  std::vector<Options> worlds;
  if (!arguments.alone) worlds = failed_once();
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    worlds.push_back(draw_options(arguments.first + i));
    if (arguments.options.empty()) continue;
    if (const auto set = set_options(worlds.back(), arguments.options); !set) {
      fmt::print(stderr, "{}\n", set.error().detail);
      return 2;
    }
  }

  struct Job {
    pid_t process;
    std::FILE *counts, *seed;
  };
  std::vector<Job> jobs;
  for (std::uint64_t number = 0; number < arguments.jobs; ++number) {
    auto* counts = std::tmpfile();
    auto* seed = std::tmpfile();
    if (!counts || !seed) return 2;
    const auto process = ::fork();
    if (process == 0) {
      ::dup2(::fileno(seed), STDIN_FILENO);
      const auto share = run_share(worlds, arguments, number);
      fmt::print(counts, "{} {}\n", share.ran, share.failed);
      for (const auto& [name, of] : share.counts) fmt::print(counts, "{} {}\n", of, name);
      static_cast<void>(std::fflush(counts));
      static_cast<void>(std::fflush(stdout));
      ::_exit(0);
    }
    jobs.push_back({process, counts, seed});
  }

  Share all;
  for (const auto& job : jobs) {
    int status = 0;
    ::waitpid(job.process, &status, 0);
    const auto read_all = [](std::FILE* file) {
      std::string text;
      std::rewind(file);
      for (int c = 0; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
      return text;
    };
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      ++all.failed;
      std::uint64_t seed = 0;
      std::istringstream(read_all(job.seed)) >> seed;
      auto options = draw_options(seed);
      if (!arguments.options.empty()) static_cast<void>(set_options(options, arguments.options));
      fmt::print("seed {} stopped the process\n  replay: {}\n", seed, replay_line(options));
      tell_smaller(options);
      continue;
    }
    std::istringstream text(read_all(job.counts));
    std::uint64_t ran = 0, failed = 0, of = 0;
    text >> ran >> failed;
    all.ran += ran;
    all.failed += failed;
    for (std::string name; text >> of && text.get() && std::getline(text, name);)
      all.counts[name] += of;
  }
  fmt::print("{} worlds, {} failed\n", all.ran, all.failed);
  for (const auto& [name, number] : all.counts) fmt::print("  {:<40} {}\n", name, number);
  const auto reached = std::ranges::count_if(fault_rows(), [&](const FaultRow& row) {
    return all.counts.contains("fault " + std::string(row.name));
  });
  fmt::print("{} faults of the catalogue of {} were met\n", reached, fault_rows().size());
  const auto exchanged = all.counts["receipts given"] + all.counts["rejections given"];
  fmt::print("{} acts answered for good, {:.0f} a second of one core\n", exchanged,
             1000.0 * static_cast<double>(exchanged) /
                 static_cast<double>(std::max<std::uint64_t>(1, all.counts["processor ms"])));
  return all.failed == 0 && all.ran > 0 ? 0 : 1;
}
