#include "custody/consistency.hpp"

#include "base/check.hpp"

namespace comity::custody {

std::string_view name_of(Agreement agreement) {
  switch (agreement) {
    case Agreement::first:
      return "first";
    case Agreement::same:
      return "same";
    case Agreement::newer:
      return "newer";
    case Agreement::older:
      return "older";
    case Agreement::unproven:
      return "unproven";
    case Agreement::forked:
      return "forked";
  }
  CHECK(false);
}

Agreement judge(const std::optional<formats::Checkpoint>& held, const formats::Checkpoint& shown,
                std::span<const Digest> proof) {
  if (!held) return Agreement::first;
  CHECK(held->origin == shown.origin);
  if (held->size == shown.size)
    return held->root == shown.root ? Agreement::same : Agreement::forked;
  const bool grown = held->size < shown.size;
  const auto& small = grown ? *held : shown;
  const auto& large = grown ? shown : *held;
  if (!formats::check_consistency(small.size, small.root, large.size, large.root, proof))
    return Agreement::unproven;
  return grown ? Agreement::newer : Agreement::older;
}

Result<void> check_own(const formats::Checkpoint& shown, std::uint64_t own_size,
                       formats::HashReader& own) {
  if (shown.size > own_size)
    return fault(FaultCode::log_rolled_back, shown.origin + ": " + std::to_string(shown.size) +
                                                 " entries were shown, " +
                                                 std::to_string(own_size) + " are here");
  TRY_LET(const Digest root, formats::root_at(own, shown.size));
  if (root != shown.root)
    return fault(FaultCode::log_inconsistent,
                 shown.origin + ": another root at size " + std::to_string(shown.size));
  return {};
}

}  // namespace comity::custody
