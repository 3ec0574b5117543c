// Whose TLS certificates are pinned now: a copy of what the desk says, since a handshake can not
// wait for a turn.
#pragma once

#include <map>
#include <mutex>

#include "base/id.hpp"

namespace comity {

class Pins {
 public:
  using Peers = std::map<Digest, StateCode>;

  void set(Peers peers) {
    const std::lock_guard lock(mutex_);
    peers_ = std::move(peers);
  }
  std::optional<StateCode> of(const Digest& certificate) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(certificate);
    return found == peers_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  Peers peers_;
};

}  // namespace comity
