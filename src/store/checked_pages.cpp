#include "store/checked_pages.hpp"

#include <sqlite3.h>

#include <array>
#include <cstring>
#include <list>
#include <string>

#include "base/check.hpp"
#include "crypto/digest.hpp"

namespace comity::store {
namespace {

constexpr std::size_t k_page_bytes = 4096;
constexpr std::size_t k_said_bytes = k_page_bytes - k_page_proof_bytes;

using Page = std::array<std::uint8_t, k_page_bytes>;

/// The bytes that a page must end with. A page at another place than its own has others.
std::array<std::uint8_t, k_page_proof_bytes> proof_of(View page, sqlite3_int64 offset) {
  std::array<std::uint8_t, k_said_bytes + sizeof(std::uint64_t)> bytes;
  std::memcpy(bytes.data(), page.data(), k_said_bytes);
  auto number = static_cast<std::uint64_t>(offset) / k_page_bytes;
  for (std::size_t i = 0; i < sizeof number; ++i, number >>= 8)
    bytes[k_said_bytes + i] = static_cast<std::uint8_t>(number);
  const auto digest = crypto::sha256(bytes);
  std::array<std::uint8_t, k_page_proof_bytes> proof;
  std::memcpy(proof.data(), digest.bytes.data(), proof.size());
  return proof;
}

bool is_page(int size, sqlite3_int64 offset) {
  return size == static_cast<int>(k_page_bytes) && offset % static_cast<int>(k_page_bytes) == 0;
}

/// The library allots this and, behind it, what the file system below needs for the same file.
struct CheckedFile {
  sqlite3_file base;
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<CheckedFile*>(file)->below();
}

int read_page(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  const int code = below(file)->pMethods->xRead(below(file), into, size, offset);
  if (code != SQLITE_OK || !is_page(size, offset)) return code;
  const View page(static_cast<const std::uint8_t*>(into), k_page_bytes);
  const auto proof = proof_of(page, offset);
  return std::memcmp(proof.data(), page.data() + k_said_bytes, proof.size()) == 0
             ? SQLITE_OK
             : SQLITE_IOERR_DATA;
}

int write_page(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  if (!is_page(size, offset)) return below(file)->pMethods->xWrite(below(file), from, size, offset);
  Page page;
  std::memcpy(page.data(), from, page.size());
  const auto proof = proof_of(page, offset);
  std::memcpy(page.data() + k_said_bytes, proof.data(), proof.size());
  return below(file)->pMethods->xWrite(below(file), page.data(), size, offset);
}

int close(sqlite3_file* file) {
  return below(file)->pMethods->xClose(below(file));
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return below(file)->pMethods->xTruncate(below(file), size);
}
int sync(sqlite3_file* file, int flags) {
  return below(file)->pMethods->xSync(below(file), flags);
}
int size_of(sqlite3_file* file, sqlite3_int64* size) {
  return below(file)->pMethods->xFileSize(below(file), size);
}
int lock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xLock(below(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xUnlock(below(file), level);
}
int is_reserved(sqlite3_file* file, int* reserved) {
  return below(file)->pMethods->xCheckReservedLock(below(file), reserved);
}
int control(sqlite3_file* file, int what, void* value) {
  return below(file)->pMethods->xFileControl(below(file), what, value);
}
int sector_size(sqlite3_file* file) {
  return below(file)->pMethods->xSectorSize(below(file));
}
int characteristics(sqlite3_file* file) {
  return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

// Version 1: no shared memory (one process has the database) and no mapped pages, which would be
// read without us.
const sqlite3_io_methods k_methods{.iVersion = 1,
                                   .xClose = close,
                                   .xRead = read_page,
                                   .xWrite = write_page,
                                   .xTruncate = truncate,
                                   .xSync = sync,
                                   .xFileSize = size_of,
                                   .xLock = lock,
                                   .xUnlock = unlock,
                                   .xCheckReservedLock = is_reserved,
                                   .xFileControl = control,
                                   .xSectorSize = sector_size,
                                   .xDeviceCharacteristics = characteristics};

sqlite3_vfs* underlying(sqlite3_vfs* system) {
  return static_cast<sqlite3_vfs*>(system->pAppData);
}

int open(sqlite3_vfs* system, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  auto* under = underlying(system);
  // Journals and the write-ahead log bear sums of their own.
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return under->xOpen(under, path, file, flags, flags_out);
  file->pMethods = nullptr;
  const int code = under->xOpen(under, path, below(file), flags, flags_out);
  if (below(file)->pMethods) file->pMethods = &k_methods;
  return code;
}

int remove(sqlite3_vfs* system, const char* path, int durably) {
  return underlying(system)->xDelete(underlying(system), path, durably);
}
int is_there(sqlite3_vfs* system, const char* path, int flags, int* there) {
  return underlying(system)->xAccess(underlying(system), path, flags, there);
}
int full_path(sqlite3_vfs* system, const char* path, int size, char* into) {
  return underlying(system)->xFullPathname(underlying(system), path, size, into);
}
int randomness(sqlite3_vfs* system, int size, char* into) {
  return underlying(system)->xRandomness(underlying(system), size, into);
}
int pause(sqlite3_vfs* system, int duration_us) {
  return underlying(system)->xSleep(underlying(system), duration_us);
}
int time(sqlite3_vfs* system, double* days) {
  return underlying(system)->xCurrentTime(underlying(system), days);
}
int last_error(sqlite3_vfs* system, int size, char* into) {
  return underlying(system)->xGetLastError(underlying(system), size, into);
}

struct Registered {
  std::string name;
  sqlite3_vfs system;
};

const char* registered(const char* file_system) {
  auto* under = sqlite3_vfs_find(file_system);
  CHECK(under != nullptr);
  const auto name = std::string("comity-checked-") + under->zName;
  if (const auto* known = sqlite3_vfs_find(name.c_str())) return known->zName;
  static std::list<Registered> all;  // the library keeps their addresses
  auto& added = all.emplace_back(name, sqlite3_vfs{});
  added.system = {.iVersion = 1,
                  .szOsFile = under->szOsFile + static_cast<int>(sizeof(CheckedFile)),
                  .mxPathname = under->mxPathname,
                  .zName = added.name.c_str(),
                  .pAppData = under,
                  .xOpen = open,
                  .xDelete = remove,
                  .xAccess = is_there,
                  .xFullPathname = full_path,
                  .xRandomness = randomness,
                  .xSleep = pause,
                  .xCurrentTime = time,
                  .xGetLastError = last_error};
  CHECK(sqlite3_vfs_register(&added.system, 0) == SQLITE_OK);
  return added.name.c_str();
}

}  // namespace

const char* with_checked_pages(const char* file_system) {
  // The machine's own is asked for by any thread; another one by simulations, which have one.
  static const char* const own = registered(nullptr);
  return file_system ? registered(file_system) : own;
}

}  // namespace comity::store
