// Any bytes as an item, as a file and as a stream: something is said, and it can stand in a
// manifest.
#include "base/check.hpp"
#include "survey/survey.hpp"

// What libewf loses when an image is broken ends with the process that surveys it.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libewf.so";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  for (const bool is_stream : {false, true}) {
    survey::MemoryInput input(View(data, size), is_stream);
    auto found = survey::survey(input);
    CHECK(!found.form.empty());
    found.by = "comity-survey";
    const auto again = formats::survey_from_answer(as_bytes(canonical(to_json(found))));
    CHECK(again && *again == found);
  }
  return 0;
}
