#include "store/sqlite_store.hpp"

#include <algorithm>
#include <limits>

#include "store/files.hpp"
#include "store/rows.hpp"
#include "store/schema.hpp"

namespace comity::store {

using namespace node;  // its records are what this file is about

/// The database with the handful of shapes that all statements have.
class SqliteStore::Rows {
 public:
  explicit Rows(std::unique_ptr<Database> opened) : database(std::move(opened)), guard(*database) {}

  template <typename Record, Clash clash = Clash::replace>
  Result<void> put(const Record& record) {
    return change(insert_of<Record, clash>(),
                  [&](Query& query) { Table<Record>::columns(record, CellWriter(query)); });
  }

  /// Runs a statement without results, its parameters bound by `bind`.
  template <typename Bind>
  Result<void> change(std::string_view sql, Bind&& bind) {
    TRY(guard.ready());
    return guard.keep([&]() -> Result<void> {
      TRY_LET(Query query, database->query(sql));
      bind(query);
      return query.run();
    }());
  }

  /// All rows of `select_of<Record>() + rest`.
  template <typename Record, typename Bind>
  Result<std::vector<Record>> all(std::string_view rest, Bind&& bind) {
    std::vector<Record> records;
    TRY(each(select_of<Record>() + std::string(rest), bind, [&](const Query& query) {
      CellReader reader(query);
      Table<Record>::columns(records.emplace_back(), reader);
      return reader.fault();
    }));
    return records;
  }

  template <typename Record, typename Bind>
  Result<std::optional<Record>> one(std::string_view rest, Bind&& bind) {
    TRY_LET(std::vector<Record> records, all<Record>(rest, bind));
    if (records.empty()) return std::nullopt;
    return std::move(records.front());
  }

  /// Calls `read` with each row; it may give a fault.
  template <typename Bind, typename Read>
  Result<void> each(std::string_view sql, Bind&& bind, Read&& read) {
    TRY(guard.ready());
    return guard.keep([&]() -> Result<void> {
      TRY_LET(Query query, database->query(sql));
      bind(query);
      for (;;) {
        TRY_LET(const bool row, query.step());
        if (!row) return {};
        TRY(read(query));
      }
    }());
  }

