// Any bytes as an envelope: refused, or accepted with a certificate that stands on its own. The
// signature is checked last, so the whole grammar is reached without breaking one.
#include <cstdlib>

#include "crypto/cms.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity::crypto;
  const comity::View bytes(data, size);
  if (const auto opened = cms_open(bytes)) {
    if (!Certificate::from_der(opened->signer.der())) std::abort();
  }
  (void)cms_open_detached(bytes, comity::as_bytes("content"));
  return 0;
}
