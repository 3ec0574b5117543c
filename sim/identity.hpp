// Who a State is: its root, authorities, officers, their certificates, and the entries that say so.
// They follow from the State's name alone, not from the seed: made once a process, since certifying
// costs more than most worlds.
#pragma once

#include <deque>

#include "directory/entry.hpp"
#include "node/desk.hpp"
#include "sim/chance.hpp"
#include "sim/signatures.hpp"

namespace comity::sim {

bool has_role(const KeyPair& officer, std::string_view role);  // "approver"
node::Officer as_caller(const KeyPair& officer);

/// What an entry says besides what never changes.
struct EntryPlan {
  std::int64_t serial = 1;
  Instant issued_at, valid_from, valid_to;
  std::size_t authority = 0;  // the newest of its keys
  bool also_before = false;   // the key before that one stands beside it
  auto operator<=>(const EntryPlan&) const = default;
};

class Identity {
 public:
  /// Lives as long as the process.
  static Identity& of(const StateCode& state);

  const KeyPair& root() const { return root_; }
  /// The authority's key after so many rotations.
  const KeyPair& authority(std::size_t generation);
  /// One: approver and drafter. Two: approver and executor. Three: drafter. Four: executor.
  const std::vector<const KeyPair*>& officers() const { return officers_; }
  /// One more, with a certificate of these roles. The same name is the same officer.
  const KeyPair& another(const std::string& name, const std::vector<std::string>& roles);
  const Bytes& entry(const EntryPlan& plan, const directory::LogKeys& logs);
  std::string origin_prefix() const;

 private:
  explicit Identity(const StateCode& state);
  const KeyPair& issue(const std::string& name, std::vector<std::string> roles, crypto::Usage usage,
                       const std::vector<std::string>& hosts = {});

  StateCode state_;
  Chance random_;
  KeyPair root_;
  std::deque<KeyPair> issued_;
  std::vector<const KeyPair*> authorities_, officers_;
  const KeyPair* tls_;
  std::map<std::string, const KeyPair*> others_;
  std::map<EntryPlan, Bytes> entries_;
};

}  // namespace comity::sim
