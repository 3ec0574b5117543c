#include "law/profile.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "treaty/data_file.hpp"

namespace comity::law {
namespace {

using formats::Fields;

constexpr std::string_view k_format = "comity-profile/1";
constexpr std::string_view k_required = "required";
constexpr std::array<std::string_view, 2> k_dual_criminality = {k_required, "not-required"};
// The name under which an instrument gives its least number of days of preservation.
constexpr std::string_view k_preservation_limit = "preservation_days_min";
constexpr std::int64_t k_days_max = 3650;
constexpr std::int64_t k_years_max = 99;

std::int64_t least_days(const treaty::Instrument& instrument) {
  const auto limit = instrument.limits.find(k_preservation_limit);
  return limit == instrument.limits.end() ? 0 : limit->second.value;
}

// Texts that are all in a list of the instrument.
Result<std::vector<std::string>> listed(Fields& fields, std::string_view key,
                                        const treaty::Instrument& instrument,
                                        std::string_view list) {
  TRY_LET(std::vector<std::string> codes, fields.texts(key));
  const auto values = instrument.lists.find(list);
  for (const auto& code : codes)
    if (values == instrument.lists.end() ||
        std::ranges::find(values->second, code, &treaty::Code::code) == values->second.end())
      return fields.refuse(key, "\"" + code + "\" is none of the instrument");
  return codes;
}

Result<directory::Published> read_published(Fields& fields, const treaty::Instrument& instrument,
                                            std::vector<std::string>& languages) {
  TRY_LET(Fields inner, fields.object("published"));
  directory::Published published{.instrument = instrument.code};
  TRY_LET(languages, listed(inner, "languages", instrument, "language"));
  if (languages.empty()) return inner.refuse("languages", "must not be empty");
  TRY_LET(published.scopes, inner.texts("scopes"));
  for (const auto& scope : published.scopes)
    if (!treaty::scope_from(scope)) return inner.refuse("scopes", "\"" + scope + "\" is no scope");
  TRY_LET(const std::size_t dual, inner.choice("dual_criminality", k_dual_criminality));
  published.dual_criminality = k_dual_criminality[dual];
  TRY_LET(published.declarations, inner.texts("declarations"));
  for (const auto& declaration : published.declarations)
    if (!instrument.has_declaration(declaration))
      return inner.refuse("declarations", "\"" + declaration + "\" is none of the instrument");
  TRY_LET(published.data_categories, listed(inner, "data_categories", instrument, "data-category"));
  TRY_LET(published.preservation_days,
          inner.integer("preservation_days", least_days(instrument), k_days_max));
  TRY(inner.end());
  return published;
}

Result<std::vector<DomesticOffence>> read_offences(Fields& fields,
                                                   const treaty::Instrument& instrument) {
  TRY_LET(const std::span<const formats::Json> items, fields.array("offence"));
  std::vector<DomesticOffence> offences;
  std::set<std::string, std::less<>> codes;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, "offence", i, items[i]);
    DomesticOffence offence;
    TRY_LET(offence.code, item.text("code"));
    if (instrument.offence(offence.code) == nullptr)
      return item.refuse("code", "is no offence of the instrument");
    if (!codes.insert(offence.code).second) return item.refuse("code", "comes twice");
    TRY_LET(offence.provision, treaty::read_texts(item, "provision"));
    TRY_LET(offence.max_penalty_years, item.integer("max_penalty_years", 0, k_years_max));
    TRY(item.end());
    offences.push_back(std::move(offence));
  }
  return offences;
}

Result<Profile> read_profile(Fields& fields, const treaty::Instrument& instrument) {
  Profile profile;
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
  TRY_LET(profile.instrument, fields.text("instrument"));
  if (profile.instrument != instrument.code)
    return fields.refuse("instrument", "must be " + instrument.code);
  TRY_LET(profile.fictional, fields.boolean("fictional"));
  TRY_LET(profile.exercise, fields.boolean("exercise"));
  if (profile.fictional && !profile.exercise)
    return fields.refuse("exercise", "a fictional profile is for exercises only");
  TRY(treaty::read_optional_texts(fields, "note"));
  TRY_LET(profile.published, read_published(fields, instrument, profile.languages));
  TRY_LET(profile.offences, read_offences(fields, instrument));
  return profile;
}

}  // namespace

const DomesticOffence* Profile::offence(std::string_view code) const {
  const auto found = std::ranges::find(offences, code, &DomesticOffence::code);
  return found == offences.end() ? nullptr : &*found;
}

bool Profile::requires_dual_criminality() const {
  return published.dual_criminality == k_required;
}

Result<Profile> load_profile(View toml, const std::string& name,
                             const treaty::Instrument& instrument) {
  return treaty::read_data_file<Profile>(
      toml, name, [&](Fields& fields) { return read_profile(fields, instrument); });
}

std::int64_t preservation_days(const treaty::Instrument& instrument, const Profile& profile) {
  return std::max(least_days(instrument), profile.published.preservation_days);
}

}  // namespace comity::law
