// The armor of an age file (C2SP age.md, "ASCII armor"): strict PEM of the type AGE ENCRYPTED FILE.
// Sealed evidence is never armored; this exists to take a file that arrived as text.
// It must never accept two texts of different meaning for one file beyond the line endings and the
// outer whitespace that the specification allows.
#pragma once

#include <string_view>

#include "base/bytes.hpp"

namespace comity::formats {

/// The largest armored text that is read, in bytes. Larger files travel binary.
inline constexpr std::size_t k_age_armor_max = 64UL << 20;

/// True when the text begins as an armored file does, so that a caller can tell the two forms
/// apart.
bool looks_like_age_armor(View bytes);

/// The binary age file within. Fault: format.age; limit.size.
Result<Bytes> read_age_armor(std::string_view text);

}  // namespace comity::formats
