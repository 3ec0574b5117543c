// What was logged under keys that were revoked later, from the time on that the revocation names.
// What was logged before stays valid; this is for officers to look at, one by one, and to call
// about. It changes nothing by itself (spec/directory.md §4).
#pragma once

#include "node/office.hpp"

namespace comity::node {

inline constexpr std::size_t k_review_rows_max = 20'000;  // of logs, looked at for one answer
inline constexpr std::size_t k_review_acts_max = 500;     // in one answer

/// Our own entry with what was revoked of it since; nothing before there is one.
Result<std::optional<directory::Accepted>> own_accepted(Turn& turn);

/// {"acts": [{"exchange", "act", "type", "partner", "logged_at", "certificate", "name",
/// "revoked_from", "reason"}], "more": boolean}, newest first: a partner's acts that were taken
/// here, or those of our own that we sent. Faults: the store's, log.corrupt.
Result<Json> review_of(Turn& turn, const directory::Accepted& accepted);

}  // namespace comity::node
