#include "base/check.hpp"
#include "store/backup_manifest.hpp"

using namespace comity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = store::read_backup_manifest({data, size});
  if (!manifest) return 0;
  const auto again = store::read_backup_manifest(store::write_backup_manifest(*manifest));
  CHECK(again && *again == *manifest);
  return 0;
}
