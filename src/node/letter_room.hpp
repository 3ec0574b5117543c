// How much the next letter to a partner may carry. A lost letter goes again whole: on a line that
// is cut every minute a long one would never arrive, while on a good line long ones save commits on
// both sides. So the room grows while letters that fill it are answered, and shrinks with each
// loss. It never holds back an act: a letter always carries one, however large.
#pragma once

#include <cstddef>
#include <map>

#include "base/id.hpp"

namespace comity::node {

/// Bytes of signatures and parts, before base64.
inline constexpr std::size_t k_letter_bytes_min = std::size_t{16} * 1024;
inline constexpr std::size_t k_letter_bytes_first = std::size_t{128} * 1024;
inline constexpr std::size_t k_letter_bytes_max = std::size_t{4} * 1024 * 1024;

/// A value. Forgotten when the process ends: the first letters find the line out again.
class LetterRooms {
 public:
  std::size_t of(const StateCode& partner) const;
  /// A letter of so many bytes was answered. A short one says nothing of what a long one would do.
  void came_through(const StateCode& partner, std::size_t bytes);
  void was_lost(const StateCode& partner);

 private:
  std::map<StateCode, std::size_t> bytes_;
};

}  // namespace comity::node
