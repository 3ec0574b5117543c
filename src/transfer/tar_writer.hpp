// Writes a pax tape archive into memory, entry by entry, through libarchive. It adds nothing of its
// own that could differ from one run to the next: no user names, no access times, no padding.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

struct archive;

namespace comity::transfer {

struct TarEntry {
  std::string path;  // bytes as the file system has them
  struct stat status{};
  std::string link;       // target, of a symbolic link
  std::string hard_link;  // path of the earlier entry that is the same file; no data follow then
  std::vector<std::pair<std::string, Bytes>> attributes;
};

/// Resource; appends to `out`, which must outlive it.
class TarWriter {
 public:
  explicit TarWriter(Bytes& out);
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;
  ~TarWriter();

  /// Fault: store.io for an entry that the format can not hold.
  Result<void> begin(const TarEntry& entry);
  /// The next bytes of the entry's status.st_size.
  Result<void> data(View bytes);
  Result<void> finish();

 private:
  std::unexpected<Fault> refuse(const std::string& path) const;

  archive* archive_;
};

}  // namespace comity::transfer
