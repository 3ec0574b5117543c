#include "treaty/form.hpp"

#include <algorithm>

#include "base/id.hpp"

namespace comity::treaty {
namespace {

// A value is judged to be right (nullopt) or not, with why; `inside` names the place in a row.
struct Flaw {
  std::string inside, why;
};
using Judged = std::optional<Flaw>;

Judged flaw(std::string why, std::string inside = {}) {
  return Flaw{std::move(inside), std::move(why)};
}

Judged judge_text(const Json& value, bool many_lines, std::size_t bytes_max) {
  if (!value.is_text()) return flaw("must be a text");
  if (value.text().size() > bytes_max)
    return flaw("must have at most " + std::to_string(bytes_max) + " bytes");
  if (const auto why = text_flaw(value.text(), many_lines)) return flaw(*why);
  return std::nullopt;
}

std::string listed(const std::vector<Code>& codes) {
  std::string text;
  for (const auto& code : codes) text += (text.empty() ? "" : ", ") + code.code;
  return text;
}

Judged judge_code(const Json& value, const std::vector<Code>& codes) {
  if (!value.is_text() || std::ranges::find(codes, value.text(), &Code::code) == codes.end())
    return flaw("must be one of: " + listed(codes));
  return std::nullopt;
}

Judged judge_codes(const Json& value, const std::vector<Code>& codes) {
  if (!value.is_array() || value.items().empty())
    return flaw("must be a list of at least one of: " + listed(codes));
  const auto& items = value.items();
  for (auto item = items.begin(); item != items.end(); ++item) {
    if (const auto judged = judge_code(*item, codes)) return judged;
    if (std::find(items.begin(), item, *item) != item) return flaw("names a code twice");
  }
  return std::nullopt;
}

Result<Instant> instant_of(const Json* value) {
  if (value == nullptr || !value->is_text()) return fault(FaultCode::format_time, "not a text");
  return instant_from_text(value->text());
}

Judged judge_period(const Json& value) {
  constexpr auto form = "must have from and to, each in UTC as 2026-01-31T23:59:59Z";
  if (!value.is_object() || value.size() != 2) return flaw(form);
  const auto from = instant_of(value.find("from")), to = instant_of(value.find("to"));
  if (!from || !to) return flaw(form);
  if (*from >= *to) return flaw("must begin before it ends");
  return std::nullopt;
}

Judged judge_state(const Json& value) {
  if (!value.is_text() || !StateCode::from_text(value.text()))
    return flaw("must be a State's code of three capital letters");
  return std::nullopt;
}

Judged judge_column(const Column& column, const Json& value) {
  if (column.kind == FieldKind::code) return judge_code(value, column.codes);
  if (column.kind == FieldKind::state) return judge_state(value);
  return judge_text(value, false, k_text_field_bytes_max);
}

Judged judge_row(const std::vector<Column>& columns, const Json& row) {
  if (!row.is_object()) return flaw("must be an object of its columns");
  for (const auto& column : columns) {
    const auto* value = row.find(column.code);
    if (value == nullptr) {
      if (column.required) return flaw("is missing", "." + column.code);
      continue;
    }
    if (auto judged = judge_column(column, *value)) {
      judged->inside = "." + column.code;
      return judged;
    }
  }
  for (const auto& [key, value] : row.members())
    if (std::ranges::find(columns, key, &Column::code) == columns.end())
      return flaw("is no column of this form", "." + key);
  return std::nullopt;
}

Judged judge_rows(const Json& value, const std::vector<Column>& columns) {
  if (!value.is_array() || value.items().empty()) return flaw("must be a list of at least one row");
  if (value.size() > k_rows_max)
    return flaw("must have at most " + std::to_string(k_rows_max) + " rows");
  for (std::size_t i = 0; i < value.size(); ++i)
    if (auto judged = judge_row(columns, value.items()[i])) {
      judged->inside = "[" + std::to_string(i) + "]" + judged->inside;
      return judged;
    }
  return std::nullopt;
}

Judged judge(const Field& field, const Json& value) {
  switch (field.kind) {
    case FieldKind::text:
      return judge_text(value, false, field.bytes_max);
    case FieldKind::long_text:
      return judge_text(value, true, field.bytes_max);
    case FieldKind::code:
      return judge_code(value, field.codes);
    case FieldKind::codes:
      return judge_codes(value, field.codes);
    case FieldKind::date_time:
      if (!instant_of(&value)) return flaw("must be a time in UTC as 2026-01-31T23:59:59Z");
      return std::nullopt;
    case FieldKind::period:
      return judge_period(value);
    case FieldKind::integer:
      if (!value.is_integer() || value.integer() < field.min || value.integer() > field.max)
        return flaw("must be a number from " + std::to_string(field.min) + " to " +
                    std::to_string(field.max));
      return std::nullopt;
    case FieldKind::boolean:
      if (!value.is_bool()) return flaw("must be true or false");
      if (field.must_be && value.boolean() != *field.must_be)
        return flaw(*field.must_be ? "must be true" : "must be false");
      return std::nullopt;
    case FieldKind::state:
      return judge_state(value);
    case FieldKind::reference:
      if (!value.is_text() || !ExchangeId::from_hex(value.text()))
        return flaw("must be the number of an exchange: 32 hexadecimal digits");
      return std::nullopt;
    case FieldKind::rows:
      return judge_rows(value, field.columns);
  }
  return flaw("is of no known kind");
}

Gap gap_of(const Field& field, Flaw why) {
  return {field.code + why.inside,
          in_language(field.label),
          field.clause,
          field.basis,
          std::move(why.why),
          field.example.is_text() ? field.example.text() : formats::canonical(field.example)};
}

}  // namespace

bool is_required(const Field& field, const Json& fields) {
  if (field.requirement == Requirement::always) return true;
  if (field.requirement != Requirement::when || !field.when) return false;
  const auto* other = fields.find(field.when->field);
  if (other == nullptr) return false;
  if (field.when->is.empty()) return true;
  const auto is_named = [&](const Json& value) {
    return std::ranges::find(field.when->is, value) != field.when->is.end();
  };
  return other->is_array() ? std::ranges::any_of(other->items(), is_named) : is_named(*other);
}

std::vector<Gap> gaps(const Measure& measure, const Json& fields) {
  std::vector<Gap> found;
  for (const auto& field : measure.fields) {
    const auto* value = fields.find(field.code);
    if (value == nullptr) {
      if (is_required(field, fields)) found.push_back(gap_of(field, {"", "is missing"}));
    } else if (auto judged = judge(field, *value)) {
      found.push_back(gap_of(field, *std::move(judged)));
    }
  }
  if (!fields.is_object()) return found;
  for (const auto& [code, value] : fields.members())
    if (measure.field(code) == nullptr)
      found.push_back({code, "", measure.clause, Basis::policy, "is no field of this form", ""});
  return found;
}

std::string to_text(const std::vector<Gap>& gaps) {
  std::string text;
  for (const auto& gap : gaps) {
    if (!text.empty()) text += '\n';
    text += gap.field + ": " + (gap.label.empty() ? "this" : "\"" + gap.label + "\"") + ' ' +
            gap.why + " (article " + gap.article +
            (gap.basis == Basis::policy ? ", policy of the nodes)." : ").");
    if (!gap.example.empty()) text += " Example: " + gap.example;
  }
  return text;
}

}  // namespace comity::treaty
