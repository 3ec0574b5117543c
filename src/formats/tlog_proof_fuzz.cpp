// Any bytes as a log proof: refused, or the one text of what was read.
#include <cstdlib>

#include "formats/tlog_proof.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View bytes(data, size);
  const auto proof = formats::parse_tlog_proof(bytes);
  if (!proof) return 0;
  if (formats::to_text(*proof) != as_text(bytes)) std::abort();
  (void)formats::parse_note(as_bytes(proof->checkpoint));
  return 0;
}
