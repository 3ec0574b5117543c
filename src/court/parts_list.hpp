// acts/NNNN-TYPE.parts.json: what was done with each part that an act binds. The salt stands there
// only for a part that is there: with it, whoever lacks the part could try guesses against the
// act's binding.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"

namespace comity::court {

struct ListedPart {
  std::string name, media_type;
  std::optional<Salt> salt;  // of a part that is present
  std::string why_absent;    // of one that is not

  bool present() const { return salt.has_value(); }
  bool operator==(const ListedPart&) const = default;
};

/// Canonical JSON: an array, in the order of the act's bindings, of
/// {"media_type","name","present":true,"salt"} or
/// {"media_type","name","present":false,"why_absent"}.
Bytes write_parts_list(const std::vector<ListedPart>& parts);
/// Strict. Fault: format.json, format.field, limit.*.
Result<std::vector<ListedPart>> read_parts_list(View bytes);

}  // namespace comity::court
