// One connection, plain or TLS, with a deadline on everything it waits for.
// Lives on one strand. One read and one write may wait at the same time, never two of a kind.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "wire/net.hpp"
#include "wire/passed_file.hpp"
#include "wire/tls_session.hpp"

namespace comity::wire {

/// Ends an operation at its deadline by cancelling the socket. Setting a later deadline costs
/// nothing; the timer is set anew only for an earlier one.
class Watchdog : public std::enable_shared_from_this<Watchdog> {
 public:
  Watchdog(const asio::any_io_executor& executor, Socket& socket)
      : timer_(executor), socket_(&socket) {}
  void guard(Moment deadline);
  bool expired() const { return expired_; }
  void retire();  // before the socket goes

 private:
  void arm(Moment at);
  asio::steady_timer timer_;
  Socket* socket_;
  Moment deadline_ = k_never;
  Moment armed_ = k_never;
  bool expired_ = false;
};

class Stream {
 public:
  explicit Stream(Socket socket);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Of a socket not yet connected. Fault: peer.unreachable, peer.timeout.
  asio::awaitable<Result<void>> connect(asio::generic::stream_protocol::endpoint to,
                                        Moment deadline);
  /// Fault: peer.identity (who shows no certificate or one not accepted, or does not accept
  /// ours), peer.timeout, peer.unreachable.
  asio::awaitable<Result<void>> handshake(std::shared_ptr<TlsContext> context,
                                          TlsContext::Side side, Moment deadline);
  /// The certificate that the other end showed; zero on a plain connection.
  Digest certificate() const { return certificate_; }

  /// Returns 0 when the other end has closed. Fault: peer.timeout, peer.unreachable,
  /// peer.identity.
  asio::awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> into, Moment deadline);
  /// The same on a Unix socket; `passed` gets a file that was handed over with these bytes, if one
  /// was. Fault: also peer.protocol for more than one.
  asio::awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> into, OpenFile& passed,
                                                 Moment deadline);
  /// All of `head`, then all of `body`; `stall` without a byte moving ends it, or the deadline.
  asio::awaitable<Result<void>> write(View head, View body, std::chrono::milliseconds stall,
                                      Moment deadline = k_never);
  /// All of `head` on a Unix socket, and the open file with its first byte; it stays the caller's.
  asio::awaitable<Result<void>> write(View head, int file, std::chrono::milliseconds stall);

  /// True when bytes (or the end) have come that nobody asked for.
  bool has_unread();
  /// Gives back the memory of bulk while the connection idles.
  void rest();
  /// Says goodbye and waits a little for the other end to take all that was written.
  asio::awaitable<void> part(std::chrono::milliseconds linger);
  /// Cuts the connection; whatever waits on it ends with a fault. On the strand.
  void cut();

 private:
  Fault fault_of(const error_code& error, const Watchdog& watchdog) const;
  Fault fault_of(TlsSession::Next next) const;
  asio::awaitable<Result<std::size_t>> read_socket(std::span<std::uint8_t> into, Moment deadline);
  asio::awaitable<Result<void>> write_socket(View head, View body, std::chrono::milliseconds stall,
                                             Moment deadline);
  asio::awaitable<Result<void>> send_cipher_text(std::chrono::milliseconds stall, Moment deadline);

  Socket socket_;
  std::optional<TlsSession> tls_;
  Bytes sending_;  // cipher text on its way, apart from what TLS may add meanwhile
  const std::shared_ptr<Watchdog> reading_;
  const std::shared_ptr<Watchdog> writing_;
  Digest certificate_;
  bool is_cut_ = false;
};

}  // namespace comity::wire
