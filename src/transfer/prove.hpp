// Takes an item's plaintext as it is opened, keeps the one run of it that is to be shown, and at
// the end proves that run (evidence/parts.hpp), in constant memory for an item of any size. It must
// never keep another byte of the item, not even on disk.
#pragma once

#include <memory>

#include "crypto/digest.hpp"
#include "evidence/parts.hpp"
#include "node/call.hpp"
#include "transfer/item_files.hpp"

namespace comity::transfer {

/// What is to be shown: an entry of a folder by its path in the archive, or bytes [first, end),
/// which are widened to the places where the plaintext can be cut.
struct WantedRun {
  std::string entry;  // empty: the bytes
  std::uint64_t first = 0, end = 0;
};

struct ProvenRun {
  std::optional<evidence::ProvenCut> from, to;  // none: the plaintext's beginning, its end
  std::uint64_t first = 0, end = 0;
  Digest sha256;  // of the run
};

/// Resource. Writes go in order, from one thread.
class RunProver final : public node::Sink {
 public:
  /// Keeps the run and hashes in `workplace`, a new folder, and removes it at the end of its life.
  /// Faults: request.conflict for an item sealed without parts; request.usage for a range that it
  /// does not have, or an entry of what is no folder; store.*.
  static Result<std::unique_ptr<RunProver>> begin(const evidence::Manifest& manifest,
                                                  Secret part_key, WantedRun wanted,
                                                  const Path& workplace);
  ~RunProver() override;

  Result<void> write(View plaintext) override;
  /// All was written. Faults: request.not_found for an entry that is not there; evidence.hash when
  /// the tree is not the one that the sender signed; store.*.
  Result<ProvenRun> finish();
  /// The run's bytes, after finish().
  Result<void> give(node::Sink& sink) const;

 private:
  struct Place {
    std::uint64_t index = 0;
    evidence::Cut cut;
  };

  RunProver(const evidence::Manifest& manifest, Secret part_key, WantedRun wanted, Path workplace,
            File run);
  Result<void> told(std::uint64_t index, const evidence::Cut& cut, const Digest& leaf);
  Result<void> find_entry(View plaintext);
  Result<void> keep(View bytes);
  Result<std::optional<evidence::ProvenCut>> proven(const std::optional<Place>& place,
                                                    std::uint64_t count) const;

  const evidence::SealedShape shape_;
  WantedRun wanted_;
  Secret key_;
  Path workplace_;
  File run_;
  evidence::ChunkTreeBuilder tree_;
  evidence::PartsHash hash_;
  crypto::Sha256 run_sha256_;
  std::uint64_t seen_ = 0, kept_ = 0;
  std::optional<Place> from_, to_;

  // Of an entry: where it begins is known when its header has passed.
  std::optional<formats::TapeWalk> walk_;
  std::map<std::uint64_t, Place> recent_;  // cuts at entries in the piece at hand
  std::optional<Place> begun_;  // of the entry at hand; none at the plaintext's beginning
  std::uint64_t begun_at_ = 0;
  Bytes pending_;  // of its header
  bool is_found_ = false, is_over_ = false;
};

}  // namespace comity::transfer
