// Items of which the bytes at rest are not what was signed: found by the scrub, kept until they are
// whole again, told by the doctor and to whoever asks for the item.
#pragma once

#include <map>

#include "node/ports.hpp"

namespace comity::node {

/// Beyond that, more are found again in the next round.
inline constexpr std::size_t k_damaged_items_max = 1000;

struct Damage {
  FaultCode code{};
  std::string detail;  // "chunk 17"
  Instant found_at;

  bool operator==(const Damage&) const = default;
};
using DamagedItems = std::map<ItemId, Damage>;

/// Faults: the store's.
Result<DamagedItems> damaged_items(Store& store);
Result<void> put_damaged_items(Store& store, const DamagedItems& items);
formats::Json to_json(const Damage& damage);

}  // namespace comity::node
