#include "base/bytes.hpp"

namespace comity {
namespace {

constexpr char k_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> k_sextets = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (int i = 0; i < 64; ++i)
    table[static_cast<std::uint8_t>(k_alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}();

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string hex(View bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  auto out = text.begin();
  for (const auto byte : bytes) {
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fault(FaultCode::format_hex, "odd number of digits");
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = nibble(text[i]), low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return fault(FaultCode::format_hex, "not a lower-case hex digit");
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

std::string base64_unpadded(View bytes) {
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  auto out = text.begin();
  std::uint32_t held = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) *out++ = k_alphabet[held >> (bits - 6) & 63];
  }
  if (bits > 0) *out++ = k_alphabet[held << (6 - bits) & 63];
  return text;
}

std::string base64(View bytes) {
  auto text = base64_unpadded(bytes);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

Result<Bytes> from_base64_unpadded(std::string_view text) {
  if (text.size() % 4 == 1) return fault(FaultCode::format_base64, "impossible length");
  Bytes bytes(text.size() * 3 / 4);
  auto out = bytes.begin();
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const int sextet = k_sextets[static_cast<std::uint8_t>(c)];
    if (sextet < 0) return fault(FaultCode::format_base64, "a character outside the alphabet");
    held = held << 6 | static_cast<std::uint32_t>(sextet);
    if (bits += 6; bits >= 8) {
      bits -= 8;
      *out++ = static_cast<std::uint8_t>(held >> bits);
    }
  }
  // RFC 4648 §3.5: bits that carry nothing are zero, else two texts would mean the same bytes.
  if ((held & ((1U << bits) - 1)) != 0) return fault(FaultCode::format_base64, "stray bits");
  return bytes;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return fault(FaultCode::format_base64, "padding is missing");
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  TRY_LET(Bytes bytes, from_base64_unpadded(text));
  return bytes;
}

bool equal_constant_time(View a, View b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

}  // namespace comity
