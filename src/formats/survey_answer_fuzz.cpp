// Any bytes as the answer of a surveying process: refused, or said again as they were.
#include "base/check.hpp"
#include "formats/survey.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View bytes(data, size);
  const auto survey = formats::survey_from_answer(bytes);
  if (survey) CHECK(formats::canonical(formats::to_json(*survey)).size() <= bytes.size());
  return 0;
}
