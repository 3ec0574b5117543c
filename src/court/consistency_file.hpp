// checkpoints/STATE.OLD-NEW.consistency: that a log at its later size contains what it was at an
// earlier one. Text as in a request to a C2SP witness (c2sp.org/tlog-witness, add-checkpoint):
// "old SIZE", a hash a line in base64, an empty line, the signed checkpoint of the later size.
#pragma once

#include <vector>

#include "formats/checkpoint.hpp"

namespace comity::court {

struct ConsistencyFile {
  std::uint64_t old_size = 0;
  std::vector<Digest> hashes;  // RFC 6962 §2.1.2
  std::string checkpoint;      // the signed note, verbatim

  bool operator==(const ConsistencyFile&) const = default;
};

std::string to_text(const ConsistencyFile& file);
/// Fault: format.proof, limit.size. The checkpoint is taken as it is.
Result<ConsistencyFile> parse_consistency_file(View bytes);

}  // namespace comity::court
