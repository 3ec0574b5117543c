// What an exchange rests on: the instrument whose words it speaks, the measure it asks for, and
// whether the two States may ask each other for it on that day. The law is data (treaty/, law/);
// this finds the part of it that a substance names.
#pragma once

#include "directory/entry.hpp"
#include "exchange/act.hpp"
#include "node/heart.hpp"

namespace comity::node {

/// An instrument that our profile applies; nullptr for any other.
const treaty::Instrument* applied(const Charter& charter, std::string_view instrument);
/// nullptr where the instrument is not applied, or has no such measure.
const treaty::Measure* measure_of(const Charter& charter, std::string_view instrument,
                                  std::string_view measure);
/// Faults: act.measure.
Result<const treaty::Measure*> need_measure(const Charter& charter, std::string_view instrument,
                                            std::string_view measure);

/// That the request `without_treaty` names, or its instrument, lets the partner and us ask each
/// other. No instrument in force means no treaty request: reciprocity or domestic law serves where
/// both States publish that it may, and the request says so.
/// Fault: act.basis.
Result<void> check_footing(const Charter& charter, const directory::Published& partner,
                           const exchange::Substance& request,
                           const std::optional<std::string>& without_treaty, Instant at);

}  // namespace comity::node
