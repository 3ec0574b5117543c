#include "treaty/instrument_load.hpp"

#include <algorithm>

#include "treaty/data_file.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

constexpr std::string_view k_format = "comity-instrument/1";
constexpr std::int64_t k_number_max = 100'000;

// Reads a table whose keys are names: read(name, Fields&) for each. It may be absent.
template <typename Read>
Result<void> read_table(Fields& fields, std::string_view key, Read&& read) {
  const Json* table = fields.optional_value(key);
  if (table == nullptr) return {};
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
    if (instrument.articles.contains(number)) return articles.refuse(number, "is the parent's");
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
  if (!instrument.clauses.emplace(cite, std::move(clause)).second)
    return fault(FaultCode::format_field, fields.where() + ": is the parent's");
  return {};
}

// { days = 90 }, { months = 3 } or { years = 1 }
Result<Span> read_span(Fields& fields, std::string_view key) {
  TRY_LET(Fields inner, fields.object(key));
  TRY_LET(const auto days, inner.optional_integer("days", 1, k_number_max));
  TRY_LET(const auto months, inner.optional_integer("months", 1, 1200));
  TRY_LET(const auto years, inner.optional_integer("years", 1, 100));
  if (days.has_value() + months.has_value() + years.has_value() != 1)
    return fields.refuse(key, "must count days, months or years, and one of them");
  TRY(inner.end());
  return Span{days.value_or(0), months.value_or(0), years.value_or(0)};
}

Result<std::optional<Yields>> read_yields(Fields& fields, const Instrument& instrument) {
  TRY_LET(auto inner, fields.optional_object("yields"));
  if (!inner) return std::nullopt;
  Yields yields;
  TRY_LET(yields.clause, read_cite(*inner, instrument));
  TRY_LET(yields.article, inner->text("article"));
  if (!instrument.articles.contains(yields.article))
    return inner->refuse("article", "is no article of the instrument");
  TRY_LET(yields.from, inner->integer("from", 1, k_number_max));
  TRY_LET(yields.to, inner->integer("to", yields.from, k_number_max));
  TRY(inner->end());
  return yields;
}

Result<void> read_entry_into_force(Fields& fields, Instrument& instrument) {
  TRY_LET(Fields rule, fields.object("entry_into_force"));
  auto& entry = instrument.entry_into_force;
  TRY_LET(entry.instruments, rule.integer("instruments", 1, k_number_max));
  TRY_LET(entry.after_last, read_span(rule, "after_last"));
  TRY_LET(entry.after_own, read_span(rule, "after_own"));
  TRY_LET(entry.denunciation, read_span(rule, "denunciation"));
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

// As read_rules, but a file that adds to a parent may have none, and none of the parent's again.
template <typename T, typename Read>
Result<void> add_rules(Fields& fields, std::string_view key, std::vector<T>& to, Read&& read) {
  if (!fields.has(key)) return {};
  TRY_LET(auto added, read_rules<T>(fields, key, std::forward<Read>(read)));
  for (auto& rule : added) {
    if (std::ranges::find(to, rule.code, &T::code) != to.end())
      return fields.refuse(key, "has \"" + rule.code + "\", which is the parent's");
    to.push_back(std::move(rule));
  }
  return {};
}

Result<Offence> read_offence(Fields& fields, const Instrument& instrument) {
  TRY_LET(Offence offence, read_cited<Offence>(fields, instrument));
  TRY_LET(offence.scope, read_name(fields, "scope", k_scopes));
  TRY_LET(const auto attempt, fields.optional_boolean("attempt"));
  offence.attempt = attempt.value_or(false);
  TRY_LET(const auto elements, fields.optional_texts("elements"));
  const auto list = instrument.lists.find("element");
  for (const auto& code : elements) {
    if (list == instrument.lists.end()) return fields.refuse("elements", "has no list 'element'");
    const auto found = std::ranges::find(list->second, code, &Code::code);
    if (found == list->second.end())
      return fields.refuse("elements", "\"" + code + "\" is not in the list 'element'");
    offence.elements.push_back(*found);
  }
  return offence;
}

Result<void> read_lists(Fields& fields, Instrument& instrument) {
  std::vector<NamedList> lists;
  TRY(add_rules(fields, "list", lists, [&](Fields& item) -> Result<NamedList> {
    NamedList list;
    TRY_LET(list.code, read_code(item));
    TRY_LET(list.values, read_rules<Code>(item, "values", read_value));
    return list;
  }));
  for (const auto& list : lists) {
    if (list.code == "offence")
      return fields.refuse("list", "\"offence\" is the catalogue's own name");
    if (!instrument.lists.emplace(list.code, list.values).second)
      return fields.refuse("list", "\"" + list.code + "\" is a list already");
  }
  TRY(add_rules(fields, "offence", instrument.offences,
                [&](Fields& item) { return read_offence(item, instrument); }));
  auto& offences = instrument.lists["offence"];  // the catalogue is a list of codes too
  offences.clear();
  for (const auto& offence : instrument.offences) offences.push_back({offence.code, offence.label});
  // The parent's forms offer the added offences as well.
  for (auto& measure : instrument.measures)
    for (auto* form : {&measure.fields, &measure.answer})
      for (auto& field : *form)
        if (field.list == "offence") field.codes = offences;
  return {};
}

// { code = "…", KEY = [ … ] }: kept as it stands, and read by each measure that names it.
Result<std::map<std::string, Shared::Items, std::less<>>> read_shared(Fields& fields,
                                                                      std::string_view table,
                                                                      std::string_view key) {
  std::map<std::string, Shared::Items, std::less<>> shared;
  TRY_LET(const std::span<const Json> items, fields.optional_array(table, k_rules_max));
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, table, i, items[i]);
    TRY_LET(std::string code, read_code(item));
    TRY_LET(const Json* list, item.value(key));
    if (!list->is_array()) return item.refuse(key, "must be a list");
    TRY(item.end());
    if (!shared.emplace(std::move(code), Shared::Items{list, item.path(key)}).second)
      return item.refuse("code", "comes twice");
  }
  return shared;
}

