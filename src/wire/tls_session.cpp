#include "wire/tls_session.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <cstring>

#include "base/check.hpp"
#include "wire/limits.hpp"

namespace comity::wire {
namespace {

constexpr std::size_t k_room_bytes_min = 18 * k_kib;  // one record (RFC 8446 §5.2) and a little

bool is_refusal(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return false;
  switch (ERR_GET_REASON(error)) {
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

const BIO_METHOD* TlsSession::method() {
  static const BIO_METHOD* const made = [] {
    BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "comity buffers");
    CHECK(fresh && BIO_meth_set_read(fresh, take_cipher_text) == 1 &&
          BIO_meth_set_write(fresh, give_cipher_text) == 1 &&
          BIO_meth_set_ctrl(fresh, control) == 1);
    return fresh;
  }();
  return made;
}

TlsSession::TlsSession(std::shared_ptr<TlsContext> context, TlsContext::Side side)
    : context_(std::move(context)), connection_(SSL_new(context_->native())) {
  BIO* const bio = BIO_new(method());
  CHECK(connection_ && bio);  // only ever out of memory
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection_, bio, bio);
  if (side == TlsContext::Side::server)
    SSL_set_accept_state(connection_);
  else
    SSL_set_connect_state(connection_);
}

TlsSession::~TlsSession() {
  SSL_free(connection_);
}

int TlsSession::take_cipher_text(BIO* bio, char* into, int size) {
  auto& self = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const std::size_t given = std::min(self.end_ - self.begin_, std::size_t(size));
  if (given == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(into, self.incoming_.data() + self.begin_, given);
  self.begin_ += given;
  return int(given);
}

int TlsSession::give_cipher_text(BIO* bio, const char* bytes, int size) {
  auto& self = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  append(self.outgoing_, as_bytes({bytes, std::size_t(size)}));
  return size;
}

long TlsSession::control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

TlsSession::Next TlsSession::judge(int result) {
  const int verdict = SSL_get_error(connection_, result);
  if (verdict == SSL_ERROR_NONE) return Next::done;
  if (verdict == SSL_ERROR_WANT_READ) return Next::needs_input;
  if (verdict == SSL_ERROR_ZERO_RETURN) return Next::closed;
  const auto error = ERR_peek_error();
  const char* const reason = ERR_reason_error_string(error);
  why_ = reason ? reason : "TLS failed";
  is_broken_ = true;
  return is_refusal(error) ? Next::refused : Next::broken;
}

TlsSession::Next TlsSession::handshake() {
  ERR_clear_error();
  return judge(SSL_do_handshake(connection_));
}

TlsSession::Next TlsSession::read(std::span<std::uint8_t> into, std::size_t& bytes) {
  bytes = 0;
  while (bytes < into.size()) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(connection_, into.data() + bytes, into.size() - bytes, &size);
    if (result == 1) {
      bytes += size;
      continue;
    }
    const Next next = judge(result);
    return bytes > 0 ? Next::done : next;  // a broken record is met again by the next read
  }
  return Next::done;
}

TlsSession::Next TlsSession::write(View plain) {
  CHECK(plain.size() <= k_slab_bytes);
  if (plain.empty()) return Next::done;
  outgoing_.reserve(outgoing_.size() + plain.size() + plain.size() / 256 + 1024);
  ERR_clear_error();
  std::size_t size = 0;
  return judge(SSL_write_ex(connection_, plain.data(), plain.size(), &size));
}

void TlsSession::close() {
  if (is_broken_ || !SSL_is_init_finished(connection_)) return;
  ERR_clear_error();
  SSL_shutdown(connection_);
}

std::span<std::uint8_t> TlsSession::room() {
  if (begin_ == end_) {
    // What filled the room last time is likely to fill a larger one.
    if (end_ == incoming_.size())
      incoming_.resize(std::clamp(incoming_.size() * 2, k_room_bytes_min, k_slab_bytes));
    begin_ = end_ = 0;
  } else if (begin_ > 0) {
    std::memmove(incoming_.data(), incoming_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(incoming_).subspan(end_);
}

void TlsSession::received(std::size_t bytes) {
  CHECK(bytes <= incoming_.size() - end_);
  end_ += bytes;
}

void TlsSession::rest() {
  if (begin_ == end_ && incoming_.size() > k_room_bytes_min) {
    incoming_ = {};
    begin_ = end_ = 0;
  }
  if (outgoing_.empty() && outgoing_.capacity() > k_room_bytes_min) outgoing_ = {};
}

}  // namespace comity::wire
