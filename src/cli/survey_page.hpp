// What a node recognised in an item (spec/survey.md), as officers read it. It says whose word it
// is, and says loudest what they must not overlook.
#pragma once

#include <string>

#include "formats/json.hpp"

namespace comity::cli {

/// One line of a manifest's survey: "pcap, read to its end: packets 12, …". Empty without one.
std::string survey_words(const formats::Json& manifest);
/// A paragraph when a hash that the item carries is not that of what is in it; else empty.
std::string survey_warning(const formats::Json& manifest);

}  // namespace comity::cli
