// One SQLite database and its prepared statements, as results instead of exceptions. Private to the
// room. Every statement is prepared once; values are bound by name, so that no text from outside
// ever becomes SQL.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/bytes.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace comity::store {

class Database;

/// A statement in use, borrowed from its database; released and cleared at the end.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query();

  // A name that the statement does not have is a bug. Bytes are copied.
  Query& bind(const char* name, std::int64_t value);
  Query& bind(const char* name, std::string_view text);
  Query& bind(const char* name, View blob);
  Query& bind_null(const char* name);

  /// True: there is a row. Faults as Database::failed.
  Result<bool> step();
  /// Runs a statement that gives no rows.
  Result<void> run();

  // Of the present row, by position. Texts and blobs live until the next step.
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  View blob(int column) const;

 private:
  friend class Database;
  Query(Database& database, sqlite3_stmt* statement)
      : database_(&database), statement_(statement) {}
  int parameter(const char* name) const;

  Database* database_;
  sqlite3_stmt* statement_;
};

class Database {
 public:
  enum class Place { file, memory };
  /// `path` must be there for Place::file. `file_system`: one that is registered with the library
  /// under that name, where files are made if need be; none: the machine's own.
  /// Faults: node.busy, store.io.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Place place,
                                                const char* file_system = nullptr);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// From the cache, or prepared for it. `sql` is made by this room alone.
  Result<Query> query(std::string_view sql);
  /// One or several statements without parameters or results.
  Result<void> execute(const char* sql);
  /// The first column of the only row, for pragmas.
  Result<std::string> text_of(std::string_view sql);
  Result<std::int64_t> integer_of(std::string_view sql);

  /// Bytes of the file, as its file system tells. Fault: store.io.
  Result<std::uint64_t> file_bytes() const;
  bool in_transaction() const;
  /// The last failure as a fault: node.busy, store.full, store.corrupt, store.io.
  std::unexpected<Fault> failed() const;
  /// Whether the last failure was a row that is there already.
  bool failed_by_key() const;

 private:
  friend class DatabaseCopy;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}

  sqlite3* handle_;
  std::unordered_map<std::string, sqlite3_stmt*, Hash, std::equal_to<>> statements_;
};

}  // namespace comity::store
