// Whatever reads as an index is written back as the same bytes.
#include <algorithm>

#include "base/check.hpp"
#include "court/index.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View input(data, size);
  if (const auto index = court::read_index(input)) {
    const auto again = court::index_content(*index);
    CHECK(again.has_value() && std::ranges::equal(*again, input));
  }
  return 0;
}
