// A court's check against a whole export with real signatures: it must accept what two honest
// States made, and name the file for every byte that was changed, removed, added or exchanged.
#include "court/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "court/sample_test.hpp"
#include "treaty/instrument.hpp"

namespace comity::court {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::vector<treaty::Instrument>& instruments() {
  static const std::vector<treaty::Instrument> k_loaded = [] {
    std::vector<treaty::Instrument> list;
    list.push_back(*treaty::load_instrument(
        sample::read_file(COMITY_SOURCE_DIR "/data/instruments/un-cybercrime-2024.toml"),
        "un-cybercrime-2024.toml"));
    return list;
  }();
  return k_loaded;
}

bool fails_at(const Report& report, const std::string& path) {
  return std::ranges::any_of(report.checks(), [&](const Check& check) {
    return check.verdict == Verdict::fails && check.subject.starts_with(path);
  });
}

class Verify : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    exchange_ = std::make_unique<sample::Exchange>();
    exchange_->play();
  }
  static void TearDownTestSuite() { exchange_.reset(); }

  static Report check(const sample::Export& made) {
    return verify(made.path(), exchange_->fingerprints(), instruments());
  }
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
  other[exchange_->asked.code].bytes[0] ^= 1;
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

}  // namespace
}  // namespace comity::court
