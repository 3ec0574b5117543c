// Checkpoints (c2sp.org/tlog-checkpoint v1.0.0): what a log says of itself in three lines — who it
// is, how many entries it has, and their root. Signed as a note under the log's name.
#pragma once

#include "formats/merkle.hpp"
#include "formats/note.hpp"

namespace comity::formats {

struct Checkpoint {
  std::string origin;                   // unique to the log; also the name of its key
  std::uint64_t size = 0;               // entries
  Digest root;                          // RFC 6962, SHA-256
  std::vector<std::string> extensions;  // further lines; our own logs have none

  bool operator==(const Checkpoint&) const = default;
};

/// origin, size, root in base64, extensions: each a line. The text to be signed.
std::string to_text(const Checkpoint& checkpoint);
/// Fault: format.note; a size beyond k_tree_size_max too, and size 0 with a root that is not empty.
Result<Checkpoint> parse_checkpoint(std::string_view text);

/// Opens a signed checkpoint and requires that one of the signatures is by the log that it names:
/// by a known Ed25519 key whose name is the origin. Faults: as open_note.
Result<Checkpoint> open_checkpoint(View note, std::span<const Verifier> known);
/// Signed by the log's own key under its origin. Fault: format.note.
Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const crypto::Ed25519Key& key);

}  // namespace comity::formats
