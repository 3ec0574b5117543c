// A State's legal profile: how its own law bears on the measures of an instrument. Data of that
// State alone (data/profiles/, or its own file); no node judges by another's profile.
#pragma once

#include "directory/entry.hpp"
#include "treaty/instrument.hpp"

namespace comity::law {

/// A domestic offence, by the instrument's offence to whose conduct it corresponds.
struct DomesticOffence {
  std::string code;
  treaty::Texts provision;
  std::int64_t max_penalty_years = 0;
};

struct Profile {
  std::string instrument;
  bool fictional = false, exercise = false;
  std::vector<std::string> languages;  // in which requests are accepted
  directory::Published published;      // what partners may know
  std::vector<DomesticOffence> offences;

  const DomesticOffence* offence(std::string_view code) const;
  bool requires_dual_criminality() const;
};

/// Reads a profile against its instrument, strictly. Fault: format.toml with the line.
Result<Profile> load_profile(View toml, const std::string& name,
                             const treaty::Instrument& instrument);

/// Days for which this State preserves, never fewer than the instrument's own number.
std::int64_t preservation_days(const treaty::Instrument& instrument, const Profile& profile);

}  // namespace comity::law
