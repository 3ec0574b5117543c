#include "node/practice.hpp"

namespace comity::node {

Practice practice_of(const law::Profile& profile) {
  const auto& service = profile.service;
  const Practice usual;
  const auto hours = [](std::int64_t told, std::int64_t otherwise_s) {
    return told > 0 ? told * k_hour_s : otherwise_s;
  };
  return {
      .acknowledge_s = hours(service.acknowledge_hours, usual.acknowledge_s),
      .decide_s = hours(service.decide_days * 24, usual.decide_s),
      .preserve_s = hours(service.preserve_hours, usual.preserve_s),
      .emergency_s = hours(service.emergency_hours, usual.emergency_s),
      .emergency_review_s = hours(profile.limits.emergency_hours_max, usual.emergency_review_s)};
}

}  // namespace comity::node
