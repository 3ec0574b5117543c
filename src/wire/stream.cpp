#include "wire/stream.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>

namespace comity::wire {
namespace {

constexpr std::size_t k_linger_bytes_max = 4 * 1024 * 1024;  // taken and dropped while parting

/// `done` unless the error is one that tells the other end's judgment of our certificate.
bool is_refusal(const error_code& error) {
  if (error.category() != asio::error::get_ssl_category()) return false;
  switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Watchdog::guard(Moment deadline) {
  deadline_ = deadline;
  if (deadline_ < armed_) arm(deadline_);
}

void Watchdog::arm(Moment at) {
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error) return;  // set anew, or retired
    self->armed_ = k_never;
    if (!self->socket_ || self->deadline_ == k_never) return;
    if (std::chrono::steady_clock::now() < self->deadline_) return self->arm(self->deadline_);
    self->expired_ = true;
    error_code ignored;
    self->socket_->cancel(ignored);
  });
}

void Watchdog::retire() {
  socket_ = nullptr;
  timer_.cancel();
}

Stream::Stream(Socket socket)
    : socket_(std::move(socket)),
      reading_(std::make_shared<Watchdog>(socket_.get_executor(), socket_)),
      writing_(std::make_shared<Watchdog>(socket_.get_executor(), socket_)) {}

Stream::~Stream() {
  reading_->retire();
  writing_->retire();
}

Fault Stream::fault_of(const error_code& error, const Watchdog& watchdog) const {
  if (watchdog.expired()) return {FaultCode::peer_timeout, "nothing moved for too long"};
  if (is_refusal(error))
    return {FaultCode::peer_identity, error.message().find("alert") != std::string::npos
                                          ? "the other end does not accept this certificate"
                                          : "the other end shows no certificate that is known"};
  if (is_cut_) return {FaultCode::peer_unreachable, "the connection was cut"};
  return {FaultCode::peer_unreachable, error.message()};
}

asio::awaitable<Result<void>> Stream::connect(asio::generic::stream_protocol::endpoint to,
                                              Moment deadline) {
  writing_->guard(deadline);
  error_code error;
  co_await socket_.async_connect(to, asio::redirect_error(asio::use_awaitable, error));
  writing_->guard(k_never);
  if (error) co_return std::unexpected(fault_of(error, *writing_));
  if (to.protocol().family() != AF_UNIX) socket_.set_option(tcp::no_delay(true), error);
  co_return Result<void>();
}

asio::awaitable<Result<void>> Stream::handshake(std::shared_ptr<TlsContext> context,
                                                TlsContext::Side side, Moment deadline) {
  context_ = std::move(context);
  SSL* const connection = SSL_new(context_->native());
  if (!connection) co_return fault(FaultCode::crypto_internal, "OpenSSL gives no connection");
  tls_.emplace(socket_, connection);
  reading_->guard(deadline);
  error_code error;
  const auto role = side == TlsContext::Side::server ? asio::ssl::stream_base::server
                                                     : asio::ssl::stream_base::client;
  co_await tls_->async_handshake(role, asio::redirect_error(asio::use_awaitable, error));
  reading_->guard(k_never);
  if (error) co_return std::unexpected(fault_of(error, *reading_));
  certificate_ = peer_certificate(connection);
  co_return Result<void>();
}

asio::awaitable<Result<std::size_t>> Stream::read_some(std::span<std::uint8_t> into,
                                                       Moment deadline) {
  reading_->guard(deadline);
  error_code error;
  const auto buffer = asio::buffer(into.data(), into.size());
  const std::size_t size = tls_ ? co_await tls_->async_read_some(
                                      buffer, asio::redirect_error(asio::use_awaitable, error))
                                : co_await socket_.async_read_some(
                                      buffer, asio::redirect_error(asio::use_awaitable, error));
  reading_->guard(k_never);
  if (!error) co_return size;
  // An end without close_notify is no forgery: every message says its own length.
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) co_return 0;
  co_return std::unexpected(fault_of(error, *reading_));
}

template <typename Buffers>
asio::awaitable<Result<std::size_t>> Stream::write_some(Buffers buffers, Moment deadline) {
  writing_->guard(deadline);
  error_code error;
  const std::size_t size = tls_ ? co_await tls_->async_write_some(
                                      buffers, asio::redirect_error(asio::use_awaitable, error))
                                : co_await socket_.async_write_some(
                                      buffers, asio::redirect_error(asio::use_awaitable, error));
  writing_->guard(k_never);
  if (error) co_return std::unexpected(fault_of(error, *writing_));
  co_return size;
}

asio::awaitable<Result<void>> Stream::write(View head, View body, std::chrono::milliseconds stall,
                                            Moment deadline) {
  while (!head.empty() || !body.empty()) {
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head.data(), head.size()),
                                                       asio::buffer(body.data(), body.size())};
    const auto written = co_await write_some(buffers, std::min(in(stall), deadline));
    if (!written) co_return std::unexpected(written.error());
    const std::size_t of_head = std::min(*written, head.size());
    head = head.subspan(of_head);
    body = body.subspan(*written - of_head);
  }
  co_return Result<void>();
}

bool Stream::has_unread() {
  if (tls_ && SSL_pending(tls_->native_handle()) > 0) return true;
  char byte = 0;
  const auto peeked = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

asio::awaitable<void> Stream::part(std::chrono::milliseconds linger) {
  const Moment deadline = in(linger);
  error_code error;
  if (tls_ && !is_cut_) {
    writing_->guard(deadline);
    co_await tls_->async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    writing_->guard(k_never);
  }
  // A close with bytes unread would reset the connection, and the other end could lose what we
  // said last (RFC 9112 §9.6).
  socket_.shutdown(Socket::shutdown_send, error);
  std::array<std::uint8_t, 8192> dropped;
  for (std::size_t taken = 0; !error && !is_cut_ && taken < k_linger_bytes_max;) {
    reading_->guard(deadline);
    taken += co_await socket_.async_read_some(asio::buffer(dropped),
                                              asio::redirect_error(asio::use_awaitable, error));
  }
  cut();
}

void Stream::cut() {
  is_cut_ = true;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace comity::wire
