// Any bytes as an act, a substance and a rejection, and as edits of acts that are well formed.
// What is read writes exactly those bytes again.
#include "base/check.hpp"
#include "exchange/sample_test.hpp"

namespace {

using namespace comity;
using namespace comity::exchange;

void read_all(View bytes) {
  if (const auto act = read_act(bytes)) {
    CHECK(act_content(*act) == to_bytes(bytes));
    CHECK(read_substance(substance_content(act->substance)) == act->substance);
    (void)step_of(*act, act_id(bytes), Side::requester);
  }
  if (const auto substance = read_substance(bytes))
    CHECK(substance_content(*substance) == to_bytes(bytes));
  if (const auto rejection = read_rejection(bytes))
    CHECK(rejection_content(*rejection) == to_bytes(bytes));
}

/// The content of a sample act, with a span cut out and other bytes in its place.
Bytes edited(View data) {
  static const auto k_acts = sample::acts();
  Bytes content = act_content(k_acts[data[0] % k_acts.size()]);
  const auto from = (std::size_t{data[1]} << 8 | data[2]) % content.size();
  const auto cut = std::min<std::size_t>(data[3], content.size() - from);
  const auto at = content.begin() + static_cast<std::ptrdiff_t>(from);
  const auto rest = content.erase(at, at + static_cast<std::ptrdiff_t>(cut));
  content.insert(rest, data.begin() + 4, data.end());
  return content;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_all({data, size});
  if (size >= 4) read_all(edited({data, size}));
  return 0;
}
