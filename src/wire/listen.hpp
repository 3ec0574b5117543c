// Binding the doors: sockets that listen, made so that nobody can connect before they are safe.
#pragma once

#include <string>

#include "base/result.hpp"
#include "wire/net.hpp"

namespace comity::wire {

/// `host` is a literal address: what a door is bound to must not depend on a name server.
/// Fault: request.usage, node.busy (in use).
Result<tcp::acceptor> listen_tcp(asio::io_context& io, const std::string& host, std::uint16_t port,
                                 bool only_loopback);

/// A Unix socket of mode 0600. A socket that nobody answers at is replaced.
/// Fault: node.busy (somebody answers there), store.exists (no socket), request.usage (path).
Result<local::acceptor> listen_local(asio::io_context& io, const std::string& path);

/// Removes the socket's file if it is still the one that `acceptor` was bound to.
void remove_local(const std::string& path, std::uint64_t inode);
/// The inode of the file at `path`, 0 without one.
std::uint64_t inode_of(const std::string& path);

}  // namespace comity::wire
