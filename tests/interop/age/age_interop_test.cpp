// Sealed items against two strangers' age: Debian's `age` and npm's `age-encryption`. What we seal
// they open, what they seal we open, and what is changed neither of us opens.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>

#include "transfer/seal.hpp"
#include "transfer/transfer_gen.hpp"

extern char** environ;

namespace comity {
namespace {

using transfer::Path;

constexpr std::size_t k_chunk = formats::k_age_chunk_size;
const std::size_t k_sizes[] = {0,           1,           k_chunk - 1,    k_chunk,
                               k_chunk + 1, 3 * k_chunk, (3UL << 20) + 7};

/// Runs a program to its end; true when it ended with 0.
bool run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0)
    return false;
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// A stranger's age: opens a file with an identity, seals one for a recipient.
struct Stranger {
  std::string name;
  std::function<bool(const std::string& identity, const Path& in, const Path& out)> open;
  std::function<bool(const std::string& recipient, const Path& in, const Path& out)> seal;
};

Stranger debian_age() {
  return {.name = "age",
          .open =
              [](const std::string& identity, const Path& in, const Path& out) {
                const Path key = out.string() + ".key";
                EXPECT_TRUE(transfer::write_file(key, as_bytes(identity + "\n")));
                if (!run({AGE, "-d", "-i", key, "-o", out, in})) return false;
                // It makes its output with the first byte, so not for an empty plaintext.
                return transfer::file_exists(out) || transfer::write_file(out, {}).has_value();
              },
          .seal = [](const std::string& recipient, const Path& in,
                     const Path& out) { return run({AGE, "-r", recipient, "-o", out, in}); }};
}

Stranger typage() {
  const auto verb = [](std::string name) {
    return [name](const std::string& key, const Path& in, const Path& out) {
      return run({NODE, TYPAGE, name, key, in, out});
    };
  };
  return {.name = "age-encryption", .open = verb("open"), .seal = verb("seal")};
}

/// Opens a file that came without a manifest.
Result<Bytes> open_plain(View file, const formats::AgeIdentity& identity) {
  TRY_LET(const auto read, formats::read_age_header(file));
  TRY_LET(const Secret file_key, formats::open_age_header(read.header, identity));
  formats::AgeNonce nonce;
  if (file.size() < read.size + nonce.size()) return fault(FaultCode::format_age, "no nonce");
  std::ranges::copy(file.subspan(read.size, nonce.size()), nonce.begin());
  formats::AgeStreamOpener opener(formats::age_payload_key(file_key, nonce));
  Bytes plaintext;
  TRY(opener.push(file.subspan(read.size + nonce.size()), plaintext));
  TRY(opener.finish(plaintext));
  return plaintext;
}

class AgeInterop : public testing::TestWithParam<Stranger> {
 protected:
  Bytes file(const Path& path) { return *transfer::read_file(path, 1UL << 30); }

  SystemRandom random_;
  formats::AgeIdentity theirs_ = formats::AgeIdentity::generate(random_);
  formats::AgeIdentity ours_ = formats::AgeIdentity::generate(random_);
  transfer::sample::TemporaryDirectory directory_;
  const Path out_ = directory_.path() / "out";
};

}  // namespace

TEST_P(AgeInterop, OpensWhatWeSealForEachRecipient) {
  for (const auto size : k_sizes) {
    const auto plaintext = transfer::sample::plaintext(size);
    transfer::sample::TemporaryDirectory item;
    transfer::sample::BytesSource source(plaintext);
    ASSERT_TRUE(
        transfer::seal_source(source, {theirs_.recipient(), ours_.recipient()}, random_, item));
    for (const auto* identity : {&theirs_, &ours_}) {
      (void)transfer::remove_tree(out_);
      const auto text = identity->text();
      ASSERT_TRUE(GetParam().open(std::string(as_text(text.view())),
                                  transfer::ItemFiles{item}.sealed(), out_));
      EXPECT_TRUE(file(out_) == plaintext) << size;
    }
  }
}

TEST_P(AgeInterop, SealsWhatWeOpen) {
  const Path in = directory_.path() / "in";
  for (const auto size : k_sizes) {
    const auto plaintext = transfer::sample::plaintext(size);
    ASSERT_TRUE(transfer::write_file(in, plaintext));
    (void)transfer::remove_tree(out_);
    ASSERT_TRUE(GetParam().seal(ours_.recipient().text(), in, out_));
    const auto opened = open_plain(file(out_), ours_);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_TRUE(*opened == plaintext) << size;
    EXPECT_FALSE(open_plain(file(out_), theirs_));
  }
}

TEST_P(AgeInterop, OpensNothingThatWasChanged) {
  const auto item = evidence::sample::item(k_chunk + 100);
  const auto text = item.identity.text();
  const Path in = directory_.path() / "in";
  for (const std::size_t at : {std::size_t{30}, item.file.size() - 1, item.file.size() / 2}) {
    auto changed = item.file;
    changed[at] ^= 1;
    ASSERT_TRUE(transfer::write_file(in, changed));
    (void)transfer::remove_tree(out_);
    EXPECT_FALSE(GetParam().open(std::string(as_text(text.view())), in, out_)) << at;
    EXPECT_FALSE(open_plain(changed, item.identity)) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Strangers, AgeInterop, testing::Values(debian_age(), typage()),
                         [](const auto& info) { return info.index == 0 ? "DebianAge" : "Typage"; });

}  // namespace comity
