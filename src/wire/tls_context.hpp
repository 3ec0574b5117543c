// OpenSSL set up once, the only way Comity uses it: TLS 1.3, both sides with a certificate, the
// other's pinned by fingerprint. No chain is built and no name compared: the directory of States
// says which certificate is whose, and nothing else does.
// No resumption and no early data, so that every connection proves its key anew.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>

#include "base/id.hpp"
#include "wire/tls_identity.hpp"

namespace comity::wire {

/// Says whether the other end may show this certificate (SHA-256 of its DER).
using AcceptCertificate = std::function<bool(const Digest&)>;

class TlsContext {
 public:
  enum class Side { server, client };

  /// Fault: crypto.key when certificate and key can not be read or do not belong together.
  static Result<std::shared_ptr<TlsContext>> make(Side side, const TlsIdentity& identity,
                                                  AcceptCertificate accept);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SSL_CTX* native() const { return context_; }

 private:
  TlsContext() = default;
  static int verify(X509_STORE_CTX* store, void* self);

  SSL_CTX* context_ = nullptr;
  AcceptCertificate accept_;
};

/// The SHA-256 of the DER of the certificate that the other end showed; zero without one.
Digest peer_certificate(SSL* connection);

}  // namespace comity::wire
