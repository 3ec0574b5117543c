// Part proofs: the state of the plaintext's SHA-256, remembered where the plaintext can be cut,
// under a tree whose root stands in the signed manifest. Whoever is given a run of bytes between
// two such places, and the two states, can see that the run belongs to the item: hashing it leads
// from the one state to the other. The rest stays unseen, and no byte is hashed twice for it
// (docs/decisions/016-states-remembered.md, spec/parts.md).
// It must never give out what the salts are made from to anyone but readers of the whole item.
#pragma once

#include <functional>
#include <optional>

#include "base/secret.hpp"
#include "crypto/sha256_state.hpp"
#include "evidence/manifest.hpp"
#include "formats/merkle.hpp"
#include "formats/tape_walk.hpp"

namespace comity::evidence {

/// Every plaintext can be cut at multiples of this many bytes; a folder's also where entries begin.
inline constexpr std::size_t k_part_size = std::size_t{1} << 16;

/// What begins at a place: any byte, or an entry of a folder's archive (or its end).
enum class Mark : std::uint8_t { block = 0, entry = 1 };

/// A place within a plaintext, and what was hashed before it. A value.
struct Cut {
  std::uint64_t offset = 0;  // a multiple of 64, less than the plaintext's size
  Mark mark = Mark::block;
  Digest state;  // crypto::Sha256State of all bytes before

  bool operator==(const Cut&) const = default;
};

/// SHA-256(0x00 ‖ salt ‖ mark ‖ offset, 8 bytes big-endian ‖ state): the leaf of a cut.
Digest leaf_of(const Salt& salt, const Cut& cut);

/// What the salts of an item are made from. A salt hides a state from whoever sees only its leaf:
/// what lies next to a run that was shown could else be guessed, and the guess be tried.
Secret part_key(const Secret& payload_key);
Salt part_salt(const Secret& part_key, std::uint64_t offset);

/// Hashes a plaintext that comes in pieces, and finds its cuts on the way. Resource; one thread.
class PartsHash {
 public:
  /// Told of each cut in order, with its number from 0.
  using Told = std::function<Result<void>(std::uint64_t index, const Cut& cut, const Digest& leaf)>;

  PartsHash(Secret part_key, Media media, Told told = {});

  /// Fault: format.tape for a folder that is no tape archive; that of `told`.
  Result<void> update(View bytes);
  struct Finished {
    Digest sha256;
    PartTree parts;
  };
  /// Fault: format.tape for a folder's archive that ends in the middle.
  Result<Finished> finish();

  std::uint64_t size() const { return offset_; }
  /// Of a folder's archive: where it stands. nullptr for anything else.
  const formats::TapeWalk* walk() const { return walk_ ? &*walk_ : nullptr; }

 private:
  Result<void> cut(Mark mark);

  Secret key_;
  Told told_;
  crypto::Sha256State sha256_;
  std::uint64_t offset_ = 0;
  formats::Edge edge_;
  std::optional<formats::TapeWalk> walk_;
};

/// One end of a run: a cut, and its way to the root.
struct ProvenCut {
  std::uint64_t index = 0;
  Salt salt;
  Cut cut;
  std::vector<Digest> proof;  // RFC 9162 inclusion, the leaf's sibling first

  bool operator==(const ProvenCut&) const = default;
};

/// Follows a run of bytes from one end to the other. `from` is nothing at the plaintext's
/// beginning, `to` at its end.
class RunCheck {
 public:
  /// Faults: evidence.hash when an end does not lead to the root, or they do not fit each other.
  static Result<RunCheck> begin(const SealedShape& shape, std::optional<ProvenCut> from,
                                std::optional<ProvenCut> to);
  std::uint64_t first() const { return from_ ? from_->cut.offset : 0; }
  std::uint64_t end() const { return to_ ? to_->cut.offset : plaintext_size_; }
  void update(View bytes);
  /// Fault: evidence.hash when these were not the bytes.
  Result<void> finish();

 private:
  RunCheck() = default;

  std::uint64_t plaintext_size_ = 0;
  Digest plaintext_sha256_;
  std::optional<ProvenCut> from_, to_;
  crypto::Sha256State sha256_;
  std::uint64_t seen_ = 0;
};

}  // namespace comity::evidence
