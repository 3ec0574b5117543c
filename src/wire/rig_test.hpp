// What this room's tests share: certificates made on the spot, a caller that sends raw bytes, and
// folders that go away. Everything listens on loopback or on a Unix socket of its own.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

#include "wire/client.hpp"
#include "wire/server.hpp"
#include "wire/tls_identity.hpp"

namespace comity::wire {

class Folder {
 public:
  Folder() {
    std::string shape = "/tmp/comity-wire-XXXXXX";
    path_ = ::mkdtemp(shape.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string at(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct Party {
  TlsIdentity identity;
  Digest certificate;
};

inline std::string pem(const std::function<void(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, std::size_t(size));
  BIO_free(bio);
  return text;
}

/// A self-signed P-256 certificate; each call makes another.
inline Party make_party(const std::string& name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  Party party;
  party.identity.certificate_pem = pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
  party.identity.private_key_pem = Secret(to_bytes(pem([&](BIO* bio) {
    PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  })));
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), party.certificate.bytes.data(), &size);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return party;
}

/// Speaks whatever it is told over a Unix socket.
class RawCaller {
 public:
  explicit RawCaller(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    is_connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawCaller() { ::close(fd_); }
  RawCaller(const RawCaller&) = delete;
  RawCaller& operator=(const RawCaller&) = delete;

  bool is_connected() const { return is_connected_; }
  int descriptor() const { return fd_; }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(std::size_t(sent));
    }
    return true;
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  /// All until the other end closes, or "(open)" is added when it does not within `wait_ms`.
  std::string rest(int wait_ms = 5000) {
    std::string all;
    char buffer[65536];
    for (;;) {
      pollfd poller{fd_, POLLIN, 0};
      if (::poll(&poller, 1, wait_ms) <= 0) return all + "(open)";
      const auto size = ::recv(fd_, buffer, sizeof buffer, 0);
      if (size <= 0) return all;
      all.append(buffer, std::size_t(size));
    }
  }
  /// Until `end` has come.
  std::string until(std::string_view end) {
    std::string all;
    char byte = 0;
    while (!all.ends_with(end) && ::recv(fd_, &byte, 1, 0) == 1) all += byte;
    return all;
  }

 private:
  int fd_;
  bool is_connected_ = false;
};

/// A gate that a test opens.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    wakes_.notify_all();
  }
  bool wait(int wait_s = 20) {
    std::unique_lock lock(mutex_);
    return wakes_.wait_for(lock, std::chrono::seconds(wait_s), [&] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable wakes_;
  bool is_open_ = false;
};

inline node::Answer text_answer(std::string_view text) {
  node::Answer answer;
  answer.content_type = "text/plain";
  answer.body = to_bytes(text);
  return answer;
}

/// Answers with what it understood: "METHOD PATH name=value… body-size".
inline Handlers describing() {
  return {[](const node::Call& call, const node::Reply& reply) {
            std::string said = call.method + " " + call.path;
            for (const auto& [name, value] : call.query) said += " " + name + "=" + value;
            reply(text_answer(said + " " + std::to_string(call.body.size())));
          },
          {}};
}

inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace comity::wire
