// From bytes to what they are: recognised by their structure, never by a name. It refuses nothing;
// what it does not know is "unknown". It says codes, numbers and times, and must never give a word
// of the content, a name or an address: who reads a manifest may not open the item.
#pragma once

#include "formats/survey.hpp"
#include "survey/input.hpp"

namespace comity::survey {

/// Looks at all of the input, or at as much as its form needs. Time and memory are bounded by the
/// input's length; how long it may take is for the process around (confine.hpp). `by` and `walls`
/// are left empty.
formats::Survey survey(Input& input);

}  // namespace comity::survey
