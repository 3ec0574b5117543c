// How soon the first byte of the largest items can be read, and with how much memory: an item of
// one tebibyte, of which only the first chunks lie on the disk. The rest of its sealed file is a
// hole, and the leaves of those chunks are made up; nothing reads so far. Prints one JSON object.
// usage: first_byte_bench FOLDER    (some 520 MiB are written in FOLDER, and removed)
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "base/check.hpp"
#include "base/random.hpp"
#include "crypto/digest.hpp"
#include "evidence/sealer.hpp"
#include "transfer/open.hpp"

namespace comity {
namespace {

constexpr std::uint64_t k_plaintext = std::uint64_t{1} << 40;
constexpr std::uint64_t k_real_chunks = 256;

/// Takes the first bytes, and no more.
class First final : public node::Sink {
 public:
  Result<void> write(View bytes) override {
    at = std::chrono::steady_clock::now();
    size = bytes.size();
    return fault(FaultCode::node_stopping);
  }
  std::chrono::steady_clock::time_point at;
  std::size_t size = 0;
};

void measure(const transfer::Path& parent) {
  SystemRandom random;
  const transfer::ItemFiles files{parent / "first-byte"};
  CHECK(transfer::make_directories(files.directory).has_value());
  const auto identity = formats::AgeIdentity::generate(random);
  auto start = *evidence::start_seal({identity.recipient()}, random);
  evidence::ChunkSealer sealer(start);
  evidence::ChunkTreeBuilder tree([&](const formats::Tile& tile, View hashes) {
    return transfer::write_tile(files.tiles(), tile, hashes);
  });
  auto file = *transfer::File::open(files.sealed(), O_RDWR | O_CREAT | O_TRUNC);
  CHECK(file.write_at(start.prefix, 0).has_value());
  const Bytes plain(formats::k_age_chunk_size, 1);
  Bytes sealed(formats::k_age_sealed_chunk_size);
  const formats::AgeChunking chunking(k_plaintext);
  for (std::uint64_t chunk = 0; chunk < chunking.count(); ++chunk) {
    if (chunk >= k_real_chunks) {
      CHECK(tree.add(crypto::sha256(View())).has_value());
      continue;
    }
    CHECK(tree.add(sealer.seal(chunk, false, plain, sealed)).has_value());
    CHECK(file.write_at(sealed, start.prefix.size() + chunk * sealed.size()).has_value());
  }
  const auto root = *tree.finish();
  const auto shape = evidence::shape_of(start, k_plaintext, {}, root);
  CHECK(::ftruncate(file.descriptor(), static_cast<off_t>(shape.total_size())) == 0);
  CHECK(transfer::sync_tree(files.directory).has_value());
  ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_DONTNEED);

  First first;
  const auto asked = std::chrono::steady_clock::now();
  const auto opened = transfer::open_sealed(files.directory, shape, identity, first);
  CHECK(!opened && opened.error().code == FaultCode::node_stopping);
  const auto ms = std::chrono::duration<double, std::milli>(first.at - asked).count();
  std::ifstream status("/proc/self/status");
  double peak_kib = 0;  // not getrusage's, which begins with what the parent had
  for (std::string word; status >> word;)
    if (word == "VmHWM:") status >> peak_kib;
  fmt::print("{{\"tib\": 1, \"first_byte_ms\": {:.2f}, \"peak_mib\": {:.1f}}}\n", ms,
             peak_kib / 1024);
  CHECK(transfer::remove_tree(files.directory).has_value());
}

}  // namespace
}  // namespace comity

int main(int count, char** words) {
  if (count != 2) return 2;
  comity::measure(words[1]);
}
