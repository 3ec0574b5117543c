#include "cli/item_rates.hpp"

#include "cli/progress.hpp"

namespace comity::cli {

void ItemRates::see(const std::string& item, std::uint64_t done, Instant now) {
  auto& seen = items_[item];
  if (!seen.empty() && done < seen.back().done) seen.clear();  // it began anew
  seen.push_back({now, done});
  while (seen.size() > 2 && now.ms - seen[1].at.ms >= k_rate_span_ms) seen.pop_front();
}

std::optional<std::uint64_t> ItemRates::of(const std::string& item) const {
  const auto found = items_.find(item);
  if (found == items_.end()) return std::nullopt;
  const auto& seen = found->second;
  const auto spent_ms = seen.back().at.ms - seen.front().at.ms;
  if (spent_ms <= 0) return std::nullopt;
  return (seen.back().done - seen.front().done) * 1000 / static_cast<std::uint64_t>(spent_ms);
}

std::string time_left(std::uint64_t bytes, std::optional<std::uint64_t> bytes_s) {
  if (!bytes_s || *bytes_s == 0) return {};
  return duration_words((bytes + *bytes_s - 1) / *bytes_s);
}

}  // namespace comity::cli
