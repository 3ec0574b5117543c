#include "formats/text.hpp"

#include <algorithm>
#include <charconv>

namespace comity::formats {

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto beyond_ascii = std::ranges::find_if(text, [](char c) { return (c & 0x80) != 0; });
  for (auto i = static_cast<std::size_t>(beyond_ascii - text.begin()); i < text.size();) {
    const auto lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - i < length) return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    const auto second = byte(i + 1);  // RFC 3629 §4 narrows it after these leads
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
      return false;
    i += length;
  }
  return true;
}

bool is_plain_text(std::string_view text) {
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
  };
  return std::ranges::none_of(text, is_control) && is_utf8(text);
}

Result<std::uint64_t> decimal(std::string_view digits, FaultCode code) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(digits.begin(), digits.end(), value);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.end() ||
      (digits.front() == '0' && digits.size() > 1))
    return fault(code, "not a decimal number: " + std::string(digits.substr(0, 32)));
  return value;
}

}  // namespace comity::formats
