// A copy of a node's database that grows some pages at a time between the node's turns, so that a
// backup never holds it up. What the node commits meanwhile goes into both (sqlite.org/backup.html:
// a change through the same connection updates the copy), so the copy is the database as of the
// step that ended it, and never a mixture. One thread uses both.
#pragma once

#include <memory>

#include "store/files.hpp"

struct sqlite3;
struct sqlite3_backup;

namespace comity::store {

class Database;

class DatabaseCopy {
 public:
  /// `path` must not be there; it is made with mode 0600. `from` must outlive the copy.
  static Result<std::unique_ptr<DatabaseCopy>> begin(Database& from, const Path& path);
  DatabaseCopy(const DatabaseCopy&) = delete;
  DatabaseCopy& operator=(const DatabaseCopy&) = delete;
  /// What is not finished is no database; its file stays for the caller to remove.
  ~DatabaseCopy();

  /// Copies up to `pages` more; not within a transaction. True once all of it is there, durable.
  /// Faults: store.io, store.full, store.corrupt.
  Result<bool> step(int pages);

 private:
  DatabaseCopy(sqlite3* into, sqlite3_backup* backup, Path path)
      : into_(into), backup_(backup), path_(std::move(path)) {}

  sqlite3* into_;
  sqlite3_backup* backup_;
  Path path_;
};

}  // namespace comity::store
