// What a file adds: durability, one process at a time, and files that are damaged or not ours.
#include "store/sqlite_store.hpp"
#include "store/checked_pages.hpp"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/records_test.hpp"

namespace comity::store {
namespace {

using namespace sample;

std::unique_ptr<SqliteStore> opened(const std::filesystem::path& path, Opening opening) {
  auto store = SqliteStore::open(path, opening);
  EXPECT_TRUE(store) << store.error().detail;
  return store ? *std::move(store) : nullptr;
}

FaultCode fault_of(const std::filesystem::path& path, Opening opening = Opening::existing) {
  const auto store = SqliteStore::open(path, opening);
  EXPECT_FALSE(store);
  return store ? FaultCode{} : store.error().code;
}

/// Runs SQL on a closed database, as another node would: its pages prove themselves.
void tamper(const std::filesystem::path& path, const char* sql,
            const char* system = with_checked_pages(nullptr)) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, system),
      SQLITE_OK);
  sqlite3_exec(handle, "PRAGMA locking_mode = EXCLUSIVE", nullptr, nullptr, nullptr);
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

void fill(node::Store& store, int rows) {
  ASSERT_TRUE(store.begin());
  for (int i = 0; i < rows; ++i) ASSERT_TRUE(store.put_exchange(exchange("x" + std::to_string(i))));
  ASSERT_TRUE(store.commit());
}

class SqliteFile : public testing::Test {
 protected:
  Folder folder;
  std::filesystem::path path = folder / "node.db";
};

}  // namespace

TEST_F(SqliteFile, FindsAfterReopeningAllThatWasCommitted) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 50);
    ASSERT_TRUE(store->begin());
    ASSERT_TRUE(store->put_setting("half", "done"));
  }
  const auto store = opened(path, Opening::existing);
  EXPECT_EQ(store->exchanges({})->size(), 50U);
  EXPECT_EQ(*store->setting("half"), std::nullopt);
  EXPECT_TRUE(store->check());
}

TEST_F(SqliteFile, IsReadableByItsOwnerAloneAndSoAreItsOtherFiles) {
  const auto store = opened(path, Opening::create);
  fill(*store, 1);
  for (const auto& file : std::filesystem::directory_iterator(folder))
    EXPECT_EQ(mode_of(file.path()), k_owner_only) << file.path();
}

TEST_F(SqliteFile, OverwritesNothing) {
  std::ofstream(path) << "somebody's notes";
  EXPECT_EQ(fault_of(path, Opening::create), FaultCode::store_exists);
  EXPECT_EQ(std::filesystem::file_size(path), 16U);
}

TEST_F(SqliteFile, BelongsToOneProcessAtATime) {
  const auto store = opened(path, Opening::create);
  EXPECT_EQ(fault_of(path), FaultCode::node_busy) << "also within one process";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto second = SqliteStore::open(path, Opening::existing);
    ::_exit(!second && second.error().code == FaultCode::node_busy ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(fault_of(path), FaultCode::node_busy) << "the refused ones dropped no lock";
  fill(*store, 1);
}

TEST_F(SqliteFile, KeepsTheOldStateWhenKilledWithinATransaction) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = opened(path, Opening::create);
    fill(*store, 5);
    bool well = store->begin().has_value();
    // Large enough to spill out of the cache into the file of the write-ahead log.
    auto record = act("a", 0, "x0");
    record.p7m.assign(1 << 20, 7);
    for (int i = 0; i < 32; ++i) {
      record.id = digest(std::to_string(i));
      well = well && store->put_act(record);
    }
    well = well && store->put_setting("half", "done");
    if (!well || ::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ready[1]);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  EXPECT_GT(std::filesystem::file_size(folder / "node.db-wal"), 1U << 20);

  const auto store = opened(path, Opening::existing);
  EXPECT_EQ(store->exchanges({})->size(), 5U);
  EXPECT_EQ(*store->setting("half"), std::nullopt);
  EXPECT_EQ(*store->act(digest("0")), std::nullopt);
  EXPECT_TRUE(store->check());
}

TEST_F(SqliteFile, KeepsWhatWasCommittedWhenKilledAfterwards) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = opened(path, Opening::create);
    fill(*store, 7);
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(opened(path, Opening::existing)->exchanges({})->size(), 7U);
}

TEST_F(SqliteFile, KeepsTheOldStateWhenTheDiskIsFull) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 5);
  }
  EXPECT_EQ(in_full_disk(1 << 20,
                         [&] {
                           const auto store = opened(path, Opening::existing);
                           auto record = act("a", 0, "x0");
                           record.p7m.assign(1 << 19, 7);
                           auto done = store->begin();
                           for (int i = 0; done && i < 64; ++i) {
                             record.id = digest(std::to_string(i));
                             done = store->put_act(record);
                           }
                           if (done) done = store->commit();
                           const auto after = store->put_setting("half", "done");
                           store->rollback();
                           return !done && done.error().code == FaultCode::store_full && !after;
                         }),
            0);
  const auto store = opened(path, Opening::existing);
  EXPECT_EQ(store->exchanges({})->size(), 5U);
  EXPECT_EQ(*store->act(digest("0")), std::nullopt);
  EXPECT_EQ(*store->setting("half"), std::nullopt);
  EXPECT_TRUE(store->check());
}

