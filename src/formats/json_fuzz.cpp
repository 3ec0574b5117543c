// Any bytes: refused, or a value that comes back from its canonical text unchanged.
#include <cstdlib>

#include "formats/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const auto value = formats::parse_json({data, size});
  if (!value) return 0;
  const auto text = formats::canonical(*value);
  const auto again = formats::parse_canonical(as_bytes(text));
  if (!again || *again != *value) std::abort();
  const auto for_people = formats::parse_json(as_bytes(formats::pretty(*value)));
  if (!for_people && for_people.error().code != FaultCode::limit_size) std::abort();
  return 0;
}
