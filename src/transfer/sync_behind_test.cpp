#include "transfer/sync_behind.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace comity::transfer {
namespace {

using testing::ElementsAre;
using Numbers = std::vector<int>;

constexpr std::size_t k_plenty = 1000;
const Fault k_broken{FaultCode::store_io, "the disk broke"};

/// A disk that syncs when it is told to.
struct SlowDisk {
  std::latch begun{1}, goes_on{1};
  std::vector<Numbers> settled;

  Result<void> settle(Numbers written) {
    settled.push_back(std::move(written));
    if (settled.size() == 1) {
      begun.count_down();
      goes_on.wait();
    }
    return {};
  }
};

}  // namespace

TEST(SyncBehind, SettlesTogetherWhatWasWrittenWhileTheDiskWasBusy) {
  SlowDisk disk;
  SyncBehind<int> behind(k_plenty, [&](Numbers written) { return disk.settle(written); });
  ASSERT_TRUE(behind.add(1, 10));
  disk.begun.wait();
  for (int i = 2; i <= 4; ++i) ASSERT_TRUE(behind.add(i, 10)) << "it does not wait for the disk";
  disk.goes_on.count_down();
  ASSERT_TRUE(behind.drain());
  EXPECT_THAT(disk.settled, ElementsAre(ElementsAre(1), ElementsAre(2, 3, 4)));
}

TEST(SyncBehind, LetsNobodyWriteFarAheadOfTheDisk) {
  SlowDisk disk;
  std::atomic<int> added = 0;
  SyncBehind<int> behind(20, [&](Numbers written) { return disk.settle(written); });
  ASSERT_TRUE(behind.add(1, 10));
  disk.begun.wait();
  std::thread writer([&] {
    for (int i = 2; i <= 9; ++i, ++added) ASSERT_TRUE(behind.add(i, 10));
  });
  while (added < 1) std::this_thread::yield();
  EXPECT_EQ(added, 1) << "twenty bytes wait";
  disk.goes_on.count_down();
  writer.join();
  ASSERT_TRUE(behind.drain());
  Numbers all;
  for (const auto& some : disk.settled) all.insert(all.end(), some.begin(), some.end());
  EXPECT_THAT(all, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST(SyncBehind, TellsAFaultOfTheDiskAndBeginsAnew) {
  bool is_broken = true;
  std::vector<Numbers> settled;
  SyncBehind<int> behind(k_plenty, [&](Numbers written) -> Result<void> {
    settled.push_back(std::move(written));
    return is_broken ? std::unexpected(k_broken) : Result<void>();
  });
  ASSERT_TRUE(behind.add(1, 10));
  while (behind.add(2, 10)) std::this_thread::yield();
  EXPECT_EQ(settled.size(), 1U) << "after a fault nothing is settled";
  is_broken = false;
  EXPECT_EQ(behind.drain().error().code, FaultCode::store_io);
  ASSERT_TRUE(behind.drain()) << "told once";
  ASSERT_TRUE(behind.add(3, 10));
  ASSERT_TRUE(behind.drain());
  EXPECT_THAT(settled.back(), ElementsAre(3));
}

TEST(SyncBehind, EndsWithAllThatWasWritten) {
  Numbers all;
  {
    SyncBehind<int> behind(k_plenty, [&](Numbers written) -> Result<void> {
      all.insert(all.end(), written.begin(), written.end());
      return {};
    });
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(behind.add(i, 10));
  }
  EXPECT_THAT(all, ElementsAre(1, 2, 3));
}

}  // namespace comity::transfer
