#include "wire/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "wire/limits.hpp"

namespace comity::wire {
namespace {

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* held) const {
    free(held);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

Digest fingerprint(const X509* certificate) {
  Digest digest;
  unsigned size = 0;
  if (!certificate || X509_digest(certificate, EVP_sha256(), digest.bytes.data(), &size) != 1)
    return {};
  return digest;
}

Bio reading(View bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), int(bytes.size())));
}

/// An encrypted key would make OpenSSL ask at the terminal; it is refused instead.
int no_password(char*, int, int, void*) {
  return -1;
}

auto unusable(const std::string& what) {
  ERR_clear_error();
  return fault(FaultCode::crypto_key, what);
}

Result<void> load(SSL_CTX* context, const TlsIdentity& identity) {
  if (identity.certificate_pem.size() > k_certificate_pem_bytes_max ||
      identity.private_key_pem.size() > k_certificate_pem_bytes_max)
    return unusable("the TLS certificate or key is too large");
  const Bio certificate_pem = reading(as_bytes(identity.certificate_pem));
  const Certificate certificate(
      PEM_read_bio_X509(certificate_pem.get(), nullptr, no_password, nullptr));
  if (!certificate) return unusable("the TLS certificate is not a PEM certificate");
  const Bio key_pem = reading(identity.private_key_pem.view());
  const Key key(PEM_read_bio_PrivateKey(key_pem.get(), nullptr, no_password, nullptr));
  if (!key) return unusable("the TLS key is not an unencrypted PEM private key");
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return unusable("the TLS key is not that of the TLS certificate");
  return {};
}

}  // namespace

Digest peer_certificate(SSL* connection) {
  return fingerprint(SSL_get0_peer_certificate(connection));
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

int TlsContext::verify(X509_STORE_CTX* store, void* self) {
  const auto& accept = static_cast<TlsContext*>(self)->accept_;
  const bool is_accepted = accept(fingerprint(X509_STORE_CTX_get0_cert(store)));
  X509_STORE_CTX_set_error(store, is_accepted ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return is_accepted ? 1 : 0;
}

Result<std::shared_ptr<TlsContext>> TlsContext::make(Side side, const TlsIdentity& identity,
                                                     AcceptCertificate accept) {
  const std::shared_ptr<TlsContext> made(new TlsContext);
  SSL_CTX* context = SSL_CTX_new(side == Side::server ? TLS_server_method() : TLS_client_method());
  if (!context) return unusable("OpenSSL gives no context");
  made->context_ = context;
  made->accept_ = std::move(accept);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // One certificate each way: a longer chain is not looked at, so it need not be taken.
  SSL_CTX_set_max_cert_list(context, long(k_certificate_pem_bytes_max));
  const bool is_set = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_num_tickets(context, 0) == 1 &&
                      SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
                      SSL_CTX_set_ciphersuites(context,
                                               "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                               "TLS_CHACHA20_POLY1305_SHA256") == 1;
  if (!is_set) return unusable("OpenSSL does not offer TLS 1.3 as needed");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, verify, made.get());
  TRY(load(context, identity));
  return made;
}

}  // namespace comity::wire
