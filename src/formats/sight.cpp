#include "formats/sight.hpp"

#include <algorithm>
#include <span>

#include "formats/text.hpp"

namespace comity::formats {
namespace {

struct Range {
  char32_t first, last;
};

// What a reader can not see, or what changes the order in which the rest is seen. The joiners
// U+200C and U+200D and the marks U+200E and U+200F stay: Persian and Arabic need them.
constexpr Range k_treacherous[] = {
    {0x0080, 0x009F},     // C1 controls
    {0x00AD, 0x00AD},     // soft hyphen
    {0x034F, 0x034F},     // combining grapheme joiner
    {0x061C, 0x061C},     // Arabic letter mark
    {0x115F, 0x1160},     // Hangul fillers
    {0x17B4, 0x17B5},     // Khmer inherent vowels
    {0x180E, 0x180E},     // Mongolian vowel separator
    {0x200B, 0x200B},     // zero width space
    {0x2028, 0x202E},     // line and paragraph separators, embeddings, overrides
    {0x2060, 0x206F},     // invisible operators, isolates, deprecated formatting
    {0x3164, 0x3164},     // Hangul filler
    {0xE000, 0xF8FF},     // private use
    {0xFDD0, 0xFDEF},     // noncharacters
    {0xFE00, 0xFE0D},     // variation selectors, but for the two that emoji need
    {0xFEFF, 0xFEFF},     // byte order mark
    {0xFFA0, 0xFFA0},     // halfwidth Hangul filler
    {0xFFF0, 0xFFFF},     // annotations, replacement, noncharacters
    {0x1D173, 0x1D17A},   // musical formatting
    {0xE0000, 0xE0FFF},   // tags, variation selectors
    {0xF0000, 0x10FFFF},  // private use
};

constexpr Range k_blank[] = {{0x09, 0x0A},     {0x20, 0x20},     {0xA0, 0xA0},
                             {0x1680, 0x1680}, {0x2000, 0x200F}, {0x202F, 0x202F},
                             {0x205F, 0x205F}, {0x2800, 0x2800}, {0x3000, 0x3000}};

/// `ranges` ascend.
bool lies_in(char32_t point, std::span<const Range> ranges) {
  const auto range = std::ranges::lower_bound(ranges, point, {}, &Range::last);
  return range != ranges.end() && point >= range->first;
}

// The next code point of valid UTF-8.
char32_t next_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  char32_t point = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i)
    point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
  return point;
}

}  // namespace

std::optional<std::string> text_flaw(std::string_view text, bool many_lines) {
  if (!is_plain_text(text)) return "has control characters or is not UTF-8";
  bool visible = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = next_point(text, at);
    if (!many_lines && (point == '\n' || point == '\t')) return "must be one line";
    if (lies_in(point, k_treacherous))
      return "has invisible or direction-overriding characters, which can hide what is signed";
    if (!lies_in(point, k_blank)) visible = true;
  }
  if (!visible) return "is empty";
  return std::nullopt;
}

std::optional<std::string> name_flaw(std::string_view text) {
  if (auto flaw = text_flaw(text, false)) return flaw;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = next_point(text, at);
    if (point == 0x200E || point == 0x200F) return "has marks of direction";
    if (point != ' ' && point != 0x200C && point != 0x200D && lies_in(point, k_blank))
      return "has a space that is none of U+0020";
  }
  return std::nullopt;
}

}  // namespace comity::formats
