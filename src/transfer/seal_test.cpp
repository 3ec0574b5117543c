#include "transfer/seal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "evidence/opener.hpp"
#include "transfer/open.hpp"
#include "transfer/transfer_gen.hpp"
#include "transfer/verify_sealed.hpp"

namespace comity::transfer {
namespace {

using sample::BytesSink;
using sample::BytesSource;
using sample::TemporaryDirectory;

constexpr std::size_t k_chunk = formats::k_age_chunk_size;
const std::size_t k_sizes[] = {0,
                               1,
                               k_chunk - 1,
                               k_chunk,
                               k_chunk + 1,
                               3 * k_chunk,
                               k_block_plain - 1,
                               k_block_plain,
                               k_block_plain + 1,
                               5 * k_block_plain + 12345,
                               (17UL << 20) + 1};

struct Keys {
  SystemRandom random;
  formats::AgeIdentity identity = formats::AgeIdentity::generate(random);
  std::vector<formats::AgeRecipient> recipients = {identity.recipient()};
};

Result<SealedItem> seal_bytes(View plaintext, Keys& keys, const Path& directory,
                              const WorkOptions& options = {}) {
  BytesSource source(plaintext);
  return seal_source(source, keys.recipients, keys.random, directory, options);
}

/// Calls `then` once, after `after` bytes were read.
class InterruptedSource final : public node::Source {
 public:
  InterruptedSource(std::uint64_t after, std::function<Result<void>()> then)
      : after_(after), then_(std::move(then)) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    if (given_ >= after_) TRY(then_());
    given_ += into.size();
    return into.size();
  }

