// What a node shows at the other end of a TLS connection: one certificate and its key.
// The key never leaves this value but into OpenSSL's own memory.
#pragma once

#include <string>

#include "base/secret.hpp"

namespace comity::wire {

struct TlsIdentity {
  std::string certificate_pem;  // one certificate; peers pin the SHA-256 of its DER
  Secret private_key_pem;       // unencrypted PKCS#8

  TlsIdentity clone() const { return {certificate_pem, private_key_pem.clone()}; }
};

}  // namespace comity::wire
