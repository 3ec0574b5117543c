#include "formats/merkle.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "crypto/digest_pair.hpp"

namespace comity::formats {
namespace {

constexpr std::uint8_t k_leaf_prefix[] = {0};
constexpr std::uint8_t k_node_prefix[] = {1};

/// Folds the roots of complete subtrees, largest first, into the root of their sequence.
Digest fold(std::span<const Digest> peaks) {
  if (peaks.empty()) return empty_root();
  Digest root = peaks.back();
  for (std::size_t i = peaks.size() - 1; i-- > 0;) root = node_hash(peaks[i], root);
  return root;
}

/// The complete subtrees that make up the leaves [start, end), largest first. `start` must be a
/// multiple of the largest power of two that is not above end - start.
Result<std::vector<Digest>> peaks_of(HashReader& reader, std::uint64_t start, std::uint64_t end) {
  std::vector<Digest> peaks;
  while (start < end) {
    const auto level = static_cast<unsigned>(std::bit_width(end - start) - 1);
    TRY_LET(const Digest peak, reader.subtree(level, start >> level));
    peaks.push_back(peak);
    start += std::uint64_t{1} << level;
  }
  return peaks;
}

Result<Digest> range_root(HashReader& reader, std::uint64_t start, std::uint64_t end) {
  TRY_LET(const auto peaks, peaks_of(reader, start, end));
  return fold(peaks);
}

/// Where RFC 6962 splits n > 1 leaves: the largest power of two below n.
std::uint64_t split(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

void shift_to_right_child(std::uint64_t& first, std::uint64_t& second) {
  while ((first & 1) == 0 && first != 0) {
    first >>= 1;
    second >>= 1;
  }
}

}  // namespace

Digest leaf_hash(View entry) {
  return crypto::sha256({k_leaf_prefix, entry});
}

void leaf_hashes(std::span<const View> entries, std::span<Digest> leaves) {
  CHECK(entries.size() == leaves.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + 1 == entries.size() || entries[i].size() != entries[i + 1].size()) {
      leaves[i] = leaf_hash(entries[i]);
      continue;
    }
    std::tie(leaves[i], leaves[i + 1]) =
        crypto::sha256_pair(k_leaf_prefix, entries[i], entries[i + 1]);
    ++i;
  }
}

Digest node_hash(const Digest& left, const Digest& right) {
  return crypto::sha256({k_node_prefix, left.view(), right.view()});
}

Digest empty_root() {
  return crypto::sha256(View());
}

Digest root_of(std::span<const Digest> hashes) {
  if (hashes.empty()) return empty_root();
  std::vector<Digest> row(hashes.begin(), hashes.end());
  while (row.size() > 1) {
    const std::size_t pairs = row.size() / 2;
    for (std::size_t i = 0; i < pairs; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
    if (row.size() % 2 != 0) row[pairs] = row.back();  // the last, unpaired, moves up as it is
    row.resize(pairs + row.size() % 2);
  }
  return row.front();
}

Result<Edge> Edge::from_peaks(std::uint64_t size, std::vector<Digest> peaks) {
  if (size > k_tree_size_max || peaks.size() != static_cast<std::size_t>(std::popcount(size)))
    return fault(FaultCode::format_proof, "the hashes of a tree's edge do not fit its size");
  Edge edge;
  edge.size_ = size;
  edge.peaks_ = std::move(peaks);
  return edge;
}

Result<Edge> Edge::from_bytes(View bytes) {
  if (bytes.size() < 8 || bytes.size() % 32 != 8)
    return fault(FaultCode::format_proof, "a tree's edge of impossible length");
  std::uint64_t size = 0;
  for (const auto byte : bytes.first(8)) size = size << 8 | byte;
  std::vector<Digest> peaks;
  for (bytes = bytes.subspan(8); !bytes.empty(); bytes = bytes.subspan(32))
    peaks.push_back(*Digest::from_bytes(bytes.first(32)));
  return from_peaks(size, std::move(peaks));
}

Bytes Edge::bytes() const {
  Bytes out;
  out.reserve(8 + peaks_.size() * 32);
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(size_ >> shift));
  for (const auto& peak : peaks_) comity::append(out, peak.view());
  return out;
}

void Edge::append(const Digest& leaf) {
  CHECK(size_ < k_tree_size_max);
  Digest subtree = leaf;
  for (auto rest = size_; rest & 1; rest >>= 1) {
    subtree = node_hash(peaks_.back(), subtree);
    peaks_.pop_back();
  }
  peaks_.push_back(subtree);
  ++size_;
}

Digest Edge::root() const {
  return fold(peaks_);
}

std::optional<Digest> Edge::peak(unsigned level) const {
  if (level >= 64 || (size_ >> level & 1) == 0) return std::nullopt;
  const auto larger = level == 63 ? 0 : std::popcount(size_ >> (level + 1));
  return peaks_[static_cast<std::size_t>(larger)];
}

Result<Digest> root_at(HashReader& reader, std::uint64_t size) {
  return range_root(reader, 0, size);
}

Result<Edge> edge_at(HashReader& reader, std::uint64_t size) {
  TRY_LET(auto peaks, peaks_of(reader, 0, size));
  return Edge::from_peaks(size, std::move(peaks));
}

Result<std::vector<Digest>> inclusion_proof(HashReader& reader, std::uint64_t index,
                                            std::uint64_t size) {
  CHECK(index < size && size <= k_tree_size_max);
  std::vector<Digest> proof;
  for (std::uint64_t start = 0, end = size; end - start > 1;) {
    const auto middle = start + split(end - start);
    const bool left = index < middle;
    TRY_LET(const Digest sibling,
            left ? range_root(reader, middle, end) : range_root(reader, start, middle));
    proof.push_back(sibling);
    (left ? end : start) = middle;
  }
  std::ranges::reverse(proof);
  return proof;
}

Result<std::vector<Digest>> consistency_proof(HashReader& reader, std::uint64_t old_size,
                                              std::uint64_t size) {
  CHECK(old_size <= size && size <= k_tree_size_max);
  std::vector<Digest> proof;
  if (old_size == 0 || old_size == size) return proof;
  std::uint64_t start = 0, end = size;
  while (end != old_size) {
    const auto middle = start + split(end - start);
    const bool left = old_size <= middle;
    TRY_LET(const Digest sibling,
            left ? range_root(reader, middle, end) : range_root(reader, start, middle));
    proof.push_back(sibling);
    (left ? end : start) = middle;
  }
  if (start != 0) {  // else the old root itself, which the verifier has
    TRY_LET(const Digest last, range_root(reader, start, end));
    proof.push_back(last);
  }
  std::ranges::reverse(proof);
  return proof;
}

Result<void> check_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                             std::span<const Digest> proof, const Digest& root) {
  if (index >= size) return fault(FaultCode::log_proof, "the index lies outside the tree");
  std::uint64_t node = index, last = size - 1;
  Digest hash = leaf;
  for (const auto& sibling : proof) {
    if (last == 0) return fault(FaultCode::log_proof, "the proof is too long");
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      shift_to_right_child(node, last);
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return fault(FaultCode::log_proof, "the proof is too short");
  if (hash != root) return fault(FaultCode::log_proof, "the proof leads to another root");
  return {};
}

Result<void> check_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                               const Digest& root, std::span<const Digest> proof) {
  const auto refuse = [](const char* why) { return fault(FaultCode::log_proof, why); };
  if (old_size > size) return refuse("the tree has shrunk");
  if (old_size == 0 && old_root != empty_root()) return refuse("an empty tree with entries");
  if (old_size == size || old_size == 0) {
    if (!proof.empty()) return refuse("the proof is too long");
    if (old_size == size && old_root != root) return refuse("two roots of one size");
    return {};
  }
  std::uint64_t node = old_size - 1, last = size - 1;
  while (node & 1) {
    node >>= 1;
    last >>= 1;
  }
  // A complete old tree is its own first node; the prover leaves it out.
  const bool complete = std::has_single_bit(old_size);
  if (proof.empty()) return refuse("the proof is too short");
  Digest old_hash = complete ? old_root : proof.front(), hash = old_hash;
  for (const auto& sibling : complete ? proof : proof.subspan(1)) {
    if (last == 0) return refuse("the proof is too long");
    if ((node & 1) != 0 || node == last) {
      old_hash = node_hash(sibling, old_hash);
      hash = node_hash(sibling, hash);
      shift_to_right_child(node, last);
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return refuse("the proof is too short");
  if (old_hash != old_root) return refuse("the proof does not lead to the older root");
  if (hash != root) return refuse("the proof does not lead to the newer root");
  return {};
}

}  // namespace comity::formats
