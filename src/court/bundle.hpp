// Composes an export: from what a node keeps about one exchange to the files of a folder that a
// court opens, as values; whole, or piece by piece where all of it would not fit in memory. It
// signs nothing and touches no disk: the caller writes the files, copies what is referenced, has
// the index signed, and logs the export before any of it leaves.
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
  std::vector<Bytes> revocations;   // signed files, as they came, since the newest of these entries
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
  std::string why_withheld;  // not empty: nothing of it is shown, not even the manifest
};

/// A part that this export must not show.
struct Withheld {
  Digest act;  // SHA-256 of its content
  std::string part, why;
  Digest sha256;  // of the part's bytes, so that they show up nowhere else; zero: not compared
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

/// An export, or a piece of one.
struct Bundle {
  std::vector<BundleFile> files;
  std::vector<BundleReference> references;
  /// Lists `files` already. The caller adds a row for each reference but tiles, with the size and
  /// digest of the bytes that it wrote, and gives all to index_content.
  Index index;

  /// Takes up another piece of the same export: its files, references and rows.
  void add(Bundle piece);
};

/// Faults: act.part when parts and bindings do not agree, when a part to be withheld does not
/// exist, or when its bytes stand in another file; format.field for an input that contradicts
/// itself; those of the readers of acts, entries, revocations, proofs and manifests.
Result<Bundle> compose(const BundleInput& input);

// The pieces of which compose() is made, for whoever holds one of them at a time. `about` tells of
// the export; its lists are not looked at, but for `withheld`. All pieces, the files of README
// last, and check_withheld() make the same export.

/// Act `number` (from 1), with its parts, receipt and rejection.
Result<Bundle> compose_act(const BundleInput& about, std::uint64_t number, const BundleAct& act);
Result<Bundle> compose_state(const BundleInput& about, const BundleState& state);
Result<Bundle> compose_custody(const BundleProof& proof);
Result<Bundle> compose_consistency(const BundleConsistency& proof);
Result<Bundle> compose_item(const BundleInput& about, const BundleItem& item);
/// An index that tells of the export and lists nothing yet.
Index index_about(const BundleInput& about);
/// The README of an index that lists all but it and what is referenced.
Bundle compose_readme(const Index& index);
/// That each part to be withheld was found, once, and that its bytes stand nowhere else here.
/// Fault: act.part.
Result<void> check_withheld(const BundleInput& about, const Index& index);

}  // namespace comity::court
