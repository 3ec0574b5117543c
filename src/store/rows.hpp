// The statements of a node's database and the guard around its transactions. Private to the room.
#pragma once

#include "node/ports.hpp"
#include "store/cells.hpp"
#include "store/tables.hpp"

namespace comity::store {

/// "SELECT id, partner, … FROM exchange " of a record's table.
template <typename Record>
const std::string& select_of() {
  static const std::string sql = [] {
    Record record;
    std::string columns;
    Table<Record>::columns(record, [&](const char* column, auto&) {
      columns += (columns.empty() ? "" : ", ") + std::string(column);
    });
    return "SELECT " + columns + " FROM " + std::string(Table<Record>::name) + ' ';
  }();
  return sql;
}

/// Whether a table's key has this column.
inline bool in_key(std::string_view key, std::string_view column) {
  for (;;) {
    const auto comma = key.find(", ");
    if (key.substr(0, comma) == column) return true;
    if (comma == std::string_view::npos) return false;
    key.remove_prefix(comma + 2);
  }
}

enum class Clash { replace, refuse };

/// An insertion of all columns; Clash::replace updates the row in place, so its row id stays. The
/// key is not among what is updated, though its value would be the same: the library would look at
/// every row that names this one, so that a log's row would cost as much as the log is long.
template <typename Record, Clash clash = Clash::replace>
const std::string& insert_of() {
  static const std::string sql = [] {
    Record record;
    std::string columns, values, changes;
    Table<Record>::columns(record, [&](const std::string& column, auto&) {
      const char* comma = columns.empty() ? "" : ", ";
      columns += comma + column;
      values += comma + (':' + column);
      if (in_key(Table<Record>::key, column)) return;
      changes += (changes.empty() ? "" : ", ") + column + " = excluded." + column;
    });
    const std::string insert = "INSERT INTO " + std::string(Table<Record>::name) + " (" + columns +
                               ") VALUES (" + values + ')';
    if (clash == Clash::refuse) return insert;
    return insert + " ON CONFLICT (" + std::string(Table<Record>::key) + ") DO UPDATE SET " +
           changes;
  }();
  return sql;
}

/// Refuses what must not run: anything after a fault within a transaction, or after a commit that
/// failed. Else a half transaction's later statements would each commit by themselves.
class TransactionGuard {
 public:
  explicit TransactionGuard(Database& database) : database_(&database) {}

  Result<void> begin();
  Result<void> commit();
  void rollback();
  Result<void> ready() const;
  /// Passes a result on, and remembers its fault.
  template <typename T>
  Result<T> keep(Result<T> result) {
    if (!result && open_) broken_ = true;
    return result;
  }

 private:
  Database* database_;
  bool open_ = false;    // between begin and commit or rollback
  bool broken_ = false;  // a statement of this transaction failed
  bool lost_ = false;    // a commit failed: what is on the disk is unknown
};

}  // namespace comity::store
