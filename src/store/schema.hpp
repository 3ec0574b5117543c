// The tables of a node's database, version by version. Private to the room.
#pragma once

#include "store/database.hpp"

namespace comity::store {

inline constexpr std::int64_t k_application_id = 0x436d7479;  // "Cmty": what file(1) may show
inline constexpr std::int64_t k_schema_version = 2;

/// Makes the tables in an empty database, in one transaction.
Result<void> create_schema(Database& database);
/// That the file is a node's database of this version, with exactly these tables, indexes and
/// nothing beside them. Faults: format.version when it is newer; store.corrupt.
Result<void> check_schema(Database& database);

}  // namespace comity::store
