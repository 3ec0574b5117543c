// The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1 with SHA-256): hashes, the right edge that a log
// appends to, and proofs. Custody logs and the chunks of sealed items are both such trees.
// It holds no tree: complete subtrees come from a HashReader, whoever stores them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/id.hpp"

namespace comity::formats {

/// Sizes stay below 2^63, so that every index also fits the signed integers of other readers.
inline constexpr std::uint64_t k_tree_size_max = std::uint64_t{1} << 62;
inline constexpr std::size_t k_proof_hashes_max = 64;  // more no tree of that size can need

Digest leaf_hash(View entry);  // SHA-256(0x00 ‖ entry)
/// Of each of them; of two of one length side by side at little more than the cost of one.
void leaf_hashes(std::span<const View> entries, std::span<Digest> leaves);
Digest node_hash(const Digest& left, const Digest& right);  // SHA-256(0x01 ‖ left ‖ right)
Digest empty_root();                                        // SHA-256("")
/// The root over leaf hashes in memory; also the hash of a tile's hashes.
Digest root_of(std::span<const Digest> hashes);

/// The roots of the complete subtrees along the right edge of a tree: all that appending needs,
/// at most 62 hashes. A value.
class Edge {
 public:
  Edge() = default;
  /// From the roots of the complete subtrees, largest first. Fault: format.proof when their number
  /// does not fit the size.
  static Result<Edge> from_peaks(std::uint64_t size, std::vector<Digest> peaks);
  /// size (8 bytes, big-endian) ‖ hashes, largest subtree first. Fault: format.proof.
  static Result<Edge> from_bytes(View bytes);
  Bytes bytes() const;

  void append(const Digest& leaf);
  std::uint64_t size() const { return size_; }
  Digest root() const;
  std::span<const Digest> peaks() const { return peaks_; }  // largest subtree first
  /// The complete subtree of 2^level leaves that ends the edge's part of that size, if there is
  /// one.
  std::optional<Digest> peak(unsigned level) const;

  bool operator==(const Edge&) const = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;
};

/// Gives the root of the complete subtree of 2^level leaves that starts at leaf index · 2^level.
/// Only subtrees wholly inside the tree are asked for.
class HashReader {
 public:
  virtual ~HashReader() = default;
  virtual Result<Digest> subtree(unsigned level, std::uint64_t index) = 0;
};

/// The root of the first `size` leaves.
Result<Digest> root_at(HashReader& reader, std::uint64_t size);
/// The right edge of the first `size` leaves.
Result<Edge> edge_at(HashReader& reader, std::uint64_t size);
/// RFC 6962 §2.1.1: leaf's sibling first. Requires index < size.
Result<std::vector<Digest>> inclusion_proof(HashReader& reader, std::uint64_t index,
                                            std::uint64_t size);
/// RFC 6962 §2.1.2. Requires old_size ≤ size; empty when they are equal or old_size is 0.
Result<std::vector<Digest>> consistency_proof(HashReader& reader, std::uint64_t old_size,
                                              std::uint64_t size);

/// RFC 9162 §2.1.3.2. Fault: log.proof.
Result<void> check_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                             std::span<const Digest> proof, const Digest& root);
/// RFC 9162 §2.1.4.2, with the plain cases too: equal sizes need equal roots, size 0 the empty
/// root. Fault: log.proof.
Result<void> check_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                               const Digest& root, std::span<const Digest> proof);

}  // namespace comity::formats
