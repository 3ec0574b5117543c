// A draft as an officer reads it before signing: the very bytes to be signed, laid out, and the
// parts that they bind, each checked against its binding. What is shown is what is signed.
#pragma once

#include "cli/draft.hpp"

namespace comity::cli {

/// Faults: format.json when the content is no JSON; act.part when a part that the node shows is not
/// the one that the content binds.
Result<std::string> draft_text(const Draft& draft);

/// A JSON value laid out for reading: "name  words", nested by indentation.
std::string laid_out(const Json& value, std::size_t indent = 2);

/// A part's bytes as one reads them: JSON laid out, other text wrapped.
std::string part_words(std::string_view text, std::size_t indent = 4);

}  // namespace comity::cli
