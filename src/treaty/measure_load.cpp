#include <algorithm>

#include "treaty/form.hpp"
#include "treaty/instrument_load.hpp"
#include "treaty/record.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

constexpr std::int64_t k_integer_max = 1'000'000;
constexpr std::size_t k_parts_max = 30;  // an act takes 32 parts; two are left to the exchange

// The list named, or of it `only` what the form offers.
Result<std::vector<Code>> read_list(Fields& fields, const Instrument& instrument,
                                    std::string& name) {
  TRY_LET(name, fields.text("list"));
  const auto found = instrument.lists.find(name);
  if (found == instrument.lists.end())
    return fields.refuse("list", "\"" + name + "\" is no list of the instrument");
  TRY_LET(const auto only, fields.optional_texts("only"));
  if (only.empty()) return found->second;
  std::vector<Code> codes;
  for (const auto& code : only) {
    const auto one = std::ranges::find(found->second, code, &Code::code);
    if (one == found->second.end())
      return fields.refuse("only", "\"" + code + "\" is not in the list");
    codes.push_back(*one);
  }
  return codes;
}

Result<Column> read_column(Fields& fields, const Instrument& instrument,
                           const Vocabulary& vocabulary) {
  Column column;
  TRY_LET(column.code, read_code(fields));
  TRY_LET(column.kind, read_name(fields, "kind", k_field_kinds));
  if (column.kind == FieldKind::code) {
    TRY_LET(column.codes, read_list(fields, instrument, column.list));
  } else if (column.kind != FieldKind::text && column.kind != FieldKind::state) {
    return fields.refuse("kind", "of a column must be text, code or state");
  }
  TRY_LET(column.required, fields.boolean("required"));
  TRY_LET(column.label, read_optional_texts(fields, "label"));
  if (column.label.empty()) {
    const auto known = vocabulary.columns.find(column.code);
    if (known == vocabulary.columns.end()) return fields.refuse("label", "is missing");
    column.label = known->second;
  }
  return column;
}

Result<void> read_integer_limits(Fields& fields, const Instrument& instrument, Field& field) {
  TRY_LET(field.max, fields.integer("max", 0, k_integer_max));
  TRY_LET(const auto limit, fields.optional_text("min_limit"));
  if (!limit) {
    TRY_LET(field.min, fields.integer("min", 0, field.max));
    return {};
  }
  const auto found = instrument.limits.find(*limit);
  if (found == instrument.limits.end())
    return fields.refuse("min_limit", "\"" + *limit + "\" is no limit of the instrument");
  field.min = found->second.value;
  return {};
}

// What a field of each kind needs beside what all have.
Result<void> read_kind(Fields& fields, const Instrument& instrument, const Vocabulary& vocabulary,
                       Field& field) {
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::long_text: {
      const auto most =
          field.kind == FieldKind::text ? k_text_field_bytes_max : k_long_text_field_bytes_max;
      TRY_LET(const auto bytes_max, fields.optional_integer("bytes_max", 1, most));
      field.bytes_max = static_cast<std::size_t>(bytes_max.value_or(most));
      return {};
    }
    case FieldKind::code:
    case FieldKind::codes: {
      TRY_LET(field.codes, read_list(fields, instrument, field.list));
      return {};
    }
    case FieldKind::integer:
      return read_integer_limits(fields, instrument, field);
    case FieldKind::boolean: {
      TRY_LET(field.must_be, fields.optional_boolean("must_be"));
      return {};
    }
    case FieldKind::rows: {
      TRY_LET(field.columns, read_rules<Column>(fields, "columns", [&](Fields& item) {
                return read_column(item, instrument, vocabulary);
              }));
      return {};
    }
    default:
      return {};
  }
}

Result<Condition> read_condition(Fields& fields) {
  TRY_LET(Fields when, fields.object("when"));
  Condition condition;
  TRY_LET(const auto present, when.optional_text("present"));
  if (present) {
    condition.field = *present;
  } else {
    TRY_LET(condition.field, when.text("field"));
    TRY_LET(const std::span<const Json> values, when.array("is", k_rules_max));
    if (values.empty()) return when.refuse("is", "must name at least one value");
    condition.is.assign(values.begin(), values.end());
  }
  TRY(when.end());
  return condition;
}

