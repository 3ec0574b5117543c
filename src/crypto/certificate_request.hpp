// A certificate request (PKCS#10, RFC 2986): how an officer asks for a certificate. The key never
// leaves the officer; the request carries its public half and proves that the private one was at
// hand. It never says more than it proves: whether the roles asked for are granted, the issuer
// decides.
#pragma once

#include "crypto/p256.hpp"
#include "crypto/subject.hpp"

namespace comity::crypto {

inline constexpr std::size_t k_certificate_request_bytes_max = 4'096;

struct RequestedKey {
  Bytes spki;
  Subject subject;
};

/// A "CERTIFICATE REQUEST" block. Fault: format.field when the subject can not stand in it.
Result<std::string> make_request(const P256Key& key, const Subject& subject);

/// Fault: format.pem, format.certificate, limit.size; crypto.signature when it did not sign itself.
Result<RequestedKey> read_request(std::string_view pem);

}  // namespace comity::crypto
