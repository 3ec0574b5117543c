// Whatever a bundle is made of: a report, and nothing that nobody signed holds.
#include "base/check.hpp"
#include "court/part_bundle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  comity::View left(data, size);
  const auto report = comity::court::verify_part(
      [&](std::span<std::uint8_t> into) -> comity::Result<std::size_t> {
        const auto count = std::min(into.size(), left.size());
        std::copy_n(left.begin(), count, into.begin());
        left = left.subspan(count);
        return count;
      },
      {});
  CHECK(report.exit_code() != 0);
  const comity::View bytes(data, size);
  if (const auto read = comity::court::read_part_statement(bytes))
    CHECK(comity::court::write_part_statement(*read) == comity::to_bytes(bytes));
  return 0;
}
