#include "formats/json.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace comity::formats {
namespace {

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void write_escape(std::string& out, char c) {
  constexpr char digits[] = "0123456789abcdef";
  constexpr std::string_view shortened = "\"\\\b\t\n\f\r", letters = "\"\\btnfr";
  out += '\\';
  if (const auto at = shortened.find(c); at != std::string_view::npos) {
    out += letters[at];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += {'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
}

void write_text(std::string& out, std::string_view text) {
  out += '"';
  // Nearly all text is one run that needs no escape.
  for (auto at = text.begin(); at != text.end();) {
    const auto run = std::find_if(at, text.end(), needs_escape);
    out.append(at, run);
    if (run != text.end()) write_escape(out, *run);
    at = run == text.end() ? run : run + 1;
  }
  out += '"';
}

/// Writes `value`; `indent` < 0 means canonical, else the depth of the line it stands on.
void write(std::string& out, const Json& value, int indent) {
  const auto line = [&](int depth) {
    if (indent < 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(depth) * 2, ' ');
  };
  const int inner = indent < 0 ? -1 : indent + 1;
  switch (value.kind()) {
    case Json::Kind::null:
      out += "null";
      break;
    case Json::Kind::boolean:
      out += value.boolean() ? "true" : "false";
      break;
    case Json::Kind::integer:
      out += std::to_string(value.integer());
      break;
    case Json::Kind::text:
      write_text(out, value.text());
      break;
    case Json::Kind::array: {
      out += '[';
      bool first = true;
      for (const auto& item : value.items()) {
        if (!std::exchange(first, false)) out += ',';
        line(inner);
        write(out, item, inner);
      }
      if (!first) line(indent);
      out += ']';
      break;
    }
    case Json::Kind::object: {
      out += '{';
      bool first = true;
      for (const auto& [key, member] : value.members()) {
        if (!std::exchange(first, false)) out += ',';
        line(inner);
        write_text(out, key);
        out += indent < 0 ? ":" : ": ";
        write(out, member, inner);
      }
      if (!first) line(indent);
      out += '}';
      break;
    }
  }
}

}  // namespace

std::int64_t Json::checked(bool in_range, std::int64_t value) {
  CHECK(in_range && value >= -k_json_integer_max && value <= k_json_integer_max);
  return value;
}

Json Json::object(std::initializer_list<Member> members) {
  Object object;
  for (const auto& [key, value] : members) CHECK(object.emplace(key, std::move(value)).second);
  return Json(std::move(object));
}

bool Json::boolean() const {
  CHECK(is_bool());
  return std::get<bool>(value_);
}

std::int64_t Json::integer() const {
  CHECK(is_integer());
  return std::get<std::int64_t>(value_);
}

const std::string& Json::text() const {
  CHECK(is_text());
  return std::get<std::string>(value_);
}

const Json::Array& Json::items() const {
  CHECK(is_array());
  return std::get<Array>(value_);
}

const Json::Object& Json::members() const {
  CHECK(is_object());
  return std::get<Object>(value_);
}

Json::Array& Json::items() {
  return const_cast<Array&>(std::as_const(*this).items());
}
Json::Object& Json::members() {
  return const_cast<Object&>(std::as_const(*this).members());
}

std::size_t Json::size() const {
  if (is_array()) return items().size();
  return is_object() ? members().size() : 0;
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto at = members().find(key);
  return at == members().end() ? nullptr : &at->second;
}

const Json& Json::at(std::string_view key) const {
  const auto* member = find(key);
  CHECK(member != nullptr);
  return *member;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_.emplace<Object>();
  auto& object = members();
  const auto at = object.find(key);
  return at != object.end() ? at->second : object.emplace(key, Json()).first->second;
}

Json& Json::set(std::string_view key, Json value) {
  (*this)[key] = std::move(value);
  return *this;
}

Json& Json::push_back(Json value) {
  if (is_null()) value_.emplace<Array>();
  items().push_back(std::move(value));
  return *this;
}

std::string canonical(const Json& value) {
  std::string out;
  write(out, value, -1);
  return out;
}

std::string pretty(const Json& value) {
  std::string out;
  write(out, value, 0);
  return out + '\n';
}

}  // namespace comity::formats
