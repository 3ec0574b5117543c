// What a database says, read from its bytes without the library: its pages, with the committed
// frames of the write-ahead log above them (sqlite.org/fileformat2.html §4). So that what a start
// finds can be held against what was there.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.hpp"

namespace comity::sim {

/// One hash a page; not for proofs.
using Image = std::vector<std::size_t>;

/// How far a write-ahead log was committed.
struct Commit {
  std::uint64_t salts = 0;
  std::size_t frames = 0;
  bool operator==(const Commit&) const = default;
};

/// The last commit in `log`.
Commit last_commit(View log);
/// The same, when `before` was the last one some time ago.
Commit last_commit(View log, const Commit& before);
/// The database with the log up to `commit` above it.
Image image_of(View database, View log, const Commit& commit);

}  // namespace comity::sim
