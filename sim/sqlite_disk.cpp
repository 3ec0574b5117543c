#include "sim/sqlite_disk.hpp"

#include <sqlite3.h>

#include <cstring>
#include <new>

namespace comity::sim {
namespace {

std::map<std::string, Disk*, std::less<>>& mounts() {
  static std::map<std::string, Disk*, std::less<>> all;
  return all;
}

struct Place {
  Disk* disk = nullptr;
  std::string file;
};

Place place_of(const char* path) {
  const std::string_view text = path;
  const auto slash = text.find('/');
  const auto found = mounts().find(text.substr(0, slash));
  if (slash == std::string_view::npos || found == mounts().end()) return {};
  return {found->second, std::string(text.substr(slash + 1))};
}

/// The library allots its bytes.
struct OpenFile {
  sqlite3_file base;
  Disk* disk;
  Disk::FilePtr file;
};

OpenFile& at(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

int code_of(Disk::End end, int failure) {
  return end == Disk::End::done ? SQLITE_OK : end == Disk::End::full ? SQLITE_FULL : failure;
}

int close_file(sqlite3_file* file) {
  at(file).file.~shared_ptr();
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  auto& open = at(file);
  if (open.disk->is_dead()) return SQLITE_IOERR_READ;
  const auto bytes = open.disk->read(*open.file);
  const auto wanted = static_cast<std::size_t>(size), from = static_cast<std::size_t>(offset);
  const auto there = from < bytes.size() ? std::min(wanted, bytes.size() - from) : 0;
  if (there > 0) std::memcpy(into, bytes.data() + from, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(into) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  auto& open = at(file);
  const View bytes(static_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size));
  return code_of(open.disk->write(*open.file, static_cast<std::size_t>(offset), bytes),
                 SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  auto& open = at(file);
  return code_of(open.disk->truncate(*open.file, static_cast<std::size_t>(size)),
                 SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* file, int) {
  auto& open = at(file);
  return code_of(open.disk->sync(*open.file), SQLITE_IOERR_FSYNC);
}

int size_of(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(at(file).disk->read(*at(file).file).size());
  return SQLITE_OK;
}

// One process, one connection: it holds every lock it asks for.
int lock(sqlite3_file*, int) {
  return SQLITE_OK;
}
int is_reserved(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return 4096;
}
int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;  // as the library assumes of every real disk
}

const sqlite3_io_methods k_methods{.iVersion = 1,
                                   .xClose = close_file,
                                   .xRead = read_file,
                                   .xWrite = write_file,
                                   .xTruncate = truncate_file,
                                   .xSync = sync_file,
                                   .xFileSize = size_of,
                                   .xLock = lock,
                                   .xUnlock = lock,
                                   .xCheckReservedLock = is_reserved,
                                   .xFileControl = control,
                                   .xSectorSize = sector_size,
                                   .xDeviceCharacteristics = characteristics};

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  if (!path) return SQLITE_CANTOPEN;  // temporary files are kept in memory
  const auto place = place_of(path);
  if (!place.disk || place.disk->is_dead()) return SQLITE_CANTOPEN;
  auto found = place.disk->find(place.file);
  if (!found && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  if (!found) found = place.disk->open(place.file);
  new (file) OpenFile{{&k_methods}, place.disk, std::move(found)};
  if (flags_out) *flags_out = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* path, int durably) {
  const auto place = place_of(path);
  if (!place.disk->find(place.file)) return SQLITE_IOERR_DELETE_NOENT;
  return code_of(place.disk->remove(place.file, durably != 0), SQLITE_IOERR_DELETE);
}

int is_there(sqlite3_vfs*, const char* path, int, int* there) {
  const auto place = place_of(path);
  *there = place.disk && place.disk->find(place.file) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* into) {
  sqlite3_snprintf(size, into, "%s", path);
  return SQLITE_OK;
}

int no_randomness(sqlite3_vfs*, int size, char* into) {
  std::memset(into, 0, static_cast<std::size_t>(size));
  return size;
}
int no_sleep(sqlite3_vfs*, int) {
  return 0;
}
int no_time(sqlite3_vfs*, double* days) {
  *days = 2461000.5;
  return SQLITE_OK;
}
int no_error(sqlite3_vfs*, int, char*) {
  return 0;
}

sqlite3_vfs file_system{.iVersion = 1,
                        .szOsFile = sizeof(OpenFile),
                        .mxPathname = 512,
                        .zName = k_file_system,
                        .xOpen = open_file,
                        .xDelete = delete_file,
                        .xAccess = is_there,
                        .xFullPathname = full_path,
                        .xRandomness = no_randomness,
                        .xSleep = no_sleep,
                        .xCurrentTime = no_time,
                        .xGetLastError = no_error};

}  // namespace

Mount::Mount(std::string name, Disk& disk) : name_(std::move(name)) {
  CHECK(sqlite3_vfs_register(&file_system, 0) == SQLITE_OK);
  CHECK(mounts().emplace(name_, &disk).second);
}

Mount::~Mount() {
  mounts().erase(name_);
}

void seed_library(std::uint64_t seed) {
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed | 1), nullptr);
}

}  // namespace comity::sim
