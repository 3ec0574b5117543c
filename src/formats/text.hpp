// What counts as text in documents from outside, and exact decimal numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace comity::formats {

/// RFC 3629: shortest forms only, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text);
/// Text that any of our documents may carry: UTF-8 without control characters (but \n and \t) and
/// without DEL.
bool is_plain_text(std::string_view text);

/// A decimal number in its one spelling: digits, no sign, no leading zero. Fault: `code`.
Result<std::uint64_t> decimal(std::string_view digits, FaultCode code);

}  // namespace comity::formats
