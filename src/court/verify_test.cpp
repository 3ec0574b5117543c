// A court's check against a whole export with real signatures: it must accept what two honest
// States made, and name the file for every byte that was changed, removed, added or exchanged.
#include "court/verify.hpp"

#include "court/verify_fixture_test.hpp"

namespace comity::court {
namespace {

class Verify : public VerifyFixture {
 protected:
  static void SetUpTestSuite() { exchange_ = played(); }
  static void TearDownTestSuite() { exchange_.reset(); }

  using VerifyFixture::check;
  static Report check(const sample::Export& made) { return check(*exchange_, made); }
  inline static std::unique_ptr<sample::Exchange> exchange_;
};

TEST_F(Verify, HoldsWithTheFingerprintsOfBothStates) {
  const sample::Export made(*exchange_, exchange_->input());
  const auto report = check(made);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_EQ(report.count(Verdict::not_present), 0) << to_text(report);
}

TEST_F(Verify, IsOnlyConsistentWithoutAFingerprint) {
  const sample::Export made(*exchange_, exchange_->input());
  EXPECT_EQ(verify(made.path(), {}, instruments()).exit_code(), 2);
  auto one = exchange_->fingerprints();
  one.erase(exchange_->asked.code);
  EXPECT_EQ(verify(made.path(), one, instruments()).exit_code(), 2);
}

TEST_F(Verify, IsOnlyConsistentWithoutTheInstrument) {
  const sample::Export made(*exchange_, exchange_->input());
  EXPECT_EQ(verify(made.path(), exchange_->fingerprints()).exit_code(), 2);
}

TEST_F(Verify, NamesTheStateWhoseFingerprintIsAnother) {
  const sample::Export made(*exchange_, exchange_->input());
  auto other = exchange_->fingerprints();
  other[exchange_->asked.code] = {Digest{{1}}};
  const auto report = verify(made.path(), other, instruments());
  EXPECT_EQ(report.exit_code(), 1);
  EXPECT_TRUE(fails_at(report, "KGZ")) << to_text(report);
}

TEST_F(Verify, NamesEveryFileInWhichOneBitIsFlipped) {
  const sample::Export made(*exchange_, exchange_->input());
  const auto files = made.files();
  ASSERT_GT(files.size(), 40U);
  for (const auto& file : files) {
    const auto good = sample::read_file(made.path() / file);
    for (const std::size_t place : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
      auto bad = good;
      bad[place] ^= 0x01;
      sample::write_file(made.path() / file, bad);
      const auto report = check(made);
      EXPECT_EQ(report.exit_code(), 1) << file << " at " << place;
      EXPECT_TRUE(fails_at(report, file)) << file << " at " << place << "\n" << to_text(report);
    }
    sample::write_file(made.path() / file, good);
  }
  EXPECT_EQ(check(made).exit_code(), 0);
}

TEST_F(Verify, NamesEveryFileThatIsMissing) {
  const sample::Export made(*exchange_, exchange_->input());
  for (const auto& file : made.files()) {
    const auto good = sample::read_file(made.path() / file);
    std::filesystem::remove(made.path() / file);
    const auto report = check(made);
    EXPECT_EQ(report.exit_code(), 1) << file;
    EXPECT_TRUE(fails_at(report, file)) << file << "\n" << to_text(report);
    sample::write_file(made.path() / file, good);
  }
}

TEST_F(Verify, NamesEveryFileThatIsCutShort) {
  const sample::Export made(*exchange_, exchange_->input());
  for (const auto& file : made.files()) {
    const auto good = sample::read_file(made.path() / file);
    sample::write_file(made.path() / file, View(good).first(good.size() - 1));
    const auto report = check(made);
    EXPECT_EQ(report.exit_code(), 1) << file;
    EXPECT_TRUE(fails_at(report, file)) << file << "\n" << to_text(report);
    sample::write_file(made.path() / file, good);
  }
}

TEST_F(Verify, FindsEveryChangeThatTheExporterItselfSigns) {
  const sample::Export made(*exchange_, exchange_->input());
  const auto index = made.index();
  for (const auto& row : index.files) {
    if (row.role == Role::readme) continue;  // words, which bind nobody
    const auto good = sample::read_file(made.path() / row.path);
    auto bad = good;
    bad[good.size() / 2] ^= 0x01;
    sample::write_file(made.path() / row.path, bad);
    auto changed = index;
    for (auto& other : changed.files)
      if (other.path == row.path) other.sha256 = crypto::sha256(bad);
    made.sign(*exchange_, changed);
    const auto report = check(made);
    EXPECT_EQ(report.exit_code(), 1) << row.path << "\n" << to_text(report);
    sample::write_file(made.path() / row.path, good);
  }
  made.sign(*exchange_, index);
  EXPECT_EQ(check(made).exit_code(), 0);
}

TEST_F(Verify, FindsEveryFileThatTheExporterItselfLeavesUnsaid) {
  const sample::Export made(*exchange_, exchange_->input());
  const auto index = made.index();
  for (const auto& row : index.files) {
    // What an exporter may leave out without anything else showing it: spec/export.md, section 6.
    if (row.role == Role::receipt || row.role == Role::custody || row.role == Role::plaintext ||
        row.role == Role::consistency || row.path == "checkpoints/KGZ.checkpoint")
      continue;
    const auto good = sample::read_file(made.path() / row.path);
    std::filesystem::remove(made.path() / row.path);
    auto changed = index;
    std::erase_if(changed.files, [&](const IndexFile& file) { return file.path == row.path; });
    std::erase_if(changed.acts, [&](const IndexAct& act) { return act.path == row.path; });
    made.sign(*exchange_, changed);
    EXPECT_EQ(check(made).exit_code(), 1) << row.path;
    sample::write_file(made.path() / row.path, good);
  }
}

TEST_F(Verify, NamesTheChunkThatIsWrong) {
  sample::Exchange exchange(20'000'000);  // two tiles of the lowest level, one above
  exchange.play();
  const sample::Export made(exchange, exchange.input());
  ASSERT_EQ(check(exchange, made).exit_code(), 0) << to_text(check(exchange, made));
  const auto path = made.path() / item_folder(exchange.manifest.item) / "sealed.age";
  auto bytes = sample::read_file(path);
  bytes[exchange.item.shape.offset_of(260) + 5] ^= 1;
  sample::write_file(path, bytes);
  const auto text = to_text(check(exchange, made));
  EXPECT_THAT(text, testing::HasSubstr("chunk 260 (bytes"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("chunk 259")));
}

TEST_F(Verify, NamesEveryTileThatIsWrong) {
  sample::Exchange exchange(20'000'000);
  exchange.play();
  const sample::Export made(exchange, exchange.input());
  for (const auto& [tile, good] : exchange.item.tiles) {
    const auto path = item_folder(exchange.manifest.item) + "chunks.tiles/" + tile;
    auto bad = good;
    bad.back() ^= 1;
    sample::write_file(made.path() / path, bad);
    const auto report = check(exchange, made);
    EXPECT_TRUE(says(report, Verdict::fails, "item.tiles", path)) << to_text(report);
    // The bytes themselves still lead to the root, tile or no tile.
    EXPECT_TRUE(says(report, Verdict::holds, "item.sealed", "")) << to_text(report);
    sample::write_file(made.path() / path, good);
  }
  sample::write_file(made.path() / item_folder(exchange.manifest.item) / "chunks.tiles/tile/0/007",
                     Bytes(32));
  EXPECT_EQ(check(exchange, made).exit_code(), 1);
}

}  // namespace
}  // namespace comity::court
