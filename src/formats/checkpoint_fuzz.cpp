// Any text as a checkpoint: refused, or the one text of what was read.
#include <cstdlib>

#include "formats/checkpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const auto text = as_text({data, size});
  const auto checkpoint = formats::parse_checkpoint(text);
  if (checkpoint && formats::to_text(*checkpoint) != text) std::abort();
  return 0;
}
