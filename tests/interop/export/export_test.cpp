// Exports judged by check.sh, which shares no code with us: it must accept what two honest States
// made, and refuse it once a byte is changed, even where the exporter itself signs the change.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "court/rewrap.hpp"
#include "court/sample_test.hpp"

extern char** environ;

namespace comity::court {
namespace {

class Export : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ::setenv("GOLOG", GOLOG, 1);
    exchange_ = std::make_unique<sample::Exchange>();
    exchange_->play();
  }
  static void TearDownTestSuite() { exchange_.reset(); }
  void TearDown() override { ::unsetenv("AGE_IDENTITY"); }

  /// True if the program ends with 0. What it says goes to the test's own output.
  static bool runs(std::vector<std::string> arguments) {
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    int status = 0;
    if (posix_spawn(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0) std::abort();
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) > 125)
      ADD_FAILURE() << arguments[0] << " did not run";
    return status == 0;
  }
  static bool accepts(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CHECK_SH);
    return runs(std::move(arguments));
  }
  static bool accepts(const sample::Export& made) {
    return accepts({made.path(), exchange_->asked.root.fingerprint().hex(),
                    exchange_->asking.root.fingerprint().hex()});
  }
  /// Changes one bit of a file; with `signed_anew`, the exporter signs the change into the index.
  static bool accepts_changed(const sample::Export& made, const std::string& file,
                              bool signed_anew) {
    const auto good = sample::read_file(made.path() / file);
    const auto index = made.index();
    auto bad = good;
    bad[good.size() / 2] ^= 0x01;
    sample::write_file(made.path() / file, bad);
    if (signed_anew) {
      auto changed = index;
      for (auto& row : changed.files)
        if (row.path == file) row.sha256 = crypto::sha256(bad);
      made.sign(*exchange_, changed);
    }
    const bool accepted = accepts(made);
    sample::write_file(made.path() / file, good);
    if (signed_anew) made.sign(*exchange_, index);
    return accepted;
  }

  inline static std::unique_ptr<sample::Exchange> exchange_;
};

TEST_F(Export, IsAcceptedByStockTools) {
  const sample::Export made(*exchange_, exchange_->input());
  EXPECT_TRUE(accepts(made));
  EXPECT_TRUE(accepts({made.path(), "BFA=" + exchange_->asking.root.fingerprint().hex(),
                       "KGZ=" + exchange_->asked.root.fingerprint().hex()}));
}

/// The commands of README.txt that have no word to fill in.
std::vector<std::string> commands_of(const std::string& readme) {
  std::vector<std::string> commands(1);
  std::istringstream lines(readme);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  "))
      commands.back() += line + "\n";
    else if (!commands.back().empty())
      commands.emplace_back();
  }
  std::erase_if(commands, [](const std::string& block) {
    for (const auto* word : {"comity", "ITEM", "KEYFILE", "NAME", "NNNN", "AUTHOR"})
      if (block.contains(word)) return true;
    return block.empty();
  });
  return commands;
}

TEST_F(Export, IsCheckedByTheCommandsOfItsReadme) {
  const sample::Export made(*exchange_, exchange_->input());
  const auto readme = sample::read_file(made.path() / "README.txt");
  const auto commands = commands_of(std::string(as_text(readme)));
  EXPECT_EQ(commands.size(), 6U);
  for (const auto& command : commands)
    EXPECT_TRUE(runs(
        {"/bin/bash", "-euo", "pipefail", "-c", "cd " + made.path().string() + "\n" + command}))
        << command;
}

TEST_F(Export, WithAnEntryElsewhereInTheLogFailsTheCommandsOfItsReadme) {
  const sample::Export made(*exchange_, exchange_->input());
  const auto readme = sample::read_file(made.path() / "README.txt");
  const auto commands = commands_of(std::string(as_text(readme)));
  const auto proves = std::ranges::find_if(
      commands, [](const std::string& command) { return command.contains("prove()"); });
  ASSERT_NE(proves, commands.end());
  const auto runs_there = [&] {
    return runs(
        {"/bin/bash", "-euo", "pipefail", "-c", "cd " + made.path().string() + "\n" + *proves});
  };
  EXPECT_TRUE(runs_there());
  for (const std::string line : {"index ", "extra "}) {
    const auto path = made.path() / "receipts" / "0001.tlog-proof";
    const auto good = sample::read_file(path);
    std::string text(as_text(good));
    auto& byte = text[text.find("\n" + line) + 1 + line.size()];
    byte = byte == '2' ? '3' : '2';
    sample::write_file(path, as_bytes(text));
    EXPECT_FALSE(runs_there()) << line;
    sample::write_file(path, good);
  }
}

TEST_F(Export, IsRefusedUnderOtherFingerprints) {
  const sample::Export made(*exchange_, exchange_->input());
  EXPECT_FALSE(accepts({made.path(), exchange_->asking.root.fingerprint().hex(),
                        exchange_->asked.root.fingerprint().hex()}));
}

TEST_F(Export, IsRefusedWithAnyByteChanged) {
  const sample::Export made(*exchange_, exchange_->input());
  for (const auto& file : made.files()) EXPECT_FALSE(accepts_changed(made, file, false)) << file;
  EXPECT_TRUE(accepts(made));
}

TEST_F(Export, IsRefusedWithAByteChangedByTheExporterItself) {
  const sample::Export made(*exchange_, exchange_->input());
  // A file of each role whose bytes mean something to the stock tools.
  std::set<Role> tried = {Role::readme, Role::checkpoint};
  for (const auto& row : made.index().files)
    if (tried.insert(row.role).second)
      EXPECT_FALSE(accepts_changed(made, row.path, true)) << row.path;
}

TEST_F(Export, IsRefusedWithAStrayFile) {
  const sample::Export made(*exchange_, exchange_->input());
  sample::write_file(made.path() / "acts" / "0009-closure.p7m", as_bytes("stray"));
  EXPECT_FALSE(accepts(made));
}

TEST_F(Export, OpensWithAgeForTheOneItWasSealedFor) {
  const sample::Export made(*exchange_, exchange_->input());
  const auto identity = made.path().string() + ".identity";
  sample::write_file(identity, exchange_->item.identity.text().view());
  ::setenv("AGE_IDENTITY", identity.c_str(), 1);
  EXPECT_TRUE(accepts(made));
  std::filesystem::remove(identity);
}

TEST_F(Export, OpensWithAgeForAFreshReader) {
  sample::SeededRandom random(44);
  const auto reader = formats::AgeIdentity::generate(random);
  auto input = exchange_->input();
  input.purpose = Purpose::defence;
  input.items[0].plaintext = false;
  const auto& item = exchange_->item;
  input.items[0].header = *rewrap(item.shape, View(item.file).first(item.shape.prefix_size),
                                  item.identity, reader.recipient(), random);
  const sample::Export made(*exchange_, input);
  const auto identity = made.path().string() + ".identity";
  sample::write_file(identity, reader.text().view());
  ::setenv("AGE_IDENTITY", identity.c_str(), 1);
  EXPECT_TRUE(accepts(made));
  std::filesystem::remove(identity);
}

}  // namespace
}  // namespace comity::court
