#include <algorithm>

#include "treaty/form.hpp"

namespace comity::treaty {
namespace {

constexpr std::string_view k_plain = "text/plain; charset=utf-8";
constexpr std::string_view k_json = "application/json";

bool travels_as_text(const Field& field) {
  return field.kind == FieldKind::text || field.kind == FieldKind::long_text;
}

std::string_view media_type_of(const Field& field) {
  return travels_as_text(field) ? k_plain : k_json;
}

Result<Json> read_part(const Field& field, const PartValue& part) {
  if (part.media_type != media_type_of(field))
    return fault(FaultCode::act_part, part.name + ": must be " + std::string(media_type_of(field)));
  if (travels_as_text(field)) return Json(as_text(part.bytes));
  auto value = formats::parse_canonical(part.bytes);
  if (!value) return fault(FaultCode::act_part, part.name + ": " + value.error().detail);
  return value;
}

}  // namespace

Result<Split> split(const Measure& measure, const Json& fields) {
  if (const auto missing = gaps(measure, fields); !missing.empty())
    return fault(FaultCode::act_incomplete, to_text(missing));
  Split split{Json::object(), {}};
  for (const auto& field : measure.fields) {
    const auto* value = fields.find(field.code);
    if (value == nullptr) continue;
    if (field.place == Place::body) {
      split.body.set(field.code, *value);
      continue;
    }
    const auto text = travels_as_text(field) ? value->text() : formats::canonical(*value);
    split.parts.push_back({field.code, std::string(media_type_of(field)), to_bytes(text)});
  }
  return split;
}

Result<Json> join(const Measure& measure, const Json& body, const std::vector<PartValue>& parts) {
  if (!body.is_object()) return fault(FaultCode::act_form, "the form must be an object");
  for (const auto& [code, value] : body.members()) {
    const auto* field = measure.field(code);
    if (field == nullptr || field->place != Place::body)
      return fault(FaultCode::act_form, code + ": does not stand in the body of this form");
  }
  Json fields = body;
  for (const auto& part : parts) {
    const auto* field = measure.field(part.name);
    if (field == nullptr || field->place != Place::part)
      return fault(FaultCode::act_part, part.name + ": is no part of this form");
    if (fields.find(part.name) != nullptr)
      return fault(FaultCode::act_part, part.name + ": comes twice");
    TRY_LET(Json value, read_part(*field, part));
    fields.set(part.name, std::move(value));
  }
  return fields;
}

Json carried_over(const Measure& from, const Json& fields, const Measure& to,
                  const std::string& reference) {
  Json begun = Json::object();
  for (const auto& field : to.fields) {
    if (field.kind == FieldKind::reference) {
      if (!reference.empty()) begun.set(field.code, reference);
      continue;
    }
    const auto* before = from.field(field.code);
    const auto* value = fields.find(field.code);
    if (before != nullptr && before->kind == field.kind && value != nullptr)
      begun.set(field.code, *value);
  }
  return begun;
}

}  // namespace comity::treaty