Result<void> read_grounds(Fields& fields, const Instrument& instrument, Measure& measure) {
  TRY_LET(measure.grounds,
          read_rules<AllowedGround>(fields, "grounds", [&](Fields& item) -> Result<AllowedGround> {
            AllowedGround ground;
            TRY_LET(ground.code, read_code(item));
            if (instrument.ground(ground.code) == nullptr)
              return item.refuse("code", "is no ground of the instrument");
            TRY_LET(ground.clause, read_cite(item, instrument));
            TRY_LET(const auto declaration, item.optional_text("declaration"));
            if (declaration && !instrument.has_declaration(*declaration))
              return item.refuse("declaration", "is no declaration of the instrument");
            ground.declaration = declaration.value_or("");
            return ground;
          }));
  return {};
}

/// What may be sent while it is still growing, and until when (spec/live.md §1).
Result<void> read_live(Fields& fields, Measure& measure) {
  TRY_LET(measure.live, fields.optional_texts("live", k_rules_max));
  if (measure.live.empty()) return {};
  if (!measure.delivers) return fields.refuse("live", "belongs to a measure that delivers");
  // Bytes are there already: no period of the request bounds when they are sealed.
  if (measure.live.size() == 1 && measure.live.front() == k_bytes_kind) return {};
  TRY_LET(measure.live_period, fields.text("live_period"));
  const auto* period = measure.field(measure.live_period);
  if (period == nullptr || period->kind != FieldKind::period ||
      period->requirement != Requirement::always)
    return fields.refuse("live_period", "must name a period that is always there");
  return {};
}

/// By when it is to be done: a time of the form. An answer may have the same field, as when a
/// hearing is appointed.
Result<void> read_execute_by(Fields& fields, Measure& measure) {
  TRY_LET(const auto code, fields.optional_text("execute_by"));
  if (!code) return {};
  measure.execute_by = *code;
  const auto* field = measure.field(*code);
  if (field == nullptr || field->kind != FieldKind::date_time)
    return fields.refuse("execute_by", "must name a time of the form");
  return {};
}

// A form whose own examples do not pass would teach people wrongly.
Result<void> check_form(const Fields& fields, std::string_view key, const Measure& measure) {
  Json examples = Json::object();
  std::size_t parts = 0;
  for (const auto& field : measure.fields) {
    if (field.when) {
      const auto* other = measure.field(field.when->field);
      if (other == nullptr || other == &field)
        return fields.refuse(key, "\"" + field.code + "\" has a 'when' that names no other field");
    }
    if (field.place == Place::part) ++parts;
    examples.set(field.code, field.example);
  }
  if (parts > k_parts_max) return fields.refuse(key, "there are too many parts");
  if (const auto wrong = gaps(measure, examples); !wrong.empty())
    return fields.refuse(key, "the example of \"" + wrong[0].field + "\" " + wrong[0].why);
  return {};
}

// The vocabulary's field with what the form says of it on top.
Json laid_over(const Json& item, const Vocabulary& vocabulary) {
  const auto* code = item.find("code");
  const auto known = code != nullptr && code->is_text() ? vocabulary.fields.find(code->text())
                                                        : vocabulary.fields.end();
  if (known == vocabulary.fields.end()) return item;
  Json merged = known->second;
  for (const auto& [key, value] : item.members()) merged.set(key, value);
  return merged;
}

enum class SameCode { refused, replaces, stays };  // what a code that is there already means

