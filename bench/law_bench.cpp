// What the law costs: loading all instruments, words and profiles, and one assessment. Goals: 100
// ms and 100 µs (DESIGN.md §7's neighbours). Prints one line a measure and ends with 1 if a goal is
// missed.
#include <fmt/format.h>

#include <chrono>

#include "law/sample_test.hpp"

namespace {

using namespace comity;

constexpr double k_load_goal_ms = 100;
constexpr double k_assess_goal_us = 100;
constexpr int k_loads = 9;
constexpr int k_assessments = 2000;

double since_ms(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
      .count();
}

/// The best of several, so that what else runs on the machine counts little.
double load_ms() {
  const auto files = treaty::sample::data_files();
  double best = 1e9;
  for (int i = 0; i < k_loads; ++i) {
    const auto began = std::chrono::steady_clock::now();
    const auto treaties = treaty::load_treaties(files);
    CHECK(treaties.has_value());
    for (const auto& file : files)
      if (file.path.starts_with("profiles/"))
        CHECK(law::load_profile(file.bytes, file.path, *treaties).has_value());
    best = std::min(best, since_ms(began));
  }
  return best;
}

double assess_us(std::string_view measure) {
  const law::sample::Case matter(measure);
  double best = 1e9;
  std::size_t findings = 0;
  for (int round = 0; round < k_loads; ++round) {
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < k_assessments / k_loads; ++i) findings += matter.assess().findings.size();
    best = std::min(best, since_ms(began) * 1000 / (k_assessments / k_loads));
  }
  CHECK(findings != 0);
  return best;
}

}  // namespace

int main() {
  bool reached = true;
  const auto tell = [&](std::string_view what, double value, double goal, std::string_view unit) {
    fmt::print("{:<28} {:>8.1f} {} (goal {:.0f})\n", what, value, unit, goal);
    reached &= value <= goal;
  };
  tell("load all of the law", load_ms(), k_load_goal_ms, "ms");
  for (const auto& measure : treaty::sample::convention().measures)
    tell("assess " + measure.code, assess_us(measure.code), k_assess_goal_us, "µs");
  return reached ? 0 : 1;
}
