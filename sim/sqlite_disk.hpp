// The simulated disk as SQLite sees it: a file system of its own (sqlite3_vfs), so that the real
// rows are written by the real library to a disk that tears, loses, lies and fills up.
#pragma once

#include "sim/disk.hpp"

namespace comity::sim {

/// The name under which the library finds it.
inline constexpr const char* k_file_system = "comity-sim";

/// Makes a disk's files reachable as NAME/file while it lives.
class Mount {
 public:
  Mount(std::string name, Disk& disk);
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  ~Mount();
  std::string path(const std::string& file) const { return name_ + "/" + file; }

 private:
  std::string name_;
};

/// What the library draws by itself (salts of its write-ahead log) follows the seed, too.
void seed_library(std::uint64_t seed);

}  // namespace comity::sim