// Adds the fields listed.
Result<void> read_form(const std::span<const Json> items, const std::string& where,
                       const Instrument& instrument, const Vocabulary& vocabulary,
                       SameCode same_code, std::vector<Field>& form) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto at = where + '[' + std::to_string(i) + ']';
    if (!items[i].is_object()) return fault(FaultCode::format_field, at + ": must be a table");
    TRY_LET(Field field, read_field(items[i], at, instrument, vocabulary));
    const auto there = std::ranges::find(form, field.code, &Field::code);
    if (there == form.end())
      form.push_back(std::move(field));
    else if (same_code == SameCode::replaces)
      *there = std::move(field);
    else if (same_code == SameCode::refused)
      return fault(FaultCode::format_field, at + ".code: comes twice");
  }
  return {};
}

Result<void> read_forms(Fields& fields, const Instrument& instrument, const Vocabulary& vocabulary,
                        const Shared& shared, Measure& measure) {
  const auto add_contents = [&](std::string_view key, SameCode same_code) -> Result<void> {
    TRY_LET(const auto contents, fields.optional_texts(key));
    for (const auto& name : contents) {
      const auto found = shared.contents.find(name);
      if (found == shared.contents.end())
        return fields.refuse(key, "\"" + name + "\" is none of the instrument");
      TRY(read_form(found->second.items->items(), found->second.where, instrument, vocabulary,
                    same_code, measure.fields));
    }
    return {};
  };
  TRY(add_contents("contents", SameCode::refused));
  TRY_LET(const auto own, fields.optional_array("field", k_rules_max));
  std::set<std::string, std::less<>> codes;
  for (const auto& item : own)
    if (const auto* code = item.find("code"); code != nullptr && code->is_text())
      if (!codes.insert(code->text()).second)
        return fields.refuse("field", "has \"" + code->text() + "\", which comes twice");
  TRY(read_form(own, fields.path("field"), instrument, vocabulary, SameCode::replaces,
                measure.fields));
  TRY(add_contents("closing", SameCode::stays));
  TRY_LET(const auto without, fields.optional_texts("without_fields"));
  for (const auto& code : without)
    if (std::erase_if(measure.fields, [&](const Field& field) { return field.code == code; }) == 0)
      return fields.refuse("without_fields", "\"" + code + "\" is no field of the measure");
  TRY_LET(const auto answer, fields.optional_array("answer", k_rules_max));
  return read_form(answer, fields.path("answer"), instrument, vocabulary, SameCode::refused,
                   measure.answer);
}

// The path named, with the measure's own checks in it: in the place of one of the same code,
// `before` the one named, or last.
Result<void> read_checks(Fields& fields, const Instrument& instrument, const Shared& shared,
                         Measure& measure) {
  TRY_LET(const auto without, fields.optional_texts("without_checks"));
  const auto add = [&](const Json& item, const std::string& at, bool own) -> Result<void> {
    Fields inner(item, at);
    TRY_LET(const auto before, inner.optional_text("before"));
    const auto* code = item.find("code");
    if (!own && code != nullptr && code->is_text() &&
        std::ranges::find(without, code->text()) != without.end())
      return {};
    TRY_LET(Check check, read_check(inner, instrument, measure));
    TRY(inner.end());
    auto& checks = measure.checks;
    const auto there = std::ranges::find(checks, check.code, &Check::code);
    if (there != checks.end()) {
      if (!own) return inner.refuse("code", "comes twice");
      *there = std::move(check);
      return {};
    }
    const auto place = before ? std::ranges::find(checks, *before, &Check::code) : checks.end();
    if (before && place == checks.end())
      return inner.refuse("before", "\"" + *before + "\" is no check before it");
    checks.insert(place, std::move(check));
    return {};
  };
  TRY_LET(const auto path, fields.optional_text("path"));
  if (path) {
    const auto found = shared.paths.find(*path);
    if (found == shared.paths.end())
      return fields.refuse("path", "\"" + *path + "\" is none of the instrument");
    const auto& items = found->second.items->items();
    for (const auto& code : without)
      if (std::ranges::none_of(items, [&](const Json& item) {
            const auto* named = item.find("code");
            return named != nullptr && *named == Json(code);
          }))
        return fields.refuse("without_checks", "\"" + code + "\" is no check of the path");
    for (std::size_t i = 0; i < items.size(); ++i)
      TRY(add(items[i], found->second.where + '[' + std::to_string(i) + ']', false));
  }
  TRY_LET(const auto own, fields.optional_array("check", k_rules_max));
  for (std::size_t i = 0; i < own.size(); ++i)
    TRY(add(own[i], fields.path("check") + '[' + std::to_string(i) + ']', true));
  return {};
}

