#include "treaty/texts.hpp"

#include <array>

#include "formats/sight.hpp"

namespace comity::treaty {
namespace {

constexpr std::array<std::string_view, 6> k_languages = {"ar", "en", "es", "fr", "ru", "zh"};
constexpr std::size_t k_words_bytes_max = 2000;

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
  return formats::text_flaw(text, many_lines);
}

}  // namespace comity::treaty
