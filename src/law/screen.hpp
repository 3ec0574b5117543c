// The rights screen: which words of a text speak of a protected activity. It reads beginnings of
// words in six languages and knows nothing else; a mark brings a person, and its absence proves
// nothing. It must never decide.
#pragma once

#include <string>
#include <vector>

#include "formats/json.hpp"
#include "treaty/instrument.hpp"

namespace comity::law {

struct Mark {
  std::string activity;  // code
  std::string word;      // the beginning of a word that was found
  std::string field;     // where
  bool operator==(const Mark&) const = default;
};

/// The first mark of each activity in each field, in the order of the activities.
std::vector<Mark> screen(const std::vector<treaty::Activity>& activities,
                         const formats::Json& fields, const std::vector<std::string>& where);

/// Lower case for Latin and Cyrillic letters; all else as it is.
std::string folded(std::string_view text);

}  // namespace comity::law
