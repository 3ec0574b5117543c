#include "transfer/descriptor_source.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer/open.hpp"
#include "transfer/seal.hpp"
#include "transfer/transfer_gen.hpp"

namespace comity::transfer {
namespace {

using sample::TemporaryDirectory;

DescriptorSource source_of(const Path& path, off_t from = 0) {
  auto file = *File::open(path, O_RDONLY);
  EXPECT_EQ(::lseek(file.descriptor(), from, SEEK_SET), from);
  return *DescriptorSource::of(std::move(file));
}

Result<Bytes> read_all(DescriptorSource& source, std::size_t piece = 100'000) {
  Bytes all, buffer(piece);
  for (;;) {
    TRY_LET(const std::size_t got, source.read(buffer));
    if (got == 0) return all;
    append(all, View(buffer).first(got));
  }
}

}  // namespace

TEST(DescriptorSource, GivesAFileFromWhereItStandsAndShowsHowFarItIs) {
  TemporaryDirectory directory;
  const Path path = directory.path() / "image";
  for (const std::size_t size : {0UL, 1UL, 65'536UL, 300'001UL}) {
    const auto bytes = sample::plaintext(size);
    ASSERT_TRUE(write_file(path, bytes));
    const auto from = static_cast<off_t>(size / 2);
    auto source = source_of(path, from);
    EXPECT_EQ(source.total(), size - size / 2);
    EXPECT_TRUE(*read_all(source) == to_bytes(View(bytes).subspan(size / 2)));
    EXPECT_EQ(::lseek(source.file().descriptor(), 0, SEEK_CUR), static_cast<off_t>(size));
  }
}

TEST(DescriptorSource, GivesZerosForHolesWhereverTheyLie) {
  TemporaryDirectory directory;
  const Path path = directory.path() / "sparse";
  constexpr std::uint64_t k_size = (8UL << 20) + 5;
  const auto data = sample::plaintext(70'000);
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1} << 20, k_size - data.size()}) {
    Bytes expected(k_size);
    std::ranges::copy(data, expected.begin() + static_cast<std::ptrdiff_t>(at));
    {
      const auto file = *File::open(path, O_WRONLY | O_CREAT | O_TRUNC);
      ASSERT_EQ(::ftruncate(file.descriptor(), k_size), 0);
      ASSERT_TRUE(file.write_at(data, at));
    }
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    ASSERT_LT(status.st_blocks * 512, static_cast<off_t>(k_size / 2)) << "no holes here";
    for (const std::size_t piece : {1'000'000UL, 4096UL}) {
      auto source = source_of(path);
      EXPECT_TRUE(*read_all(source, piece) == expected) << at;
      EXPECT_EQ(::lseek(source.file().descriptor(), 0, SEEK_CUR), static_cast<off_t>(k_size));
    }
  }
}

TEST(DescriptorSource, ReadsATebibyteOfHolesInPlaceWithoutAskingTheDisk) {
  TemporaryDirectory directory;
  const Path path = directory.path() / "tebibyte";
  {
    const auto file = *File::open(path, O_WRONLY | O_CREAT);
    ASSERT_EQ(::ftruncate(file.descriptor(), off_t{1} << 40), 0);
  }
  auto source = source_of(path, (off_t{1} << 40) - 10);
  EXPECT_EQ(read_all(source)->size(), 10U);
  auto whole = source_of(path);
  Bytes buffer(1UL << 20, 0xab);
  EXPECT_EQ(*whole.read(buffer), buffer.size());
  EXPECT_TRUE(buffer == Bytes(buffer.size()));
}

TEST(DescriptorSource, NoticesAFileThatChangesUnderIt) {
  TemporaryDirectory directory;
  const Path path = directory.path() / "image";
  const auto change = [&](off_t size, std::uint64_t at) {
    const auto file = *File::open(path, O_WRONLY);
    EXPECT_EQ(::ftruncate(file.descriptor(), size), 0);
    EXPECT_TRUE(file.write_at(to_bytes("x"), at));
  };
  const std::pair<off_t, std::uint64_t> changes[] = {
      {300'000, 1}, {300'001, 300'000}, {299'999, 0}};
  for (const bool sparse : {false, true}) {
    for (const auto& [size, at] : changes) {
      ASSERT_TRUE(write_file(path, sparse ? Bytes() : sample::plaintext(300'000)));
      ASSERT_EQ(::truncate(path.c_str(), 300'000), 0);
      auto source = source_of(path);
      Bytes buffer(1000);
      ASSERT_TRUE(source.read(buffer));
      change(size, at);
      const auto rest = read_all(source);
      ASSERT_FALSE(rest);
      EXPECT_EQ(rest.error().code, FaultCode::evidence_changed);
    }
  }
}

TEST(DescriptorSource, GivesAPipeToItsEndAndKnowsNoTotal) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  auto source = *DescriptorSource::of(File::adopt(ends[0], "pipe"));
  EXPECT_FALSE(source.total());
  ASSERT_EQ(::write(ends[1], "records", 7), 7);
  ::close(ends[1]);
  EXPECT_EQ(as_text(*read_all(source)), "records");
}

TEST(Seal, KeepsNothingOfAFileThatChangedWhileItWasRead) {
  SystemRandom random;
  const auto identity = formats::AgeIdentity::generate(random);
  TemporaryDirectory directory, folder;
  const Path path = folder.path() / "image";
  // More than the pipeline holds: when the first block is done, the file is still being read.
  constexpr unsigned k_workers = 2;
  const std::size_t size = (blocks_for(k_workers) + 8) * k_block_plain;
  ASSERT_TRUE(write_file(path, sample::plaintext(size)));
  for (const bool changes : {false, true}) {
    auto source = source_of(path);
    bool is_touched = false;
    const auto progress = [&](std::uint64_t) {
      if (changes && !std::exchange(is_touched, true)) sample::flip_bit(path, 1);
    };
    const auto sealed = seal_source(source, {identity.recipient()}, random, directory,
                                    {.workers = k_workers, .progress = progress});
    if (changes) {
      ASSERT_FALSE(sealed);
      EXPECT_EQ(sealed.error().code, FaultCode::evidence_changed);
      EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
    } else {
      ASSERT_TRUE(sealed);
      EXPECT_EQ(sealed->shape.plaintext_size, size);
      ASSERT_TRUE(remove_tree(ItemFiles{directory}.sealed()));
    }
  }
}

}  // namespace comity::transfer
