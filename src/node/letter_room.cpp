#include "node/letter_room.hpp"

#include <algorithm>

namespace comity::node {

std::size_t LetterRooms::of(const StateCode& partner) const {
  const auto found = bytes_.find(partner);
  return found == bytes_.end() ? k_letter_bytes_first : found->second;
}

void LetterRooms::came_through(const StateCode& partner, std::size_t bytes) {
  const auto room = of(partner);
  if (bytes >= room / 2) bytes_[partner] = std::min(room * 2, k_letter_bytes_max);
}

void LetterRooms::was_lost(const StateCode& partner) {
  bytes_[partner] = std::max(of(partner) / 2, k_letter_bytes_min);
}

}  // namespace comity::node
