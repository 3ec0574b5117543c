// One TLS connection as a pump of bytes: cipher text in and out through buffers of our own.
// OpenSSL does the protocol; this only decides how many bytes it meets at a time. Asio's own
// stream hands the socket one record of 16 KiB a call; here a whole slab is encrypted before it
// is sent, and all that came is decrypted before more is waited for.
// Knows no socket and no time. Lives on the strand of its stream.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "base/bytes.hpp"
#include "wire/tls_context.hpp"

namespace comity::wire {

class TlsSession {
 public:
  TlsSession(std::shared_ptr<TlsContext> context, TlsContext::Side side);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class Next {
    done,
    needs_input,  // give more cipher text and try again
    closed,       // the other end has said that it sends no more
    refused,      // one end does not accept the certificate of the other
    broken,       // no TLS 1.3 as it should be
  };

  // After each of these, what is in `outgoing` is to be sent.
  Next handshake();
  /// Decrypts all that is there and fits; `bytes` says how many, 0 unless done.
  Next read(std::span<std::uint8_t> into, std::size_t& bytes);
  /// Encrypts all of `plain`, at most k_slab_bytes.
  Next write(View plain);
  /// Says goodbye, if the connection is still whole.
  void close();

  /// Cipher text to send. Whoever sends it takes it away first.
  Bytes& outgoing() { return outgoing_; }
  /// Where cipher text that came is to be put, and how much was.
  std::span<std::uint8_t> room();
  void received(std::size_t bytes);

  /// True when something came that nobody has read.
  bool has_unread() const { return begin_ < end_ || SSL_pending(connection_) > 0; }
  Digest peer_certificate() const { return wire::peer_certificate(connection_); }
  /// What went wrong, in OpenSSL's words; for a log, never for a decision.
  const std::string& why() const { return why_; }
  /// Gives back the memory of a bulk body.
  void rest();

 private:
  static const BIO_METHOD* method();
  static int take_cipher_text(BIO* bio, char* into, int size);
  static int give_cipher_text(BIO* bio, const char* bytes, int size);
  static long control(BIO* bio, int command, long number, void* pointer);
  Next judge(int result);

  const std::shared_ptr<TlsContext> context_;
  SSL* const connection_;
  Bytes incoming_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Bytes outgoing_;
  bool is_broken_ = false;
  std::string why_;
};

}  // namespace comity::wire