Result<Instrument> begin(Fields& fields, const Vocabulary& vocabulary,
                         const std::vector<Instrument>& parents) {
  TRY_LET(const auto kind, read_name(fields, "kind", k_instrument_kinds));
  Instrument instrument;
  TRY_LET(const auto parent, fields.optional_text("parent"));
  if (parent.has_value() != (kind == InstrumentKind::protocol))
    return fields.refuse("parent", "belongs to a protocol, and to nothing else");
  if (parent) {
    const auto found = std::ranges::find(parents, *parent, &Instrument::code);
    if (found == parents.end())
      return fields.refuse("parent", "is not among the instruments: " + *parent);
    if (found->kind == InstrumentKind::protocol)
      return fields.refuse("parent", "must not be a protocol itself");
    instrument = *found;
    instrument.parent = *parent;
  } else {
    instrument.lists = vocabulary.lists;
    instrument.activities = vocabulary.activities;
  }
  instrument.kind = kind;
  return instrument;
}

Result<void> read_head(Fields& fields, Instrument& instrument) {
  TRY_LET(instrument.code, read_code(fields));
  TRY_LET(instrument.revision, fields.integer("revision", 1, k_number_max));
  TRY_LET(instrument.adopted_on, read_day(fields, "adopted_on"));
  TRY_LET(instrument.reference, fields.text("reference"));
  TRY_LET(const auto example, fields.optional_boolean("example"));
  instrument.example = example.value_or(false);
  TRY_LET(instrument.title, read_texts(fields, "title"));
  TRY_LET(instrument.short_title, read_texts(fields, "short_title"));
  for (auto& measure : instrument.measures) measure.instrument = instrument.code;
  return {};
}

Result<void> read_measures(Fields& fields, Instrument& instrument, const Vocabulary& vocabulary) {
  Shared shared;
  TRY_LET(shared.contents, read_shared(fields, "contents", "field"));
  TRY_LET(shared.paths, read_shared(fields, "path", "check"));
  return add_rules(fields, "measure", instrument.measures, [&](Fields& item) {
    return read_measure(item, instrument, vocabulary, shared);
  });
}

Result<Instrument> read_instrument(Fields& fields, const Vocabulary& vocabulary,
                                   const std::vector<Instrument>& parents) {
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
  TRY_LET(Instrument instrument, begin(fields, vocabulary, parents));
  TRY(read_head(fields, instrument));
  TRY(read_articles(fields, instrument));
  TRY(read_table(fields, "clauses", [&](const std::string& cite, Fields& clause) {
    return read_clause(cite, clause, instrument);
  }));
  TRY(read_entry_into_force(fields, instrument));
  if (fields.has("yields")) {
    TRY_LET(instrument.yields, read_yields(fields, instrument));
  }
  TRY(read_table(fields, "limits", [&](const std::string& name, Fields& item) -> Result<void> {
    Limit limit;
    TRY_LET(limit.value, item.integer("value", 0, k_number_max));
    TRY_LET(limit.clause, read_cite(item, instrument));
    if (!instrument.limits.emplace(name, std::move(limit)).second)
      return fields.refuse("limits", "has \"" + name + "\", which is the parent's");
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
  TRY(add_rules(fields, "role", instrument.roles,
                [&](Fields& item) { return read_cited<Role>(item, instrument); }));
  TRY(add_rules(fields, "ground", instrument.grounds,
                [&](Fields& item) { return read_cited<Ground>(item, instrument); }));
  TRY(read_measures(fields, instrument, vocabulary));
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

Result<Instrument> load_instrument(View toml, const std::string& name, const Vocabulary& vocabulary,
                                   const std::vector<Instrument>& parents) {
  return read_data_file<Instrument>(
      toml, name, [&](Fields& fields) { return read_instrument(fields, vocabulary, parents); });
}

}  // namespace comity::treaty
