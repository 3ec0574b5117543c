// The officers' header: any bytes, and what is taken comes back as the same text.
#include "api/officer_auth.hpp"
#include "base/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto claim = comity::api::parse_officer_header(text))
    CHECK(comity::api::officer_header(*claim) == text);
  return 0;
}
