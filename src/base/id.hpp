// Names that can not be mixed up: different ids are different types.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace comity {

/// N bytes with a hex text form. Tag keeps kinds apart.
template <typename Tag, std::size_t N>
struct Id {
  std::array<std::uint8_t, N> bytes{};

  auto operator<=>(const Id&) const = default;
  View view() const { return bytes; }
  std::string hex() const { return comity::hex(bytes); }
  bool is_zero() const { return *this == Id{}; }

  static Result<Id> from_hex(std::string_view text) {
    TRY_LET(const Bytes raw, comity::from_hex(text));
    return from_bytes(raw);
  }
  static Result<Id> from_bytes(View raw) {
    if (raw.size() != N) return fault(FaultCode::format_field, "wrong length of an identifier");
    Id id;
    std::copy(raw.begin(), raw.end(), id.bytes.begin());
    return id;
  }
};

using Digest = Id<struct DigestTag, 32>;        // SHA-256
using ExchangeId = Id<struct ExchangeTag, 16>;  // drawn by the requesting State
using ItemId = Id<struct ItemTag, 16>;          // drawn by the State that seals the item
using DraftId = Id<struct DraftTag, 16>;        // drawn with each draft; used in one act only
using Salt = std::array<std::uint8_t, 16>;

/// A State by its ISO 3166-1 alpha-3 code, always three upper-case letters.
class StateCode {
 public:
  StateCode() = default;
  static Result<StateCode> from_text(std::string_view text);
  std::string text() const { return {letters_.begin(), letters_.end()}; }
  bool empty() const { return letters_[0] == 0; }
  auto operator<=>(const StateCode&) const = default;

 private:
  std::array<char, 3> letters_{};
};

}  // namespace comity

template <typename Tag, std::size_t N>
struct std::hash<comity::Id<Tag, N>> {
  std::size_t operator()(const comity::Id<Tag, N>& id) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value && i < N; ++i) value = value << 8 | id.bytes[i];
    return value;
  }
};
