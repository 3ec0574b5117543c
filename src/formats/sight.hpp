// What a person sees of a text, and whether it is what was signed: the one list of characters that
// hide or turn words, for all that officers read. Never used to decide anything else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace comity::formats {

/// Why a person must not be shown this text as what was signed, or nothing: it has control
/// characters, characters that do not show or that turn the words around them (Unicode TR 36 §2.2),
/// no visible character, or, unless `many_lines`, more than one line. Joiners and marks that
/// Persian and Arabic need are no flaw.
std::optional<std::string> text_flaw(std::string_view text, bool many_lines);
/// The same of a name in one line that stands alone, as of a file: no marks of direction either,
/// and no space but U+0020, since behind a row of other blanks its end is out of sight.
std::optional<std::string> name_flaw(std::string_view text);

}  // namespace comity::formats
