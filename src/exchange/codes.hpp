// The alphabets of names and codes that acts carry. Private to the room.
// They become names of files, keys of rows and words of log entries, so they stay narrow.
#pragma once

#include <algorithm>
#include <string_view>

namespace comity::exchange {

inline constexpr std::size_t k_code_bytes_max = 64;

namespace detail {
inline bool is_name(std::string_view text, std::string_view marks, bool capitals) {
  return !text.empty() && text.size() <= k_code_bytes_max && std::ranges::all_of(text, [=](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (capitals && c >= 'A' && c <= 'Z') ||
           marks.contains(c);
  });
}
}  // namespace detail

/// "art-42", "R21B", "stored-data", "central_authority".
inline bool is_code(std::string_view text) {
  return detail::is_name(text, "_-", true);
}
/// A part's name: a plain file name on any system that is case-blind; hidden ones and options not.
inline bool is_part_name(std::string_view text) {
  return detail::is_name(text, "._-", false) && text[0] != '.' && text[0] != '-';
}

}  // namespace comity::exchange
