// The heart: the one place where acts are taken, decisions become acts, and both are logged.
// Work comes as jobs; jobs that wait together share one transaction (group commit), and nothing
// that another party can see leaves before that transaction is durable: a job does its work at the
// desk and returns what is to be done *afterwards*. The heart never blocks on a peer, reads no
// clock, draws no randomness but from its port, and opens no file.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/random.hpp"
#include "directory/entry.hpp"
#include "law/profile.hpp"
#include "node/ports.hpp"
#include "treaty/basis.hpp"
#include "treaty/record.hpp"

namespace comity::node {

class Desk;
struct Office;

struct Ports {
  Store& store;
  LogFiles& log_files;
  AuthoritySigner& signer;
  SignatureOpener& opener;
  LogSigner& log_signer;
  EvidenceKeys& evidence_keys;
  Random& random;
};

/// What the node is and the law it works under. Loaded before, changed by a restart.
struct Charter {
  StateCode state;
  std::string authority_code;
  bool exercise = false;
  std::string origin_prefix;  // of our logs
  std::shared_ptr<const treaty::Treaties> treaties;
  treaty::Registers registers;
  law::Profile profile;                        // says which of the treaties are applied
  std::vector<treaty::RecordKind> records;     // that live items may be of
  crypto::Certificate root;                    // of our own State
  std::int64_t act_lifetime_s = 30 * k_day_s;  // an act that did not arrive by then lapses
};

/// What a job leaves to be done once its turn is durable: answer a caller, wake a thread.
using Afterwards = std::function<void()>;
/// Runs on the heart's thread, within a turn.
using Job = std::function<Afterwards(Desk&)>;
/// Told after each commit, one JSON object a notice, for live updates: {"kind", "exchange", …}.
/// Carries ids and codes only, never substance.
using Notify = std::function<void(const formats::Json&)>;

class Heart {
 public:
  Heart(Ports ports, Charter charter, Notify notify);
  ~Heart();
  Heart(const Heart&) = delete;
  Heart& operator=(const Heart&) = delete;

  /// Verification at start: every log's edge against its checkpoint and its files, missing files
  /// written again, unfinished work found. Faults: log.corrupt, store.*; then do not serve.
  Result<void> start(Instant now);
  /// One turn: all jobs, one transaction, then what they left. A fault means that it is not known
  /// what is durable: stop the process, start again. No Afterwards of a failed turn is run.
  Result<void> turn(std::vector<Job> jobs, Instant now);
  /// The end in order: it is logged, and everything is durable. No turn may follow.
  Result<void> stop(Instant now);
  /// Makes the logs' files durable and remembers it; the shell calls it now and then and at the
  /// end.
  Result<void> settle(Instant now);

 private:
  std::unique_ptr<Office> office_;
};

}  // namespace comity::node
