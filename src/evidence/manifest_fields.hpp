// What both kinds of manifest have in common, read and written in one way. Private to the room.
#pragma once

#include "evidence/manifest.hpp"
#include "formats/fields.hpp"

namespace comity::evidence {

formats::Json remarks_json(const std::vector<Remark>& remarks);
/// A text that officers read: one line, nothing hidden. Faults: format.field, format.manifest.
Result<std::string> read_words(formats::Fields& fields, std::string_view key);
Result<std::vector<Remark>> read_remarks(formats::Fields& fields, std::string_view key);
/// Key ids, one at least, none twice.
Result<std::vector<Digest>> read_recipients(formats::Fields& fields);

}  // namespace comity::evidence
