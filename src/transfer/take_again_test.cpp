#include "transfer/take_again.hpp"

#include <gtest/gtest.h>

#include "transfer/fetch.hpp"
#include "transfer/transfer_gen.hpp"
#include "transfer/verify_sealed.hpp"

namespace comity::transfer {
namespace {

using evidence::sample::Item;

/// Takes the item from memory, and counts what was asked for.
struct Sender {
  const Item& item;
  std::uint64_t served = 0;

  FetchPorts ports() {
    return {.range = [this](std::uint64_t offset, std::uint64_t length,
                            node::Sink& sink) -> Result<void> {
              served += length;
              return sink.write(View(item.file).subspan(offset, length));
            },
            .tile = item.tile_source()};
  }
};

void put_whole(const Item& item, const Path& directory) {
  Sender sender{item};
  ASSERT_TRUE(fetch_item(item.shape, directory, sender.ports()));
}

}  // namespace

TEST(TakeAgain, FetchesWhatIsDamagedAndNothingElse) {
  const auto item = evidence::sample::item((18UL << 20) + 5);
  const auto chunk = formats::k_age_sealed_chunk_size;
  for (const std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{150}, item.shape.chunks() - 1}) {
    sample::TemporaryDirectory directory;
    put_whole(item, directory);
    const ItemFiles files{directory};
    sample::flip_bit(files.sealed(), item.shape.offset_of(bad) + 3);
    ASSERT_FALSE(verify_sealed(directory, item.shape));
    ASSERT_TRUE(take_again(directory, item.shape));
    EXPECT_FALSE(file_exists(files.sealed()));
    EXPECT_EQ(*chunks_present(item.shape, directory), item.shape.chunks() - 1);
    Sender sender{item};
    ASSERT_TRUE(fetch_item(item.shape, directory, sender.ports()));
    EXPECT_LE(sender.served, chunk);
    EXPECT_TRUE(verify_sealed(directory, item.shape));
    EXPECT_TRUE(*read_file(files.sealed(), 1UL << 30) == item.file);
  }
}

TEST(TakeAgain, MendsEachKindOfDamage) {
  const auto item = evidence::sample::item((17UL << 20) + 5);
  using Harm = std::function<void(const ItemFiles&)>;
  const Harm harms[] = {
      [](const ItemFiles& files) { sample::flip_bit(files.sealed(), 9); },  // the prefix
      [](const ItemFiles& files) { std::filesystem::resize_file(files.sealed(), 1'000'000); },
      [](const ItemFiles& files) { sample::flip_bit(files.tiles() / "tile/0/000", 99); },
      [](const ItemFiles& files) { sample::flip_bit(files.tiles() / "tile/1/000.p/1", 9); },
      [](const ItemFiles& files) { std::filesystem::remove_all(files.tiles()); },
      [](const ItemFiles& files) { std::filesystem::remove(files.sealed()); },
  };
  for (const auto& harm : harms) {
    sample::TemporaryDirectory directory;
    put_whole(item, directory);
    harm(ItemFiles{directory});
    ASSERT_FALSE(verify_sealed(directory, item.shape));
    ASSERT_TRUE(take_again(directory, item.shape));
    ASSERT_TRUE(take_again(directory, item.shape)) << "as after a crash";
    put_whole(item, directory);
    EXPECT_TRUE(verify_sealed(directory, item.shape));
  }
}

TEST(TakeAgain, FetchesNothingOfAWholeItem) {
  const auto item = evidence::sample::item(300'000);
  sample::TemporaryDirectory directory;
  put_whole(item, directory);
  ASSERT_TRUE(take_again(directory, item.shape));
  Sender sender{item};
  ASSERT_TRUE(fetch_item(item.shape, directory, sender.ports()));
  EXPECT_EQ(sender.served, 0U);
}

}  // namespace comity::transfer
