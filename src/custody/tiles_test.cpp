#include "custody/tiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "custody/sample_log.hpp"

namespace comity::custody {
namespace {

using formats::Tile;
using testing::AllOf;
using testing::HasSubstr;

}  // namespace

TEST(TileFrontier, WritesEveryFileThatEachPublishedSizeNeeds) {
  SampleLog log;
  for (const std::size_t count : {1U, 254U, 1U, 1U, 3U, 600U, 1U, 400U}) {
    (void)log.grow(count);
    formats::for_each_tile(log.state.size(), [&](const Tile& tile) {
      EXPECT_TRUE(log.files.contains(path_of(tile))) << log.state.size() << ' ' << path_of(tile);
    });
    const auto report = log.check();
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->entries, log.state.size());
  }
  EXPECT_TRUE(log.files.contains("tile/entries/000.p/1")) << "what was promised once stays";
}

RC_GTEST_PROP(TileFrontier, WritesTheSameFilesHoweverTheLogGrew, ()) {
  SampleLog by_steps, at_once;
  const auto steps =
      *rc::gen::container<std::vector<std::size_t>>(3, rc::gen::inRange<std::size_t>(1, 700));
  for (const auto count : steps) (void)by_steps.grow(count);
  (void)at_once.grow(by_steps.state.size());
  formats::for_each_tile(at_once.state.size(), [&](const Tile& tile) {
    RC_ASSERT(at_once.files.at(path_of(tile)) == by_steps.files.at(path_of(tile)));
  });
  RC_ASSERT(at_once.state.checkpoint() == by_steps.state.checkpoint());
}

RC_GTEST_PROP(TileFrontier, ComesBackFromItsFiles, ()) {
  SampleLog log;
  (void)log.grow(*rc::gen::inRange<std::size_t>(1, 1200));
  auto loaded = TileFrontier::load(log.state.edge(), log.reader());
  RC_ASSERT(loaded);
  const Bytes more[] = {to_bytes("more"), to_bytes("and more")};
  RC_ASSERT(loaded->grow(more) == log.frontier.grow(more));
}

TEST(TileFrontier, IsNotLoadedFromFilesThatAreNotTheLogs) {
  SampleLog log, other;
  (void)log.grow(300);
  (void)other.grow(299);
  EXPECT_TRUE(TileFrontier::load(log.state.edge(), log.reader()));
  EXPECT_TRUE(TileFrontier::load(formats::Edge(), log.reader()));
  for (const auto* path : {"tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"}) {
    auto damaged = log.files;
    std::swap(damaged, log.files);
    log.files[path].back() ^= 1;
    EXPECT_EQ(TileFrontier::load(log.state.edge(), log.reader()).error().code,
              FaultCode::log_corrupt)
        << path;
    log.files[path].pop_back();
    EXPECT_FALSE(TileFrontier::load(log.state.edge(), log.reader())) << path;
    log.files.erase(path);
    EXPECT_EQ(TileFrontier::load(log.state.edge(), log.reader()).error().code, FaultCode::store_io)
        << path;
    std::swap(damaged, log.files);
  }
}

TEST(CheckLog, FindsAnyChangedByteAndNamesThePlace) {
  SampleLog log;
  (void)log.grow(600);
  int entries = 0;
  ASSERT_TRUE(log.check([&](std::uint64_t index, View entry) -> Result<void> {
    EXPECT_EQ(index, static_cast<std::uint64_t>(entries++));
    TRY(read_entry(entry));
    return {};
  }));
  EXPECT_EQ(entries, 600);

  formats::for_each_tile(600, [&](const Tile& tile) {
    auto& bytes = log.files.at(path_of(tile));
    for (const std::size_t at : {std::size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
      bytes[at] ^= 1;
      const auto report = log.check();
      EXPECT_FALSE(report) << path_of(tile) << ' ' << at;
      if (!report) EXPECT_EQ(report.error().code, FaultCode::log_corrupt);
      bytes[at] ^= 1;
    }
    bytes.push_back(0);
    EXPECT_FALSE(log.check()) << path_of(tile);
    bytes.pop_back();
  });
  ASSERT_TRUE(log.check());

  log.files["tile/0/001"][32 * 5 + 7] ^= 1;
  EXPECT_THAT(log.check().error().detail, AllOf(HasSubstr("entry 261:"), HasSubstr("tile/0/001")));
  log.files["tile/0/001"][32 * 5 + 7] ^= 1;
  log.files["tile/1/000.p/2"][32] ^= 1;
  EXPECT_THAT(log.check().error().detail,
              HasSubstr("tile/1/000.p/2: its hash over the entries from 256"));
  log.files["tile/1/000.p/2"][32] ^= 1;
  log.files.erase("tile/entries/002.p/88");
  EXPECT_EQ(log.check().error().detail, "tile/entries/002.p/88 is missing");
}

TEST(CheckLog, FindsALogWhoseTilesAgreeButNotWithWhatWasSigned) {
  SampleLog log, other;
  (void)log.grow(10);
  (void)other.grow(9);
  // Files of another history under the signed checkpoint of this one.
  auto entries = log.entries;
  entries[3] = to_bytes("never happened");
  TileFrontier frontier;
  for (auto& [path, bytes] : frontier.grow(entries)) log.files[path] = std::move(bytes);
  EXPECT_THAT(log.check().error().detail, HasSubstr("do not lead to the signed root"));
  log.files["checkpoint"] = other.files["checkpoint"];
  EXPECT_FALSE(log.check());
  log.files["checkpoint"].back() = 'x';
  EXPECT_EQ(log.check().error().code, FaultCode::format_note);
}

}  // namespace comity::custody
