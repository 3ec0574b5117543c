// Bech32 (BIP 173) as age writes its keys: a prefix, bytes, and a checksum that finds any typing
// error of up to four characters. Without BIP 173's limit of 90 characters, as the age format says.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace comity::formats {

inline constexpr std::size_t k_bech32_characters_max = 8192;  // hybrid age keys have some 2,000

struct Bech32 {
  std::string prefix;  // in the case in which it was written: "age", "AGE-SECRET-KEY-"
  Bytes data;
};

/// `data` under `prefix` (1 to 83 printable ASCII characters of one case). The whole text gets the
/// case of the prefix; a prefix without letters gives lower case.
std::string to_bech32(std::string_view prefix, View data);
/// Fault: format.bech32. Buffers that held the data are wiped, as it may be a secret key.
Result<Bech32> from_bech32(std::string_view text);

}  // namespace comity::formats
