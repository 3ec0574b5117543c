// A node's key while it is replaced. The next one is drawn beside the present one, as NAME.next,
// and does nothing but wait until everybody knows it (a log's signs along, so that partners with
// the old entry of this State and with the new one read the same checkpoints). Then it takes the
// place, and the old one is destroyed. Only the public half ever leaves. No step leaves the node
// without a key: whatever is broken off is finished by doing it again.
#pragma once

#include <filesystem>
#include <optional>

#include "crypto/certificate.hpp"
#include "crypto/ed25519.hpp"

namespace comity::keys {

enum class NodeKey { authority, tls, log_partner, log_internal, log_anchor };
/// "authority", "tls", "log-partner", "log-internal", "log-anchor": also the name of the key's
/// file.
std::string_view name_of(NodeKey which);
/// Fault: request.usage.
Result<NodeKey> node_key(std::string_view name);

/// Draws the next key of the authority or of TLS, durably and 0600, and gives a certificate request
/// for it in the words of the present certificate. Where one waits already, the request is for that
/// one. Faults: as of the files; a log's key is a bug.
Result<std::string> make_next_request(const std::filesystem::path& keys, NodeKey which,
                                      Random& random);
/// The same for a log: its public key, for the directory entry.
Result<crypto::Ed25519Public> make_next_log_key(const std::filesystem::path& keys, NodeKey which,
                                                Random& random);
/// Puts the next key in the place of the present one, which is destroyed as far as destroy_secret
/// can. The node must not run. `certificate` is the new one of the authority or of TLS.
/// Faults: crypto.key when no next key waits, or when the certificate is not its own; crypto.usage.
Result<void> install_next(const std::filesystem::path& keys, NodeKey which,
                          const std::optional<crypto::Certificate>& certificate, Random& random);

/// The key that waits to sign a log, for FileLogSigner.
Result<std::optional<crypto::Ed25519Key>> find_next_log_key(const std::filesystem::path& keys,
                                                            NodeKey which);

}  // namespace comity::keys
