#include "transfer/fetch.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "evidence/bitmap.hpp"
#include "transfer/pipeline.hpp"
#include "transfer/transfer_gen.hpp"
#include "transfer/verify_sealed.hpp"

namespace comity::transfer {
namespace {

using evidence::sample::Item;
using sample::TemporaryDirectory;

constexpr std::size_t k_chunk = formats::k_age_chunk_size;
constexpr std::size_t k_sealed_chunk = formats::k_age_sealed_chunk_size;

/// The other State's node in memory: it serves an item, and misbehaves as told.
class Sender {
 public:
  explicit Sender(const Item& item) : item_(item) {}

  FetchPorts ports() {
    return {.range = [this](std::uint64_t offset, std::uint64_t length,
                            node::Sink& sink) { return serve(offset, length, sink); },
            .tile = [this](const formats::Tile& tile) { return serve_tile(tile); }};
  }
  /// The connection breaks after so many bytes more.
  void break_after(std::uint64_t bytes) { left_ = bytes; }

  std::size_t piece = 50'000;           // bytes written at a time
  std::uint64_t served = 0;             // bytes of sealed.age
  std::map<std::string, int> tiles;     // how often each was asked for
  std::optional<std::uint64_t> flip;    // a bit of this byte arrives changed, once
  std::optional<std::string> bad_tile;  // arrives changed, once
  std::int64_t too_many = 0;            // bytes more (or less) than asked for
  std::function<void()> on_piece;

 private:
  Result<void> serve(std::uint64_t offset, std::uint64_t length, node::Sink& sink) {
    EXPECT_LE(offset + length, item_.file.size());
    length += too_many;
    auto bytes =
        to_bytes(View(item_.file).subspan(offset, std::min(length, item_.file.size() - offset)));
    bytes.resize(length);
    if (flip && *flip >= offset && *flip < offset + length) {
      bytes[*flip - offset] ^= 1;
      flip.reset();
    }
    for (View rest = bytes; !rest.empty();) {
      if (left_ == 0) {
        left_.reset();
        return fault(FaultCode::peer_timeout);
      }
      const auto size =
          std::min({piece, rest.size(), static_cast<std::size_t>(left_.value_or(piece))});
      TRY(sink.write(rest.first(size)));
      rest = rest.subspan(size);
      served += size;
      if (left_) *left_ -= size;
      if (on_piece) on_piece();
    }
    return {};
  }
  Result<Bytes> serve_tile(const formats::Tile& tile) {
    const auto path = formats::path_of(tile);
    ++tiles[path];
    auto bytes = item_.tiles.at(path);
    if (bad_tile == path) {
      bytes.back() ^= 1;
      bad_tile.reset();
    }
    return bytes;
  }

  const Item& item_;
  std::optional<std::uint64_t> left_;
};

void expect_whole(const Item& item, const Path& directory) {
  const ItemFiles files{directory};
  EXPECT_TRUE(*read_file(files.sealed(), 1UL << 30) == item.file);
  EXPECT_TRUE(verify_sealed(directory, item.shape));
  EXPECT_FALSE(file_exists(files.sealed_partial()));
  EXPECT_FALSE(file_exists(files.bitmap()));
  for (const auto& [path, bytes] : item.tiles)
    EXPECT_TRUE(*read_file(files.tiles() / path, 8192) == bytes) << path;
  EXPECT_EQ(*chunks_present(item.shape, directory), item.shape.chunks());
}

}  // namespace

TEST(Fetch, BringsEverySizeWhole) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, k_chunk - 1, k_chunk, k_chunk + 1,
                                 3 * k_chunk, k_block_plain, k_block_plain + 1, (17UL << 20) + 5}) {
    const auto item = evidence::sample::item(size);
    TemporaryDirectory directory;
    Sender sender(item);
    std::uint64_t done = 0;
    FetchOptions options;
    options.progress = [&](std::uint64_t bytes) { done = bytes; };
    const auto fetched = fetch_item(item.shape, directory, sender.ports(), options);
    ASSERT_TRUE(fetched) << fetched.error().detail;
    expect_whole(item, directory);
    EXPECT_EQ(done + item.shape.prefix_size, item.file.size());
    EXPECT_EQ(sender.served, item.file.size());
    for (const auto& [path, times] : sender.tiles) EXPECT_EQ(times, 1) << path;
    const auto served = sender.served;
    EXPECT_TRUE(fetch_item(item.shape, directory, sender.ports()));
    EXPECT_EQ(sender.served, served);  // it asks for nothing that is there
  }
}

