// How a field becomes a cell of a row and is read back. Private to the room. What is read is
// checked like bytes from outside: a row that says nonsense is store.corrupt, never a guess.
#pragma once

#include <optional>

#include "node/records.hpp"
#include "store/database.hpp"

namespace comity::store {

/// Binds a record's fields to the parameters of a statement, each under its column's name.
class CellWriter {
 public:
  explicit CellWriter(Query& query) : query_(&query) {}

  template <typename T>
  void operator()(const char* column, const T& value) {
    put((':' + std::string(column)).c_str(), value);
  }

 private:
  template <typename Tag, std::size_t N>
  void put(const char* name, const Id<Tag, N>& value) {
    query_->bind(name, value.view());
  }
  template <typename T>
  void put(const char* name, const std::optional<T>& value) {
    if (value)
      put(name, *value);
    else
      query_->bind_null(name);
  }
  void put(const char* name, const std::string& value) {
    query_->bind(name, std::string_view(value));
  }
  void put(const char* name, const Bytes& value) { query_->bind(name, View(value)); }
  void put(const char* name, const Salt& value) { query_->bind(name, View(value)); }
  void put(const char* name, const StateCode& value);
  void put(const char* name, Instant value) { query_->bind(name, value.ms); }
  void put(const char* name, std::int64_t value) { query_->bind(name, value); }
  void put(const char* name, std::uint64_t value);
  void put(const char* name, bool value) { query_->bind(name, std::int64_t{value}); }
  void put(const char* name, node::Side value);
  void put(const char* name, node::ActType value);
  void put(const char* name, node::Standing value);
  void put(const char* name, node::ItemState value);
  void put(const char* name, const std::vector<std::string>& values);
  void put(const char* name, const std::vector<exchange::OfficerSignature>& values);

  Query* query_;
};

/// Reads a row's cells, in order, into a record's fields. Ask `fault()` after the last one.
class CellReader {
 public:
  explicit CellReader(const Query& query) : query_(&query) {}

  template <typename T>
  void operator()(const char* column, T& value) {
    if (!bad_ && !get(value)) bad_ = column;
    ++column_;
  }
  /// store.corrupt with the first column that made no sense.
  Result<void> fault() const;

 private:
  template <typename Tag, std::size_t N>
  bool get(Id<Tag, N>& value) {
    auto id = Id<Tag, N>::from_bytes(query_->blob(column_));
    if (id) value = *id;
    return id.has_value();
  }
  template <typename T>
  bool get(std::optional<T>& value) {
    if (query_->is_null(column_)) {
      value.reset();
      return true;
    }
    return get(value.emplace());
  }
  bool get(std::string& value);
  bool get(Bytes& value);
  bool get(Salt& value);
  bool get(StateCode& value);
  bool get(Instant& value);
  bool get(std::int64_t& value);
  bool get(std::uint64_t& value);
  bool get(bool& value);
  bool get(node::Side& value);
  bool get(node::ActType& value);
  bool get(node::Standing& value);
  bool get(node::ItemState& value);
  bool get(std::vector<std::string>& values);
  bool get(std::vector<exchange::OfficerSignature>& values);

  const Query* query_;
  int column_ = 0;
  const char* bad_ = nullptr;
};

}  // namespace comity::store
