// Whatever passes, and however it is cut: no entry reaches past what was given, and the same bytes
// are cut at the same places.
#include <algorithm>

#include "base/check.hpp"
#include "formats/tape_walk.hpp"

namespace {

std::vector<std::size_t> entries_of(comity::View bytes, std::size_t step) {
  comity::formats::TapeWalk walk;
  std::vector<std::size_t> at;
  for (std::size_t done = 0; done < bytes.size();) {
    if (walk.at_entry()) at.push_back(done);
    const auto taken = walk.take(bytes.subspan(done, std::min(step, bytes.size() - done)));
    if (!taken) break;
    CHECK(*taken > 0 && *taken <= bytes.size() - done);
    done += *taken;
  }
  return at;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const comity::View bytes(data, size);
  CHECK(entries_of(bytes, size) == entries_of(bytes, 7));
  return 0;
}
