// Any bytes as a certificate, a PEM block, a request or a key, and any edits of a good certificate:
// refused, or read to the same bytes; and never under the root what the root did not sign.
#include <cstdlib>

#include "crypto/certificate_request.hpp"
#include "crypto/edits_test.hpp"
#include "crypto/exercise_test.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  using namespace comity::crypto;
  static const exercise::State state("BFA");
  const View bytes(data, size);
  for (const Bytes& der : {to_bytes(bytes), edited(state.authority.der(), bytes)}) {
    const auto certificate = Certificate::from_der(der);
    if (!certificate) continue;
    if (!check_subject(certificate->subject())) std::abort();
    if (Certificate::from_pem(certificate->pem()) != *certificate) std::abort();
    (void)verify_root(*certificate, certificate->not_before());
    if (verify_issued(*certificate, state.root, Usage::authority, exercise::k_now) &&
        *certificate != state.authority)
      std::abort();
  }
  const auto text = as_text(bytes);
  (void)Certificate::from_pem(text);
  (void)read_request(text);
  (void)P256Key::from_pem(text);
  (void)P256Public::from_pem(text);
  return 0;
}
