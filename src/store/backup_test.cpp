// Backups as files: what goes in comes out, a copy is one moment and no mixture, and whatever is
// cut, flipped, forged or too large is refused by name and leaves nothing outside its folder.
#include "store/backup.hpp"

#include <sys/stat.h>

#include "store/records_test.hpp"
#include "store/sqlite_store.hpp"

namespace comity::store {
namespace {

using namespace sample;

Settings settings() {
  Settings made;
  made.state = state("KGZ");
  made.authority = "Prosecutor General";
  made.authority_code = "central-authority";
  made.exercise = true;
  made.listen = {"127.0.0.1", 9443};
  made.languages = {"en"};
  made.second_contacts = {{"Duty officer", "+996 312 000000", "At any hour"}};
  made.log_origin_prefix = "kgz.exercise.comity.example/";
  made.data_directory = "data";
  made.profile = "exercise";
  return made;
}

void put(const Path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  std::filesystem::permissions(path, std::filesystem::perms(0600));
}
std::string got(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Backup : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"authority.key", "authority.crt", "tls.key", "tls.crt",
                             "log-partner.key", "log-internal.key", "log-anchor.key"})
      put(home.keys() / name, std::string("the bytes of ") + name);
    put(home.keys() / "evidence/item-00ff.age-identity", "AGE-SECRET-KEY-1TEST\n");
    put(home.directory() / "entry.p7m", "entry");
    store = SqliteStore::open(home.database(), Opening::create).value();
  }

  /// A whole copy, in steps of so many pages.
  void copy(int pages = 16) {
    const auto copying = store->copy_to(backup_scratch(home)).value();
    while (!*copying->step(pages)) {
    }
  }
  BackupOrder order(bool evidence_keys = false) {
    return {.id = id<BackupId>("backup"),
            .file = folder / "backup.age",
            .recipients = {identity.recipient()},
            .evidence_keys = evidence_keys};
  }
  Result<BackupMade> make(bool evidence_keys = false) {
    copy();
    auto made = write_backup(home, backup_scratch(home), order(evidence_keys),
                             Instant{1'772'000'000'000}, random);
    std::filesystem::remove(backup_scratch(home));
    return made;
  }
  Result<BackupManifest> unpack(const Path& file) {
    std::filesystem::remove_all(folder / "out");
    std::filesystem::create_directory(folder / "out");
    return unpack_backup(file, identity, folder / "out");
  }
  /// An archive of one's own making, sealed for the right recipient.
  Path forged(const std::vector<std::pair<std::string, Bytes>>& pieces) {
    const Path path = folder / "forged.age";
    std::filesystem::remove(path);
    const auto out = SealedWriter::create(path, {identity.recipient()}, random).value();
    for (const auto& [name, bytes] : pieces) {
      if (!name.empty()) EXPECT_TRUE(out->write(formats::tape_header({name, bytes.size(), 1})));
      EXPECT_TRUE(out->write(bytes));
      if (!name.empty()) EXPECT_TRUE(out->write(Bytes(formats::tape_padding(bytes.size()))));
    }
    EXPECT_TRUE(out->finish());
    return path;
  }

  Folder folder;
  SystemRandom random;
  formats::AgeIdentity identity = formats::AgeIdentity::generate(random);
  Home home = Home::create(folder / "kgz", settings()).value();
  std::unique_ptr<SqliteStore> store;
};

