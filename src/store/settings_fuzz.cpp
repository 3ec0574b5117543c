// comity.toml as anybody might have edited it: read or refused, and what was read comes back.
#include "base/check.hpp"
#include "store/settings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto settings = comity::store::read_settings({data, size}, "comity.toml");
  if (!settings) return 0;
  const auto text = comity::store::write_settings(*settings);
  CHECK(text.has_value());
  CHECK(comity::store::read_settings(comity::as_bytes(*text), "comity.toml") == settings);
  return 0;
}