RC_GTEST_PROP(Fetch, TakesUpWhereItWasCutAndSendsAtMostOneChunkTwice, ()) {
  static const auto item = evidence::sample::item((2UL << 20) + 333);
  TemporaryDirectory directory;
  Sender sender(item);
  sender.piece = *rc::gen::inRange<std::size_t>(1000, 200'000);
  FetchOptions options;
  options.workers = *rc::gen::inRange(1U, 5U);
  std::uint64_t cuts = 0;
  const auto cuts_wanted = *rc::gen::inRange<std::uint64_t>(1, 4);
  for (;; ++cuts) {
    if (cuts < cuts_wanted) sender.break_after(*rc::gen::inRange<std::uint64_t>(0, 1UL << 20));
    const auto fetched = fetch_item(item.shape, directory, sender.ports(), options);
    if (fetched) break;
    RC_ASSERT(fetched.error().code == FaultCode::peer_timeout);
    RC_ASSERT(cuts < cuts_wanted);
  }
  expect_whole(item, directory);
  RC_ASSERT(sender.served <= item.file.size() + cuts * k_sealed_chunk);
}

RC_GTEST_PROP(Fetch, NamesTheChunkThatArrivesChangedAndKeepsTheOthers, ()) {
  static const auto item = evidence::sample::item(k_block_plain + 2 * k_chunk + 1);
  TemporaryDirectory directory;
  Sender sender(item);
  const auto at = *rc::gen::inRange<std::uint64_t>(0, item.file.size());
  sender.flip = at;
  const auto fetched = fetch_item(item.shape, directory, sender.ports());
  RC_ASSERT(!fetched);
  RC_ASSERT(fetched.error().code == FaultCode::evidence_chunk);
  const auto prefix = item.shape.prefix_size;
  const auto chunk = (at - prefix) / k_sealed_chunk;
  RC_ASSERT(fetched.error().detail ==
            (at < prefix ? "the prefix" : "chunk " + std::to_string(chunk)));
  RC_ASSERT(!file_exists(ItemFiles{directory}.sealed()));
  // What came before it is not asked for again.
  if (at >= prefix) RC_ASSERT(*chunks_present(item.shape, directory) >= chunk);
  sender.served = 0;
  const auto missing = item.shape.chunks() - *chunks_present(item.shape, directory);
  RC_ASSERT(fetch_item(item.shape, directory, sender.ports()));
  RC_ASSERT(sender.served <= missing * k_sealed_chunk + prefix);
  expect_whole(item, directory);
}

TEST(Fetch, CatchesASenderThatComesBackWithOtherBytesAtTheFirstChunk) {
  const auto item = evidence::sample::item(9UL << 20);
  const auto other = evidence::sample::item(9UL << 20, 7);
  ASSERT_EQ(item.file.size(), other.file.size());
  TemporaryDirectory directory;
  Sender sender(item), changed(other);
  sender.break_after(4UL << 20);
  ASSERT_FALSE(fetch_item(item.shape, directory, sender.ports()));
  const auto present = *chunks_present(item.shape, directory);
  ASSERT_GT(present, 0U);
  auto ports = sender.ports();
  ports.range = changed.ports().range;
  const auto fetched = fetch_item(item.shape, directory, ports);
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, FaultCode::evidence_chunk);
  EXPECT_EQ(fetched.error().detail, "chunk " + std::to_string(present));
  EXPECT_EQ(*chunks_present(item.shape, directory), present);  // nothing of it was kept
  ASSERT_TRUE(fetch_item(item.shape, directory, sender.ports()));
  expect_whole(item, directory);
}

TEST(Fetch, RefusesAChangedTileAndAsksAgainForATornOne) {
  const auto item = evidence::sample::item((17UL << 20) + 5);
  TemporaryDirectory directory;
  const ItemFiles files{directory};
  Sender sender(item);
  sender.bad_tile = "tile/0/000";
  EXPECT_EQ(fetch_item(item.shape, directory, sender.ports()).error().code,
            FaultCode::evidence_chunk);
  sender.break_after(1UL << 20);
  EXPECT_FALSE(fetch_item(item.shape, directory, sender.ports()));
  sample::flip_bit(files.tiles() / "tile/0/000", 99);
  sample::flip_bit(files.tiles() / "tile/1/000.p/1", 9);
  const auto fetched = fetch_item(item.shape, directory, sender.ports());
  ASSERT_TRUE(fetched) << fetched.error().detail;
  expect_whole(item, directory);
}

TEST(Fetch, LacksNoTileAfterOneOfThemWasTorn) {
  const auto item = evidence::sample::item((17UL << 20) + 5);
  for (const auto& [torn, bytes] : item.tiles) {
    TemporaryDirectory directory;
    Sender sender(item);
    sender.break_after(16 * k_sealed_chunk * 10);
    ASSERT_FALSE(fetch_item(item.shape, directory, sender.ports()));
    const auto on_disk = ItemFiles{directory}.tiles() / torn;
    if (!file_exists(on_disk)) continue;
    sample::flip_bit(on_disk, bytes.size() - 1);
    ASSERT_TRUE(fetch_item(item.shape, directory, sender.ports()));
    expect_whole(item, directory);
  }
}

