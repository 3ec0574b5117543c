// Any bytes as the text of a head, and as an opening manifest: refused, or written back as they
// were.
#include "base/check.hpp"
#include "evidence/live_lines.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View bytes(data, size);
  if (const auto head = evidence::parse_head(as_text(bytes))) {
    const auto origin = as_text(bytes).substr(0, as_text(bytes).find('\n'));
    CHECK(evidence::head_text(std::string(origin), *head) == as_text(bytes));
  }
  if (const auto opening = evidence::read_opening(bytes)) {
    const auto again = evidence::write_opening(*opening);
    CHECK(again && as_text(*again) == as_text(bytes));
  }
  std::ignore = evidence::Places::from_text(as_text(bytes));
  return 0;
}
