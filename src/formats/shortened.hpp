// The beginning of a text that may hold a partner's words: cut to a limit, never through a
// character, since half of one would make the whole document unreadable.
#pragma once

#include <string>

namespace comity::formats {

/// At most `bytes_max` bytes of `text`, which is UTF-8 up to there.
std::string shortened(std::string text, std::size_t bytes_max);

}  // namespace comity::formats
