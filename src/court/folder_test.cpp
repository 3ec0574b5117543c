// The door to a stranger's folder, and the check behind it, against what a stranger might put
// there.
#include "court/folder.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "court/verify_fixture_test.hpp"

namespace comity::court {
namespace {

using testing::HasSubstr;
using testing::Not;

class Hostile : public VerifyFixture {
 protected:
  std::unique_ptr<sample::Exchange> exchange_ = played();
  sample::Export made_{*exchange_, exchange_->input()};

  Report check_made() { return check(*exchange_, made_); }
  void expect_failure(std::string_view subject) {
    const auto report = check_made();
    EXPECT_EQ(report.exit_code(), 1);
    EXPECT_TRUE(fails_at(report, subject)) << to_text(report);
  }
};

TEST_F(Hostile, StrayFilesAndFoldersAreRefused) {
  sample::write_file(made_.path() / "acts" / "0007-closure.p7m", as_bytes("stray"));
  sample::write_file(made_.path() / ".hidden", as_bytes("stray"));
  std::filesystem::create_directory(made_.path() / "empty");
  expect_failure("acts/0007-closure.p7m");
  expect_failure(".hidden");
  expect_failure("empty");
}

TEST_F(Hostile, LinksAreNotFollowed) {
  const auto file = made_.path() / "acts" / "0001-request.p7m";
  const auto elsewhere = made_.path().string() + ".elsewhere";
  std::filesystem::rename(file, elsewhere);
  std::filesystem::create_symlink(elsewhere, file);
  expect_failure("acts/0001-request.p7m");
  std::filesystem::remove(file);
  std::filesystem::create_hard_link(elsewhere, file);  // that is the file itself
  EXPECT_EQ(check_made().exit_code(), 0);
  std::filesystem::remove(elsewhere);
}

TEST_F(Hostile, LinkedFoldersAreNotFollowed) {
  const auto elsewhere = made_.path().string() + ".elsewhere";
  std::filesystem::rename(made_.path() / "receipts", elsewhere);
  std::filesystem::create_directory_symlink(elsewhere, made_.path() / "receipts");
  expect_failure("receipts");
  std::filesystem::remove_all(elsewhere);
}

TEST_F(Hostile, PipesAndSocketsHoldNothingUp) {
  const auto file = made_.path() / "receipts" / "0001.tlog-proof";
  std::filesystem::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  expect_failure("receipts/0001.tlog-proof");
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  expect_failure("receipts/0001.tlog-proof");
}

TEST_F(Hostile, ManyStraysAreCounted) {
  for (int i = 0; i < 120; ++i)
    sample::write_file(made_.path() / ("stray" + std::to_string(i)), {});
  const auto report = check_made();
  EXPECT_LE(report.count(Verdict::fails), 60);
  EXPECT_THAT(to_text(report), HasSubstr("70 more strays"));
}

TEST_F(Hostile, NamesCanNotForgeAVerdict) {
  sample::write_file(made_.path() / "x\nholds        act.signature  \x1b[2J", {});
  const auto text = to_text(check_made());
  EXPECT_THAT(text, Not(HasSubstr("\nholds        act.signature  \x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST_F(Hostile, DeepFoldersEndTheWalk) {
  auto path = made_.path() / "evidence";
  for (int i = 0; i < 60; ++i) path /= "x";
  std::filesystem::create_directories(path);
  expect_failure("evidence/x");
  path = made_.path() / item_folder(exchange_->manifest.item) / "chunks.tiles";
  for (int i = 0; i < 60; ++i) path /= "x";
  std::filesystem::create_directories(path);
  EXPECT_EQ(check_made().exit_code(), 1);
}

TEST_F(Hostile, AHugeFileIsNotRead) {
  std::filesystem::resize_file(made_.path() / "acts" / "0001-request.p7m", std::uint64_t{1} << 40);
  std::filesystem::resize_file(made_.path() / "index.p7m", std::uint64_t{1} << 40);
  expect_failure("acts/0001-request.p7m");
  expect_failure("index.p7m");
}

TEST_F(Hostile, AnythingElseThanAnExportFails) {
  EXPECT_EQ(verify(made_.path() / "nowhere", {}).exit_code(), 1);
  EXPECT_EQ(verify(made_.path() / "README.txt", {}).exit_code(), 1);
  std::filesystem::create_directory(made_.path() / "empty");
  EXPECT_EQ(verify(made_.path() / "empty", {}).exit_code(), 1);
  sample::write_file(made_.path() / "index.json", as_bytes("{}"));
  EXPECT_EQ(check_made().exit_code(), 1);
  std::filesystem::remove(made_.path() / "index.p7m");
  EXPECT_EQ(check_made().exit_code(), 1);
}

TEST_F(Hostile, TheFolderOpensNoPathThatLeadsOut) {
  const auto folder = *Folder::open(made_.path());
  EXPECT_TRUE(folder.open_file("index.json").has_value());
  for (const auto* path : {"", "/etc/passwd", "../x", "acts/../index.json", "acts//x",
                           "./index.json", "acts/", "acts\n"})
    EXPECT_EQ(folder.open_file(path).error().code, FaultCode::format_field) << path;
  EXPECT_EQ(folder.open_file("acts").error().code, FaultCode::format_field);
  EXPECT_EQ(folder.open_file("nothing").error().code, FaultCode::not_found);
  const auto size = folder.open_file("index.json")->size();
  EXPECT_TRUE(folder.read_file("index.json", size).has_value());
  EXPECT_EQ(folder.read_file("index.json", size - 1).error().code, FaultCode::limit_size);
}

}  // namespace
}  // namespace comity::court
