// What 'comity log check' makes of a home beyond its log files: the rows, held against the signed
// checkpoints and against one another, and on demand the sealed items. It reads; it repairs
// nothing.
#pragma once

#include "store/home.hpp"
#include "store/sqlite_store.hpp"

namespace comity::cli {

struct RowsReport {
  std::uint64_t entries = 0, acts = 0, parts = 0;
};

/// Every page of the database; each log's entries, hashed anew up to its signed checkpoint, which
/// its files must not exceed; each act and each part that is present against what the log and the
/// act say of it. Faults: store.corrupt, log.corrupt, log.rolled_back, with the first
/// that does not hold.
Result<RowsReport> check_rows(const store::Home& home, const node::LogSigner& keys,
                              store::SqliteStore& rows);

/// Of these the log entries alone: how many there are.
Result<std::uint64_t> check_entries(const store::Home& home, const node::LogSigner& keys,
                                    store::SqliteStore& rows);

struct ItemFinding {
  ItemId id;
  std::uint64_t bytes = 0;  // of the sealed file
  Result<void> holds = {};
};
/// Every chunk and hash tile of each item whose bytes must be here, against its manifest.
Result<std::vector<ItemFinding>> check_items(const store::Home& home, store::SqliteStore& rows);

}  // namespace comity::cli
