#include <algorithm>

#include "treaty/form.hpp"
#include "treaty/instrument_load.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

constexpr std::int64_t k_integer_max = 1'000'000;
constexpr std::size_t k_parts_max = 30;  // an act takes 32 parts; two are left to the exchange

Result<std::vector<Code>> read_list(Fields& fields, const Instrument& instrument) {
  TRY_LET(const std::string list, fields.text("list"));
  const auto found = instrument.lists.find(list);
  if (found == instrument.lists.end())
    return fields.refuse("list", "\"" + list + "\" is no list of the instrument");
  return found->second;
}

Result<Column> read_column(Fields& fields, const Instrument& instrument) {
  Column column;
  TRY_LET(column.code, read_code(fields));
  TRY_LET(column.kind, read_name(fields, "kind", k_field_kinds));
  if (column.kind == FieldKind::code) {
    TRY_LET(column.codes, read_list(fields, instrument));
  } else if (column.kind != FieldKind::text && column.kind != FieldKind::state) {
    return fields.refuse("kind", "of a column must be text, code or state");
  }
  TRY_LET(column.required, fields.boolean("required"));
  TRY_LET(column.label, read_texts(fields, "label"));
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
Result<void> read_kind(Fields& fields, const Instrument& instrument, Field& field) {
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
      TRY_LET(field.codes, read_list(fields, instrument));
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
                return read_column(item, instrument);
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
  TRY_LET(measure.live_period, fields.text("live_period"));
  const auto* period = measure.field(measure.live_period);
  if (period == nullptr || period->kind != FieldKind::period ||
      period->requirement != Requirement::always)
    return fields.refuse("live_period", "must name a period that is always there");
  return {};
}

// A form whose own examples do not pass would teach people wrongly.
Result<void> check_form(const Fields& fields, const Measure& measure) {
  Json examples = Json::object();
  std::size_t parts = 0;
  for (std::size_t i = 0; i < measure.fields.size(); ++i) {
    const auto& field = measure.fields[i];
    const auto at = "field[" + std::to_string(i) + "]";
    if (field.when) {
      const auto* other = measure.field(field.when->field);
      if (other == nullptr || other == &field)
        return fields.refuse(at + ".when", "names no other field of the measure");
    }
    if (field.place == Place::part) ++parts;
    examples.set(field.code, field.example);
  }
  if (parts > k_parts_max) return fields.refuse("field", "there are too many parts");
  if (const auto wrong = gaps(measure, examples); !wrong.empty()) {
    const auto code = wrong[0].field.substr(0, wrong[0].field.find_first_of(".["));
    const auto index = std::ranges::find(measure.fields, code, &Field::code);
    return fields.refuse("field[" + std::to_string(index - measure.fields.begin()) + "].example",
                         wrong[0].why);
  }
  return {};
}

}  // namespace

Result<Field> read_field(Fields& fields, const Instrument& instrument) {
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
  TRY(read_kind(fields, instrument, field));
  return field;
}

Result<Measure> read_measure(Fields& fields, const Instrument& instrument) {
  Measure measure;
  measure.instrument = instrument.code;
  TRY_LET(measure.code, read_code(fields));
  TRY_LET(measure.clause, read_cite(fields, instrument));
  TRY_LET(measure.title, read_texts(fields, "title"));
  TRY_LET(measure.delivers, fields.boolean("delivers"));
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
  TRY_LET(measure.fields, read_rules<Field>(fields, "field", [&](Fields& item) {
            return read_field(item, instrument);
          }));
  TRY(read_live(fields, measure));
  TRY(check_form(fields, measure));
  TRY_LET(measure.checks, read_rules<Check>(fields, "check", [&](Fields& item) {
            return read_check(item, instrument, measure);
          }));
  return measure;
}

}  // namespace comity::treaty
