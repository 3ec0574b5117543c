#include "law/evaluate.hpp"

#include <algorithm>

#include "law/published.hpp"
#include "law/screen.hpp"

namespace comity::law {
namespace {

using treaty::Check;
using treaty::CheckKind;

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

// What both States' profiles allow where no treaty binds them.
std::vector<std::string> shared_without_treaty(const Matter& matter) {
  std::vector<std::string> shared;
  for (const auto& one : matter.profile.published.without_treaty)
    if (holds(matter.requesting_without_treaty, one)) shared.push_back(one);
  return shared;
}

Judgment in_force(const Matter& matter) {
  if (matter.status.exercise() != matter.exercise || matter.profile.exercise != matter.exercise)
    return {Verdict::not_met, "Exercise and real traffic never mix."};
  auto basis = matter.status.legal_basis(matter.requesting, matter.requested, matter.on);
  if (basis.in_force && matter.parent_status != nullptr)  // of a protocol
    basis = matter.parent_status->legal_basis(matter.requesting, matter.requested, matter.on);
  if (basis.in_force) {
    if (matter.governing != nullptr)
      basis.reason += " " + treaty::in_language(matter.governing->short_title) +
                      " governs what the instrument yields to it.";
    return {Verdict::met, std::move(basis.reason)};
  }
  const auto shared = shared_without_treaty(matter);
  if (shared.empty()) return {Verdict::not_met, std::move(basis.reason)};
  return {Verdict::human_must_say, basis.reason + " Without a treaty: " + joined(shared) + "."};
}

// Fields: offences, maximum penalty in years. Number: the least penalty of a serious crime.
Judgment scope(const Check& check, const Matter& matter) {
  const auto* penalty = matter.fields.find(check.fields[1]);
  const auto years = penalty != nullptr && penalty->is_integer() ? penalty->integer() : 0;
  std::vector<std::string> taken_up, by_harm_test, beyond_profile, out;
  for (const auto& code : codes_in(matter.fields, check.fields[0])) {
    const auto* offence = matter.instrument.offence(code);
    if (offence == nullptr ||
        (offence->scope == treaty::Scope::serious_crime && years < check.number))
      out.push_back(code);
    else if (takes_up(matter.profile.published, offence->scope))
      (offence->scope == treaty::Scope::serious_crime && !matter.profile.harm_test.empty()
           ? by_harm_test
           : taken_up)
          .push_back(code + " (article " + offence->clause + ")");
    else
      beyond_profile.push_back(code + " (article " + offence->clause + ")");
  }
  std::string detail;
  const auto tell = [&](const std::vector<std::string>& codes, const std::string& what) {
    if (!codes.empty()) detail += (detail.empty() ? "" : " ") + what + ": " + joined(codes) + ".";
  };
  tell(taken_up, "Within scope");
  tell(by_harm_test, "Within scope if this is answered with yes: " +
                         treaty::in_language(matter.profile.harm_test, matter.language));
  tell(beyond_profile, "Within scope, beyond the profile");
  tell(out, "Out of scope at " + std::to_string(years) + " years");
  if (detail.empty()) detail = "No offence is named.";
  if (!taken_up.empty()) return {Verdict::met, detail};
  const bool may_be = !beyond_profile.empty() || !by_harm_test.empty();
  return {may_be ? Verdict::human_must_say : Verdict::not_met, detail};
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
  if (!matter.profile.requires_dual_criminality(matter.measure)) return {Verdict::met, ""};
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
  return {Verdict::human_must_say, leads + "." + (none.empty() ? "" : " None for: " + none + "."),
          leads};
}

// Of the form, or fixed by the measure itself.
std::vector<std::string> categories_of(const Check& check, const Matter& matter) {
  return check.categories.empty() ? codes_in(matter.fields, check.fields[0]) : check.categories;
}

Judgment categories(const Check& check, const Matter& matter) {
  const auto asked = categories_of(check, matter);
  std::vector<std::string> missing;
  for (const auto& code : asked)
    if (!holds(matter.profile.published.data_categories, code)) missing.push_back(code);
  if (!missing.empty()) return {Verdict::not_met, "Not offered: " + joined(missing) + "."};
  if (asked.empty()) return {Verdict::not_met, "No category is named."};
  return {Verdict::met, "Asked for: " + joined(asked) + "."};
}

Judgment offered(const Matter& matter) {
  return verdict(matter.profile.offers(matter.measure.code), "");
}

// Less than full trust refuses nothing by itself: the ground is the profile's, or a person's.
Judgment partner(const Matter& matter) {
  const auto* rule = matter.profile.partner(matter.requesting);
  if (rule == nullptr || rule->trust == Trust::trusted) return {Verdict::met, ""};
  std::vector<std::string> grounds;
  if (matter.measure.ground(rule->ground) != nullptr) grounds = {rule->ground};
  return {Verdict::human_must_say,
          matter.requesting.text() + " is " + std::string(name_of(rule->trust)) + ": " +
              treaty::in_language(rule->reasons, matter.language),
          "", std::move(grounds)};
}

Judgment screened(const Check& check, const Matter& matter) {
  const auto marks = screen(matter.instrument.activities, matter.fields, check.fields);
  if (marks.empty()) return {Verdict::met, ""};
  std::string detail;
  for (const auto& mark : marks)
    detail +=
        (detail.empty() ? "" : "; ") + mark.activity + ": “" + mark.word + "…” in " + mark.field;
  return {Verdict::human_must_say, detail + ".", "", std::nullopt, true};
}

Judgment authorisation(const Check& check, const Matter& matter) {
  std::string detail, national;
  for (const auto& category : categories_of(check, matter)) {
    const auto* rule = matter.profile.authorisation(category);
    if (rule == nullptr) continue;
    detail += (detail.empty() ? "" : "; ") + category + ": " + std::string(name_of(rule->body)) +
              ", " + treaty::in_language(rule->authority, matter.language);
    national +=
        (national.empty() ? "" : "; ") + treaty::in_language(rule->provision, matter.language);
  }
  if (detail.empty()) return {Verdict::met, ""};
  return {Verdict::human_must_say, detail + ".", std::move(national)};
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
    return offence != nullptr && offence->scope != treaty::Scope::serious_crime;
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
    case CheckKind::offered:
      return offered(matter);
    case CheckKind::partner:
      return partner(matter);
    case CheckKind::screen:
      return screened(check, matter);
    case CheckKind::authorisation:
      return authorisation(check, matter);
    case CheckKind::rules:
    case CheckKind::human:
      return {Verdict::human_must_say, ""};
  }
  return {Verdict::human_must_say, ""};
}

}  // namespace comity::law
