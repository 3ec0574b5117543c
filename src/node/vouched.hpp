// Whom this node trusts is what officers signed, and no row says otherwise: the statement by which
// an entry was accepted, or a second contact called, stays with its signatures, and is verified
// again whenever the directory is read back. A row that nobody vouched for is never believed.
#pragma once

#include "directory/entry.hpp"
#include "node/office.hpp"
#include "node/statement_text.hpp"

namespace comity::node {

/// A statement of which it was verified that officers made it. Kept for as long as the process
/// lives: with many States the directory is read back often.
struct Vouched {
  Statement said;
  Instant made_at;
};

/// The settings that name the drafts of those statements.
std::string acceptance_setting(const StateCode& state, std::int64_t serial);
std::string callback_setting(const StateCode& state);
std::string deputy_setting(const Digest& officer);

/// When the officers' statement that this very entry be accepted was made. Each duty must have its
/// signer with a role for it, certified by our root then; that one was revoked later changes
/// nothing. Fault: store.corrupt.
Result<Instant> accepted_by_officers(Office& office, const DirectoryRecord& record);
/// Whether an officer signed that the second contact was called, at this time or later.
bool called_by_officer(Office& office, const StateCode& state, Instant since);
/// The latest appointment of this officer as a deputy, as two approvers signed it; nullopt: none.
/// Fault: store.corrupt when what the rows name was not signed.
Result<std::optional<DeputyAppoint>> appointed_by_officers(Office& office, const Digest& officer);
/// What officers last said of an item that may be privileged: ItemQuarantine or ItemClear; nullopt:
/// nothing. Fault: store.corrupt, as above.
std::string privilege_setting(const ItemId& item);
Result<std::optional<Vouched>> privilege_by_officers(Office& office, const ItemId& item);
/// A screener's word on bytes of this hash, for this exchange; nullopt: none. Fault: store.corrupt.
std::string screening_setting(const ExchangeId& exchange, const Digest& sha256);
Result<std::optional<ItemScreen>> screening_by_officers(Office& office, const ExchangeId& exchange,
                                                        const Digest& sha256);

}  // namespace comity::node
