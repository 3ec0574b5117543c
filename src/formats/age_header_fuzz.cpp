// Any bytes as an age header, binary or armored: refused, or written back as they were.
#include <algorithm>

#include "base/check.hpp"
#include "formats/age_armor.hpp"
#include "formats/age_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View bytes(data, size);
  if (const auto read = formats::read_age_header(bytes)) {
    const auto again = formats::write_age_header(read->header);
    CHECK(std::ranges::equal(again, bytes.first(read->size)));
  }
  if (const auto file = formats::read_age_armor(as_text(bytes)))
    (void)formats::read_age_header(*file);
  return 0;
}
