#include "treaty/record.hpp"

#include <algorithm>
#include <array>

#include "treaty/data_file.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

constexpr std::string_view k_format = "comity-records/1";
constexpr auto k_shapes =
    std::to_array<std::string_view>({"time", "address", "integer", "digits", "hex", "code"});
constexpr auto k_forms = std::to_array<std::string_view>({"fields", "packet_headers", "bytes"});
constexpr std::size_t k_record_values_max = 100;
constexpr std::size_t k_record_code_bytes_max = 64;

bool is_code(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= k_record_code_bytes_max &&
         std::ranges::all_of(text, [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.contains(c);
         });
}

Result<std::string> read_code(Fields& fields, std::string_view key, std::string_view more) {
  TRY_LET(std::string code, fields.text(key));
  if (!is_code(code, more)) return fields.refuse(key, "must be of small letters and digits");
  return code;
}

Result<RecordField> read_field(Fields& fields) {
  RecordField field;
  TRY_LET(field.code, read_code(fields, "code", "_"));
  TRY_LET(const auto shape, fields.choice("shape", k_shapes));
  field.shape = static_cast<RecordShape>(shape);
  TRY_LET(field.required, fields.boolean("required"));
  if (field.shape == RecordShape::integer) {
    TRY_LET(const auto max, fields.optional_integer("max", 0));
    field.max = max.value_or(formats::k_json_integer_max);
  }
  if (field.shape == RecordShape::code) {
    TRY_LET(field.values, fields.texts("values", k_record_values_max));
    const auto is_one = [](const auto& value) { return is_code(value, "-_"); };
    if (field.values.empty() || !std::ranges::all_of(field.values, is_one))
      return fields.refuse("values", "must be codes, one at least");
  }
  TRY(fields.end());
  return field;
}

/// A field that tells the order must be of a shape that can.
Result<std::string> read_mark(Fields& fields, std::string_view key, const RecordKind& kind,
                              RecordShape shape) {
  TRY_LET(const auto named, fields.optional_text(key));
  if (!named) return std::string();
  const auto found = std::ranges::find(kind.fields, *named, &RecordField::code);
  if (found == kind.fields.end() || found->shape != shape)
    return fields.refuse(key, "names no field of that shape");
  return *named;
}

Result<RecordKind> read_kind(Fields& fields) {
  RecordKind kind;
  TRY_LET(kind.code, read_code(fields, "code", "-"));
  TRY_LET(const auto form, fields.choice("form", k_forms));
  kind.form = static_cast<RecordForm>(form);
  TRY_LET(kind.clause, fields.text("clause"));
  TRY_LET(kind.title, read_texts(fields, "title"));
  if (kind.form == RecordForm::fields) {
    TRY_LET(const auto items, fields.array("fields", k_record_fields_max));
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto item = formats::item_fields(fields, "fields", i, items[i]);
      TRY_LET(auto field, read_field(item));
      if (std::ranges::find(kind.fields, field.code, &RecordField::code) != kind.fields.end())
        return item.refuse("code", "comes twice");
      kind.fields.push_back(std::move(field));
    }
    if (kind.fields.empty()) return fields.refuse("fields", "must name one field at least");
  }
  if (kind.form == RecordForm::bytes && kind.code != k_bytes_kind)
    return fields.refuse("form", "is that of the kind " + std::string(k_bytes_kind) + " alone");
  TRY_LET(kind.sequence, read_mark(fields, "sequence", kind, RecordShape::integer));
  TRY_LET(kind.time, read_mark(fields, "time", kind, RecordShape::time));
  TRY(fields.end());
  return kind;
}

bool all_in(std::string_view text, std::size_t most, std::string_view letters) {
  return !text.empty() && text.size() <= most &&
         text.find_first_not_of(letters) == std::string_view::npos;
}

