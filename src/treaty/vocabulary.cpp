#include "treaty/vocabulary.hpp"

#include <algorithm>

#include "treaty/data_file.hpp"
#include "treaty/instrument_load.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

constexpr std::string_view k_format = "comity-vocabulary/1";

Result<Code> read_code_with_label(Fields& fields) {
  Code code;
  TRY_LET(code.code, read_code(fields));
  TRY_LET(code.label, read_texts(fields, "label"));
  return code;
}

constexpr Names<PracticeKind, 8> k_practice_kinds{
    {"time_without_zone", "wide_period", "wrong_identifier", "address_without_time", "not_tied",
     "thin_reason", "bare_urgency", "lapsing"}};

Result<Practice> read_practice(Fields& fields) {
  Practice practice;
  TRY_LET(practice.code, read_code(fields));
  TRY_LET(practice.kind, read_name(fields, "kind", k_practice_kinds));
  TRY_LET(practice.fields, fields.texts("fields"));
  if (practice.fields.empty()) return fields.refuse("fields", "must name at least one");
  TRY_LET(practice.words, fields.optional_texts("words"));
  TRY_LET(const auto number, fields.optional_integer("number", 1, 100'000));
  practice.number = number.value_or(0);
  TRY_LET(practice.why, read_texts(fields, "why"));
  TRY_LET(practice.better, read_texts(fields, "better"));
  return practice;
}

struct NamedList {
  std::string code;
  std::vector<Code> values;
};

// { name = { en = "…" }, … }
Result<void> read_labels(Fields& fields, std::string_view key,
                         std::map<std::string, Texts, std::less<>>& into) {
  TRY_LET(const Json* table, fields.value(key));
  if (!table->is_object()) return fields.refuse(key, "must be a table");
  TRY_LET(Fields labels, fields.object(key));
  for (const auto& [name, value] : table->members()) {
    TRY_LET(into[name], read_texts(labels, name));
  }
  return {};
}

Result<Vocabulary> read_vocabulary(Fields& fields) {
  Vocabulary vocabulary;
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
  TRY_LET(const auto lists,
          read_rules<NamedList>(fields, "list", [&](Fields& item) -> Result<NamedList> {
            NamedList list;
            TRY_LET(list.code, read_code(item));
            TRY_LET(list.values, read_rules<Code>(item, "values", read_code_with_label));
            return list;
          }));
  for (const auto& list : lists) vocabulary.lists.emplace(list.code, list.values);
  TRY_LET(vocabulary.activities,
          read_rules<Activity>(fields, "activity", [&](Fields& item) -> Result<Activity> {
            Activity activity;
            TRY_LET(activity.code, read_code(item));
            TRY_LET(activity.label, read_texts(item, "label"));
            TRY_LET(activity.marks, item.texts("marks", k_rules_max));
            return activity;
          }));
  TRY_LET(vocabulary.practices, read_rules<Practice>(fields, "practice", read_practice));
  TRY(read_labels(fields, "column", vocabulary.columns));
  TRY(read_labels(fields, "label", vocabulary.labels));
  TRY_LET(const Json* table, fields.value("field"));
  if (!table->is_object()) return fields.refuse("field", "must be a table of fields");
  TRY_LET(Fields entries, fields.object("field"));
  for (const auto& [code, value] : table->members()) {
    TRY_LET(Fields field, entries.object(code));  // read in full where a form names it
    TRY(read_texts(field, "label"));
    TRY(read_texts(field, "help"));
    vocabulary.fields.emplace(code, value);
  }
  vocabulary.languages = {"en"};
  return vocabulary;
}

}  // namespace

const Texts* Vocabulary::label(std::string_view code) const {
  const auto found = labels.find(code);
  return found == labels.end() ? nullptr : &found->second;
}

Result<Vocabulary> load_vocabulary(View toml, const std::string& name) {
  return read_data_file<Vocabulary>(toml, name, read_vocabulary);
}

}  // namespace comity::treaty
