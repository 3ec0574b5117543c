// Whatever reads as a consistency file is written back as the same bytes.
#include <algorithm>

#include "base/check.hpp"
#include "court/consistency_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View input(data, size);
  if (const auto file = court::parse_consistency_file(input))
    CHECK(std::ranges::equal(as_bytes(court::to_text(*file)), input));
  return 0;
}