constexpr std::string_view k_digits = "0123456789";
constexpr std::string_view k_hex = "0123456789abcdef";

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const auto end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return false;
    const auto digits = text.substr(0, end);
    if (!all_in(digits, 3, k_digits) || (digits.size() > 1 && digits[0] == '0')) return false;
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    if (value > 255) return false;
    text.remove_prefix(part < 3 ? end + 1 : end);
  }
  return text.empty();
}

/// Groups of one to four hexadecimal digits, the last two perhaps as IPv4; how many 16-bit groups
/// they are. Nothing for what is no such list.
std::optional<int> groups_of(std::string_view text) {
  if (text.empty()) return 0;
  int groups = 0;
  for (;;) {
    const auto end = std::min(text.find(':'), text.size());
    const auto group = text.substr(0, end);
    if (end == text.size() && group.contains('.'))
      return is_ipv4(group) ? std::optional(groups + 2) : std::nullopt;
    if (!all_in(group, 4, "0123456789abcdefABCDEF")) return std::nullopt;
    ++groups;
    if (end == text.size()) return groups;
    text.remove_prefix(end + 1);
  }
}

bool is_of_shape(const RecordField& field, const Json& value) {
  if (field.shape == RecordShape::integer)
    return value.is_integer() && value.integer() >= 0 && value.integer() <= field.max;
  if (!value.is_text()) return false;
  const auto& text = value.text();
  switch (field.shape) {
    case RecordShape::time:
      return instant_from_text(text).has_value();
    case RecordShape::address:
      return is_address(text);
    case RecordShape::digits:
      return all_in(text, k_record_digits_max, k_digits);
    case RecordShape::hex:
      return all_in(text, k_record_hex_max, k_hex);
    case RecordShape::code:
      return std::ranges::find(field.values, text) != field.values.end();
    case RecordShape::integer:
      break;
  }
  return false;
}

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::evidence_record, std::move(why));
}

}  // namespace

Result<std::vector<RecordKind>> load_record_kinds(View toml, const std::string& name) {
  using Kinds = std::vector<RecordKind>;
  return read_data_file<Kinds>(toml, name, [](Fields& fields) -> Result<Kinds> {
    TRY_LET(const auto format, fields.text("format"));
    if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
    TRY_LET(const auto items, fields.array("kind", k_record_kinds_max));
    Kinds kinds;
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto item = formats::item_fields(fields, "kind", i, items[i]);
      TRY_LET(auto kind, read_kind(item));
      if (find_kind(kinds, kind.code)) return item.refuse("code", "comes twice");
      kinds.push_back(std::move(kind));
    }
    return kinds;
  });
}

const RecordKind* find_kind(const std::vector<RecordKind>& kinds, std::string_view code) {
  const auto found = std::ranges::find(kinds, code, &RecordKind::code);
  return found == kinds.end() ? nullptr : &*found;
}

Result<RecordMarks> check_record(const RecordKind& kind, const Json& record) {
  if (!record.is_object()) return refuse("it is no object");
  RecordMarks marks;
  std::size_t known = 0;
  for (const auto& field : kind.fields) {
    const auto* value = record.find(field.code);
    if (!value) {
      if (field.required) return refuse("\"" + field.code + "\" is missing");
      continue;
    }
    ++known;
    if (!is_of_shape(field, *value))
      return refuse("\"" + field.code + "\" is not of the shape that it must have");
    if (field.code == kind.sequence) marks.sequence = static_cast<std::uint64_t>(value->integer());
    if (field.code == kind.time) marks.time = *instant_from_text(value->text());
  }
  // Which one it is, is not told: its name may be what must not pass.
  if (known != record.size()) return refuse("it has a member that this kind does not know");
  return marks;
}

bool is_address(std::string_view text) {
  if (text.size() > 45) return false;
  if (!text.contains(':')) return is_ipv4(text);
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return groups_of(text) == 8;
  const auto front = groups_of(text.substr(0, gap)), back = groups_of(text.substr(gap + 2));
  return front && back && *front + *back < 8;
}

}  // namespace comity::treaty
