// Any bytes as a log entry or an anchor's opening: refused, or the one text of what was read.
#include <cstdlib>

#include "custody/anchor.hpp"
#include "custody/entry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View bytes(data, size);
  const auto entry = custody::read_entry(bytes);
  if (entry && custody::write_entry(*entry) != to_bytes(bytes)) std::abort();
  const auto opening = custody::read_opening(bytes);
  if (opening && custody::write_opening(*opening) != to_bytes(bytes)) std::abort();
  return 0;
}
