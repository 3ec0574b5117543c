// What people say of an item, held to what its manifest will ask for: told when it is said, not
// when the bytes are sealed. Private to the room.
#pragma once

#include "evidence/manifest.hpp"
#include "formats/fields.hpp"

namespace comity::node {

/// One line, nothing hidden in it. Fault: format.field.
Result<std::string> item_words(formats::Fields& fields, std::string_view key);
/// [{"what","reason"}…], or no member: none. Fault: format.field.
Result<std::vector<evidence::Remark>> item_remarks(formats::Fields& fields, std::string_view key);

}  // namespace comity::node
