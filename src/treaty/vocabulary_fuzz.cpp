// Any bytes as a vocabulary and as words; what is taken is translated by its own words.
#include "treaty/vocabulary.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  auto vocabulary = treaty::load_vocabulary({data, size}, "fuzz.toml");
  const auto words = treaty::load_words({data, size}, "fuzz.toml");
  if (vocabulary && words) (void)treaty::translate(*vocabulary, *words);
  (void)treaty::load_treaties({{"vocabulary.toml", {data, data + size}}});
  return 0;
}
