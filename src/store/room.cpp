#include "store/room.hpp"

#include <sys/statvfs.h>

namespace comity::store {

Result<void> check_room(const Path& directory, std::uint64_t bytes) {
  struct statvfs disk{};
  if (::statvfs(directory.c_str(), &disk) != 0) return file_fault("ask for room", directory);
  const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free_bytes >= k_disk_reserve_bytes && free_bytes - k_disk_reserve_bytes >= bytes) return {};
  const auto mib = [](std::uint64_t count) { return std::to_string(count >> 20) + " MiB"; };
  std::string detail = mib(free_bytes) + " are free on the node's disk, and " +
                       mib(k_disk_reserve_bytes) + " of it are kept for what is under way";
  if (bytes > 0) detail += "; this needs " + mib(bytes + (1 << 20) - 1);
  return fault(FaultCode::store_full, std::move(detail));
}

}  // namespace comity::store