// What follows from a measure, whatever its form.
Result<void> read_nature(Fields& fields, Measure& measure) {
  TRY_LET(measure.delivers, fields.boolean("delivers"));
  for (const auto& [key, flag] :
       {std::pair{"preserves", &measure.preserves}, std::pair{"coercive", &measure.coercive},
        std::pair{"court_authorised", &measure.court_authorised},
        std::pair{"offers", &measure.offers}, std::pair{"not_evidence", &measure.not_evidence},
        std::pair{"emergency", &measure.emergency}}) {
    TRY_LET(const auto given, fields.optional_boolean(key));
    *flag = given.value_or(false);
  }
  if (measure.delivers && (measure.preserves || measure.not_evidence))
    return fields.refuse("delivers", "does not go with preserving, nor with what is no evidence");
  return {};
}

}  // namespace

Result<Field> read_field(const Json& item, const std::string& where, const Instrument& instrument,
                         const Vocabulary& vocabulary) {
  const Json merged = laid_over(item, vocabulary);
  Fields fields(merged, where);
  Field field;
  TRY_LET(field.code, read_code(fields));
  if (std::ranges::any_of(field.code, [](char c) { return c >= 'A' && c <= 'Z'; }) ||
      field.code.find_first_of("-.") != std::string::npos)
    return fields.refuse("code", "of a field must be of small letters, digits and '_'");
  TRY_LET(field.kind, read_name(fields, "kind", k_field_kinds));
  TRY_LET(field.requirement, read_name(fields, "requirement", k_requirements));
  if (field.requirement == Requirement::when) {
    TRY_LET(field.when, read_condition(fields));
  }
  TRY_LET(field.basis, read_name(fields, "basis", k_bases));
  TRY_LET(field.clause, read_cite(fields, instrument));
  TRY_LET(field.place, read_name(fields, "place", k_places));
  TRY_LET(field.label, read_texts(fields, "label"));
  TRY_LET(field.help, read_texts(fields, "help"));
  TRY_LET(const Json* example, fields.value("example"));
  field.example = *example;
  TRY(read_kind(fields, instrument, vocabulary, field));
  TRY(fields.end());
  return field;
}

Result<Measure> read_measure(Fields& fields, const Instrument& instrument,
                             const Vocabulary& vocabulary, const Shared& shared) {
  Measure measure;
  measure.instrument = instrument.code;
  TRY_LET(measure.code, read_code(fields));
  TRY_LET(measure.clause, read_cite(fields, instrument));
  TRY_LET(measure.title, read_texts(fields, "title"));
  TRY(read_nature(fields, measure));
  TRY_LET(measure.roles, fields.texts("roles"));
  for (const auto& role : measure.roles)
    if (!instrument.has_role(role))
      return fields.refuse("roles", "\"" + role + "\" is no role of the instrument");
  TRY(read_grounds(fields, instrument, measure));
  TRY_LET(measure.duties, read_rules<Duty>(fields, "duties", [&](Fields& item) -> Result<Duty> {
            Duty duty;
            TRY_LET(duty.code, read_code(item));
            TRY_LET(duty.time, item.text("time"));
            TRY_LET(duty.clause, read_cite(item, instrument));
            TRY_LET(duty.text, read_texts(item, "text"));
            return duty;
          }));
  TRY(read_forms(fields, instrument, vocabulary, shared, measure));
  TRY(read_live(fields, measure));
  TRY(read_execute_by(fields, measure));
  TRY(check_form(fields, "field", measure));
  TRY(check_form(fields, "answer", {.clause = measure.clause, .fields = measure.answer}));
  TRY(read_checks(fields, instrument, shared, measure));
  return measure;
}

}  // namespace comity::treaty
