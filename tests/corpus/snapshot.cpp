#include "snapshot.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <fstream>
#include <set>

#include "base/check.hpp"
#include "crypto/digest.hpp"

namespace comity::corpus {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(fs::file_size(path), '\0');
  in.read(bytes.data(), std::streamsize(bytes.size()));
  return bytes;
}

/// The rows of a query, each as one text.
std::vector<std::string> query(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  CHECK(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  std::vector<std::string> rows;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    std::string row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      if (i > 0) row += '|';
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, i));
      const View value(bytes, std::size_t(sqlite3_column_bytes(statement, i)));
      row += sqlite3_column_type(statement, i) == SQLITE_BLOB ? hex(value)
                                                              : std::string(as_text(value));
    }
    rows.push_back(std::move(row));
  }
  sqlite3_finalize(statement);
  return rows;
}

std::string count(const std::string& name, std::size_t more, std::size_t fewer) {
  return name + (more ? fmt::format(" +{}", more) : "") + (fewer ? fmt::format(" -{}", fewer) : "");
}

/// The log's name in a path ("logs/partner/BFA/tile/…"), or the path.
std::string log_of(const std::string& path) {
  for (const auto* end : {"/checkpoint", "/tile/"})
    if (const auto at = path.find(end); at != path.npos) return path.substr(0, at);
  return path;
}

}  // namespace

Snapshot Snapshot::of(const fs::path& home) {
  Snapshot taken;
  const auto copy = home.parent_path() / (home.filename().string() + ".copy");
  fs::create_directories(copy);
  for (const auto* name : {"node.db", "node.db-wal"})
    if (fs::exists(home / name))
      fs::copy_file(home / name, copy / name, fs::copy_options::overwrite_existing);
  sqlite3* database = nullptr;
  CHECK(sqlite3_open((copy / "node.db").c_str(), &database) == SQLITE_OK);
  for (const auto& table : query(database, "SELECT name FROM sqlite_schema WHERE type = 'table'"))
    for (const auto& row : query(database, "SELECT * FROM \"" + table + '"'))
      ++taken.rows_[table + ": " + row];
  sqlite3_close(database);
  fs::remove_all(copy);
  for (const auto& one : fs::recursive_directory_iterator(home))
    if (one.is_regular_file() && !one.path().filename().string().starts_with("node.db"))
      taken.files_[fs::relative(one.path(), home)] = read(one.path());
  return taken;
}

std::string Snapshot::changes_since(const Snapshot& before) const {
  std::map<std::string, std::pair<std::size_t, std::size_t>> tables, logs;
  const auto table_of = [](const std::string& row) { return row.substr(0, row.find(':')); };
  for (const auto& [row, times] : rows_)
    if (const auto was = before.rows_.find(row); was == before.rows_.end())
      tables[table_of(row)].first += times;
  for (const auto& [row, times] : before.rows_)
    if (!rows_.contains(row)) tables[table_of(row)].second += times;
  for (const auto& [path, bytes] : files_)
    if (const auto was = before.files_.find(path);
        was == before.files_.end() || was->second != bytes)
      ++logs[log_of(path)].first;
  for (const auto& [path, bytes] : before.files_)
    if (!files_.contains(path)) ++logs[log_of(path)].second;
  std::string all;
  const auto add = [&](const std::string& one) { all += (all.empty() ? "" : ", ") + one; };
  for (const auto& [table, counts] : tables) add(count(table, counts.first, counts.second));
  for (const auto& [log, counts] : logs) add(log);
  return all;
}

std::string bytes_of(const fs::path& home) {
  std::set<std::string> lines;
  for (const auto& one : fs::recursive_directory_iterator(home))
    if (one.is_regular_file())
      lines.insert(fs::relative(one.path(), home).string() + ' ' +
                   crypto::sha256(as_bytes(read(one.path()))).hex() + '\n');
  std::string all;
  for (const auto& line : lines) all += line;
  return all;
}

}  // namespace comity::corpus
