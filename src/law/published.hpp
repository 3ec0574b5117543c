// What is read off the published part of a State's law, alike by the State that judges under it and
// by the one that asks and wants to know before. Private to the room.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "directory/entry.hpp"
#include "treaty/instrument.hpp"

namespace comity::law {

inline bool holds(const std::vector<std::string>& list, std::string_view code) {
  return std::ranges::find(list, code) != list.end();
}

inline std::string joined(const std::vector<std::string>& list, std::string_view none = {}) {
  std::string text;
  for (const auto& one : list) text += (text.empty() ? "" : ", ") + one;
  return text.empty() ? std::string(none) : text;
}

/// Whoever takes up all offences of the instrument takes up its core.
inline bool takes_up(const directory::Published& published, treaty::Scope scope) {
  return holds(published.scopes, name_of(scope)) ||
         (scope == treaty::Scope::core &&
          holds(published.scopes, name_of(treaty::Scope::convention)));
}

/// The policy for the measure alone goes before the one for all.
inline bool requires_dual_criminality(const directory::Published& published,
                                      const treaty::Measure& measure) {
  const auto own = published.dual_criminality_for.find(measure.code);
  const auto& policy =
      own == published.dual_criminality_for.end() ? published.dual_criminality : own->second;
  return policy == "required" || (policy == "coercive" && measure.coercive);
}

}  // namespace comity::law
