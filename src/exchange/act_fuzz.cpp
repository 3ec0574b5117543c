// Any bytes as an act, a substance and a rejection. What is read writes exactly those bytes again.
#include "base/check.hpp"
#include "exchange/situation.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  using namespace comity::exchange;
  const View bytes{data, size};
  if (const auto act = read_act(bytes)) {
    CHECK(act_content(*act) == to_bytes(bytes));
    CHECK(read_substance(substance_content(act->substance)) == act->substance);
    (void)step_of(*act, act_id(bytes), Side::requester);
  }
  if (const auto substance = read_substance(bytes))
    CHECK(substance_content(*substance) == to_bytes(bytes));
  if (const auto rejection = read_rejection(bytes))
    CHECK(rejection_content(*rejection) == to_bytes(bytes));
  return 0;
}
