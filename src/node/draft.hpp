// Drafts: what waits for officers' signatures. A draft of an act holds its substance, one of a
// statement what the node itself is asked to do. Both are bytes that officers sign unchanged.
#pragma once

#include <span>

#include "exchange/duty.hpp"
#include "node/office.hpp"

namespace comity::node {

/// A request, decision or delivery as drafted: its substance and the parts that it binds.
struct ActDraft {
  exchange::Substance substance;
  std::vector<exchange::Part> parts;
};
Result<ActDraft> draft_act(Turn& turn, const Officer& who, const DraftId& id, const Json& input);

/// What the node is asked to do by a statement: {"comity":"statement/1","kind",…}.
Result<Json> draft_statement(Turn& turn, const DraftId& id, const Json& input);
/// Carries it out; the signatures were checked. Gives what is told to the caller.
Result<Json> carry_out(Turn& turn, const Json& statement, const std::vector<Digest>& officers);

/// The setting that names the draft of the statement by which an item was destroyed.
std::string destruction_setting(const ItemId& item);

/// What a draft asks of whoever signs it. For statements the duties depend on the kind and on how
/// many officers there are.
struct Asked {
  std::vector<exchange::Duty> duties;
  std::optional<std::string>
      not_by;  // the certificate (hex) of who drafted it and must not approve
};
Asked asked_by(Turn& turn, const DraftRecord& draft);
/// Of a statement of this kind and content, where there are so many active officers.
std::vector<exchange::Duty> duties_of_statement(std::string_view kind, View content,
                                                std::size_t officers);
/// A row is believed no more than what is handed in: one officer and somebody who can write rows
/// are not two officers. Each duty has its signer with a role for it, and all signers differ.
/// Faults: officer.role, officer.two.
Result<void> check_signers(const std::vector<exchange::Duty>& duties,
                           const std::vector<exchange::Signer>& signers);
/// The names of duties without a signature yet.
std::vector<std::string> missing(const Asked& asked, const DraftRecord& draft);
Json to_json(Turn& turn, const DraftRecord& draft);

/// An active officer of ours by certificate. Fault: officer.unknown, directory.revoked.
Result<crypto::Certificate> active_officer(const Office& office, const Digest& fingerprint,
                                           Instant at);
std::size_t active_officers(const Office& office, Instant at);

}  // namespace comity::node
