// Any text as TOML: refused, or a value that JSON can carry.
#include <cstdlib>

#include "formats/toml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const auto document = formats::parse_toml({data, size}, "file.toml");
  if (!document) return 0;
  const auto again = formats::parse_json(as_bytes(formats::canonical(document->root)),
                                         {.bytes_max = 8 << 20, .depth_max = 64});
  if (!again || *again != document->root) std::abort();
  return 0;
}
