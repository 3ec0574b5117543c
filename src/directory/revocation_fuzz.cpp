// Any bytes as a revocation's content, and as its file against an entry that trusts nobody else.
#include "base/check.hpp"
#include "directory/revocation.hpp"
#include "directory/sample_test.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  static const auto accepted = directory::sample::Nation("KGZ").accepted();
  const View bytes{data, size};
  if (const auto revocation = directory::read_revocation(bytes))
    CHECK(directory::revocation_content(*revocation) == to_bytes(bytes));
  // Nobody but the root and two officers can sign, and the fuzzer has neither's key.
  CHECK(!directory::open_revocation(bytes, accepted, directory::sample::k_now));
  return 0;
}