  std::unique_ptr<Database> database;
  TransactionGuard guard;
};

namespace {

constexpr auto k_nothing = [](Query&) {};

/// No act is put off for so long: a later time was set by a clock that ran ahead and is right
/// again.
constexpr std::int64_t k_wait_max_s = k_hour_s;

/// A bound of the caller's, which may say "all" by the largest number there is.
std::uint64_t within(std::uint64_t bound) {
  return std::min<std::uint64_t>(bound, std::numeric_limits<std::int64_t>::max());
}

constexpr const char* k_in_range = " AND id >= :lowest AND id <= :highest";

/// The lowest and the highest id that begin with these hex digits; nothing for none of them.
template <typename AnyId>
Result<std::optional<std::pair<AnyId, AnyId>>> range_of(const std::string& digits) {
  if (digits.empty()) return std::nullopt;
  const auto filled = [&](char digit) {
    std::string all = digits;
    all.resize(std::max(all.size(), 2 * AnyId{}.bytes.size()), digit);
    return AnyId::from_hex(all);
  };
  TRY_LET(const AnyId lowest, filled('0'));
  TRY_LET(const AnyId highest, filled('f'));
  return std::pair(lowest, highest);
}

/// Binds one parameter.
auto with(const char* name, View value) {
  return [name, value](Query& query) { query.bind(name, value); };
}
auto with(const char* name, std::string_view value) {
  return [name, value](Query& query) { query.bind(name, value); };
}

Result<void> prepare(Database& database) {
  // Freed bytes are overwritten: what was erased must not lie about in the file. Old pages in the
  // write-ahead log go with its next round.
  return database.execute(
      "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON;"
      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;");
}

Result<void> prepare_file(Database& database) {
  // Set before the first reading: the lock then holds as long as the connection, and the index of
  // the write-ahead log lies in our own memory instead of a shared file.
  TRY_LET(const std::string locking, database.text_of("PRAGMA locking_mode = EXCLUSIVE"));
  // The first change, to the write-ahead log, is made with a rollback journal. EXTRA: its removal
  // is durable. A journal that came back with the power would take all back that was written since.
  TRY(database.execute("PRAGMA synchronous = EXTRA"));
  TRY_LET(const std::string journal, database.text_of("PRAGMA journal_mode = WAL"));
  if (locking != "exclusive" || journal != "wal")
    return fault(FaultCode::store_io, "the database can not be used by one process alone");
  // FULL: each commit is on the disk before it returns. A page that changes often is written back
  // once in 8,000 pages (32 MiB) of the log instead of once in 1,000: half as much again in acts a
  // second.
  TRY(
      database.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000;"
                       "PRAGMA journal_size_limit = 67108864;"));
  return prepare(database);
}

Result<void> check_pages(Database& database, std::string_view pragma) {
  TRY_LET(const std::string found, database.text_of(pragma));
  if (found == "ok") return {};
  return fault(FaultCode::store_corrupt, found.substr(0, 200));
}

/// The file's length, and all of its pages if they are not too many.
Result<void> check_file(Database& database) {
  // Brings what a killed process left in the write-ahead log into the file, so that the file alone
  // can be judged. The library forgives a last page that is cut short; we do not.
  TRY_LET(const std::int64_t busy, database.integer_of("PRAGMA wal_checkpoint(TRUNCATE)"));
  TRY_LET(const std::int64_t pages, database.integer_of("PRAGMA page_count"));
  TRY_LET(const std::int64_t page_bytes, database.integer_of("PRAGMA page_size"));
  const auto expected = static_cast<std::uint64_t>(pages * page_bytes);
  TRY_LET(const std::uint64_t found, database.file_bytes());
  if (busy != 0 || found != expected)
    return fault(FaultCode::store_corrupt, "the database is not as long as it says");
  if (expected > SqliteStore::k_checked_at_opening_bytes_max) return {};
  return check_pages(database, "PRAGMA quick_check(1)");
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Rows> rows) : rows_(std::move(rows)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path,
                                                       Opening opening) {
  if (opening == Opening::create) {
    // The library gives its other files the permissions of this one.
    TRY(create_durably(path, {}, k_secret_mode));
  } else {
    // Never opened here: closing it again would drop the locks of another connection (fcntl(2)).
    if (!std::filesystem::exists(path))
      return fault(FaultCode::store_io, path.filename().string() + ": is not there");
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      TRY(check_private(Path(path) += suffix));
  }
  return open_file(path.string(), opening, nullptr);
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open_in(const char* file_system,
                                                          const std::string& file,
                                                          Opening opening) {
  return open_file(file, opening, file_system);
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open_file(const std::string& file,
                                                            Opening opening,
                                                            const char* file_system) {
  TRY_LET(auto database, Database::open(file, Database::Place::file, file_system));
  TRY(prepare_file(*database));
  if (opening == Opening::create) {
    TRY(create_schema(*database));
  } else {
    TRY(check_schema(*database));
    TRY(check_file(*database));
  }
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::make_unique<Rows>(std::move(database))));
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::in_memory() {
  TRY_LET(auto database, Database::open(":memory:", Database::Place::memory));
  TRY(prepare(*database));
  TRY(create_schema(*database));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::make_unique<Rows>(std::move(database))));
}

Result<void> SqliteStore::check() {
  TRY(check_pages(*rows_->database, "PRAGMA integrity_check(1)"));
  TRY_LET(const std::string lost, rows_->database->text_of("PRAGMA foreign_key_check"));
  if (lost.empty()) return {};
  return fault(FaultCode::store_corrupt, "a row of " + lost + " names one that is not there");
}

Result<void> SqliteStore::quick_check() {
  return check_pages(*rows_->database, "PRAGMA quick_check(1)");
}

Result<std::unique_ptr<DatabaseCopy>> SqliteStore::copy_to(const std::filesystem::path& path) {
  return DatabaseCopy::begin(*rows_->database, path);
}

Result<void> SqliteStore::begin() {
  return rows_->guard.begin();
}
Result<void> SqliteStore::commit() {
  return rows_->guard.commit();
}
void SqliteStore::rollback() {
  rows_->guard.rollback();
}

Result<std::optional<std::string>> SqliteStore::setting(std::string_view name) {
  std::optional<std::string> value;
  TRY(rows_->each("SELECT value FROM setting WHERE name = :name", with(":name", name),
                  [&](const Query& query) -> Result<void> {
                    value = query.text(0);
                    return {};
                  }));
  return value;
}

Result<void> SqliteStore::put_setting(std::string_view name, std::string_view value) {
  return rows_->change(
      "INSERT INTO setting (name, value) VALUES (:name, :value) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [&](Query& query) { query.bind(":name", name).bind(":value", value); });
}

Result<std::optional<ExchangeRecord>> SqliteStore::exchange(const ExchangeId& id) {
  return rows_->one<ExchangeRecord>("WHERE id = :id", with(":id", id.view()));
}

Result<void> SqliteStore::put_exchange(const ExchangeRecord& record) {
  return rows_->put(record);
}

Result<std::vector<ExchangeRecord>> SqliteStore::exchanges(const ExchangeFilter& filter) {
  // Only what is asked for stands in the statement, so that each is led by its index.
  std::string where = "WHERE true";
  if (filter.partner) where += " AND partner = :partner";
  if (filter.our_side) where += " AND our_side = :our_side";
  if (!filter.phase.empty()) where += " AND phase = :phase";
  if (filter.after)
    where += " AND changed_at <= :changed_at AND (changed_at < :changed_at OR id > :after)";
  TRY_LET(const auto range, range_of<ExchangeId>(filter.begins_with));
  if (range) where += k_in_range;
  where += range ? " ORDER BY id" : " ORDER BY changed_at DESC, id";
  return rows_->all<ExchangeRecord>(where + " LIMIT :limit", [&](Query& query) {
    CellWriter write(query);
    if (filter.partner) write("partner", *filter.partner);
    if (filter.our_side) write("our_side", *filter.our_side);
    if (!filter.phase.empty()) write("phase", filter.phase);
    if (filter.after) write("changed_at", filter.after->changed_at);
    if (filter.after) write("after", filter.after->id);
    if (range) write("lowest", range->first);
    if (range) write("highest", range->second);
    write("limit", within(filter.limit));
  });
}

Result<std::optional<ActRecord>> SqliteStore::act(const Digest& id) {
  return rows_->one<ActRecord>("WHERE id = :id", with(":id", id.view()));
}

Result<void> SqliteStore::put_act(const ActRecord& record) {
  return rows_->put(record);
}

Result<std::vector<ActRecord>> SqliteStore::acts(const ExchangeId& exchange) {
  return rows_->all<ActRecord>("WHERE exchange = :exchange ORDER BY log_index",
                               with(":exchange", exchange.view()));
}

Result<std::vector<Digest>> SqliteStore::act_ids(const ExchangeId& exchange) {
  std::vector<Digest> ids;
  TRY(rows_->each("SELECT id FROM act WHERE exchange = :exchange ORDER BY log_index",
                  with(":exchange", exchange.view()), [&](const Query& query) -> Result<void> {
                    TRY_LET(const auto id, Digest::from_bytes(query.blob(0)));
                    ids.push_back(id);
                    return {};
                  }));
  return ids;
}

Result<bool> SqliteStore::draft_used(const ExchangeId& exchange, const DraftId& draft) {
  bool used = false;
  TRY(rows_->each(
      "SELECT 1 FROM act WHERE exchange = :exchange AND draft = :draft "
      "AND standing <> 'rejected' LIMIT 1",
      [&](Query& query) { query.bind(":exchange", exchange.view()).bind(":draft", draft.view()); },
      [&](const Query&) -> Result<void> {
        used = true;
        return {};
      }));
  return used;
}

Result<void> SqliteStore::put_part(const PartRecord& record) {
  return rows_->put(record);
}

Result<std::vector<PartRecord>> SqliteStore::parts(std::string_view owner) {
  return rows_->all<PartRecord>("WHERE owner = :owner ORDER BY rowid", with(":owner", owner));
}

Result<std::optional<DraftRecord>> SqliteStore::draft(const DraftId& id) {
  return rows_->one<DraftRecord>("WHERE id = :id", with(":id", id.view()));
}

Result<void> SqliteStore::put_draft(const DraftRecord& record) {
  return rows_->put(record);
}

Result<std::vector<DraftRecord>> SqliteStore::open_drafts() {
  return rows_->all<DraftRecord>("WHERE state = 'open' ORDER BY created_at, id", k_nothing);
}

Result<void> SqliteStore::put_outbox(const OutboxRecord& record) {
  return rows_->put(record);
}

Result<void> SqliteStore::drop_outbox(const Digest& act) {
  return rows_->change("DELETE FROM outbox WHERE act = :act", with(":act", act.view()));
}

Result<std::optional<OutboxRecord>> SqliteStore::outbox(const Digest& act) {
  return rows_->one<OutboxRecord>("WHERE act = :act", with(":act", act.view()));
}

Result<std::vector<OutboxRecord>> SqliteStore::due(Instant now, std::size_t limit) {
  return rows_->all<OutboxRecord>(
      "WHERE act IN (SELECT act FROM (SELECT act, row_number() OVER "
      "(PARTITION BY partner ORDER BY exchange, sequence) AS place FROM outbox "
      "WHERE next_try_at <= :now OR next_try_at > :farthest) WHERE place <= :limit) "
      "ORDER BY partner, exchange, sequence",
      [&](Query& query) {
        CellWriter write(query);
        write("now", now);
        write("farthest", now.plus_s(k_wait_max_s));
        write("limit", within(limit));
      });
}

Result<std::optional<Instant>> SqliteStore::next_due() {
  std::optional<Instant> at;
  TRY(rows_->each("SELECT min(next_try_at) FROM outbox", k_nothing,
                  [&](const Query& query) -> Result<void> {
                    if (!query.is_null(0)) at = Instant{query.integer(0)};
                    return {};
                  }));
  return at;
}

Result<std::size_t> SqliteStore::outbox_size() {
  std::size_t size = 0;
  TRY(rows_->each("SELECT count(*) FROM outbox", k_nothing,
                  [&](const Query& query) -> Result<void> {
                    size = static_cast<std::size_t>(query.integer(0));
                    return {};
                  }));
  return size;
}

Result<std::optional<LogRecord>> SqliteStore::log(std::string_view name) {
  return rows_->one<LogRecord>("WHERE name = :name", with(":name", name));
}

Result<void> SqliteStore::put_log(const LogRecord& record) {
  return rows_->put(record);
}

Result<std::vector<LogRecord>> SqliteStore::logs() {
  return rows_->all<LogRecord>("ORDER BY name", k_nothing);
}

Result<void> SqliteStore::add_entry(const LogEntryRecord& record) {
  auto added = rows_->put<LogEntryRecord, Clash::refuse>(record);
  // Two entries at one index would be two logs of one name.
  if (!added && rows_->database->failed_by_key())
    return fault(FaultCode::log_corrupt,
                 record.log + ": there is an entry " + std::to_string(record.index) + " already");
  return added;
}

Result<std::vector<LogEntryRecord>> SqliteStore::entries(std::string_view log, std::uint64_t from,
                                                         std::uint64_t to) {
  return rows_->all<LogEntryRecord>(
      "WHERE log = :log AND number >= :from AND number < :to ORDER BY number", [&](Query& query) {
        query.bind(":log", log);
        CellWriter write(query);
        write("from", within(from));
        write("to", within(to));
      });
}

Result<std::vector<LogEntryRecord>> SqliteStore::entries_about(const ExchangeId& exchange) {
  return rows_->all<LogEntryRecord>("WHERE exchange = :exchange ORDER BY log, number",
                                    with(":exchange", exchange.view()));
}

Result<std::optional<PartnerRecord>> SqliteStore::partner(const StateCode& state) {
  return rows_->one<PartnerRecord>("WHERE state = :state", [&](Query& query) {
    CellWriter write(query);
    write("state", state);
  });
}

Result<void> SqliteStore::put_partner(const PartnerRecord& record) {
  return rows_->put(record);
}

Result<void> SqliteStore::put_directory(const DirectoryRecord& record) {
  return rows_->put(record);
}

Result<std::vector<DirectoryRecord>> SqliteStore::directory() {
  return rows_->all<DirectoryRecord>("ORDER BY state, serial", k_nothing);
}

Result<void> SqliteStore::put_officer(const OfficerRecord& record) {
  return rows_->put(record);
}

Result<std::vector<OfficerRecord>> SqliteStore::officers() {
  return rows_->all<OfficerRecord>("ORDER BY rowid", k_nothing);
}

Result<std::optional<ItemRecord>> SqliteStore::item(const ItemId& id) {
  return rows_->one<ItemRecord>("WHERE id = :id", with(":id", id.view()));
}

Result<void> SqliteStore::put_item(const ItemRecord& record) {
  return rows_->put(record);
}

Result<std::vector<ItemRecord>> SqliteStore::items(const std::optional<ExchangeId>& exchange) {
  if (!exchange) return rows_->all<ItemRecord>("ORDER BY rowid", k_nothing);
  return rows_->all<ItemRecord>("WHERE exchange = :exchange ORDER BY rowid",
                                with(":exchange", exchange->view()));
}

Result<std::vector<ItemRecord>> SqliteStore::item_page(const ItemFilter& filter) {
  std::string where;
  const auto also = [&](std::string_view condition) {
    where += (where.empty() ? "WHERE " : "AND ") + std::string(condition) + ' ';
  };
  if (filter.exchange) also("exchange = :exchange");
  if (filter.state) also("state = :state");
  if (filter.after) also("rowid > (SELECT rowid FROM item WHERE id = :after)");
  TRY_LET(const auto range, range_of<ItemId>(filter.begins_with));
  if (range) where += (where.empty() ? "WHERE true" : "") + std::string(k_in_range);
  where += range ? " ORDER BY id" : " ORDER BY rowid";
  return rows_->all<ItemRecord>(where + " LIMIT :limit", [&](Query& query) {
    CellWriter write(query);
    if (range) write("lowest", range->first);
    if (range) write("highest", range->second);
    if (filter.exchange) write("exchange", *filter.exchange);
    if (filter.state) write("state", *filter.state);
    if (filter.after) write("after", *filter.after);
    write("limit", within(filter.limit));
  });
}

Result<void> SqliteStore::drop_tokens(Instant expired_at) {
  return rows_->change("DELETE FROM token WHERE expires_at <= :at",
                       [&](Query& query) { query.bind(":at", expired_at.ms); });
}

Result<void> SqliteStore::put_token(const Digest& token_hash, std::string_view officer,
                                    Instant expires_at) {
  return rows_->change(
      "INSERT INTO token (hash, officer, expires_at) VALUES (:hash, :officer, :expires_at) "
      "ON CONFLICT (hash) DO UPDATE SET officer = excluded.officer, "
      "expires_at = excluded.expires_at",
      [&](Query& query) {
        query.bind(":hash", token_hash.view()).bind(":officer", officer);
        query.bind(":expires_at", expires_at.ms);
      });
}

Result<std::optional<std::pair<std::string, Instant>>> SqliteStore::token(
    const Digest& token_hash) {
  std::optional<std::pair<std::string, Instant>> found;
  TRY(rows_->each("SELECT officer, expires_at FROM token WHERE hash = :hash",
                  with(":hash", token_hash.view()), [&](const Query& query) -> Result<void> {
                    found.emplace(query.text(0), Instant{query.integer(1)});
                    return {};
                  }));
  return found;
}

}  // namespace comity::store
