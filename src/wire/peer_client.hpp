// The outbox's way out: calls to many peers at once, none of which can delay another.
// Holds a few TLS connections and a bounded queue for each peer; never retries by itself beyond
// a connection that had gone stale, since the outbox knows better when to try again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/id.hpp"
#include "wire/client.hpp"
#include "wire/tls_identity.hpp"

namespace comity::wire {

struct PeerAddress {
  StateCode state;
  std::string host;  // a name or an address
  std::uint16_t port = 0;
  // Of these, by the SHA-256 of its DER, the peer must show one: more than one while its key
  // changes.
  std::vector<Digest> certificates;

  auto operator<=>(const PeerAddress&) const = default;
};

struct PeerRequest {
  std::string method;
  std::string target;
  std::string content_type;  // empty: none
  Bytes body;
  int deadline_s = 30;  // from `send` to the whole answer, waiting and connecting included
};

using PeerResponse = Response;

class PeerClients {
 public:
  using Done = std::function<void(Result<PeerResponse>)>;

  PeerClients();
  ~PeerClients();  // calls under way end with node.stopping
  PeerClients(const PeerClients&) = delete;
  PeerClients& operator=(const PeerClients&) = delete;

  /// What to show to peers; before the first call and whenever it is renewed. Connections that
  /// are idle are closed. Fault: crypto.key.
  Result<void> set_identity(const TlsIdentity& identity);

  /// From any thread. `done` is called exactly once, on the io thread, never inside `send`; it
  /// must not block. A request may reach the peer twice when a kept connection breaks, so it must
  /// be one that repeats without effect, as acts are. Requests to one peer may overtake each other.
  /// When a peer can not be reached, all that waits for it ends at once. Fault in `done`: as of
  /// Client::ask, and limit.rate (k_outbound_queue_max wait already), node.stopping.
  void send(PeerAddress to, PeerRequest request, Done done);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace comity::wire
