#include "treaty/texts.hpp"

#include <algorithm>
#include <array>

namespace comity::treaty {
namespace {

constexpr std::array<std::string_view, 6> k_languages = {"ar", "en", "es", "fr", "ru", "zh"};
constexpr std::size_t k_words_bytes_max = 2000;

struct Range {
  char32_t first, last;
};

// What a reader can not see, or what changes the order in which the rest is seen. The joiners
// U+200C and U+200D and the marks U+200E and U+200F stay: Persian and Arabic need them.
constexpr Range k_treacherous[] = {
    {0x0080, 0x009F},     // C1 controls
    {0x00AD, 0x00AD},     // soft hyphen
    {0x2028, 0x202E},     // line and paragraph separators, embeddings, overrides
    {0x2060, 0x206F},     // invisible operators, isolates, deprecated formatting
    {0xFDD0, 0xFDEF},     // noncharacters
    {0xFEFF, 0xFEFF},     // byte order mark
    {0xFFF9, 0xFFFF},     // annotations, replacement, noncharacters
    {0xE0000, 0xE007F},   // tags
    {0xF0000, 0x10FFFF},  // private use
};

constexpr Range k_blank[] = {{0x09, 0x0A},     {0x20, 0x20},     {0xA0, 0xA0},
                             {0x1680, 0x1680}, {0x2000, 0x200F}, {0x202F, 0x202F},
                             {0x205F, 0x205F}, {0x3000, 0x3000}};

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

const std::string& in_language(const Texts& texts, std::string_view language) {
  static const std::string none;
  auto found = texts.find(language);
  if (found == texts.end()) found = texts.find("en");
  return found == texts.end() ? none : found->second;
}

Result<Texts> read_texts(formats::Fields& fields, std::string_view key) {
  TRY_LET(formats::Fields words, fields.object(key));
  Texts texts;
  TRY_LET(texts["en"], words.text("en", k_words_bytes_max));
  for (const auto language : k_languages) {
    if (language == "en") continue;
    TRY_LET(auto text, words.optional_text(language, k_words_bytes_max));
    if (text) texts.emplace(language, *std::move(text));
  }
  TRY(words.end());
  return texts;
}

Result<Texts> read_optional_texts(formats::Fields& fields, std::string_view key) {
  if (!fields.has(key)) return Texts{};
  return read_texts(fields, key);
}

std::optional<std::string> text_flaw(std::string_view text, bool many_lines) {
  if (!formats::is_plain_text(text)) return "has control characters or is not UTF-8";
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

}  // namespace comity::treaty
