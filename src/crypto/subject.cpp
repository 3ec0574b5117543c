#include "crypto/subject.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/identifiers.hpp"

namespace comity::crypto {
namespace {

using namespace identifiers;

/// The next character of UTF-8 text (RFC 3629: shortest form, no surrogates), or −1.
std::int32_t take_character(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  const int more = lead < 0x80       ? 0
                   : lead >> 5 == 6  ? 1
                   : lead >> 4 == 14 ? 2
                   : lead >> 3 == 30 ? 3
                                     : -1;
  if (more < 0 || text.size() <= static_cast<std::size_t>(more)) return -1;
  std::int32_t character = more == 0 ? lead : lead & (0x3f >> more);
  for (int i = 1; i <= more; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[static_cast<std::size_t>(i)]);
    if (byte >> 6 != 2) return -1;
    character = character << 6 | (byte & 0x3f);
  }
  constexpr std::int32_t least[] = {0, 0x80, 0x800, 0x10000};
  if (character < least[more] || character > 0x10ffff) return -1;
  if (character >= 0xd800 && character <= 0xdfff) return -1;
  text.remove_prefix(static_cast<std::size_t>(more) + 1);
  return character;
}

struct Range {
  std::int32_t first, last;
};
/// Characters that do not show, look like a space, or turn what stands around them: a name must
/// read as it is. The joiners U+200C and U+200D stay allowed, since Persian and Indic names need
/// them.
constexpr Range k_deceiving[] = {
    {0x0000, 0x001f}, {0x007f, 0x00a0}, {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},
    {0x115f, 0x1160}, {0x1680, 0x1680}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200b},
    {0x200e, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f},   {0x2800, 0x2800},   {0x3000, 0x3000},
    {0x3164, 0x3164}, {0xe000, 0xf8ff}, {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0}, {0xfff0, 0xffff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff}};

bool deceives(std::int32_t character) {
  return std::ranges::any_of(k_deceiving, [&](const Range& range) {
    return character >= range.first && character <= range.last;
  });
}

bool is_name(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  std::size_t count = 0;
  while (!text.empty()) {
    const auto character = take_character(text);
    if (character < 0 || deceives(character) || ++count > k_name_characters_max) return false;
  }
  return true;
}

bool is_role(std::string_view text) {
  if (text.size() > k_role_characters_max) return false;
  const auto colon = text.find(':');
  if (colon == text.npos || colon == 0 || colon + 1 == text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i != colon && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
  }
  return true;
}

Bytes attribute(View type, std::string_view value) {
  const Bytes text = der::wrap(der::k_utf8_string, {as_bytes(value)});
  return der::wrap(der::k_set, {der::wrap(der::k_sequence, {type, text})});
}

/// One RelativeDistinguishedName of one attribute of this type.
Result<std::string> take_attribute(der::Reader& names, View type) {
  TRY_LET(der::Reader set, names.enter(der::k_set));
  TRY_LET(der::Reader pair, set.enter(der::k_sequence));
  TRY(set.end());
  TRY(pair.take_exactly(type, "a name is O, CN and any OU, in this order"));
  TRY_LET(const der::Element value, pair.take());
  TRY(pair.end());
  // RFC 5280 §4.1.2.4: one of these two. What they may hold, check_subject says.
  if (value.tag != der::k_utf8_string && value.tag != der::k_printable_string)
    return pair.refuse("a name in another kind of string");
  return std::string(as_text(value.content));
}

}  // namespace

Result<void> check_subject(const Subject& subject) {
  if (subject.state.empty()) return fault(FaultCode::format_field, "a subject without a State");
  if (!is_name(subject.common_name))
    return fault(FaultCode::format_field,
                 "a name of 1 to 64 visible characters is needed, without marks of direction");
  if (subject.roles.size() > k_roles_max)
    return fault(FaultCode::format_field, "more than 8 roles");
  for (auto role = subject.roles.begin(); role != subject.roles.end(); ++role)
    if (!is_role(*role) || std::find(subject.roles.begin(), role, *role) != role)
      return fault(FaultCode::format_field,
                   "a role that is not of the form kind:name, or stands twice");
  return {};
}

Bytes encode_name(const Subject& subject) {
  CHECK(check_subject(subject).has_value());
  Bytes names = attribute(k_organization, subject.state.text());
  append(names, attribute(k_common_name, subject.common_name));
  for (const auto& role : subject.roles) append(names, attribute(k_organizational_unit, role));
  return der::wrap(der::k_sequence, {names});
}

Result<Subject> take_name(der::Reader& reader) {
  TRY_LET(der::Reader names, reader.enter(der::k_sequence));
  Subject subject;
  TRY_LET(const std::string organization, take_attribute(names, k_organization));
  const auto state = StateCode::from_text(organization);
  if (!state) return reader.refuse("O is not a State's three letters");
  subject.state = *state;
  TRY_LET(subject.common_name, take_attribute(names, k_common_name));
  while (!names.done() && subject.roles.size() <= k_roles_max) {
    TRY_LET(std::string role, take_attribute(names, k_organizational_unit));
    subject.roles.push_back(std::move(role));
  }
  if (const auto good = check_subject(subject); !good)
    return reader.refuse(good.error().detail.c_str());
  return subject;
}

}  // namespace comity::crypto
