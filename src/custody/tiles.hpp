// A custody log as files (c2sp.org/tlog-tiles): which files a growing log must write, and the check
// that recomputes every one of them from the entries. Bytes in, bytes out; `store` touches the
// disk. Nothing is ever pruned: the smallest index of a custody log stays 0.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "custody/entry.hpp"
#include "formats/checkpoint.hpp"
#include "formats/tile.hpp"

namespace comity::custody {

/// A file by its path below the log's folder: "checkpoint", "tile/0/000.p/5", "tile/entries/000".
struct LogFile {
  std::string path;
  Bytes bytes;

  bool operator==(const LogFile&) const = default;
};

/// Gives the bytes of a file by that path, or any fault.
using FileReader = std::function<Result<Bytes>(const std::string& path)>;

/// The unfinished tiles at a log's right edge: all that must be known to write its next files.
/// Holds at most 255 entries (512 kB) and 255 hashes a level. A value.
class TileFrontier {
 public:
  TileFrontier() = default;  // of a log without entries
  /// Reads the partial tiles of a log of `size` whose files are written. Faults: the reader's;
  /// log.corrupt when the files do not fit one another or `edge`.
  static Result<TileFrontier> load(const formats::Edge& edge, const FileReader& read);

  std::uint64_t size() const { return size_; }
  /// Takes new entries and gives the files that a log of the new size needs and one of the old size
  /// lacked: each tile that became full, and the partial ones of the new size. Call it once for
  /// each published checkpoint, so that every size that was promised can be served. `leaves`, if
  /// not empty, are the entries' leaf hashes.
  std::vector<LogFile> grow(std::span<const Bytes> entries, std::span<const Digest> leaves = {});

 private:
  void add(const Bytes& entry, const Digest& leaf, std::vector<LogFile>& full);

  std::uint64_t size_ = 0;
  std::vector<Bytes> entries_;               // of the partial bundle
  std::vector<std::vector<Digest>> levels_;  // of the partial tile of each level
};

/// What check_log read and found in order.
struct LogReport {
  formats::Checkpoint checkpoint;
  std::uint64_t entries = 0;
  std::uint64_t files = 0;  // bundles and tiles, the checkpoint not counted
};

/// Called with each entry, in order; a fault ends the check.
using EntryVisitor = std::function<Result<void>(std::uint64_t index, View entry)>;

/// Recomputes the whole log from its entry bundles: every hash of every tile that a log of that
/// size must have, and the root that `checkpoint` signs. Memory does not grow with the log. Faults:
/// format.note, crypto.signature for the checkpoint; log.corrupt with the first file, and entry
/// where it can be told, that does not fit; the reader's and the visitor's.
Result<LogReport> check_log(View checkpoint, std::span<const formats::Verifier> known,
                            const FileReader& read, const EntryVisitor& visit = {});

}  // namespace comity::custody
