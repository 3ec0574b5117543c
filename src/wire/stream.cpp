#include "wire/stream.hpp"

#include <algorithm>
#include <array>

#include "wire/limits.hpp"

namespace comity::wire {
namespace {

constexpr std::size_t k_linger_bytes_max = 4 * k_mib;  // taken and dropped while parting

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
    ignored = self->socket_->cancel(ignored);
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
  if (is_cut_) return {FaultCode::peer_unreachable, "the connection was cut"};
  return {FaultCode::peer_unreachable, error.message()};
}

Fault Stream::fault_of(TlsSession::Next next) const {
  const bool is_refusal = next == TlsSession::Next::refused;
  return {is_refusal ? FaultCode::peer_identity : FaultCode::peer_unreachable, tls_->why()};
}

asio::awaitable<Result<void>> Stream::connect(asio::generic::stream_protocol::endpoint to,
                                              Moment deadline) {
  writing_->guard(deadline);
  error_code error;
  co_await socket_.async_connect(to, asio::redirect_error(asio::use_awaitable, error));
  writing_->guard(k_never);
  if (error) co_return std::unexpected(fault_of(error, *writing_));
  if (to.protocol().family() != AF_UNIX) error = socket_.set_option(tcp::no_delay(true), error);
  co_return Result<void>();
}

asio::awaitable<Result<void>> Stream::handshake(std::shared_ptr<TlsContext> context,
                                                TlsContext::Side side, Moment deadline) {
  tls_.emplace(std::move(context), side);
  for (;;) {
    const auto next = tls_->handshake();
    const auto sent = co_await send_cipher_text(std::chrono::hours(1), deadline);
    if (next == TlsSession::Next::done) break;
    if (next != TlsSession::Next::needs_input) co_return std::unexpected(fault_of(next));
    if (!sent) co_return sent;
    const auto size = co_await read_socket(tls_->room(), deadline);
    if (!size) co_return std::unexpected(size.error());
    if (*size == 0) co_return fault(FaultCode::peer_unreachable, "closed inside a handshake");
    tls_->received(*size);
  }
  certificate_ = tls_->peer_certificate();
  co_return Result<void>();
}

asio::awaitable<Result<std::size_t>> Stream::read_socket(std::span<std::uint8_t> into,
                                                         Moment deadline) {
  reading_->guard(deadline);
  error_code error;
  const std::size_t size = co_await socket_.async_read_some(
      asio::buffer(into.data(), into.size()), asio::redirect_error(asio::use_awaitable, error));
  reading_->guard(k_never);
  if (error == asio::error::eof) co_return 0;
  if (error) co_return std::unexpected(fault_of(error, *reading_));
  co_return size;
}

asio::awaitable<Result<std::size_t>> Stream::read_some(std::span<std::uint8_t> into,
                                                       Moment deadline) {
  if (!tls_) co_return co_await read_socket(into, deadline);
  for (;;) {
    std::size_t bytes = 0;
    const auto next = tls_->read(into, bytes);
    if (next == TlsSession::Next::done) co_return bytes;
    if (next == TlsSession::Next::closed) co_return 0;
    if (next != TlsSession::Next::needs_input) co_return std::unexpected(fault_of(next));
    const auto size = co_await read_socket(tls_->room(), deadline);
    // An end without goodbye is no forgery: every message says its own length.
    if (!size || *size == 0) co_return size;
    tls_->received(*size);
  }
}

asio::awaitable<Result<std::size_t>> Stream::read_some(std::span<std::uint8_t> into,
                                                       OpenFile& passed, Moment deadline) {
  for (;;) {
    reading_->guard(deadline);
    error_code error;
    co_await socket_.async_wait(Socket::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    reading_->guard(k_never);
    if (error) co_return std::unexpected(fault_of(error, *reading_));
    const auto got = receive_with_file(socket_.native_handle(), into, passed);
    if (got || got.error().code != FaultCode::peer_timeout) co_return got;
  }
}

asio::awaitable<Result<void>> Stream::write_socket(View head, View body,
                                                   std::chrono::milliseconds stall,
                                                   Moment deadline) {
  while (!head.empty() || !body.empty()) {
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head.data(), head.size()),
                                                       asio::buffer(body.data(), body.size())};
    writing_->guard(std::min(in(stall), deadline));
    error_code error;
    const std::size_t written = co_await socket_.async_write_some(
        buffers, asio::redirect_error(asio::use_awaitable, error));
    writing_->guard(k_never);
    if (error) co_return std::unexpected(fault_of(error, *writing_));
    const std::size_t of_head = std::min(written, head.size());
    head = head.subspan(of_head);
    body = body.subspan(written - of_head);
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> Stream::send_cipher_text(std::chrono::milliseconds stall,
                                                       Moment deadline) {
  std::swap(sending_, tls_->outgoing());
  auto sent = co_await write_socket(sending_, View(), stall, deadline);
  sending_.clear();
  co_return sent;
}

asio::awaitable<Result<void>> Stream::write(View head, View body, std::chrono::milliseconds stall,
                                            Moment deadline) {
  if (!tls_) co_return co_await write_socket(head, body, stall, deadline);
  while (!head.empty() || !body.empty()) {
    View& from = head.empty() ? body : head;
    const View slab = from.first(std::min(from.size(), k_slab_bytes));
    from = from.subspan(slab.size());
    const auto next = tls_->write(slab);
    // A head and a small body leave in one packet.
    if (next == TlsSession::Next::done && slab.size() < k_head_bytes_max && !body.empty()) continue;
    const auto sent = co_await send_cipher_text(stall, deadline);
    if (next != TlsSession::Next::done) co_return std::unexpected(fault_of(next));
    if (!sent) co_return sent;
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> Stream::write(View head, int file, std::chrono::milliseconds stall) {
  for (;;) {
    writing_->guard(in(stall));
    error_code error;
    co_await socket_.async_wait(Socket::wait_write,
                                asio::redirect_error(asio::use_awaitable, error));
    writing_->guard(k_never);
    if (error) co_return std::unexpected(fault_of(error, *writing_));
    const auto sent = send_with_file(socket_.native_handle(), head, file);
    if (sent) co_return co_await write_socket(head.subspan(*sent), View(), stall, k_never);
    if (sent.error().code != FaultCode::peer_timeout) co_return std::unexpected(sent.error());
  }
}

bool Stream::has_unread() {
  if (tls_ && tls_->has_unread()) return true;
  char byte = 0;
  const auto peeked = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void Stream::rest() {
  if (sending_.capacity() > 2 * k_head_bytes_max) sending_ = {};
  if (tls_) tls_->rest();
}

asio::awaitable<void> Stream::part(std::chrono::milliseconds linger) {
  const Moment deadline = in(linger);
  if (tls_ && !is_cut_) {
    tls_->close();
    (void)co_await send_cipher_text(linger, deadline);
  }
  // A close with bytes unread would reset the connection, and the other end could lose what we
  // said last (RFC 9112 §9.6).
  error_code error;
  error = socket_.shutdown(Socket::shutdown_send, error);
  std::array<std::uint8_t, 8192> dropped;
  for (std::size_t taken = 0; !error && !is_cut_ && taken < k_linger_bytes_max;) {
    const auto size = co_await read_socket(dropped, deadline);
    if (!size || *size == 0) break;
    taken += *size;
  }
  cut();
}

void Stream::cut() {
  is_cut_ = true;
  error_code ignored;
  ignored = socket_.close(ignored);
}

}  // namespace comity::wire
