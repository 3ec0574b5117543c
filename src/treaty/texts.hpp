// Words for people, by language. Data files carry English at least; the other five of the United
// Nations' languages find their place beside it. Never used to decide anything.
#pragma once

#include <map>
#include <string>

#include "formats/fields.hpp"

namespace comity::treaty {

/// Language ("en") → text.
using Texts = std::map<std::string, std::string, std::less<>>;

/// The text in `language`, else in English, else empty.
const std::string& in_language(const Texts& texts, std::string_view language = "en");

/// Reads { en = "…", fr = "…" }: English must be there, other languages may. Fault: format.field.
Result<Texts> read_texts(formats::Fields& fields, std::string_view key);
/// As read_texts, but empty when absent.
Result<Texts> read_optional_texts(formats::Fields& fields, std::string_view key);

/// Why a text must not travel in a request, or nothing: it has control, invisible or
/// direction-overriding characters (which make a reader see other words than were signed), no
/// visible character, or, unless `many_lines`, more than one line.
std::optional<std::string> text_flaw(std::string_view text, bool many_lines);

}  // namespace comity::treaty
