#include "base/secret.hpp"

#include <string.h>

namespace comity {

void wipe(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

void Secret::wipe() {
  comity::wipe(bytes_);
}

}  // namespace comity