TEST_F(Backup, BringsBackEveryFileForItsOwnerAlone) {
  ASSERT_TRUE(store->put_exchange(exchange()));
  const auto made = make();
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(crypto::sha256(as_bytes(got(folder / "backup.age"))), made->sha256);
  EXPECT_EQ(std::filesystem::file_size(folder / "backup.age"), made->size);
  struct stat status{};
  ASSERT_EQ(::stat((folder / "backup.age").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);

  const auto manifest = unpack(folder / "backup.age");
  ASSERT_TRUE(manifest) << manifest.error().detail;
  EXPECT_EQ(*manifest, made->manifest);
  EXPECT_EQ(manifest->state, state("KGZ"));
  EXPECT_EQ(got(folder / "out/keys/tls.key"), "the bytes of tls.key");
  EXPECT_FALSE(std::filesystem::exists(folder / "out/keys/evidence"));
  ASSERT_EQ(::stat((folder / "out/keys/tls.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const auto back = SqliteStore::open(folder / "out/node.db", Opening::existing);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*(*back)->exchange(exchange().id), exchange());
}

TEST_F(Backup, HoldsEvidenceKeysOnlyWhenAskedFor) {
  ASSERT_TRUE(make(true));
  const auto manifest = unpack(folder / "backup.age");
  ASSERT_TRUE(manifest) << manifest.error().detail;
  EXPECT_TRUE(manifest->evidence_keys);
  EXPECT_EQ(got(folder / "out/keys/evidence/item-00ff.age-identity"), "AGE-SECRET-KEY-1TEST\n");
}

TEST_F(Backup, IsOneMomentThoughRowsChangeWhileItIsCopied) {
  for (int i = 0; i < 400; ++i)
    ASSERT_TRUE(store->put_exchange(exchange("before" + std::to_string(i))));
  const auto copying = store->copy_to(backup_scratch(home)).value();
  int i = 0;
  for (;; ++i) {
    const auto whole = copying->step(3);
    ASSERT_TRUE(whole) << whole.error().detail;
    if (*whole) break;
    ASSERT_TRUE(store->begin());
    // Two rows that must always be seen together.
    ASSERT_TRUE(store->put_setting("one", std::to_string(i)));
    ASSERT_TRUE(store->put_exchange(exchange("during" + std::to_string(i))));
    ASSERT_TRUE(store->put_setting("two", std::to_string(i)));
    ASSERT_TRUE(store->commit());
  }
  ASSERT_GT(i, 10);
  ASSERT_TRUE(store->put_setting("one", "after"));
  const auto copied = SqliteStore::open(backup_scratch(home), Opening::existing);
  ASSERT_TRUE(copied) << copied.error().detail;
  EXPECT_TRUE((*copied)->check());
  EXPECT_EQ(**(*copied)->setting("one"), std::to_string(i - 1));
  EXPECT_EQ(*(*copied)->setting("one"), *(*copied)->setting("two"));
  EXPECT_EQ((*copied)->exchanges({.limit = 10'000})->size(), 400U + static_cast<unsigned>(i));
}

TEST_F(Backup, RollsBackInTheCopyWhatIsRolledBack) {
  for (int i = 0; i < 400; ++i)
    ASSERT_TRUE(store->put_exchange(exchange("before" + std::to_string(i))));
  const auto copying = store->copy_to(backup_scratch(home)).value();
  ASSERT_FALSE(*copying->step(5));
  ASSERT_TRUE(store->begin());
  ASSERT_TRUE(store->put_setting("half", "done"));
  store->rollback();
  while (!*copying->step(50)) {
  }
  const auto copied = SqliteStore::open(backup_scratch(home), Opening::existing);
  EXPECT_EQ(*(*copied)->setting("half"), std::nullopt);
}

TEST_F(Backup, NeverOverwrites) {
  put(folder / "backup.age", "an older one");
  EXPECT_EQ(make().error().code, FaultCode::store_exists);
  EXPECT_EQ(got(folder / "backup.age"), "an older one");
}

TEST_F(Backup, LeavesNothingUnderItsNameWhenItFails) {
  std::filesystem::remove(home.keys() / "tls.key");
  EXPECT_EQ(make().error().code, FaultCode::store_io);
  EXPECT_FALSE(std::filesystem::exists(folder / "backup.age"));
  EXPECT_FALSE(std::filesystem::exists(folder / "backup.age.partial"));
}

TEST_F(Backup, OpensForItsRecipientsAndNobodyElse) {
  ASSERT_TRUE(make());
  identity = formats::AgeIdentity::generate(random);
  EXPECT_EQ(unpack(folder / "backup.age").error().code, FaultCode::crypto_open);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "out"));
}

TEST_F(Backup, RefusesEveryCut) {
  ASSERT_TRUE(make());
  const auto whole = got(folder / "backup.age");
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 97) {
    put(folder / "cut.age", whole.substr(0, size));
    EXPECT_FALSE(unpack(folder / "cut.age")) << size;
  }
  put(folder / "longer.age", whole + "x");
  EXPECT_FALSE(unpack(folder / "longer.age"));
}

TEST_F(Backup, RefusesEveryFlippedByte) {
  ASSERT_TRUE(make());
  const auto whole = got(folder / "backup.age");
  for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 97) {
    auto flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x20);
    put(folder / "flipped.age", flipped);
    EXPECT_FALSE(unpack(folder / "flipped.age")) << at;
  }
}

TEST_F(Backup, RefusesAnArchiveThatIsNotItsManifest) {
  ASSERT_TRUE(make());
  auto manifest = *unpack(folder / "backup.age");
  const auto file = [&](const std::string& name) {
    return std::pair(name, to_bytes(got(folder / "out" / name)));
  };
  std::vector<std::pair<std::string, Bytes>> files;
  for (const auto& one : manifest.files) files.push_back(file(one.path));
  const std::pair<std::string, Bytes> end{"", Bytes(1024)};
  const auto archive = [&](const BackupManifest& told) {
    std::vector<std::pair<std::string, Bytes>> pieces{
        {std::string(k_backup_manifest_path), write_backup_manifest(told)}};
    pieces.insert(pieces.end(), files.begin(), files.end());
    return pieces;
  };
  const auto code = [&](std::vector<std::pair<std::string, Bytes>> pieces) {
    const auto out = unpack(forged(pieces));
    return out ? FaultCode{} : out.error().code;
  };
  auto pieces = archive(manifest);
  pieces.push_back(end);
  ASSERT_TRUE(unpack(forged(pieces)));  // the forge itself is right

  pieces = archive(manifest);
  EXPECT_EQ(code(pieces), FaultCode::format_tape);  // no end
  pieces.push_back({"", Bytes(512)});
  EXPECT_EQ(code(pieces), FaultCode::format_tape);  // half of it
  pieces.push_back({"", Bytes(1024)});
  EXPECT_EQ(code(pieces), FaultCode::format_tape);  // too much
  pieces = archive(manifest);
  pieces.push_back({"keys/authorized_keys", Bytes{1}});
  pieces.push_back(end);
  EXPECT_EQ(code(pieces), FaultCode::store_backup);  // a file that is not named
  pieces = archive(manifest);
  std::swap(pieces[2], pieces[3]);
  pieces.push_back(end);
  EXPECT_EQ(code(pieces), FaultCode::store_backup);  // another order
  pieces = archive(manifest);
  pieces[2].second[0] ^= 1;
  pieces.push_back(end);
  EXPECT_EQ(code(pieces), FaultCode::store_backup);  // other bytes
  auto other = manifest;
  other.files[0].size += 1;
  pieces = archive(other);
  pieces.push_back(end);
  EXPECT_EQ(code(pieces), FaultCode::store_backup);
  pieces.erase(pieces.begin());
  EXPECT_EQ(code(pieces), FaultCode::format_tape);  // no manifest
}

TEST_F(Backup, MakesNoRoomForSizesThatAreOnlyClaimed) {
  ASSERT_TRUE(make());
  auto manifest = *unpack(folder / "backup.age");
  manifest.files[0].size = formats::k_tape_file_max;
  const auto header = formats::tape_header({"node.db", manifest.files[0].size, 1});
  const auto path = forged({{std::string(k_backup_manifest_path), write_backup_manifest(manifest)},
                            {"", Bytes(header.begin(), header.end())},
                            {"", Bytes(4096)}});
  EXPECT_EQ(unpack(path).error().code, FaultCode::format_tape);
  EXPECT_LE(std::filesystem::file_size(folder / "out/node.db"), 4096U);
}

TEST_F(Backup, ManifestNamesOnlyWhatANodeHas) {
  ASSERT_TRUE(make());
  const auto manifest = *unpack(folder / "backup.age");
  for (const char* path :
       {"../node.db", "/etc/passwd", "root/root.key", "keys/evidence/x",
        "keys/evidence/../x.age-identity", "keys/evidence/.age-identity",
        "logs/internal/checkpoint", "keys/evidence/A.age-identity", "node.db-wal"})
    EXPECT_FALSE(is_backup_path(path, true)) << path;
  EXPECT_FALSE(is_backup_path("keys/evidence/item-0.age-identity", false));
  EXPECT_TRUE(is_backup_path("keys/evidence/item-0.age-identity", true));
  auto twice = manifest;
  twice.files.push_back(twice.files.front());
  EXPECT_EQ(read_backup_manifest(write_backup_manifest(twice)).error().code,
            FaultCode::store_backup);
  auto without = manifest;
  without.files.pop_back();
  EXPECT_EQ(read_backup_manifest(write_backup_manifest(without)).error().code,
            FaultCode::store_backup);
  auto large = manifest;
  large.files[1].size = k_backup_small_file_max;
  EXPECT_TRUE(read_backup_manifest(write_backup_manifest(large)));
  large.files[1].size = k_backup_small_file_max + 1;
  EXPECT_EQ(read_backup_manifest(write_backup_manifest(large)).error().code, FaultCode::limit_size);
}

TEST_F(Backup, NeedsNoMoreMemoryForALargerFile) {
  // 64 chunks and one byte, through buffers of one chunk.
  const Bytes block(formats::k_age_chunk_size, 7);
  const auto out =
      SealedWriter::create(folder / "large.age", {identity.recipient()}, random).value();
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(out->write(block));
  ASSERT_TRUE(out->write(Bytes{9}));
  ASSERT_TRUE(out->finish());
  const auto in = SealedReader::open(folder / "large.age", identity).value();
  Bytes read(1000);
  std::uint64_t size = 0;
  for (;;) {
    const auto some = in->read(read);
    ASSERT_TRUE(some) << some.error().detail;
    if (*some == 0) break;
    size += *some;
  }
  EXPECT_EQ(size, 64 * block.size() + 1);
}

}  // namespace
}  // namespace comity::store
