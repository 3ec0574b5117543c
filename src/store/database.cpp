#include "store/database.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "base/check.hpp"
#include "store/checked_pages.hpp"

namespace comity::store {

Query::Query(Query&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Query::~Query() {
  if (!statement_) return;
  sqlite3_reset(statement_);  // repeats the failure of the last step, which was told already
  sqlite3_clear_bindings(statement_);
}

int Query::parameter(const char* name) const {
  const int index = sqlite3_bind_parameter_index(statement_, name);
  CHECK(index > 0);
  return index;
}

Query& Query::bind(const char* name, std::int64_t value) {
  CHECK(sqlite3_bind_int64(statement_, parameter(name), value) == SQLITE_OK);
  return *this;
}

// Too large a value fails its binding; the statement then fails on a column that must not be NULL.
Query& Query::bind(const char* name, std::string_view text) {
  const char* data = text.data() ? text.data() : "";
  sqlite3_bind_text64(statement_, parameter(name), data, text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Query& Query::bind(const char* name, View blob) {
  // A null pointer would bind NULL, which is not the empty blob.
  if (blob.empty())
    sqlite3_bind_zeroblob(statement_, parameter(name), 0);
  else
    sqlite3_bind_blob64(statement_, parameter(name), blob.data(), blob.size(), SQLITE_TRANSIENT);
  return *this;
}

Query& Query::bind_null(const char* name) {
  sqlite3_bind_null(statement_, parameter(name));
  return *this;
}

Result<bool> Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->failed();
}

Result<void> Query::run() {
  TRY_LET(const bool row, step());
  CHECK(!row);
  return {};
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Query::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view();
}

View Query::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data ? View(data, static_cast<std::size_t>(size)) : View();
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Place place,
                                                 const char* file_system) {
  sqlite3* handle = nullptr;
  // One thread uses it (node/ports.hpp), so it needs no mutex of its own.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (place == Place::memory ? SQLITE_OPEN_MEMORY : 0) |
                    (file_system ? SQLITE_OPEN_CREATE : 0);
  const char* checked = place == Place::memory ? nullptr : with_checked_pages(file_system);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, checked);
  CHECK(handle);  // else there is no memory at all
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) return database->failed();
  // What the file says of itself must not make the library run or believe anything.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  // Room for the proof of each page; for a database that is still to be made.
  int reserved = k_page_proof_bytes;
  if (place == Place::file)
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  CHECK(sqlite3_close(handle_) == SQLITE_OK);
}

Result<Query> Database::query(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
      return failed();
    found = statements_.emplace(std::string(sql), statement).first;
  }
  return Query(*this, found->second);
}

Result<void> Database::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failed();
  return {};
}

Result<std::string> Database::text_of(std::string_view sql) {
  TRY_LET(Query query, this->query(sql));
  TRY_LET(const bool row, query.step());
  return row ? std::string(query.text(0)) : std::string();
}

Result<std::int64_t> Database::integer_of(std::string_view sql) {
  TRY_LET(Query query, this->query(sql));
  TRY_LET(const bool row, query.step());
  return row ? query.integer(0) : 0;
}

Result<std::uint64_t> Database::file_bytes() const {
  sqlite3_file* file = nullptr;
  sqlite3_int64 size = 0;
  if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      !file->pMethods || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
    return fault(FaultCode::store_io, "the database's length can not be read");
  return static_cast<std::uint64_t>(size);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

std::unexpected<Fault> Database::failed() const {
  const int code = sqlite3_extended_errcode(handle_);
  const int error = sqlite3_system_errno(handle_);
  // The library's own words: they name tables and columns, never values.
  const std::string detail = sqlite3_errmsg(handle_);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fault(FaultCode::node_busy, detail);
    case SQLITE_FULL:
      return fault(FaultCode::store_full, detail);
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_DATA)
        return fault(FaultCode::store_corrupt, "a page is not what was written");
      if (error == ENOSPC || error == EDQUOT || error == EFBIG)
        return fault(FaultCode::store_full, detail);
      return fault(FaultCode::store_io, detail);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:  // rows that do not fit one another
      return fault(FaultCode::store_corrupt, detail);
    default:
      return fault(FaultCode::store_io, detail);
  }
}

bool Database::failed_by_key() const {
  const int code = sqlite3_extended_errcode(handle_);
  return code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE ||
         code == SQLITE_CONSTRAINT_ROWID;
}

}  // namespace comity::store
