// Bytes over TLS on loopback, as a hostile program sends them: any version, any certificate, any
// framing. It checks nothing of the other end.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <thread>

#include "state.hpp"

namespace comity::corpus {

/// A TCP connection to a port of this machine. Closed with the object.
class Wire {
 public:
  explicit Wire(std::uint16_t port);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int descriptor() const { return descriptor_; }
  bool send(std::string_view bytes) const;
  /// All until the other end closes or is silent for `wait_ms`.
  std::string rest(int wait_ms = 5000) const;

 private:
  int descriptor_;
};

struct TlsTrick {
  const Signer* as = nullptr;  // whose certificate is shown; nullptr: none
  int version = TLS1_3_VERSION;
  const char* ciphers = nullptr;  // of TLS 1.2 and older
  const char* groups = nullptr;
  std::function<void(SSL_CTX*)> more;
};

class RawTls {
 public:
  RawTls(std::uint16_t port, const TlsTrick& trick);
  /// Whether our side of the handshake came to its end; a server of TLS 1.3 may refuse even then.
  bool has_shaken_hands() const { return has_shaken_hands_; }
  SSL* connection() { return connection_.get(); }
  bool send(std::string_view bytes);
  /// Until the other end closes, or is silent for `wait_ms`: then "(open)" is added.
  std::string rest(int wait_ms = 5000);

 private:
  Wire wire_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> connection_;
  bool has_shaken_hands_ = false;
};

/// The other end: a server that shows this certificate, hears one head and says what it is told.
/// One connection after another, until it ends.
class LyingServer {
 public:
  using Say = std::function<void(SSL*)>;
  LyingServer(const Signer& as, int version, Say say);
  ~LyingServer();
  LyingServer(const LyingServer&) = delete;
  LyingServer& operator=(const LyingServer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  void serve(int connection);

  int listener_;
  std::uint16_t port_ = 0;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  Say say_;
  std::thread thread_;
};

}  // namespace comity::corpus
