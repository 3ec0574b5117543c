#include "treaty/instrument_load.hpp"

#include <algorithm>

#include "treaty/data_file.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

constexpr std::string_view k_format = "comity-instrument/1";
constexpr std::int64_t k_number_max = 100'000;

// Reads a table whose keys are names: read(name, Fields&) for each.
template <typename Read>
Result<void> read_table(Fields& fields, std::string_view key, Read&& read) {
  TRY_LET(const Json* table, fields.value(key));
  if (!table->is_object()) return fields.refuse(key, "must be a table");
  for (const auto& [name, value] : table->members()) {
    Fields inner(value, fields.path(key) + '.' + name);
    TRY(read(name, inner));
    TRY(inner.end());
  }
  return {};
}

Result<void> read_articles(Fields& fields, Instrument& instrument) {
  TRY_LET(const Json* table, fields.value("articles"));
  if (!table->is_object()) return fields.refuse("articles", "must be a table");
  TRY_LET(Fields articles, fields.object("articles"));
  for (const auto& [number, title] : table->members()) {
    TRY_LET(instrument.articles[number], read_texts(articles, number));
  }
  return {};
}

Result<void> read_clause(const std::string& cite, Fields& fields, Instrument& instrument) {
  Clause clause;
  clause.instrument = instrument.code;
  const auto paragraph = std::min(cite.find('('), cite.size());
  clause.article = cite.substr(0, paragraph);
  clause.paragraph = cite.substr(paragraph);
  if (!instrument.articles.contains(clause.article))
    return fault(FaultCode::format_field, fields.where() + ": is of no article of the instrument");
  TRY_LET(clause.gist, read_texts(fields, "gist"));
  TRY_LET(clause.text_verified, fields.boolean("text_verified"));
  TRY_LET(const auto number_verified, fields.optional_boolean("number_verified"));
  clause.number_verified = number_verified.value_or(true);
  TRY_LET(clause.seen_in, fields.text("seen_in"));
  if (clause.text_verified) {  // whoever vouches for the text signs with name and day
    TRY_LET(clause.verified_on, fields.text("verified_on"));
    TRY_LET(clause.verified_by, fields.text("verified_by"));
  }
  instrument.clauses.emplace(cite, std::move(clause));
  return {};
}

Result<void> read_entry_into_force(Fields& fields, Instrument& instrument) {
  TRY_LET(Fields rule, fields.object("entry_into_force"));
  auto& entry = instrument.entry_into_force;
  TRY_LET(entry.instruments, rule.integer("instruments", 1, k_number_max));
  TRY_LET(entry.days_after_last, rule.integer("days_after_last", 0, k_number_max));
  TRY_LET(entry.days_after_own, rule.integer("days_after_own", 0, k_number_max));
  TRY_LET(entry.denunciation_years, rule.integer("denunciation_years", 0, 100));
  TRY_LET(entry.clauses, read_cites(rule, instrument));
  return rule.end();
}

Result<Code> read_value(Fields& fields) {
  Code code;
  TRY_LET(code.code, read_code(fields));
  TRY_LET(code.label, read_texts(fields, "label"));
  return code;
}

struct NamedList {
  std::string code;
  std::vector<Code> values;
};

// A rule that is a code, a clause and words for people.
template <typename T>
Result<T> read_cited(Fields& fields, const Instrument& instrument) {
  T rule;
  TRY_LET(rule.code, read_code(fields));
  TRY_LET(rule.clause, read_cite(fields, instrument));
  TRY_LET(rule.label, read_texts(fields, "label"));
  return rule;
}

