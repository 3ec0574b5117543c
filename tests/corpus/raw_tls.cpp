#include "raw_tls.hpp"

#include <netinet/in.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace comity::corpus {
namespace {

void show(SSL_CTX* context, const Signer& signer) {
  const auto pem = signer.key.to_pem();
  BIO* key_text = BIO_new_mem_buf(pem.view().data(), int(pem.view().size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
  const auto& der = signer.certificate.der();
  CHECK(SSL_CTX_use_certificate_ASN1(context, int(der.size()), der.data()) == 1);
  CHECK(SSL_CTX_use_PrivateKey(context, key) == 1);
  EVP_PKEY_free(key);
  BIO_free(key_text);
}

}  // namespace

Wire::Wire(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(descriptor_ >= 0);
  CHECK(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const timeval wait = {.tv_sec = 20, .tv_usec = 0};  // no test waits for ever
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
}

Wire::~Wire() {
  ::close(descriptor_);
}

bool Wire::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(std::size_t(sent));
  }
  return true;
}

std::string Wire::rest(int wait_ms) const {
  std::string all;
  char buffer[4096];
  for (;;) {
    pollfd poller{descriptor_, POLLIN, 0};
    if (::poll(&poller, 1, wait_ms) <= 0) return all + "(open)";
    const auto size = ::recv(descriptor_, buffer, sizeof buffer, 0);
    if (size <= 0) return all;
    all.append(buffer, std::size_t(size));
  }
}

RawTls::RawTls(std::uint16_t port, const TlsTrick& trick)
    : wire_(port),
      context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      connection_(nullptr, SSL_free) {
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), trick.version);
  SSL_CTX_set_max_proto_version(context_.get(), trick.version);
  if (trick.ciphers) CHECK(SSL_CTX_set_cipher_list(context_.get(), trick.ciphers) == 1);
  if (trick.groups) CHECK(SSL_CTX_set1_groups_list(context_.get(), trick.groups) == 1);
  if (trick.as) show(context_.get(), *trick.as);
  if (trick.more) trick.more(context_.get());
  connection_.reset(SSL_new(context_.get()));
  SSL_set_fd(connection_.get(), wire_.descriptor());
  has_shaken_hands_ = SSL_connect(connection_.get()) == 1;
}

bool RawTls::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const int sent = SSL_write(connection_.get(), bytes.data(), int(bytes.size()));
    if (sent <= 0) return false;
    bytes.remove_prefix(std::size_t(sent));
  }
  return true;
}

std::string RawTls::rest(int wait_ms) {
  std::string all;
  char buffer[16384];
  for (;;) {
    pollfd poller{wire_.descriptor(), POLLIN, 0};
    if (SSL_pending(connection_.get()) == 0 && ::poll(&poller, 1, wait_ms) <= 0)
      return all + "(open)";
    const int size = SSL_read(connection_.get(), buffer, sizeof buffer);
    if (size <= 0) return all;
    all.append(buffer, std::size_t(size));
  }
}

LyingServer::LyingServer(const Signer& as, int version, Say say)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
      say_(std::move(say)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(::listen(listener_, 8) == 0);
  CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  SSL_CTX_set_max_proto_version(context_.get(), version);
  show(context_.get(), as);
  thread_ = std::thread([this] {
    for (int one = 0; (one = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(one)) serve(one);
  });
}

LyingServer::~LyingServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void LyingServer::serve(int connection) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(tls.get(), connection);
  if (SSL_accept(tls.get()) != 1) return;
  char byte = 0;
  for (std::string head; !head.ends_with("\r\n\r\n");) {
    if (SSL_read(tls.get(), &byte, 1) != 1) return;
    head += byte;
  }
  say_(tls.get());
  SSL_shutdown(tls.get());
}

}  // namespace comity::corpus
