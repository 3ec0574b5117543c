// Whatever path means something is the one spelling of its meaning, and leads nowhere else.
#include "base/check.hpp"
#include "court/layout.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const auto path = as_text(View(data, size));
  if (const auto place = court::place_of(path)) {
    CHECK(court::path_of(*place) == path);
    CHECK(path.find("..") == path.npos || path.starts_with("acts/"));  // a part may be "a..b"
  }
  return 0;
}
