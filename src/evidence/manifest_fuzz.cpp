// Any bytes as a manifest: refused, or written back as they were.
#include "base/check.hpp"
#include "evidence/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View bytes(data, size);
  const auto manifest = evidence::read_manifest(bytes);
  if (!manifest) return 0;
  const auto again = evidence::write_manifest(*manifest);
  CHECK(again && as_text(*again) == as_text(bytes));
  return 0;
}
