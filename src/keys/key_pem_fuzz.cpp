// Key files that were damaged: read or refused, and one key has one text.
#include "base/check.hpp"
#include "keys/key_pem.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = comity::keys::ed25519_from_pem(comity::as_text({data, size}));
  if (!key) return 0;
  const auto pem = comity::keys::to_pem(*key);
  const auto again = comity::keys::ed25519_from_pem(comity::as_text(pem.view()));
  CHECK(again.has_value() && again->public_key() == key->public_key());
  return 0;
}
