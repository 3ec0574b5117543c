// For tests: a matter between two fictional States on the shipped data, every piece changeable.
#pragma once

#include <algorithm>

#include "law/decide.hpp"
#include "treaty/sample_test.hpp"

namespace comity::law::sample {

using treaty::sample::convention;
using treaty::sample::day;
using treaty::sample::state;

inline const Profile& exercise_profile() {
  static const Profile profile = [] {
    auto loaded = load_profile(as_bytes(treaty::sample::file("profiles/exercise.toml")),
                               "exercise.toml", treaty::sample::treaties());
    if (!loaded) std::fprintf(stderr, "%s\n", loaded.error().detail.c_str());
    CHECK(loaded.has_value());
    return *std::move(loaded);
  }();
  return profile;
}

/// Burkina Faso asks Kyrgyzstan, in an exercise.
struct Case {
  const treaty::Measure& measure;
  Json fields;
  Profile profile = exercise_profile();
  treaty::StatusRegister status = treaty::sample::exercise_register();
  std::vector<std::string> sender_roles, absent;
  bool exercise = true;
  Instant on = day("2026-03-06");

  explicit Case(std::string_view code)
      : measure(treaty::sample::measure(code)),
        fields(treaty::sample::full_form(measure)),
        sender_roles{measure.roles[0]} {}

  const treaty::Instrument* governing = nullptr;
  std::vector<std::string> requesting_without_treaty;

  Assessment assess() const {
    return law::assess({.instrument = convention(),
                        .measure = measure,
                        .status = status,
                        .profile = profile,
                        .requesting = state("BFA"),
                        .requested = state("KGZ"),
                        .sender_roles = sender_roles,
                        .fields = fields,
                        .absent = absent,
                        .exercise = exercise,
                        .on = on,
                        .governing = governing,
                        .requesting_without_treaty = requesting_without_treaty});
  }

  /// Lets Kyrgyzstan's reservation of article 42(5) take effect.
  void reserve() {
    const std::string declaration = "preservation-dual-criminality";
    profile.published.declarations = {declaration};
    auto standings = status.standings();
    for (auto& standing : standings)
      if (standing.state == state("KGZ")) standing.declarations = {declaration};
    status = {convention(), true, true, status.as_of(), status.enters_into_force_on(), standings};
  }
};

inline const Finding& finding(const Assessment& assessment, std::string_view code) {
  const auto found = std::ranges::find(assessment.findings, code, &Finding::code);
  CHECK(found != assessment.findings.end());
  return *found;
}

/// An answer to every question that leaves acceptance open.
inline std::vector<Answer> clear_answers(const Assessment& assessment) {
  std::vector<Answer> answers;
  for (const auto& question : assessment.questions)
    answers.push_back({question.code, question.accept_if == treaty::AcceptIf::yes, "As examined"});
  return answers;
}

}  // namespace comity::law::sample
