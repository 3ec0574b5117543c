#include "store/database_copy.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include "base/check.hpp"
#include "store/checked_pages.hpp"
#include "store/database.hpp"

namespace comity::store {
namespace {

std::unexpected<Fault> refused(int code, const Path& path) {
  const auto name = path.filename().string() + ": " + sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return fault(FaultCode::store_full, name);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fault(FaultCode::store_corrupt, name);
    default:
      return fault(FaultCode::store_io, name);
  }
}

}  // namespace

Result<std::unique_ptr<DatabaseCopy>> DatabaseCopy::begin(Database& from, const Path& path) {
  // Made here, so that its mode does not depend on the library or the process.
  TRY(create_durably(path, {}, k_secret_mode));
  sqlite3* into = nullptr;
  // What a page says of itself is made anew as it is written: those in the cache do not bear it
  // yet.
  int code = sqlite3_open_v2(path.c_str(), &into, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             with_checked_pages(nullptr));
  CHECK(into);
  // Nobody needs half a copy, so no journal; it is made durable at the end, once.
  if (code == SQLITE_OK)
    code = sqlite3_exec(into, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nullptr,
                        nullptr, nullptr);
  auto* backup =
      code == SQLITE_OK ? sqlite3_backup_init(into, "main", from.handle_, "main") : nullptr;
  if (!backup) {
    if (code == SQLITE_OK) code = sqlite3_extended_errcode(into);
    sqlite3_close(into);
    return refused(code, path);
  }
  return std::unique_ptr<DatabaseCopy>(new DatabaseCopy(into, backup, path));
}

DatabaseCopy::~DatabaseCopy() {
  if (backup_) sqlite3_backup_finish(backup_);
  if (into_) sqlite3_close(into_);
}

Result<bool> DatabaseCopy::step(int pages) {
  CHECK(backup_);
  const int code = sqlite3_backup_step(backup_, pages);
  if (code == SQLITE_OK) return false;
  if (code != SQLITE_DONE) return refused(code, path_);
  sqlite3_backup_finish(backup_);
  backup_ = nullptr;
  const int closed = sqlite3_close(into_);
  into_ = nullptr;
  if (closed != SQLITE_OK) return refused(closed, path_);
  TRY(sync_file(path_));
  return true;
}

}  // namespace comity::store