 private:
  std::uint64_t after_, given_ = 0;
  std::function<Result<void>()> then_;
};

std::vector<std::string> names_in(const Path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

}  // namespace

TEST(Seal, OpensAndVerifiesAtEveryBoundary) {
  Keys keys;
  for (const auto size : k_sizes) {
    for (const unsigned workers : {1U, 4U}) {
      TemporaryDirectory directory;
      const auto plaintext = sample::plaintext(size);
      const auto sealed = seal_bytes(plaintext, keys, directory, {.workers = workers});
      ASSERT_TRUE(sealed) << sealed.error().detail;
      EXPECT_EQ(sealed->shape.plaintext_size, size);
      EXPECT_EQ(sealed->shape.plaintext_sha256, crypto::sha256(plaintext));
      EXPECT_EQ(names_in(directory), (std::vector<std::string>{"chunks.tiles", "sealed.age"}));
      EXPECT_TRUE(verify_sealed(directory, sealed->shape));
      BytesSink sink;
      const auto opened = open_sealed(directory, sealed->shape, keys.identity, sink);
      ASSERT_TRUE(opened) << opened.error().detail;
      EXPECT_TRUE(sink.bytes() == plaintext) << size;
      // The reader in memory agrees.
      const auto file = *read_file(ItemFiles{directory}.sealed(), 1UL << 30);
      EXPECT_TRUE(*evidence::open_item(sealed->shape, file, keys.identity) == plaintext);
    }
  }
}

TEST(Seal, WritesExactlyTheTilesOfTheTree) {
  Keys keys;
  TemporaryDirectory directory;
  const auto sealed = seal_bytes(sample::plaintext((17UL << 20) + 1), keys, directory);
  ASSERT_TRUE(sealed);
  evidence::ChunkTiles tiles(sealed->shape.chunks(), sealed->shape.chunk_root,
                             tile_source(ItemFiles{directory}.tiles()));
  EXPECT_TRUE(tiles.leaf(sealed->shape.chunks() - 1));
  EXPECT_TRUE(file_exists(directory.path() / "chunks.tiles/tile/0/000"));
  EXPECT_TRUE(file_exists(directory.path() / "chunks.tiles/tile/0/001.p/17"));
  EXPECT_TRUE(file_exists(directory.path() / "chunks.tiles/tile/1/000.p/1"));
}

TEST(Seal, LeavesNothingWhenItsSourceFailsOrItIsStopped) {
  Keys keys;
  TemporaryDirectory directory;
  InterruptedSource failing(9 * k_block_plain, [] { return fault(FaultCode::peer_timeout); });
  EXPECT_EQ(seal_source(failing, keys.recipients, keys.random, directory).error().code,
            FaultCode::peer_timeout);
  EXPECT_TRUE(names_in(directory).empty());
  std::stop_source stop;
  InterruptedSource stopping(9 * k_block_plain, [&]() -> Result<void> {
    stop.request_stop();
    return {};
  });
  EXPECT_EQ(
      seal_source(stopping, keys.recipients, keys.random, directory, {.stop = stop.get_token()})
          .error()
          .code,
      FaultCode::evidence_incomplete);
  EXPECT_TRUE(names_in(directory).empty());
}

TEST(Seal, ClearsWhatADeadOneLeftButNeverAFinishedOne) {
  Keys keys;
  TemporaryDirectory directory;
  const ItemFiles files{directory};
  ASSERT_TRUE(write_file(files.sealed_partial(), Bytes(10)));
  ASSERT_TRUE(make_directories(files.tiles() / "tile/7"));
  ASSERT_TRUE(make_directories(files.tiles_partial() / "tile/9"));
  ASSERT_TRUE(seal_bytes(Bytes(5), keys, directory));
  EXPECT_FALSE(file_exists(files.tiles() / "tile/7"));
  EXPECT_EQ(seal_bytes(Bytes(5), keys, directory).error().code, FaultCode::store_exists);
}

RC_GTEST_PROP(Sealed, NamesTheChunkOfAnyFlippedBit, ()) {
  static Keys keys;
  static TemporaryDirectory directory;
  static const auto sealed =
      *seal_bytes(sample::plaintext(k_block_plain + 3 * k_chunk + 9), keys, directory);
  const ItemFiles files{directory};
  const auto at = *rc::gen::inRange<std::uint64_t>(0, sealed.shape.total_size());
  sample::flip_bit(files.sealed(), at);
  const auto verified = verify_sealed(directory, sealed.shape);
  BytesSink sink;
  const auto opened = open_sealed(directory, sealed.shape, keys.identity, sink);
  sample::flip_bit(files.sealed(), at);
  const auto expected = at < sealed.shape.prefix_size
                            ? "the prefix"
                            : "chunk " + std::to_string((at - sealed.shape.prefix_size) /
                                                        formats::k_age_sealed_chunk_size);
  for (const auto& result : {verified, opened}) {
    RC_ASSERT(!result);
    RC_ASSERT(result.error().code == FaultCode::evidence_chunk);
    RC_ASSERT(result.error().detail == expected);
  }
}

TEST(Sealed, IsRefusedWhenCutGrownOrWithChangedTiles) {
  const auto item = evidence::sample::item(3 * k_chunk);
  TemporaryDirectory directory;
  const ItemFiles files{directory};
  sample::place(item, directory);
  EXPECT_TRUE(verify_sealed(directory, item.shape));
  sample::flip_bit(files.tiles() / "tile/0/000.p/3", 40);
  EXPECT_EQ(verify_sealed(directory, item.shape).error().code, FaultCode::evidence_chunk);
  sample::flip_bit(files.tiles() / "tile/0/000.p/3", 40);
  for (const std::size_t size : {item.file.size() - 1, item.file.size() + 1}) {
    auto other = item.file;
    other.resize(size);
    ASSERT_TRUE(write_file(files.sealed(), other));
    EXPECT_EQ(verify_sealed(directory, item.shape).error().code, FaultCode::evidence_incomplete);
  }
}

TEST(Open, StopsAtAFaultOfTheSinkAndAtAWrongHash) {
  class BrokenSink final : public node::Sink {
   public:
    Result<void> write(View) override { return fault(FaultCode::peer_unreachable); }
  } broken;
  auto item = evidence::sample::item((20UL << 20) + 7);
  TemporaryDirectory directory;
  sample::place(item, directory);
  EXPECT_EQ(open_sealed(directory, item.shape, item.identity, broken).error().code,
            FaultCode::peer_unreachable);
  item.shape.plaintext_sha256.bytes[3] ^= 1;
  BytesSink sink;
  EXPECT_EQ(open_sealed(directory, item.shape, item.identity, sink).error().code,
            FaultCode::evidence_hash);
}

}  // namespace comity::transfer
