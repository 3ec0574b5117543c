#include "transfer/folder.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <map>

#include "transfer/transfer_gen.hpp"

namespace comity::transfer {
namespace {

using sample::TemporaryDirectory;

Result<Bytes> all_of(FolderSource& source, std::size_t piece = 7777) {
  Bytes bytes, part(piece);
  for (;;) {
    TRY_LET(const std::size_t got, source.read(part));
    if (got == 0) return bytes;
    append(bytes, View(part).first(got));
  }
}

struct Stored {
  mode_t mode;
  std::int64_t mtime_s, mtime_ns;
  std::string link, hard_link;
  Bytes bytes;
  std::map<std::string, Bytes> attributes;
};

/// Reads an archive by libarchive's reader, names as bytes.
std::map<std::string, Stored> entries_of(const Bytes& tape) {
  std::map<std::string, Stored> entries;
  archive* reader = archive_read_new();
  archive_read_support_format_tar(reader);
  EXPECT_EQ(archive_read_open_memory(reader, tape.data(), tape.size()), ARCHIVE_OK);
  const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t before = ::uselocale(utf8);
  for (archive_entry* entry; archive_read_next_header(reader, &entry) == ARCHIVE_OK;) {
    Stored stored{.mode = archive_entry_mode(entry),
                  .mtime_s = archive_entry_mtime(entry),
                  .mtime_ns = archive_entry_mtime_nsec(entry)};
    if (const auto* link = archive_entry_symlink(entry)) stored.link = link;
    if (const auto* link = archive_entry_hardlink(entry)) stored.hard_link = link;
    stored.bytes.resize(archive_entry_size(entry));
    if (!stored.bytes.empty())
      EXPECT_EQ(archive_read_data(reader, stored.bytes.data(), stored.bytes.size()),
                static_cast<la_ssize_t>(stored.bytes.size()));
    archive_entry_xattr_reset(entry);
    const char* name;
    const void* value;
    for (size_t size; archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK;)
      stored.attributes[name] = to_bytes(View(static_cast<const std::uint8_t*>(value), size));
    const auto* path = archive_entry_pathname(entry);
    EXPECT_NE(path, nullptr);
    EXPECT_TRUE(entries.emplace(path ? path : "?", std::move(stored)).second) << path;
  }
  ::uselocale(before);
  ::freelocale(utf8);
  archive_read_free(reader);
  return entries;
}

class Folder : public testing::Test {
 protected:
  void write(const std::string& name, View bytes) { ASSERT_TRUE(write_file(root_ / name, bytes)); }
  Result<Bytes> tape(std::vector<Path> roots = {}) {
    if (roots.empty()) roots = {root_};
    TRY_LET(source_, FolderSource::open(roots));
    return all_of(*source_);
  }

