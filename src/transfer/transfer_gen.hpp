// What the tests of this room share: a directory of their own, and both ends of a flow in memory.
#pragma once

#include <stdlib.h>

#include <atomic>

#include "base/check.hpp"
#include "evidence/evidence_gen.hpp"
#include "node/call.hpp"
#include "transfer/item_files.hpp"

namespace comity::transfer::sample {

using evidence::sample::plaintext;
using evidence::sample::SeededRandom;

/// A new empty directory, removed at the end. In memory where there is such a place: the tests make
/// files durable a thousand times.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const Path memory = "/dev/shm";
    const Path root =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string pattern = root / "comity-transfer-XXXXXX";
    CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { (void)remove_tree(path_); }
  const Path& path() const { return path_; }
  operator const Path&() const { return path_; }

 private:
  Path path_;
};

/// Bytes from memory, in pieces of at most `piece`.
class BytesSource final : public node::Source {
 public:
  explicit BytesSource(View bytes, std::size_t piece = 100'000) : bytes_(bytes), piece_(piece) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const auto size = std::min({into.size(), piece_, bytes_.size()});
    std::copy_n(bytes_.begin(), size, into.begin());
    bytes_ = bytes_.subspan(size);
    return size;
  }

 private:
  View bytes_;
  std::size_t piece_;
};

class BytesSink final : public node::Sink {
 public:
  Result<void> write(View bytes) override {
    append(bytes_, bytes);
    return {};
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

inline void flip_bit(const Path& path, std::uint64_t at) {
  auto bytes = *read_file(path, 1UL << 30);
  bytes.at(at) ^= 1;
  CHECK(write_file(path, bytes).has_value());
}

/// Writes a sample item as a finished seal would have left it.
inline void place(const evidence::sample::Item& item, const Path& directory) {
  const ItemFiles files{directory};
  CHECK(write_file(files.sealed(), item.file).has_value());
  for (const auto& [path, bytes] : item.tiles) {
    CHECK(make_directories((files.tiles() / path).parent_path()).has_value());
    CHECK(write_file(files.tiles() / path, bytes).has_value());
  }
}

}  // namespace comity::transfer::sample
