// The node's doors: where calls come in, as HTTP/1.1, and are handed on as values.
//
// A door frames, limits and identifies; it never judges what a call asks for. Three kinds:
//   peers    TCP, TLS 1.3 only, client certificate pinned by its fingerprint
//   socket   a Unix socket of mode 0600, for the node's own command line
//   console  TCP on loopback, guarded against other sites by Host and Origin
// Handlers are called on io threads and must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/id.hpp"
#include "node/call.hpp"
#include "wire/limits.hpp"
#include "wire/tls_identity.hpp"

namespace comity::wire {

/// Whose pinned certificate this is, by the SHA-256 of its DER. Asked at each handshake and again
/// at each call, from any io thread; must not block. An unknown one gets no further than TLS.
using PinnedPeers = std::function<std::optional<StateCode>(const Digest& certificate)>;

struct PeersDoor {
  std::string host;  // an address of this machine, "0.0.0.0" or "::" for all
  std::uint16_t port = 0;
  TlsIdentity identity;
  PinnedPeers pinned;
};
struct SocketDoor {
  std::string path;  // at most k_socket_path_bytes_max
};
struct ConsoleDoor {
  std::string host = "127.0.0.1";  // loopback, else request.usage
  std::uint16_t port = 0;
};

/// What an open file gives from where it stands; owns the descriptor. Must not block: whether it is
/// a file that can be read is found by the first read.
using SourceOfFile = std::function<std::shared_ptr<node::Source>(int descriptor)>;

/// Paces a file that leaves for a partner: milliseconds until so many bytes more are asked for
/// again, 0: they may leave. A fault ends the answer. Must not block.
using Pace = std::function<Result<std::int64_t>(std::uint64_t bytes)>;
/// For a file of that item; from any io thread.
using PaceOf = std::function<Pace(const StateCode& peer, const node::Cargo& cargo)>;

/// Who decides. `takes_bulk` sees a call without its body, on an io thread.
struct Handlers {
  node::CallHandler handle;
  node::TakesBulk takes_bulk;   // may be empty: no route takes bulk bytes
  SourceOfFile source_of_file;  // may be empty: no file is taken instead of bulk bytes
  PaceOf pace_of;               // may be empty: files leave as fast as they can
  node::TakesBulk is_patient;   // whose bytes may fail to come for `patience`; may be empty
};

struct ServerOptions {
  int io_threads = 2;
  bool access_log = false;  // one line a call to stderr: never a query, a header or a body
  ServerLimits limits;
};

class Server {
 public:
  explicit Server(Handlers handlers, ServerOptions options = {});
  ~Server();  // stop(0)
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Opens a door and serves it at once; returns the port bound (0 in the door: any free one).
  /// Fault: node.busy (address or socket in use by a live process), request.usage, crypto.key,
  /// store.exists (something else than a socket is at that path).
  Result<std::uint16_t> open(PeersDoor door);
  Result<void> open(const SocketDoor& door);
  Result<std::uint16_t> open(const ConsoleDoor& door);

  /// New handshakes use this identity; connections that stand keep theirs. Fault: crypto.key.
  Result<void> renew(TlsIdentity identity);

  /// Takes no new call, lets those under way end for up to `deadline_s`, then cuts them, and
  /// returns when no thread of the server runs any more. Not from a handler. A Producer notices
  /// at its next write; one that waits long must write now and then (an empty write asks only
  /// whether the other end is still there).
  void stop(int deadline_s);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace comity::wire
