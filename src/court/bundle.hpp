// Composes an export: from what a node keeps about one exchange to the files of a folder that a
// court opens, as values. It signs nothing and touches no disk: the caller writes the files, copies
// what is referenced, has the index signed, and logs the export before any of it leaves.
// It must never let out a part that is withheld, nor its salt.
#pragma once

#include "court/index.hpp"
#include "exchange/act.hpp"

namespace comity::court {

/// A part as a node keeps it: salt and media type stay when the bytes are erased.
struct BundlePart {
  exchange::Part part;
  std::string erased;  // why the bytes are gone; empty: they are there
};

struct BundleAct {
  Bytes p7m;
  std::vector<BundlePart> parts;  // one for each binding of the act
  std::string receipt;            // .tlog-proof by the State that took it; empty: none
  Bytes rejection;                // .p7m by the State that did not; empty: none
};

/// A State as the other one accepted it.
struct BundleState {
  StateCode state;
  std::vector<Bytes> entries;       // .p7m, newest first: each under which an act here was made
  std::string checkpoint;           // newest known, of its log with the other State; empty: none
  std::string internal_checkpoint;  // of the exporter, if entries of its internal log are shown
};

/// A proof of an entry of the exporter's own logs, at the checkpoint given in its BundleState.
struct BundleProof {
  bool internal = false;
  std::string text;  // .tlog-proof with the entry in `extra`
};

/// That the log of `state` grew from `old_size` to the size of `checkpoint` without changing.
struct BundleConsistency {
  StateCode state;
  std::uint64_t old_size = 0;
  std::vector<Digest> hashes;
  std::string checkpoint;  // signed note of the later size
};

struct BundleItem {
  Bytes manifest;          // canonical JSON, as it is bound by the delivery
  bool sealed = false;     // reference sealed.age and chunks.tiles
  bool plaintext = false;  // reference the plaintext
  Bytes header;            // another age header for the same payload (rewrap.hpp); or empty
  std::string why_no_sealed, why_no_plaintext;  // where they are not referenced
};

/// A part that this export must not show.
struct Withheld {
  Digest act;  // SHA-256 of its content
  std::string part, why;
};

struct BundleInput {
  bool exercise = false;
  ExchangeId exchange;
  StateCode exporter, partner;
  std::string authority;  // of the exporter, that will sign the index
  Purpose purpose{};
  Instant made_at;                  // cut to the second
  std::vector<BundleAct> acts;      // both sides', in the order in which the exporter logged them
  std::vector<BundleState> states;  // the exporter and the partner
  std::vector<BundleProof> proofs;
  std::vector<BundleConsistency> consistency;
  std::vector<BundleItem> items;
  std::vector<Withheld> withheld;
};

struct BundleFile {
  std::string path;
  Bytes bytes;

  bool operator==(const BundleFile&) const = default;
};

/// Bytes too large to pass through here: the caller copies them to `path`. For Role::tiles the path
/// is a folder, filled with the hash tiles of the item's tree (tile/L/N…) and nothing else.
struct BundleReference {
  ItemId item;
  Role role{};  // sealed, tiles or plaintext
  std::string path;

  bool operator==(const BundleReference&) const = default;
};

struct Bundle {
  std::vector<BundleFile> files;
  std::vector<BundleReference> references;
  /// Lists `files` already. The caller adds a row for each reference but tiles, with the size and
  /// digest of the bytes that it wrote, and gives all to index_content.
  Index index;
};

/// Faults: act.part when parts and bindings do not agree, or a withheld part does not exist;
/// format.field for an input that contradicts itself; those of the readers of acts, entries,
/// proofs and manifests.
Result<Bundle> compose(const BundleInput& input);

}  // namespace comity::court
