// Bytes as values and as borrowed views, and their text forms: hex and base64.
// Decoders are strict: one byte string has exactly one accepted text.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace comity {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

/// Borrows the bytes of `text`; lives as long as it.
inline View as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(View bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(View bytes) {
  return {bytes.begin(), bytes.end()};
}
inline Bytes to_bytes(std::string_view text) {
  return to_bytes(as_bytes(text));
}
inline void append(Bytes& to, View more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::string hex(View bytes);                       // lower case
Result<Bytes> from_hex(std::string_view text);     // lower case only; Fault: format.hex
std::string base64(View bytes);                    // RFC 4648 §4, padded
Result<Bytes> from_base64(std::string_view text);  // canonical, padded; Fault: format.base64
std::string base64_unpadded(View bytes);           // as age v1 writes it
Result<Bytes> from_base64_unpadded(std::string_view text);

/// Compares in a time that depends only on the lengths.
bool equal_constant_time(View a, View b);

}  // namespace comity
