// Any bytes as an entry's content and as its signed file. What is read writes itself back.
#include "base/check.hpp"
#include "directory/entry.hpp"
#include "directory/entry_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View bytes{data, size};
  if (const auto json = formats::parse_json(bytes))
    if (const auto entry = directory::from_json(*json))
      CHECK(directory::from_json(directory::to_json(*entry)) == *entry);
  if (const auto entry = directory::read_entry(bytes))
    CHECK(directory::entry_content(*entry) == to_bytes(bytes));
  (void)directory::open_entry(bytes, Instant{1772366400000});
  return 0;
}
