// Any bytes as an item, as a file and as a stream that may be asked for again or not: something is
// said, and it can stand in a manifest. And as two segments of an image.
#include <utility>

#include "base/check.hpp"
#include "survey/forms.hpp"

// What libewf loses when an image is broken ends with the process that surveys it.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libewf.so";
}

namespace comity::survey {
namespace {

void check(Survey found) {
  found.by = "comity-survey";
  const auto again = formats::survey_from_answer(as_bytes(canonical(to_json(found))));
  CHECK(again && *again == found);
}

/// The bytes as two segments of one image, cut at any place.
Survey in_segments(View bytes) {
  const auto cut = bytes.empty() ? 0 : bytes.size() * bytes.back() / 256;
  MemoryInput input(bytes, MemoryInput::As::stream_and_again);
  Reel reel(input);
  Survey found{.form = "tar"};
  read_images(
      reel,
      {segment_file("a/disk.E01", 0, cut), segment_file("a/DISK.E02", cut, bytes.size() - cut)},
      found);
  return found;
}

}  // namespace
}  // namespace comity::survey

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  using As = survey::MemoryInput::As;
  for (const auto as : {As::file, As::stream, As::stream_and_again}) {
    survey::MemoryInput input(View(data, size), as);
    auto found = survey::survey(input);
    CHECK(!found.form.empty());
    survey::check(std::move(found));
  }
  survey::check(survey::in_segments(View(data, size)));
  return 0;
}
