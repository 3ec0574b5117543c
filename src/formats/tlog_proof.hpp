// Proofs that stand alone (c2sp.org/tlog-proof@v1): an entry's place in a log, the hashes that lead
// from it to the root, and the signed checkpoint with that root. Our receipts are such files.
// `extra` is authenticated by nothing but what its reader checks it against.
#pragma once

#include "formats/checkpoint.hpp"

namespace comity::formats {

inline constexpr std::size_t k_tlog_proof_bytes_max = 1 << 19;
inline constexpr std::size_t k_tlog_proof_extra_bytes_max = 65536;

struct TlogProof {
  std::optional<Bytes> extra;  // in our receipts: the entry itself
  std::uint64_t index = 0;
  std::vector<Digest> hashes;  // the leaf's sibling first
  std::string checkpoint;      // the signed note, verbatim

  bool operator==(const TlogProof&) const = default;
};

std::string to_text(const TlogProof& proof);
/// Fault: format.proof, limit.size. The checkpoint is taken as it is; verify_proof opens it.
Result<TlogProof> parse_tlog_proof(View bytes);

/// That `entry` stands at proof.index in the log whose checkpoint a known key signed; gives that
/// checkpoint. Faults: format.note, crypto.signature (as open_checkpoint); log.proof.
Result<Checkpoint> verify_proof(const TlogProof& proof, View entry,
                                std::span<const Verifier> known);

}  // namespace comity::formats
