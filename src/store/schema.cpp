#include "store/schema.hpp"

#include <string>

namespace comity::store {
namespace {

// Times are milliseconds since 1970 UTC; digests and ids are blobs. Whoever is named must be there
// at the end of the transaction (DEFERRED), so the heart may put rows in any order.
// Keys are random, so each index on one costs a page of its own for every row: hence few of them;
// act_exchange also answers whether a draft was used, without opening the acts.
constexpr const char* k_tables = R"sql(
CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange (
  id BLOB NOT NULL PRIMARY KEY,
  partner TEXT NOT NULL,
  our_side TEXT NOT NULL,
  instrument TEXT NOT NULL,
  measure TEXT NOT NULL,
  phase TEXT NOT NULL,
  life TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  linked BLOB
) STRICT;
CREATE INDEX exchange_changed ON exchange (changed_at);
CREATE INDEX exchange_partner ON exchange (partner, changed_at);
CREATE INDEX exchange_phase ON exchange (phase, changed_at);

CREATE TABLE act (
  id BLOB NOT NULL PRIMARY KEY,
  exchange BLOB NOT NULL REFERENCES exchange (id) DEFERRABLE INITIALLY DEFERRED,
  side TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  type TEXT NOT NULL,
  draft BLOB NOT NULL,
  p7m BLOB NOT NULL,
  logged_at INTEGER NOT NULL,
  log_index INTEGER NOT NULL,
  standing TEXT NOT NULL,
  receipt TEXT NOT NULL,
  rejection BLOB NOT NULL
) STRICT;
CREATE INDEX act_exchange ON act (exchange, log_index, draft, standing);

CREATE TABLE part (
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  salt BLOB NOT NULL,
  bytes BLOB NOT NULL,
  erased TEXT NOT NULL,
  PRIMARY KEY (owner, name)
) STRICT;

CREATE TABLE draft (
  id BLOB NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  type TEXT NOT NULL,
  exchange BLOB,
  content BLOB NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  signatures TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX draft_open ON draft (created_at) WHERE state = 'open';

CREATE TABLE outbox (
  act BLOB NOT NULL PRIMARY KEY REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
  partner TEXT NOT NULL,
  exchange BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  next_try_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  last_fault TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (next_try_at);

CREATE TABLE log (
  name TEXT NOT NULL PRIMARY KEY,
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  edge BLOB NOT NULL,
  checkpoint TEXT NOT NULL,
  installed INTEGER NOT NULL
) STRICT;

CREATE TABLE log_entry (
  log TEXT NOT NULL REFERENCES log (name) DEFERRABLE INITIALLY DEFERRED,
  number INTEGER NOT NULL,
  entry BLOB NOT NULL,
  kind TEXT NOT NULL,
  exchange BLOB,
  item BLOB,
  PRIMARY KEY (log, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_entry_exchange ON log_entry (exchange) WHERE exchange IS NOT NULL;

CREATE TABLE partner (
  state TEXT NOT NULL PRIMARY KEY,
  checkpoint TEXT NOT NULL,
  called_back INTEGER NOT NULL,
  called_back_by TEXT NOT NULL
) STRICT;

CREATE TABLE directory (
  state TEXT NOT NULL,
  serial INTEGER NOT NULL,
  p7m BLOB NOT NULL,
  status TEXT NOT NULL,
  accepted_at INTEGER NOT NULL,
  how TEXT NOT NULL,
  officers TEXT NOT NULL,
  revoked_from INTEGER,
  PRIMARY KEY (state, serial)
) STRICT;

CREATE TABLE officer (
  fingerprint BLOB NOT NULL PRIMARY KEY,
  certificate BLOB NOT NULL,
  revoked_from INTEGER,
  reason TEXT NOT NULL
) STRICT;

CREATE TABLE item (
  id BLOB NOT NULL PRIMARY KEY,
  exchange BLOB NOT NULL REFERENCES exchange (id) DEFERRABLE INITIALLY DEFERRED,
  ours INTEGER NOT NULL,
  state TEXT NOT NULL,
  name TEXT NOT NULL,
  manifest BLOB NOT NULL,
  delivery BLOB NOT NULL,
  added_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX item_exchange ON item (exchange);
CREATE INDEX item_state ON item (state);

CREATE TABLE token (
  hash BLOB NOT NULL PRIMARY KEY,
  officer TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

/// All that a database defines, as one text in one order.
Result<std::string> definition(Database& database) {
  TRY_LET(Query query, database.query("SELECT type, name, coalesce(sql, '') FROM sqlite_schema "
                                      "ORDER BY type, name"));
  std::string all;
  for (;;) {
    TRY_LET(const bool row, query.step());
    if (!row) return all;
    for (int column = 0; column < 3; ++column) all += std::string(query.text(column)) + '\n';
  }
}

}  // namespace

Result<void> create_schema(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  TRY(database.execute(k_tables));
  TRY(database.execute(("PRAGMA application_id = " + std::to_string(k_application_id)).c_str()));
  TRY(database.execute(("PRAGMA user_version = " + std::to_string(k_schema_version)).c_str()));
  return database.execute("COMMIT");
}

Result<void> check_schema(Database& database) {
  TRY_LET(const std::int64_t application, database.integer_of("PRAGMA application_id"));
  if (application != k_application_id)
    return fault(FaultCode::store_corrupt, "this is not the database of a node");
  TRY_LET(const std::int64_t version, database.integer_of("PRAGMA user_version"));
  if (version > k_schema_version)
    return fault(FaultCode::format_version, "the database is of version " +
                                                std::to_string(version) + ", this node knows " +
                                                std::to_string(k_schema_version));
  // A trigger or view that somebody slipped in would run with every row we write.
  TRY_LET(const auto plain, Database::open(":memory:", Database::Place::memory));
  TRY(create_schema(*plain));
  TRY_LET(const std::string expected, definition(*plain));
  TRY_LET(const std::string found, definition(database));
  if (version != k_schema_version || found != expected)
    return fault(FaultCode::store_corrupt, "the database's tables are not those of its version");
  return {};
}

}  // namespace comity::store
