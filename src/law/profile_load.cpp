#include <algorithm>
#include <array>
#include <set>

#include "law/profile.hpp"
#include "treaty/data_file.hpp"

namespace comity::law {
namespace {

using formats::Fields;
using formats::Json;
using treaty::Instrument;
using treaty::Treaties;

constexpr std::string_view k_format = "comity-profile/2";
constexpr std::array<std::string_view, 3> k_dual_criminality = {"required", "coercive",
                                                                "not-required"};
constexpr std::array<std::string_view, 3> k_scopes = {"core", "convention", "serious-crime"};
constexpr std::array<std::string_view, 3> k_accept_if = {"yes", "no", "any"};
constexpr std::array<std::string_view, 3> k_channels = {"node", "diplomatic", "interpol-urgent"};
constexpr std::array<std::string_view, 2> k_without_treaty = {"reciprocity", "domestic-law"};
constexpr std::int64_t k_days_max = 36'500;
constexpr std::int64_t k_hours_max = 8'760;
constexpr std::int64_t k_years_max = 99;
constexpr std::size_t k_profile_rules_max = 200;

Result<void> check_listed(Fields& fields, std::string_view key, const Instrument& instrument,
                          std::string_view list, const std::vector<std::string>& codes) {
  const auto values = instrument.lists.find(list);
  for (const auto& code : codes)
    if (values == instrument.lists.end() ||
        std::ranges::find(values->second, code, &treaty::Code::code) == values->second.end())
      return fields.refuse(key, "\"" + code + "\" is none of the instrument");
  return {};
}

Result<std::vector<std::string>> choices(Fields& fields, std::string_view key,
                                         std::span<const std::string_view> names) {
  TRY_LET(auto chosen, fields.texts(key));
  for (const auto& one : chosen)
    if (std::ranges::find(names, one) == names.end())
      return fields.refuse(key, "\"" + one + "\" is unknown");
  return chosen;
}

// Reads each item of the array `key` with `read` (Fields& → Result<T>), refusing any key left over.
template <typename T, typename Read>
Result<std::vector<T>> items(Fields& fields, std::string_view key, Read&& read) {
  TRY_LET(const std::span<const Json> list, fields.optional_array(key, k_profile_rules_max));
  std::vector<T> values;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto item = formats::item_fields(fields, key, i, list[i]);
    TRY_LET(T value, read(item));
    TRY(item.end());
    values.push_back(std::move(value));
  }
  return values;
}

// What the profile is read against: its first instrument, and every measure of all that it names.
struct Ground {
  const Treaties& treaties;
  const Instrument* first = nullptr;
  std::set<std::string, std::less<>> measures, grounds;
};

Result<std::vector<Adherence>> read_instruments(Fields& fields, Ground& ground) {
  TRY_LET(auto adherences,
          items<Adherence>(fields, "instrument", [&](Fields& item) -> Result<Adherence> {
            Adherence adherence;
            TRY_LET(adherence.instrument, item.text("code"));
            const auto* instrument = ground.treaties.instrument(adherence.instrument);
            if (instrument == nullptr) return item.refuse("code", "is no instrument at hand");
            if (ground.first == nullptr) ground.first = instrument;
            for (const auto& measure : instrument->measures) ground.measures.insert(measure.code);
            for (const auto& one : instrument->grounds) ground.grounds.insert(one.code);
            TRY_LET(adherence.declarations, item.texts("reservations"));
            for (const auto& declaration : adherence.declarations)
              if (!instrument->has_declaration(declaration))
                return item.refuse("reservations",
                                   "\"" + declaration + "\" is none of the instrument");
            return adherence;
          }));
  if (adherences.empty()) return fields.refuse("instrument", "must name at least one");
  return adherences;
}

Result<void> check_measures(Fields& fields, std::string_view key, const Ground& ground,
                            const std::vector<std::string>& measures) {
  for (const auto& code : measures)
    if (!ground.measures.contains(code))
      return fields.refuse(key, "\"" + code + "\" is no measure of the instruments named");
  return {};
}

Result<void> read_published(Fields& fields, const Ground& ground, Profile& profile) {
  TRY_LET(Fields inner, fields.object("published"));
  auto& published = profile.published;
  published.instrument = ground.first->code;
  published.declarations = profile.instruments[0].declarations;
  TRY_LET(profile.languages, inner.texts("languages"));
  TRY(check_listed(inner, "languages", *ground.first, "language", profile.languages));
  if (profile.languages.empty()) return inner.refuse("languages", "must not be empty");
  TRY_LET(const std::size_t scope, inner.choice("scope", k_scopes));  // no default: a choice
  published.scopes.assign(k_scopes.begin(),
                          k_scopes.begin() + static_cast<std::ptrdiff_t>(scope) + 1);
  TRY_LET(profile.harm_test, treaty::read_optional_texts(inner, "harm_test"));
  TRY_LET(const std::size_t dual, inner.choice("dual_criminality", k_dual_criminality));
  published.dual_criminality = k_dual_criminality[dual];
  if (const auto* table = inner.optional_value("dual_criminality_for")) {
    TRY_LET(Fields own, inner.object("dual_criminality_for"));
    for (const auto& [measure, value] : table->members()) {
      TRY(check_measures(own, measure, ground, {measure}));
      TRY_LET(const std::size_t policy, own.choice(measure, k_dual_criminality));
      published.dual_criminality_for.emplace(measure, k_dual_criminality[policy]);
    }
  }
  TRY_LET(published.measures, inner.texts("measures"));
  TRY(check_measures(inner, "measures", ground, published.measures));
  TRY_LET(published.data_categories, inner.texts("data_categories"));
  TRY(check_listed(inner, "data_categories", *ground.first, "data-category",
                   published.data_categories));
  const auto least = preservation_days(*ground.first, Profile{});
  TRY_LET(published.preservation_days, inner.integer("preservation_days", least, 3650));
  TRY_LET(published.channels, choices(inner, "channels", k_channels));
  TRY_LET(published.documents, inner.texts("documents"));
  TRY_LET(published.without_treaty, choices(inner, "without_treaty", k_without_treaty));
  return inner.end();
}

Result<DomesticOffence> read_offence(Fields& item, const Instrument& instrument) {
  DomesticOffence offence;
  TRY_LET(offence.code, item.text("code"));
  if (instrument.offence(offence.code) == nullptr)
    return item.refuse("code", "is no offence of the instrument");
  TRY_LET(offence.provision, treaty::read_texts(item, "provision"));
  TRY_LET(offence.max_penalty_years, item.integer("max_penalty_years", 0, k_years_max));
  return offence;
}

Result<Authorisation> read_authorisation(Fields& item, const Instrument& instrument) {
  Authorisation authorisation;
  TRY_LET(authorisation.category, item.text("category"));
  TRY(check_listed(item, "category", instrument, "data-category", {authorisation.category}));
  TRY_LET(const std::size_t body, item.choice("body", k_bodies));
  authorisation.body = static_cast<Body>(body);
  TRY_LET(authorisation.authority, treaty::read_texts(item, "authority"));
  TRY_LET(authorisation.provision, treaty::read_texts(item, "provision"));
  return authorisation;
}

Result<std::string> read_ground(Fields& item, const Ground& ground) {
  TRY_LET(const auto code, item.optional_text("ground"));
  if (code && !ground.grounds.contains(*code))
    return item.refuse("ground", "\"" + *code + "\" is no ground of the instruments named");
  return code.value_or("");
}

Result<PartnerRule> read_partner(Fields& item, const Ground& ground) {
  PartnerRule partner;
  TRY_LET(partner.state, item.state("state"));
  TRY_LET(const std::size_t trust, item.choice("trust", k_trusts));
  partner.trust = static_cast<Trust>(trust);
  TRY_LET(partner.reasons, treaty::read_texts(item, "reasons"));
  TRY_LET(partner.ground, read_ground(item, ground));
  return partner;
}

Result<OwnRule> read_rule(Fields& item, const Ground& ground) {
  OwnRule rule;
  TRY_LET(rule.code, item.text("code", 48));
  TRY_LET(rule.question, treaty::read_texts(item, "question"));
  TRY_LET(rule.provision, treaty::read_texts(item, "provision"));
  TRY_LET(rule.ground, read_ground(item, ground));
  TRY_LET(rule.measures, item.optional_texts("measures"));
  TRY(check_measures(item, "measures", ground, rule.measures));
  TRY_LET(const std::size_t accept_if, item.choice("accept_if", k_accept_if));
  rule.accept_if = static_cast<treaty::AcceptIf>(accept_if);
  if (!rule.ground.empty() && rule.accept_if == treaty::AcceptIf::any)
    return item.refuse("accept_if", "must say which answer lets the ground arise");
  return rule;
}

Result<void> read_numbers(Fields& fields, Profile& profile) {
  auto& limits = profile.limits;
  TRY_LET(Fields law, fields.object("limits"));
  TRY_LET(limits.retention_days_max, law.integer("retention_days_max", 1, k_days_max));
  TRY_LET(limits.secrecy_days_max, law.integer("secrecy_days_max", 1, k_days_max));
  TRY_LET(limits.emergency_hours_max, law.integer("emergency_hours_max", 1, k_hours_max));
  TRY_LET(limits.realtime_days_max, law.integer("realtime_days_max", 0, k_days_max));
  TRY_LET(limits.notice_deferral_days_max, law.integer("notice_deferral_days_max", 0, k_days_max));
  TRY(law.end());
  auto& service = profile.service;
  TRY_LET(Fields policy, fields.object("service"));
  TRY_LET(service.acknowledge_hours, policy.integer("acknowledge_hours", 1, k_hours_max));
  TRY_LET(service.complete_days, policy.integer("complete_days", 1, k_days_max));
  TRY_LET(service.decide_days, policy.integer("decide_days", 1, k_days_max));
  TRY_LET(service.preserve_hours, policy.integer("preserve_hours", 1, k_hours_max));
  TRY_LET(service.emergency_hours, policy.integer("emergency_hours", 1, k_hours_max));
  return policy.end();
}

Result<void> read_protection(Fields& fields, Profile& profile) {
  auto& protection = profile.data_protection;
  TRY_LET(Fields inner, fields.object("data_protection"));
  TRY_LET(protection.conditions, items<treaty::Texts>(inner, "conditions", [](Fields& item) {
            return treaty::read_texts(item, "text");
          }));
  TRY_LET(protection.onward_in_writing, inner.boolean("onward_in_writing"));
  TRY_LET(protection.breach_notice_hours, inner.integer("breach_notice_hours", 1, k_hours_max));
  TRY_LET(protection.provision, treaty::read_texts(inner, "provision"));
  TRY(inner.end());
  TRY_LET(Fields notice, fields.object("notice"));
  TRY_LET(profile.notice.required, notice.boolean("required"));
  TRY_LET(profile.notice.provision, treaty::read_texts(notice, "provision"));
  return notice.end();
}

template <typename T, typename Key>
Result<void> check_unique(Fields& fields, std::string_view list, const std::vector<T>& values,
                          Key key) {
  for (auto one = values.begin(); one != values.end(); ++one)
    if (std::find_if(values.begin(), one, [&](const T& other) {
          return std::invoke(key, other) == std::invoke(key, *one);
        }) != one)
      return fields.refuse(std::string(list) + "[" + std::to_string(one - values.begin()) + "]",
                           "comes twice");
  return {};
}

Result<Profile> read_profile(Fields& fields, const Treaties& treaties) {
  Profile profile;
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
  TRY_LET(profile.state, fields.optional_state("state"));
  TRY_LET(profile.illustrative, fields.boolean("illustrative"));
  TRY_LET(profile.fictional, fields.boolean("fictional"));
  TRY_LET(profile.exercise, fields.boolean("exercise"));
  if (profile.fictional && !profile.exercise)
    return fields.refuse("exercise", "a fictional profile is for exercises only");
  TRY(treaty::read_optional_texts(fields, "note"));
  Ground ground{treaties};
  TRY_LET(profile.instruments, read_instruments(fields, ground));
  profile.instrument = ground.first->code;
  TRY(check_unique(fields, "instrument", profile.instruments, &Adherence::instrument));
  TRY(read_published(fields, ground, profile));
  TRY_LET(profile.offences, items<DomesticOffence>(fields, "offence", [&](Fields& item) {
            return read_offence(item, *ground.first);
          }));
  TRY(check_unique(fields, "offence", profile.offences, &DomesticOffence::code));
  TRY_LET(profile.authorisations, items<Authorisation>(fields, "authorisation", [&](Fields& item) {
            return read_authorisation(item, *ground.first);
          }));
  TRY(check_unique(fields, "authorisation", profile.authorisations, &Authorisation::category));
  TRY(read_numbers(fields, profile));
  TRY(read_protection(fields, profile));
  TRY_LET(profile.partners, items<PartnerRule>(fields, "partner", [&](Fields& item) {
            return read_partner(item, ground);
          }));
  TRY(check_unique(fields, "partner", profile.partners, &PartnerRule::state));
  TRY_LET(profile.rules,
          items<OwnRule>(fields, "rule", [&](Fields& item) { return read_rule(item, ground); }));
  TRY(check_unique(fields, "rule", profile.rules, &OwnRule::code));
  return profile;
}

}  // namespace

Result<Profile> load_profile(View toml, const std::string& name, const Treaties& treaties) {
  return treaty::read_data_file<Profile>(
      toml, name, [&](Fields& fields) { return read_profile(fields, treaties); });
}

}  // namespace comity::law
