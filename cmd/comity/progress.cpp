#include "progress.hpp"

namespace comity {
namespace {
constexpr std::chrono::milliseconds k_told_every{250};
}

void Progress::set(const ItemId& item, std::uint64_t bytes_done) {
  {
    const std::lock_guard lock(mutex_);
    auto& state = items_[item];
    state.bytes_done = bytes_done;
    const auto now = std::chrono::steady_clock::now();
    if (now - state.told_at < k_told_every) return;
    state.told_at = now;
  }
  notices_.publish(formats::Json::object(
      {{"kind", "progress"}, {"item", item.hex()}, {"bytes_done", bytes_done}}));
}

void Progress::drop(const ItemId& item) {
  const std::lock_guard lock(mutex_);
  items_.erase(item);
}

std::optional<std::uint64_t> Progress::of(const ItemId& item) const {
  const std::lock_guard lock(mutex_);
  const auto found = items_.find(item);
  if (found == items_.end()) return std::nullopt;
  return found->second.bytes_done;
}

}  // namespace comity
