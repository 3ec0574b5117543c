#include "law/evaluate.hpp"

#include <algorithm>

namespace comity::law {
namespace {

using treaty::Check;
using treaty::CheckKind;

bool holds(const std::vector<std::string>& list, std::string_view code) {
  return std::ranges::find(list, code) != list.end();
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& one : list) text += (text.empty() ? "" : ", ") + one;
  return text;
}

// The codes that a field of codes holds; none if it is absent or malformed.
std::vector<std::string> codes_in(const Json& fields, const std::string& code) {
  std::vector<std::string> codes;
  const auto* value = fields.find(code);
  if (value == nullptr || !value->is_array()) return codes;
  for (const auto& item : value->items())
    if (item.is_text()) codes.push_back(item.text());
  return codes;
}

Judgment verdict(bool met, std::string detail) {
  return {met ? Verdict::met : Verdict::not_met, std::move(detail)};
}

Judgment authority(const Matter& matter) {
  const bool competent = std::ranges::any_of(
      matter.sender_roles, [&](const auto& role) { return holds(matter.measure.roles, role); });
  const auto held = matter.sender_roles.empty() ? "none" : joined(matter.sender_roles);
  return verdict(competent,
                 "Roles held: " + held + "; competent: " + joined(matter.measure.roles) + ".");
}

Judgment in_force(const Matter& matter) {
  if (matter.status.exercise() != matter.exercise || matter.profile.exercise != matter.exercise)
    return {Verdict::not_met, "Exercise and real traffic never mix."};
  const auto basis = matter.status.legal_basis(matter.requesting, matter.requested, matter.on);
  return verdict(basis.in_force, basis.reason);
}

// Fields: offences, maximum penalty in years. Number: the least penalty of a serious crime.
Judgment scope(const Check& check, const Matter& matter) {
  const auto* penalty = matter.fields.find(check.fields[1]);
  const auto years = penalty != nullptr && penalty->is_integer() ? penalty->integer() : 0;
  std::vector<std::string> taken_up, beyond_profile, out;
  for (const auto& code : codes_in(matter.fields, check.fields[0])) {
    const auto* offence = matter.instrument.offence(code);
    if (offence == nullptr ||
        (offence->scope == treaty::Scope::serious_crime && years < check.number))
      out.push_back(code);
    else if (holds(matter.profile.published.scopes, name_of(offence->scope)))
      taken_up.push_back(code + " (article " + offence->clause + ")");
    else
      beyond_profile.push_back(code + " (article " + offence->clause + ")");
  }
  std::string detail;
  const auto tell = [&](const std::vector<std::string>& codes, const std::string& what) {
    if (!codes.empty()) detail += (detail.empty() ? "" : " ") + what + ": " + joined(codes) + ".";
  };
  tell(taken_up, "Within scope");
  tell(beyond_profile, "Within scope, beyond the profile");
  tell(out, "Out of scope at " + std::to_string(years) + " years");
  if (detail.empty()) detail = "No offence is named.";
  if (!taken_up.empty()) return {Verdict::met, detail};
  return {beyond_profile.empty() ? Verdict::not_met : Verdict::human_must_say, detail};
}

Judgment language(const Check& check, const Matter& matter) {
  const auto* value = matter.fields.find(check.fields[0]);
  const auto used = value != nullptr && value->is_text() ? value->text() : std::string("not named");
  return verdict(holds(matter.profile.languages, used),
                 "Language: " + used + "; accepted: " + joined(matter.profile.languages) + ".");
}

Judgment complete(const Matter& matter) {
  auto found = treaty::gaps(matter.measure, matter.fields);
  std::erase_if(found, [&](const treaty::Gap& gap) { return holds(matter.absent, gap.field); });
  std::string detail = treaty::to_text(found);
  if (!matter.absent.empty())
    detail += (detail.empty() ? "" : "\n") + ("Not at hand: " + joined(matter.absent) + ".");
  return verdict(found.empty(), detail);
}

// Field: offences. A provision of the profile is a lead; only a person can compare conduct.
Judgment dual_criminality(const Check& check, const Matter& matter) {
  if (!matter.profile.requires_dual_criminality()) return {Verdict::met, ""};
  std::string leads, none;
  for (const auto& code : codes_in(matter.fields, check.fields[0])) {
    const auto* offence = matter.profile.offence(code);
    if (offence == nullptr)
      none += (none.empty() ? "" : ", ") + code;
    else
      leads += (leads.empty() ? "" : "; ") + code + ": " +
               treaty::in_language(offence->provision, matter.language);
  }
  if (leads.empty())
    return {Verdict::not_met, none.empty() ? "" : "No provision for: " + none + "."};
  return {Verdict::human_must_say, leads + "." + (none.empty() ? "" : " None for: " + none + ".")};
}

Judgment categories(const Check& check, const Matter& matter) {
  const auto asked = codes_in(matter.fields, check.fields[0]);
  std::vector<std::string> missing;
  for (const auto& code : asked)
    if (!holds(matter.profile.published.data_categories, code)) missing.push_back(code);
  if (!missing.empty()) return {Verdict::not_met, "Not offered: " + joined(missing) + "."};
  if (asked.empty()) return {Verdict::not_met, "No category is named."};
  return {Verdict::met, "Asked for: " + joined(asked) + "."};
}

// Field: offences. The reservation bears on offences that the instrument itself does not establish.
Judgment reservation(const Check& check, const Matter& matter) {
  if (!has_effective_declaration(matter, check.declaration)) {
    const bool used = holds(matter.profile.published.declarations, check.declaration);
    return {Verdict::met,
            used ? "The profile names the reservation; the register does not show it." : ""};
  }
  const auto offences = codes_in(matter.fields, check.fields[0]);
  const bool all_established = std::ranges::all_of(offences, [&](const std::string& code) {
    const auto* offence = matter.instrument.offence(code);
    return offence != nullptr && offence->scope == treaty::Scope::convention;
  });
  // Without an offence nothing can be said for the reservation: preservation is the rule.
  return {all_established ? Verdict::met : Verdict::human_must_say,
          "Offences: " + (offences.empty() ? "none named" : joined(offences)) + "."};
}

}  // namespace

bool has_effective_declaration(const Matter& matter, std::string_view declaration) {
  return holds(matter.profile.published.declarations, declaration) &&
         matter.status.has_declared(matter.requested, declaration);
}

Judgment evaluate(const Check& check, const Matter& matter) {
  switch (check.kind) {
    case CheckKind::authority:
      return authority(matter);
    case CheckKind::in_force:
      return in_force(matter);
    case CheckKind::scope:
      return scope(check, matter);
    case CheckKind::language:
      return language(check, matter);
    case CheckKind::complete:
      return complete(matter);
    case CheckKind::dual_criminality:
      return dual_criminality(check, matter);
    case CheckKind::categories:
      return categories(check, matter);
    case CheckKind::reservation:
      return reservation(check, matter);
    case CheckKind::human:
      return {Verdict::human_must_say, ""};
  }
  return {Verdict::human_must_say, ""};
}

}  // namespace comity::law
