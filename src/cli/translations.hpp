// Translations of what people wrote, as they came with an exchange: signed parts of supplements
// (spec/acts.md §6). They are shown beside the text, never in its place.
#pragma once

#include <map>
#include <string>

#include "formats/json.hpp"

namespace comity::cli {

struct Translation {
  std::string text;
  std::string signed_by;  // names of the officers who sent it, and of which side they are
  bool operator==(const Translation&) const = default;
};

/// By the act's place among `acts` of an exchange page, and the name of its part. A later
/// translation of the same text takes the place of an earlier one.
using Translations = std::map<std::pair<std::size_t, std::string>, Translation>;
Translations translations_in(const formats::Json& exchange, std::string_view language);

}  // namespace comity::cli
