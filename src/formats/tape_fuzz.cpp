#include "base/check.hpp"
#include "formats/tape.hpp"

using namespace comity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  formats::TapeBlock block{};
  for (std::size_t i = 0; i < block.size() && i < size; ++i) block[i] = data[i];
  const auto file = formats::read_tape_header(block);
  if (file && *file) CHECK(formats::tape_header(**file) == block);
  return 0;
}
