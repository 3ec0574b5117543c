#include "node/footing.hpp"

#include <algorithm>

namespace comity::node {
namespace {

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::ranges::find(list, one) != list.end();
}

}  // namespace

const treaty::Instrument* applied(const Charter& charter, std::string_view instrument) {
  const auto& ours = charter.profile.instruments;
  if (std::ranges::find(ours, instrument, &law::Adherence::instrument) == ours.end())
    return nullptr;
  return charter.treaties->instrument(instrument);
}

const treaty::Measure* measure_of(const Charter& charter, std::string_view instrument,
                                  std::string_view measure) {
  const auto* found = applied(charter, instrument);
  return found == nullptr ? nullptr : found->measure(measure);
}

Result<const treaty::Measure*> need_measure(const Charter& charter, std::string_view instrument,
                                            std::string_view measure) {
  const auto* found = measure_of(charter, instrument, measure);
  if (found == nullptr)
    return fault(FaultCode::act_measure, std::string(instrument) + ": " + std::string(measure));
  return found;
}

Result<void> check_footing(const Charter& charter, const directory::Published& partner,
                           const exchange::Substance& request,
                           const std::optional<std::string>& without_treaty, Instant at) {
  const auto* instrument = applied(charter, request.instrument);
  if (instrument == nullptr) return fault(FaultCode::act_measure, request.instrument);
  const auto basis =
      treaty::basis_under(*instrument, charter.registers, request.from, request.to, at);
  if (basis.in_force) {
    if (!without_treaty) return {};
    return fault(FaultCode::act_basis, basis.reason + " Ask under it, not by " + *without_treaty);
  }
  if (!without_treaty) return fault(FaultCode::act_basis, basis.reason);
  if (has(charter.profile.published.without_treaty, *without_treaty) &&
      has(partner.without_treaty, *without_treaty))
    return {};
  return fault(FaultCode::act_basis, basis.reason + " Help by " + *without_treaty +
                                         " is not what both States have published");
}

}  // namespace comity::node
