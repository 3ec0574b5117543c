#include "treaty/form.hpp"

namespace comity::treaty {
namespace {

Json text_schema(std::size_t bytes_max) {
  // maxLength counts characters and the form counts bytes, so this never refuses what is accepted.
  return Json::object({{"type", "string"}, {"minLength", 1}, {"maxLength", bytes_max}});
}

Json code_schema(const std::vector<Code>& codes) {
  Json names = Json::array();
  for (const auto& code : codes) names.push_back(code.code);
  return Json::object({{"enum", std::move(names)}});
}

Json date_time_schema() {
  return Json::object({{"type", "string"}, {"format", "date-time"}, {"maxLength", 24}});
}

Json state_schema() {
  return Json::object({{"type", "string"}, {"minLength", 3}, {"maxLength", 3}});
}

Json closed_object(Json properties, Json required) {
  auto schema = Json::object(
      {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}});
  if (required.size() > 0) schema.set("required", std::move(required));  // draft 4 forbids it empty
  return schema;
}

Json row_schema(const std::vector<Column>& columns) {
  Json properties = Json::object(), required = Json::array();
  for (const auto& column : columns) {
    Json schema = column.kind == FieldKind::code    ? code_schema(column.codes)
                  : column.kind == FieldKind::state ? state_schema()
                                                    : text_schema(k_text_field_bytes_max);
    schema.set("title", in_language(column.label));
    properties.set(column.code, std::move(schema));
    if (column.required) required.push_back(column.code);
  }
  return closed_object(std::move(properties), std::move(required));
}

Json value_schema(const Field& field) {
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::long_text:
      return text_schema(field.bytes_max);
    case FieldKind::code:
      return code_schema(field.codes);
    case FieldKind::codes:
      return Json::object({{"type", "array"},
                           {"minItems", 1},
                           {"uniqueItems", true},
                           {"items", code_schema(field.codes)}});
    case FieldKind::date_time:
      return date_time_schema();
    case FieldKind::period:
      return closed_object(Json::object({{"from", date_time_schema()}, {"to", date_time_schema()}}),
                           Json::array({"from", "to"}));
    case FieldKind::integer:
      return Json::object({{"type", "integer"}, {"minimum", field.min}, {"maximum", field.max}});
    case FieldKind::boolean:
      if (field.must_be) return Json::object({{"const", *field.must_be}});
      return Json::object({{"type", "boolean"}});
    case FieldKind::state:
      return state_schema();
    case FieldKind::reference:
      return Json::object({{"type", "string"}, {"minLength", 32}, {"maxLength", 32}});
    case FieldKind::rows:
      return Json::object({{"type", "array"},
                           {"minItems", 1},
                           {"maxItems", k_rows_max},
                           {"items", row_schema(field.columns)}});
  }
  return Json(false);
}

// "If the other field is there (with such a value), this one is required."
Json condition_schema(const Field& field) {
  const auto& when = *field.when;
  auto premise = Json::object({{"required", Json::array({when.field})}});
  if (!when.is.empty()) {
    const auto values = Json::object({{"enum", Json(when.is)}});
    auto one_of_them = Json::object(
        {{"anyOf",
          Json::array({values, Json::object({{"type", "array"}, {"contains", values}})})}});
    premise.set("properties", Json::object({{when.field, std::move(one_of_them)}}));
  }
  return Json::object({{"if", std::move(premise)},
                       {"then", Json::object({{"required", Json::array({field.code})}})}});
}

}  // namespace

Json schema_of_answer(const Measure& measure) {
  Measure answer = measure;
  answer.fields = measure.answer;
  return schema_of(answer);
}

Json schema_of(const Measure& measure) {
  Json properties = Json::object(), required = Json::array(), conditions = Json::array();
  for (const auto& field : measure.fields) {
    auto schema = value_schema(field);
    schema.set("title", in_language(field.label));
    schema.set("description", in_language(field.help) + " Article " + field.clause + " (" +
                                  std::string(name_of(field.basis)) + ", " +
                                  std::string(name_of(field.requirement)) + "; travels in the " +
                                  std::string(name_of(field.place)) + ").");
    schema.set("examples", Json::array({field.example}));
    properties.set(field.code, std::move(schema));
    if (field.requirement == Requirement::always) required.push_back(field.code);
    if (field.when) conditions.push_back(condition_schema(field));
  }
  auto schema = closed_object(std::move(properties), std::move(required));
  schema.set("$schema", "http://json-schema.org/draft-07/schema#");
  schema.set("title", in_language(measure.title));
  if (conditions.size() > 0) schema.set("allOf", std::move(conditions));
  return schema;
}

}  // namespace comity::treaty