  TemporaryDirectory directory_;
  const Path root_ = [this] {
    const Path root = directory_.path() / "case 7";
    std::filesystem::create_directories(root / "sub/empty");
    return root;
  }();
  std::unique_ptr<FolderSource> source_;
};

}  // namespace

TEST_F(Folder, KeepsNamesBytesModesTimesAndLinks) {
  const auto big = sample::plaintext(1'000'001);
  write("big.bin", big);
  write("sub/empty file", {});
  write("почта.txt", as_bytes("exercise"));
  write("e\u0301.txt", as_bytes("decomposed"));
  write("raw\xff\xfe", as_bytes("no UTF-8"));
  ASSERT_EQ(::symlink("../../../etc/passwd", (root_ / "sub/link").c_str()), 0);
  ASSERT_EQ(::link((root_ / "big.bin").c_str(), (root_ / "sub/same.bin").c_str()), 0);
  ASSERT_EQ(::chmod((root_ / "big.bin").c_str(), 0640), 0);
  const timespec times[] = {{1'600'000'000, 5}, {1'500'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "big.bin").c_str(), times, 0), 0);

  const auto made = tape();
  ASSERT_TRUE(made) << made.error().detail;
  const auto entries = entries_of(*made);
  EXPECT_EQ(entries.size(), 10U);
  const auto& stored = entries.at("case 7/big.bin");
  EXPECT_TRUE(stored.bytes == big);
  EXPECT_EQ(stored.mode, S_IFREG | 0640U);
  EXPECT_EQ(stored.mtime_s, 1'500'000'000);
  EXPECT_EQ(stored.mtime_ns, 123'456'789);
  EXPECT_TRUE(S_ISDIR(entries.at("case 7/sub/empty/").mode));
  EXPECT_EQ(entries.at("case 7/sub/link").link, "../../../etc/passwd");
  EXPECT_EQ(entries.at("case 7/sub/same.bin").hard_link, "case 7/big.bin");
  EXPECT_EQ(as_text(entries.at("case 7/почта.txt").bytes), "exercise");
  // In the archive the name keeps its bytes; this reader shows the composed form of it.
  EXPECT_NE(as_text(*made).find("path=case 7/e\u0301.txt\n"), std::string_view::npos);
  EXPECT_EQ(as_text(entries.at("case 7/raw\xff\xfe").bytes), "no UTF-8");
  EXPECT_TRUE(source_->omissions().empty());
  // The original was read without a trace.
  struct stat status{};
  ASSERT_EQ(::stat((root_ / "big.bin").c_str(), &status), 0);
  EXPECT_EQ(status.st_atim.tv_sec, 1'600'000'000);
}

TEST_F(Folder, IsTheSameBytesEachTime) {
  for (const auto* name : {"b", "a", "sub/z", "sub/y"}) write(name, as_bytes(name));
  const auto first = tape();
  ASSERT_TRUE(first);
  EXPECT_TRUE(*tape() == *first);
  source_ = *FolderSource::open({root_ / ""});
  EXPECT_TRUE(*all_of(*source_, 512) == *first);
}

TEST_F(Folder, NamesWhatItLeavesOut) {
  write("kept", as_bytes("x"));
  ASSERT_EQ(::mkfifo((root_ / "sub/pipe").c_str(), 0600), 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  const auto path = (root_ / "sock").string();
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::copy(path.begin(), path.end(), address.sun_path);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const auto made = tape();
  ::close(listener);
  ASSERT_TRUE(made) << made.error().detail;
  ASSERT_EQ(source_->omissions().size(), 2U);
  EXPECT_EQ(source_->omissions()[0].what, "case 7/sock");
  EXPECT_EQ(source_->omissions()[0].reason, "it is a socket and holds no bytes to keep");
  EXPECT_EQ(source_->omissions()[1].what, "case 7/sub/pipe");
  EXPECT_FALSE(entries_of(*made).contains("case 7/sock"));
}

TEST_F(Folder, KeepsExtendedAttributes) {
  write("download.pdf", as_bytes("x"));
  const std::string origin = "https://files.example/download.pdf";
  if (::setxattr((root_ / "download.pdf").c_str(), "user.xdg.origin.url", origin.data(),
                 origin.size(), 0) != 0)
    GTEST_SKIP() << "this file system keeps no extended attributes";
  const auto entries = entries_of(*tape());
  EXPECT_EQ(entries.at("case 7/download.pdf").attributes.at("user.xdg.origin.url"),
            to_bytes(origin));
}

TEST_F(Folder, TakesSeveralRootsOfDifferentNames) {
  write("one", as_bytes("1"));
  write("sub/two", as_bytes("2"));
  const auto made = tape({root_ / "one", root_ / "sub"});
  ASSERT_TRUE(made);
  const auto entries = entries_of(*made);
  EXPECT_EQ(as_text(entries.at("one").bytes), "1");
  EXPECT_EQ(as_text(entries.at("sub/two").bytes), "2");
  EXPECT_EQ(tape({root_ / "one", directory_.path() / "one"}).error().code, FaultCode::format_field);
  for (const auto* bad : {"/", ".", "..", "a/.."})
    EXPECT_EQ(FolderSource::open({bad}).error().code, FaultCode::format_field) << bad;
  EXPECT_FALSE(FolderSource::open({}));
  EXPECT_EQ(tape({root_ / "absent"}).error().code, FaultCode::store_io);
}

TEST_F(Folder, NoticesWhatChangesUnderIt) {
  write("file", sample::plaintext(2'000'000));
  const auto changed_by = [&](const std::function<void()>& change) {
    auto source = *FolderSource::open({root_});
    Bytes part(400'000);
    EXPECT_TRUE(source->read(part));
    EXPECT_TRUE(source->read(part));
    EXPECT_TRUE(source->read(part));
    change();
    const auto rest = all_of(*source);
    return rest ? FaultCode{} : rest.error().code;
  };
  EXPECT_EQ(changed_by([&] { std::filesystem::resize_file(root_ / "file", 1'000'000); }),
            FaultCode::evidence_changed);
  EXPECT_EQ(changed_by([&] { write("file", sample::plaintext(1'000'000)); }),
            FaultCode::evidence_changed);
  EXPECT_EQ(changed_by([&] { write("another", {}); }), FaultCode::evidence_changed);
  EXPECT_EQ(changed_by([] {}), FaultCode{});
}

TEST_F(Folder, KeepsItsLimits) {
  const auto nested = [&](std::size_t depth) {
    TemporaryDirectory directory;
    Path path = directory.path() / "d";
    for (std::size_t i = 1; i < depth; ++i) path /= "d";
    std::filesystem::create_directories(path);
    auto source = *FolderSource::open({directory.path() / "d"});
    const auto made = all_of(*source);
    return made ? FaultCode{} : made.error().code;
  };
  EXPECT_EQ(nested(k_folder_depth_max), FaultCode{});
  EXPECT_EQ(nested(k_folder_depth_max + 1), FaultCode::limit_depth);
}

}  // namespace comity::transfer
