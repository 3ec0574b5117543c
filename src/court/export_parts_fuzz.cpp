// Whatever reads as a list of parts is written back as the same bytes.
#include <algorithm>

#include "base/check.hpp"
#include "court/parts_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View input(data, size);
  if (const auto parts = court::read_parts_list(input))
    CHECK(std::ranges::equal(court::write_parts_list(*parts), input));
  return 0;
}
