// How an officer's will becomes an act or a statement: a draft is made at the node, each officer
// signs its bytes here, with a key that never leaves this machine, and then it is sent.
// It must never sign bytes that are not what the officer asked for.
#pragma once

#include <span>

#include "cli/node.hpp"

namespace comity::cli {

struct DraftDuty {
  std::string name;
  std::vector<std::string> roles;  // one suffices: "officer:approver"
};

/// A draft as the node gives it.
struct Draft {
  std::string id, kind, type, exchange;
  Bytes content;
  std::vector<DraftDuty> duties;
  std::vector<std::string> missing;  // names of duties
  Json json;                         // all of it
};
Result<Draft> read_draft(Json json);

inline constexpr std::size_t k_nobody = ~std::size_t{0};

/// Who signs what: for each of `missing`, the index of an officer that holds a role for it, no
/// officer twice, and not the one at `barred`; nothing where nobody is left. As many as possible
/// find an officer.
std::vector<std::optional<std::size_t>> assign(std::span<const DraftDuty> missing,
                                               std::span<const OfficerKey> officers,
                                               std::size_t barred = k_nobody);

/// Signs the duties that these officers can take. Gives the names of those still missing.
Result<std::vector<std::string>> sign_draft(Node& node, const Draft& draft);

/// Words of an officer, given as they are or as @FILE; nothing where there are none.
/// Fault: store.io.
Result<void> set_words(Json& input, const char* key, const std::optional<std::string>& argument);

/// What carrying out a draft came to.
struct Outcome {
  Draft draft;
  std::vector<std::string> missing;
  std::optional<Json> sent;  // the node's answer, when it was sent
};

/// Makes the draft; unless `draft_only`, signs it and, when nothing is missing, sends it.
/// Faults: act.form when the node gives other bytes to sign than were asked for.
Result<Outcome> carry_out(Node& node, const Json& input, bool draft_only = false);
Result<Json> send_draft(Node& node, const std::string& id);

/// Shows an outcome: what was sent, or what the draft waits for. `done` is told when it was sent.
void show(Node& node, const Outcome& outcome, const std::string& done);
/// carry_out and show; the exit code is 0.
Result<int> act(Node& node, const Json& input, const std::string& done, bool draft_only = false);

}  // namespace comity::cli
