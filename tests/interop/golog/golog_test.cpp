// Our custody logs and receipts, judged by golog, which shares no code with us: it must accept what
// we write at every size where the tiles change shape, and refuse it once a byte is changed.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "custody/sample_log.hpp"

extern char** environ;

namespace comity::custody {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  ASSERT_TRUE(file.flush().good()) << path;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// True if golog accepts.
bool golog(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), GOLOG);
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, GOLOG, nullptr, nullptr, argv.data(), environ) != 0) std::abort();
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
    ADD_FAILURE() << "golog did not run";
  return status == 0;
}

/// A log on disk that grew through all the sizes, with the checkpoint of each and some receipts.
class Golog : public testing::Test {
 protected:
  static constexpr std::uint64_t k_sizes[] = {1, 255, 256, 257, 65537, 70000};

  static void SetUpTestSuite() {
    auto pattern = (fs::temp_directory_path() / "comity-golog-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    root_ = pattern;
  }
  static void TearDownTestSuite() { fs::remove_all(root_); }

  void SetUp() override {
    if (log_ != nullptr) return;
    log_ = std::make_unique<SampleLog>();
    vkey_ = to_vkey(log_->verifier);
    for (const auto size : k_sizes) grow_to(size);
  }

  static void grow_to(std::uint64_t size) {
    const auto first = log_->state.size();
    auto batch = log_->grow(size - first);
    for (const auto& [path, bytes] : log_->files) write_file(root_ / "log" / path, as_text(bytes));
    log_->files.clear();
    write_file(checkpoint_at(size), batch.checkpoint());
    for (const auto index : {first, (first + size) / 2, size - 1}) {
      receipts_.push_back(root_ /
                          ("receipt-" + std::to_string(index) + '-' + std::to_string(size)));
      write_file(receipts_.back(), batch.receipt(index));
    }
    std::vector<std::string> arguments{"check", root_ / "log", vkey_};
    for (const auto older : k_sizes)
      if (older <= size) arguments.push_back(checkpoint_at(older));
    EXPECT_TRUE(golog(arguments)) << size;
  }
  static fs::path checkpoint_at(std::uint64_t size) {
    return root_ / ("checkpoint-" + std::to_string(size));
  }
  static bool check() { return golog({"check", root_ / "log", vkey_}); }

  /// Flips one bit of the file, asks `accepts`, and restores it.
  template <typename Accepts>
  static bool accepted_when_flipped(const fs::path& path, std::size_t at, Accepts accepts) {
    const auto good = read_file(path);
    auto bad = good;
    bad.at(at) = static_cast<char>(bad.at(at) ^ 4);
    write_file(path, bad);
    const bool accepted = accepts();
    write_file(path, good);
    return accepted;
  }

  static inline fs::path root_;
  static inline std::unique_ptr<SampleLog> log_;
  static inline std::string vkey_;
  static inline std::vector<fs::path> receipts_;
};

TEST_F(Golog, RefusesALogWithOneChangedByte) {
  for (const auto* path : {"checkpoint", "tile/0/000", "tile/0/136", "tile/0/273.p/112",
                           "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/000",
                           "tile/entries/200", "tile/entries/273.p/112"}) {
    const auto file = root_ / "log" / path;
    const auto size = fs::file_size(file);
    for (const auto at : {std::size_t{0}, size / 2, size - 9})
      EXPECT_FALSE(accepted_when_flipped(file, at, check)) << path << " at " << at;
  }
  EXPECT_TRUE(check());
}

TEST_F(Golog, RefusesACheckpointOfAnotherHistory) {
  SampleLog other;
  other.entries.push_back({});  // so that the entries after it differ
  const auto batch = other.grow(255);
  write_file(root_ / "forked", batch.checkpoint());
  EXPECT_TRUE(golog({"check", root_ / "log", vkey_, checkpoint_at(255)}));
  EXPECT_FALSE(golog({"check", root_ / "log", vkey_, root_ / "forked"}));
  const auto stranger = formats::make_vkey(k_sample_origin, sample_key(6).public_key());
  EXPECT_FALSE(golog({"check", root_ / "log", stranger}));
}

TEST_F(Golog, AcceptsEveryReceiptAndNoneWithAChangedByte) {
  for (const auto& path : receipts_) EXPECT_TRUE(golog({"receipt", path, vkey_})) << path;
  // The middle of each line: the version, the entry, the index, each hash, the checkpoint's lines.
  const auto path = receipts_.back();
  const auto text = read_file(path);
  const auto accepts = [&] { return golog({"receipt", path, vkey_}); };
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find('\n', start);
    if (end != start)
      EXPECT_FALSE(accepted_when_flipped(path, (start + end) / 2, accepts)) << (start + end) / 2;
    start = end + 1;
  }
  EXPECT_TRUE(accepts());
}

}  // namespace
}  // namespace comity::custody
