// A whole Merkle tree in memory, as a reader of its complete subtrees: for small trees and tests.
// It must not serve a log: its memory grows with the tree.
#pragma once

#include "base/check.hpp"
#include "formats/merkle.hpp"

namespace comity::formats {

class MerkleTree final : public HashReader {
 public:
  explicit MerkleTree(std::vector<Digest> leaves) : rows_{std::move(leaves)} {
    while (rows_.back().size() > 1) {
      const auto& below = rows_.back();
      std::vector<Digest> row;
      row.reserve(below.size() / 2);
      for (std::size_t i = 0; i + 1 < below.size(); i += 2)
        row.push_back(node_hash(below[i], below[i + 1]));
      rows_.push_back(std::move(row));
    }
  }
  std::uint64_t size() const { return rows_.front().size(); }
  Result<Digest> subtree(unsigned level, std::uint64_t index) override {
    CHECK(level < rows_.size() && index < rows_[level].size());
    return rows_[level][index];
  }

 private:
  std::vector<std::vector<Digest>> rows_;
};

}  // namespace comity::formats
