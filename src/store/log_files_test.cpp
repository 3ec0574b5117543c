#include "store/log_files.hpp"

#include <sys/stat.h>

#include "store/files.hpp"
#include "store/records_test.hpp"

namespace comity::store {
namespace {

using namespace sample;

class LogFiles : public testing::Test {
 protected:
  std::string read(node::LogFiles& files, std::string_view log, std::string_view path) {
    const auto bytes = files.read(log, path);
    EXPECT_TRUE(bytes);
    return *bytes ? std::string(as_text(**bytes)) : "(none)";
  }
  Folder folder;
  DiskLogFiles disk{folder};
  MemoryLogFiles memory;
};

}  // namespace

TEST_F(LogFiles, KeepsEachLogsFilesApart) {
  for (node::LogFiles* files :
       {static_cast<node::LogFiles*>(&disk), static_cast<node::LogFiles*>(&memory)}) {
    EXPECT_EQ(read(*files, "partner/BFA", "checkpoint"), "(none)");
    ASSERT_TRUE(files->write("partner/BFA", "checkpoint", as_bytes("one")));
    ASSERT_TRUE(files->write("internal", "checkpoint", as_bytes("two")));
    ASSERT_TRUE(files->write("partner/BFA", "tile/0/x001/234.p/5", as_bytes("hashes")));
    ASSERT_TRUE(files->write("partner/BFA", "checkpoint", as_bytes("three")));
    ASSERT_TRUE(files->write("internal", "tile/entries/000", {}));
    ASSERT_TRUE(files->sync());
    ASSERT_TRUE(files->sync());
    EXPECT_EQ(read(*files, "partner/BFA", "checkpoint"), "three");
    EXPECT_EQ(read(*files, "internal", "checkpoint"), "two");
    EXPECT_EQ(read(*files, "partner/BFA", "tile/0/x001/234.p/5"), "hashes");
    EXPECT_EQ(read(*files, "internal", "tile/entries/000"), "");
    EXPECT_EQ(read(*files, "partner/BFA", "checkpoint/below"), "(none)");
  }
  EXPECT_EQ(mode_of(folder / "partner/BFA/checkpoint"), k_owner_only);
  EXPECT_EQ(disk.folder("partner/BFA"), folder / "partner/BFA");
}

TEST_F(LogFiles, LeavesNoHalfFileBeside) {
  ASSERT_TRUE(disk.write("internal", "checkpoint", as_bytes("one")));
  int names = 0;
  for (const auto& entry : std::filesystem::directory_iterator(disk.folder("internal")))
    names += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(names, 1);
  // What a process that was killed while it wrote leaves behind disturbs nobody.
  std::ofstream(folder / "internal/.new-checkpoint") << "longer than what comes";
  ASSERT_TRUE(disk.write("internal", "checkpoint", as_bytes("two")));
  EXPECT_EQ(read(disk, "internal", "checkpoint"), "two");
}

TEST_F(LogFiles, TakesNoPathThatLeadsElsewhere) {
  const std::string longest(k_log_path_bytes_max, 'a');
  EXPECT_TRUE(is_log_path(longest));
  for (const auto& bad :
       {std::string(), std::string("."), std::string(".."), std::string("../x"),
        std::string("a/../b"), std::string("/etc"), std::string("a//b"), std::string("a/"),
        std::string(".new-x"), std::string("a/.b"), std::string("a\\b"), std::string("a b"),
        std::string("a\0b", 3), std::string("ä"), std::string("a\n"), std::string("%2e%2e"),
        std::string("~"), longest + 'a'}) {
    EXPECT_FALSE(is_log_path(bad)) << bad;
    EXPECT_EQ(disk.read("internal", bad).error().code, FaultCode::format_field) << bad;
    EXPECT_EQ(disk.read(bad, "checkpoint").error().code, FaultCode::format_field) << bad;
    EXPECT_EQ(disk.write("internal", bad, {}).error().code, FaultCode::format_field) << bad;
    EXPECT_EQ(disk.write(bad, "checkpoint", {}).error().code, FaultCode::format_field) << bad;
    EXPECT_EQ(memory.write("internal", bad, {}).error().code, FaultCode::format_field) << bad;
  }
}

TEST_F(LogFiles, FollowsNoLinkAndWaitsAtNoPipe) {
  ASSERT_TRUE(disk.write("internal", "checkpoint", as_bytes("one")));
  std::ofstream(folder / "secret") << "secret";
  std::filesystem::create_symlink(folder / "secret", folder / "internal/link");
  EXPECT_EQ(disk.read("internal", "link").error().code, FaultCode::store_io);
  ASSERT_EQ(::mkfifo((folder / "internal/pipe").c_str(), 0600), 0);
  EXPECT_EQ(disk.read("internal", "pipe").error().code, FaultCode::store_io);
  ASSERT_TRUE(disk.write("internal", "link", as_bytes("new"))) << "replaces the link itself";
  EXPECT_EQ(read(disk, "internal", "link"), "new");
  EXPECT_EQ(std::filesystem::file_size(folder / "secret"), 6U);
}

TEST_F(LogFiles, SaysWhenTheDiskRefuses) {
  ASSERT_TRUE(disk.write("internal", "checkpoint", as_bytes("one")));
  std::filesystem::remove_all(folder / "internal");
  EXPECT_EQ(disk.sync().error().code, FaultCode::store_io) << "what was promised is gone";
  std::ofstream(folder / "internal") << "a file in the way";
  EXPECT_EQ(disk.write("internal", "checkpoint", as_bytes("two")).error().code,
            FaultCode::store_io);
}

TEST_F(LogFiles, LosesInSimulationWhatWasNotSynced) {
  ASSERT_TRUE(memory.write("internal", "checkpoint", as_bytes("one")));
  ASSERT_TRUE(memory.sync());
  ASSERT_TRUE(memory.write("internal", "checkpoint", as_bytes("two")));
  memory.lose_unsynced();
  EXPECT_EQ(read(memory, "internal", "checkpoint"), "one");
}

}  // namespace comity::store