Result<void> read_lists(Fields& fields, Instrument& instrument) {
  TRY_LET(instrument.offences,
          read_rules<Offence>(fields, "offence", [&](Fields& item) -> Result<Offence> {
            TRY_LET(Offence offence, read_cited<Offence>(item, instrument));
            TRY_LET(offence.scope, read_name(item, "scope", k_scopes));
            return offence;
          }));
  TRY_LET(const auto lists,
          read_rules<NamedList>(fields, "list", [&](Fields& item) -> Result<NamedList> {
            NamedList list;
            TRY_LET(list.code, read_code(item));
            TRY_LET(list.values, read_rules<Code>(item, "values", read_value));
            return list;
          }));
  for (const auto& list : lists) instrument.lists.emplace(list.code, list.values);
  auto& offences = instrument.lists["offence"];  // the catalogue is a list of codes too
  if (!offences.empty()) return fields.refuse("list", "\"offence\" is the catalogue's own name");
  for (const auto& offence : instrument.offences) offences.push_back({offence.code, offence.label});
  return {};
}

Result<Instrument> read_instrument(Fields& fields) {
  Instrument instrument;
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
  TRY_LET(instrument.code, read_code(fields));
  TRY_LET(instrument.revision, fields.integer("revision", 1, k_number_max));
  TRY_LET(instrument.adopted_on, read_day(fields, "adopted_on"));
  TRY_LET(instrument.reference, fields.text("reference"));
  TRY_LET(instrument.title, read_texts(fields, "title"));
  TRY_LET(instrument.short_title, read_texts(fields, "short_title"));
  TRY(read_articles(fields, instrument));
  TRY(read_table(fields, "clauses", [&](const std::string& cite, Fields& clause) {
    return read_clause(cite, clause, instrument);
  }));
  TRY(read_entry_into_force(fields, instrument));
  TRY(read_table(fields, "limits", [&](const std::string& name, Fields& item) -> Result<void> {
    Limit limit;
    TRY_LET(limit.value, item.integer("value", 0, k_number_max));
    TRY_LET(limit.clause, read_cite(item, instrument));
    instrument.limits.emplace(name, std::move(limit));
    return {};
  }));
  TRY(read_table(fields, "declarations",
                 [&](const std::string& name, Fields& item) -> Result<void> {
                   Declaration declaration{.code = name};
                   TRY_LET(declaration.clause, read_cite(item, instrument));
                   TRY_LET(declaration.label, read_texts(item, "label"));
                   instrument.declarations.push_back(std::move(declaration));
                   return {};
                 }));
  TRY(read_lists(fields, instrument));
  TRY_LET(instrument.roles, read_rules<Role>(fields, "role", [&](Fields& item) {
            return read_cited<Role>(item, instrument);
          }));
  TRY_LET(instrument.grounds, read_rules<Ground>(fields, "ground", [&](Fields& item) {
            return read_cited<Ground>(item, instrument);
          }));
  TRY_LET(instrument.measures, read_rules<Measure>(fields, "measure", [&](Fields& item) {
            return read_measure(item, instrument);
          }));
  return instrument;
}

}  // namespace

Result<std::string> read_code(Fields& fields, std::string_view key) {
  TRY_LET(std::string code, fields.text(key, 64));
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!std::ranges::all_of(code, is_plain))
    return fields.refuse(key, "must be of letters, digits, '-', '_' and '.'");
  return code;
}

Result<std::string> read_cite(Fields& fields, const Instrument& instrument) {
  TRY_LET(std::string cite, fields.text("clause"));
  if (instrument.clause(cite) == nullptr)
    return fields.refuse("clause", "cites " + cite + ", which is not among the clauses");
  return cite;
}

Result<std::vector<std::string>> read_cites(Fields& fields, const Instrument& instrument) {
  TRY_LET(std::vector<std::string> cites, fields.texts("clauses", k_rules_max));
  if (cites.empty()) return fields.refuse("clauses", "must cite at least one clause");
  for (const auto& cite : cites)
    if (instrument.clause(cite) == nullptr)
      return fields.refuse("clauses", "cites " + cite + ", which is not among the clauses");
  return cites;
}

Result<Instrument> load_instrument(View toml, const std::string& name) {
  return read_data_file<Instrument>(toml, name, read_instrument);
}

}  // namespace comity::treaty