TEST(Fetch, HoldsTheSenderToTheLengthAskedFor) {
  const auto item = evidence::sample::item(3 * k_chunk);
  for (const int difference : {-1, 1, 70'000}) {
    TemporaryDirectory directory;
    Sender sender(item);
    sender.too_many = difference;
    const auto fetched = fetch_item(item.shape, directory, sender.ports());
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code,
              difference < 0 ? FaultCode::evidence_chunk : FaultCode::peer_protocol);
    sender.too_many = 0;
    EXPECT_TRUE(fetch_item(item.shape, directory, sender.ports()));
    expect_whole(item, directory);
  }
}

TEST(Fetch, IsNotContentWithAnotherFileUnderTheFinalName) {
  const auto item = evidence::sample::item(3 * k_chunk);
  TemporaryDirectory directory;
  ASSERT_TRUE(write_file(ItemFiles{directory}.sealed(), Bytes(10)));
  Sender sender(item);
  EXPECT_EQ(fetch_item(item.shape, directory, sender.ports()).error().code,
            FaultCode::store_corrupt);
}

TEST(Fetch, StopsWhenAskedAndGoesOnLater) {
  const auto item = evidence::sample::item(9UL << 20);
  TemporaryDirectory directory;
  Sender sender(item);
  std::stop_source stop;
  FetchOptions options;
  options.stop = stop.get_token();
  sender.on_piece = [&] {
    if (sender.served > 4UL << 20) stop.request_stop();
  };
  EXPECT_EQ(fetch_item(item.shape, directory, sender.ports(), options).error().code,
            FaultCode::evidence_incomplete);
  EXPECT_GE(*chunks_present(item.shape, directory), 60U);
  EXPECT_TRUE(fetch_item(item.shape, directory, sender.ports()));
  EXPECT_LE(sender.served, item.file.size() + k_sealed_chunk);
  expect_whole(item, directory);
}

TEST(Fetch, BelievesNoBitmapThatIsTornForeignOrBesideAnotherFile) {
  const auto item = evidence::sample::item(2UL << 20);
  const auto other = evidence::sample::item(2UL << 20, 7);
  evidence::Bitmap all(item.shape.chunks());
  for (std::uint64_t k = 0; k < all.chunks(); ++k) all.set(k);
  auto torn = all.write(item.shape.chunk_root);
  torn.back() ^= 1;
  for (const auto& bitmap : {torn, all.write(other.shape.chunk_root), Bytes()}) {
    TemporaryDirectory directory;
    const ItemFiles files{directory};
    ASSERT_TRUE(write_file(files.sealed_partial(), Bytes(item.file.size(), 0xab)));
    ASSERT_TRUE(write_file(files.bitmap(), bitmap));
    Sender sender(item);
    ASSERT_TRUE(fetch_item(item.shape, directory, sender.ports()));
    expect_whole(item, directory);
  }
  // A good bitmap, but the file that it spoke of is gone, or was never made long enough.
  for (const std::size_t size : {std::size_t{0}, item.file.size() - 1}) {
    TemporaryDirectory directory;
    const ItemFiles files{directory};
    if (size > 0) ASSERT_TRUE(write_file(files.sealed_partial(), Bytes(size)));
    ASSERT_TRUE(write_file(files.bitmap(), all.write(item.shape.chunk_root)));
    Sender sender(item);
    ASSERT_TRUE(fetch_item(item.shape, directory, sender.ports()));
    expect_whole(item, directory);
  }
}

// A process that is killed at any point of the transfer leaves what the next one goes on from.
TEST(Fetch, GoesOnAfterBeingKilledAtAnyPoint) {
  const auto item = evidence::sample::item((12UL << 20) + 77);
  TemporaryDirectory directory;
  auto* served = static_cast<std::uint64_t*>(::mmap(
      nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(served, MAP_FAILED);
  sample::SeededRandom random(42);
  constexpr int k_kills = 6;
  int kills = 0;
  for (;; ++kills) {
    const auto dies_after =
        kills < k_kills ? (random.draw<1>()[0] + 1UL) * 20'000 : ~std::uint64_t{0};
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Sender sender(item);
      FetchOptions options;
      options.save_interval = 1UL << 20;
      sender.on_piece = [&] {
        *served += sender.piece;
        if (sender.served > dies_after) ::_exit(9);  // no destructor runs, nothing is flushed
      };
      ::_exit(fetch_item(item.shape, directory, sender.ports(), options) ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 0) break;
    ASSERT_EQ(WEXITSTATUS(status), 9);
    ASSERT_LT(kills, k_kills);
  }
  expect_whole(item, directory);
  // Each time at most what was on its way through the pipeline is lost.
  const auto in_flight = blocks_for(workers_for(0)) * k_block_sealed + k_sealed_chunk;
  EXPECT_LE(*served, item.file.size() + kills * in_flight + 10 * 50'000);
  ::munmap(served, sizeof(std::uint64_t));
}

}  // namespace comity::transfer
