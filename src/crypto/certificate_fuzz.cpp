// Any bytes as a certificate, a PEM block, a request or a key: refused, or read to the same bytes.
#include <cstdlib>

#include "crypto/certificate.hpp"
#include "crypto/certificate_request.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity::crypto;
  const comity::View bytes(data, size);
  if (const auto certificate = Certificate::from_der(bytes)) {
    if (!check_subject(certificate->subject())) std::abort();
    if (Certificate::from_pem(certificate->pem()) != *certificate) std::abort();
    (void)verify_root(*certificate, certificate->not_before());
    (void)verify_issued(*certificate, *certificate, certificate->usage(), certificate->not_after());
  }
  const auto text = comity::as_text(bytes);
  (void)Certificate::from_pem(text);
  (void)read_request(text);
  (void)P256Key::from_pem(text);
  (void)P256Public::from_pem(text);
  return 0;
}
