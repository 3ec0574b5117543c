#include "law/profile.hpp"

#include <algorithm>

#include "law/published.hpp"

namespace comity::law {
namespace {

// The name under which an instrument gives its least number of days of preservation.
constexpr std::string_view k_preservation_limit = "preservation_days_min";

}  // namespace

std::string_view name_of(Body body) {
  return k_bodies[static_cast<std::size_t>(body)];
}
std::string_view name_of(Trust trust) {
  return k_trusts[static_cast<std::size_t>(trust)];
}

const DomesticOffence* Profile::offence(std::string_view code) const {
  const auto found = std::ranges::find(offences, code, &DomesticOffence::code);
  return found == offences.end() ? nullptr : &*found;
}

const Authorisation* Profile::authorisation(std::string_view category) const {
  const auto found = std::ranges::find(authorisations, category, &Authorisation::category);
  return found == authorisations.end() ? nullptr : &*found;
}

const PartnerRule* Profile::partner(const StateCode& of) const {
  const auto found = std::ranges::find(partners, of, &PartnerRule::state);
  return found == partners.end() ? nullptr : &*found;
}

bool Profile::requires_dual_criminality(const treaty::Measure& measure) const {
  return law::requires_dual_criminality(published, measure);
}

bool Profile::offers(std::string_view measure) const {
  return holds(published.measures, measure);
}

std::int64_t preservation_days(const treaty::Instrument& instrument, const Profile& profile) {
  const auto limit = instrument.limits.find(k_preservation_limit);
  return std::max(limit == instrument.limits.end() ? 0 : limit->second.value,
                  profile.published.preservation_days);
}

}  // namespace comity::law
