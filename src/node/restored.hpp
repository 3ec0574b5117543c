// After a restore: the node knows that its disk may be older than what it has already said. It asks
// each partner what that one holds of it, takes back the acts that it lacks, and goes on with a log
// only if the partner's newest checkpoint of it is part of it; else two officers declare a new
// origin (spec/peer-protocol.md §8). Until then nothing is appended to that log, so nothing can be
// signed that contradicts what was signed before.
#pragma once

#include "node/office.hpp"

namespace comity::node {

/// Marks a database as restored from a backup, for all partners that it knows. Called once, by
/// `comity restore`, on a store that no node uses.
Result<void> mark_restored(Store& store, std::string_view backup, Instant made_at, Instant now);

/// Keeps why this node stopped for good, so that the next start does not serve either.
Result<void> keep_halt(Store& store, const Fault& why);

/// Reads which logs follow which, and which partners are not settled with. Fault: log.rolled_back
/// when this disk was found to be older than what a partner holds.
Result<void> load_restored(Office& office);
/// In the first turn of a restored node: its own logs, which nobody else can vouch for, go on under
/// new names.
Result<void> begin_restored(Turn& turn);
Result<void> save_restored(Turn& turn);

/// Fault: node.restored while it is not certain how the log goes on.
Result<void> check_goes_on(const Office& office, std::string_view log);
/// Fault: node.restored while something of this partner's may be missing here.
Result<void> check_settled(const Office& office, const StateCode& partner);

/// Our log goes on under the next name; its first entry names the old one and the last of it that
/// is known. Gives the new name.
Result<std::string> succeed_log(Turn& turn, const std::string& log, const std::string& last_known);

// Greetings: letters without acts (spec/peer-protocol.md §3).
/// What a greeting to this partner asks beyond what it holds of us; null when nothing.
void add_questions(Turn& turn, const StateCode& partner, Json& body);
/// The answer to a partner's greeting: what we hold of it, what it lacks.
Result<Json> answer_greeting(Turn& turn, const directory::Accepted& partner, const Json& letter);
/// The partner's answer to ours. Faults of trust set turn.fatal.
Result<void> take_greeting(Turn& turn, const directory::Accepted& partner, const Json& answer);

/// A declaration of ours for the partner, carried out from a statement of two officers.
Result<Json> declare_origin(Turn& turn, const DraftRecord& draft);
/// Fills in what a statement log.origin says of this node's logs.
Result<void> complete_origin_statement(Turn& turn, const StateCode& partner, Json& statement);
/// A partner's declaration: verified, logged, followed from now on. Fault: log.origin.
Result<std::string> accept_origin(Turn& turn, const directory::Accepted& partner, View p7m);

/// A partner that holds a newer or another checkpoint of our log: this disk is old, or our key is
/// in other hands. Faults: log.rolled_back, log.inconsistent; also crypto.signature and the like,
/// when the note is not ours at all.
Result<void> check_shown(Turn& turn, const std::string& log, const std::string& known);

}  // namespace comity::node
