// A blocking client for one node: what the command line and the transfer threads call with.
// One call at a time; keeps its connection and opens it again when it was closed meanwhile.
// It trusts the certificates that it is given, by their fingerprints, and no certification
// authority.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "node/call.hpp"
#include "wire/limits.hpp"
#include "wire/tls_identity.hpp"

namespace comity::wire {

struct Endpoint {
  std::string host;  // a name or an address
  std::uint16_t port = 0;
};

using Headers = std::map<std::string, std::string>;

struct Response {
  int status = 0;
  Headers headers;  // names in lower case
  Bytes body;       // whole; of `fetch`, only when the status is not 2xx
};

/// Not safe for two threads at once. Nothing is connected before the first call.
class Client {
 public:
  /// The node behind a Unix socket.
  static Result<Client> over_socket(std::string path);
  /// A peer, pinned by the SHA-256 of its certificate's DER: it must show one of these, which are
  /// more than one while its key changes. Fault: crypto.key.
  static Result<Client> over_tls(Endpoint endpoint, const TlsIdentity& identity,
                                 std::vector<Digest> server_certificates);
  static Result<Client> over_tls(Endpoint endpoint, const TlsIdentity& identity,
                                 const Digest& server_certificate) {
    return over_tls(std::move(endpoint), identity, std::vector{server_certificate});
  }
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Sends a whole body and takes a whole answer, of at most k_answer_bytes_max. `target` is a
  /// path and query as on the wire (see `target`). An answer of any status is a value.
  /// Fault: node.down or peer.unreachable (nobody there, or cut off), peer.timeout,
  /// peer.identity (another certificate, or ours is not accepted), peer.protocol, limit.size.
  Result<Response> ask(std::string_view method, std::string_view target, const Headers& headers,
                       View body, int deadline_s);
  /// Sends what `source` yields, chunked; returns early if the answer comes early. A fault of
  /// `source` cuts the connection and is returned. No deadline but a stall of `stall_s`.
  Result<Response> send_bulk(std::string_view method, std::string_view target,
                             const Headers& headers, node::Source& source);
  /// Hands an open file over, to be read from where it stands; only to a node behind a Unix socket.
  /// It stays the caller's; its position tells how far the node has read. No deadline.
  Result<Response> send_file(std::string_view method, std::string_view target,
                             const Headers& headers, int file);
  /// Hands the body of a 2xx answer to `sink` as it comes, in pieces of up to k_slab_bytes.
  /// Returns when it has come whole; a body cut short is a fault. A fault of `sink` is returned.
  Result<Response> fetch(std::string_view method, std::string_view target, const Headers& headers,
                         node::Sink& sink);

  /// How long `send_bulk` and `fetch` wait without one byte moving. Default 60.
  void set_stall_s(int stall_s);

 private:
  struct Parts;
  explicit Client(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Percent-encodes one path segment or query value (RFC 3986 §2.3: all but the unreserved).
std::string url_encoded(std::string_view text);
/// target("/v1/exchanges", {{"state", "KGZ"}}) is "/v1/exchanges?state=KGZ".
std::string target(std::string_view path,
                   const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace comity::wire
