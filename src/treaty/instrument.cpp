#include "treaty/instrument.hpp"

#include <algorithm>
#include <charconv>

#include "treaty/instrument_names.hpp"

namespace comity::treaty {
namespace {

template <typename T>
const T* by_code(const std::vector<T>& values, std::string_view code) {
  const auto found = std::ranges::find(values, code, &T::code);
  return found == values.end() ? nullptr : &*found;
}

}  // namespace

std::string_view name_of(Scope scope) {
  return k_scopes.of(scope);
}
std::string_view name_of(FieldKind kind) {
  return k_field_kinds.of(kind);
}
std::string_view name_of(Requirement requirement) {
  return k_requirements.of(requirement);
}
std::string_view name_of(Basis basis) {
  return k_bases.of(basis);
}
std::string_view name_of(Place place) {
  return k_places.of(place);
}
std::string_view name_of(CheckKind kind) {
  return k_check_kinds.of(kind);
}
std::string_view name_of(NotMet not_met) {
  return k_not_met.of(not_met);
}
std::string_view name_of(SecondReview second_review) {
  return k_second_reviews.of(second_review);
}
std::string_view name_of(InstrumentKind kind) {
  return k_instrument_kinds.of(kind);
}
std::string_view name_of(AcceptIf accept_if) {
  return k_accept_if.of(accept_if);
}

Result<Scope> scope_from(std::string_view name) {
  for (std::size_t i = 0; i < std::size(k_scopes.names); ++i)
    if (k_scopes.names[i] == name) return static_cast<Scope>(i);
  return fault(FaultCode::format_field, "\"" + std::string(name) + "\" is no scope");
}

const Field* Measure::field(std::string_view field_code) const {
  return by_code(fields, field_code);
}
const AllowedGround* Measure::ground(std::string_view ground_code) const {
  return by_code(grounds, ground_code);
}
const Check* Measure::check(std::string_view check_code) const {
  return by_code(checks, check_code);
}

const Measure* Instrument::measure(std::string_view measure_code) const {
  return by_code(measures, measure_code);
}
const Clause* Instrument::clause(std::string_view cite) const {
  const auto found = clauses.find(cite);
  return found == clauses.end() ? nullptr : &found->second;
}
const Offence* Instrument::offence(std::string_view offence_code) const {
  return by_code(offences, offence_code);
}
const Ground* Instrument::ground(std::string_view ground_code) const {
  return by_code(grounds, ground_code);
}
bool Instrument::has_declaration(std::string_view declaration_code) const {
  return by_code(declarations, declaration_code) != nullptr;
}
bool Instrument::has_role(std::string_view role_code) const {
  return by_code(roles, role_code) != nullptr;
}

bool Instrument::yields_at(std::string_view cite) const {
  if (!yields) return false;
  const auto opening = cite.find('(');
  if (opening == std::string_view::npos || cite.substr(0, opening) != yields->article) return false;
  std::int64_t paragraph = 0;
  const auto* end = cite.data() + cite.size();
  const auto [rest, error] = std::from_chars(cite.data() + opening + 1, end, paragraph);
  return error == std::errc{} && rest != end && *rest == ')' && paragraph >= yields->from &&
         paragraph <= yields->to;
}

}  // namespace comity::treaty
