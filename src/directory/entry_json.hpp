// The JSON of a directory entry, member by member (spec/directory.md §2). Private to the room.
// Reading checks each member by itself; entry.cpp checks them against each other.
#pragma once

#include "directory/entry.hpp"

namespace comity::directory {

formats::Json to_json(const Entry& entry);
/// Fault: format.field and the faults of certificates, with the path of the member.
Result<Entry> from_json(const formats::Json& json);

}  // namespace comity::directory
