// Any text: refused, or the one spelling of what was read.
#include <cstdlib>

#include "formats/bech32.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const auto text = as_text({data, size});
  const auto read = formats::from_bech32(text);
  if (!read) return 0;
  auto lower = std::string(text), again = formats::to_bech32(read->prefix, read->data);
  for (auto* each : {&lower, &again})
    for (auto& c : *each)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower != again) std::abort();
  return 0;
}