TEST_F(SqliteFile, IsRefusedWhenOthersMayReadIt) {
  opened(path, Opening::create).reset();
  std::filesystem::permissions(path, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(fault_of(path), FaultCode::store_permissions);
}

TEST_F(SqliteFile, IsRefusedWhenItIsALink) {
  opened(path, Opening::create).reset();
  std::filesystem::create_symlink(path, folder / "link.db");
  EXPECT_EQ(fault_of(folder / "link.db"), FaultCode::store_permissions);
}

TEST_F(SqliteFile, IsRefusedWhenNothingIsThere) {
  EXPECT_EQ(fault_of(path), FaultCode::store_io);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SqliteFile, IsRefusedWhenItIsNoDatabaseOrNotOurs) {
  std::ofstream(path) << std::string(8192, 'x');
  std::filesystem::permissions(path, k_owner_only);
  EXPECT_EQ(fault_of(path), FaultCode::store_corrupt);
  std::filesystem::remove(path);
  tamper(path, "CREATE TABLE notes (text)", nullptr);
  std::filesystem::permissions(path, k_owner_only);
  EXPECT_EQ(fault_of(path), FaultCode::store_corrupt);
}

TEST_F(SqliteFile, IsRefusedWhenEmpty) {
  std::ofstream(path).close();
  std::filesystem::permissions(path, k_owner_only);
  EXPECT_EQ(fault_of(path), FaultCode::store_corrupt);
}

TEST_F(SqliteFile, OfANewerNodeIsLeftAlone) {
  opened(path, Opening::create).reset();
  tamper(path, "PRAGMA user_version = 3");
  EXPECT_EQ(fault_of(path), FaultCode::format_version);
}

TEST_F(SqliteFile, WithATriggerSlippedInIsRefused) {
  opened(path, Opening::create).reset();
  tamper(path, "CREATE TRIGGER t AFTER INSERT ON act BEGIN DELETE FROM act; END");
  EXPECT_EQ(fault_of(path), FaultCode::store_corrupt);
}

TEST_F(SqliteFile, TruncatedAnywhereIsRefusedOrWhole) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 300);
  }
  const auto whole = std::filesystem::file_size(path);
  ASSERT_GT(whole, 100'000U);
  for (const auto size : {whole - 1, whole - 4096, whole / 2, std::uintmax_t{4096},
                          std::uintmax_t{4095}, std::uintmax_t{100}, std::uintmax_t{99}}) {
    const auto copy = folder / "copy.db";
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(copy, size);
    EXPECT_EQ(fault_of(copy), FaultCode::store_corrupt) << size;
    std::filesystem::remove(copy);
  }
}

TEST_F(SqliteFile, WithAPageOverwrittenIsRefused) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 300);
  }
  const auto whole = std::filesystem::file_size(path);
  for (std::uintmax_t page = 1; page < whole / 4096; page += 7) {
    const auto copy = folder / "copy.db";
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(page * 4096));
    file << std::string(4096, '\xa5');
    file.close();
    EXPECT_EQ(fault_of(copy), FaultCode::store_corrupt) << page;
    std::filesystem::remove(copy);
  }
}

TEST_F(SqliteFile, WithOneBitTurnedAnywhereIsRefused) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 300);
  }
  const auto whole = std::filesystem::file_size(path);
  for (std::uintmax_t at = 17; at < whole; at += 6151) {
    const auto copy = folder / "copy.db";
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(file.get() ^ 4);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
    file.close();
    EXPECT_EQ(fault_of(copy), FaultCode::store_corrupt) << at;
    std::filesystem::remove(copy);
  }
}

TEST_F(SqliteFile, WithTwoPagesExchangedIsRefused) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 300);
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string one(4096, 0), other(4096, 0);
  file.seekg(20 * 4096).read(one.data(), 4096);
  file.read(other.data(), 4096);
  file.seekp(20 * 4096) << other << one;
  file.close();
  EXPECT_EQ(fault_of(path), FaultCode::store_corrupt);
}

TEST_F(SqliteFile, WrittenToByAnotherProgramIsRefused) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 3);
  }
  tamper(path, "UPDATE exchange SET phase = 'closed'", nullptr);
  EXPECT_EQ(fault_of(path), FaultCode::store_corrupt);
}

TEST_F(SqliteFile, GivesAFaultForARowThatSaysNonsense) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 1);
  }
  tamper(path, "UPDATE exchange SET our_side = 'nobody'");
  const auto store = opened(path, Opening::existing);
  const auto found = store->exchanges({});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, FaultCode::store_corrupt);
  EXPECT_THAT(found.error().detail, testing::HasSubstr("our_side"));
}

TEST_F(SqliteFile, CheckFindsARowWhoseOwnerWasRemoved) {
  {
    const auto store = opened(path, Opening::create);
    fill(*store, 1);
    ASSERT_TRUE(store->put_item(item("i", "x0")));
  }
  tamper(path, "DELETE FROM exchange");
  EXPECT_EQ(opened(path, Opening::existing)->check().error().code, FaultCode::store_corrupt);
}

}  // namespace comity::store
