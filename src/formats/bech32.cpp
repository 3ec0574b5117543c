#include "formats/bech32.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/secret.hpp"

namespace comity::formats {
namespace {

constexpr std::string_view k_alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t k_checksum_characters = 6;
constexpr std::size_t k_prefix_characters_max = 83;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
char to_upper(char c) {
  return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}
bool is_printable(char c) {
  return c > ' ' && c <= '~';
}

/// The BCH code over GF(32) of BIP 173, fed one 5-bit value at a time.
class Checksum {
 public:
  explicit Checksum(std::string_view prefix) {
    for (const char c : prefix) add(static_cast<std::uint8_t>(to_lower(c)) >> 5);
    add(0);
    for (const char c : prefix) add(static_cast<std::uint8_t>(to_lower(c)) & 31);
  }
  void add(std::uint8_t value) {
    constexpr std::uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                           0x2a1462b3};
    const auto top = state_ >> 25;
    state_ = (state_ & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; ++i)
      if (top >> i & 1) state_ ^= generator[i];
  }
  std::uint32_t state() const { return state_; }

 private:
  std::uint32_t state_ = 1;
};

}  // namespace

std::string to_bech32(std::string_view prefix, View data) {
  const bool upper = std::ranges::any_of(prefix, is_upper);
  CHECK(!prefix.empty() && prefix.size() <= k_prefix_characters_max);
  CHECK(std::ranges::all_of(prefix, is_printable));
  CHECK(!(upper && std::ranges::any_of(prefix, is_lower)));
  Checksum checksum(prefix);
  std::string text(prefix);
  text.reserve(prefix.size() + 1 + data.size() * 8 / 5 + 1 + k_checksum_characters);
  text += '1';
  const auto put = [&](std::uint32_t value) {
    const char c = k_alphabet[value & 31];
    text += upper ? to_upper(c) : c;
  };
  std::uint32_t held = 0;
  unsigned bits = 0;
  const auto add = [&](std::uint32_t value) {
    checksum.add(static_cast<std::uint8_t>(value & 31));
    put(value);
  };
  for (const auto byte : data) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) add(held >> (bits - 5));
  }
  if (bits > 0) add(held << (5 - bits));
  for (std::size_t i = 0; i < k_checksum_characters; ++i) checksum.add(0);
  const auto sum = checksum.state() ^ 1;
  for (unsigned i = 0; i < k_checksum_characters; ++i) put(sum >> 5 * (5 - i));
  return text;
}

Result<Bech32> from_bech32(std::string_view text) {
  const auto refuse = [](const char* why) { return fault(FaultCode::format_bech32, why); };
  if (text.size() > k_bech32_characters_max) return refuse("too long");
  if (std::ranges::any_of(text, is_lower) && std::ranges::any_of(text, is_upper))
    return refuse("mixed upper and lower case");
  const auto separator = text.rfind('1');
  if (separator == text.npos || separator == 0) return refuse("no prefix");
  const auto prefix = text.substr(0, separator), rest = text.substr(separator + 1);
  if (prefix.size() > k_prefix_characters_max || !std::ranges::all_of(prefix, is_printable))
    return refuse("an impossible prefix");
  if (rest.size() < k_checksum_characters) return refuse("no checksum");

  Bech32 result{std::string(prefix), {}};
  result.data.reserve(rest.size() * 5 / 8);
  const auto refuse_wiped = [&](const char* why) {
    wipe(result.data);
    return refuse(why);
  };
  Checksum checksum(prefix);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const auto value = k_alphabet.find(to_lower(rest[i]));
    if (value == k_alphabet.npos) return refuse_wiped("a character outside the alphabet");
    checksum.add(static_cast<std::uint8_t>(value));
    if (i >= rest.size() - k_checksum_characters) continue;
    held = (held << 5 | static_cast<std::uint32_t>(value)) & 0xfff;
    if (bits += 5; bits >= 8) {
      bits -= 8;
      result.data.push_back(static_cast<std::uint8_t>(held >> bits));
    }
  }
  if (checksum.state() != 1)
    return refuse_wiped("the checksum does not match; look for a typing error");
  if (bits >= 5 || (held & ((1U << bits) - 1)) != 0) return refuse_wiped("stray bits");
  return result;
}

}  // namespace comity::formats
