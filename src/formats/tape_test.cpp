#include "formats/tape.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace comity::formats {
namespace {

TapeBlock sample() {
  return tape_header({.path = "keys/tls.key", .size = 227, .modified_s = 1'772'000'000});
}

/// With the sum made right again, so that only the rule in question can refuse it.
TapeBlock summed(TapeBlock block) {
  for (std::size_t i = 148; i < 156; ++i) block[i] = ' ';
  unsigned sum = 0;
  for (const auto byte : block) sum += byte;
  for (std::size_t i = 6; i-- > 0; sum >>= 3)
    block[148 + i] = static_cast<std::uint8_t>('0' + (sum & 7));
  block[154] = 0;
  return block;
}

TEST(Tape, HeaderComesBackAsItWas) {
  const auto read = read_tape_header(sample());
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->path, "keys/tls.key");
  EXPECT_EQ((*read)->size, 227U);
  EXPECT_EQ((*read)->modified_s, 1'772'000'000);
  EXPECT_EQ(summed(sample()), sample());
}

TEST(Tape, EndIsABlockOfZeros) {
  const auto read = read_tape_header(TapeBlock{});
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

RC_GTEST_PROP(Tape, AnySizeComesBack, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(0, k_tape_file_max + 1);
  const TapeFile file{.path = "node.db", .size = size, .modified_s = 1};
  RC_ASSERT(*read_tape_header(tape_header(file)).value() == file);
}

TEST(Tape, SizesAtTheEdgeBetweenOctalAndBinary) {
  for (const auto size :
       {std::uint64_t{0}, (std::uint64_t{1} << 33) - 1, std::uint64_t{1} << 33, k_tape_file_max}) {
    const TapeFile file{.path = "node.db", .size = size, .modified_s = 1};
    EXPECT_EQ(*read_tape_header(tape_header(file)).value(), file) << size;
  }
}

TEST(Tape, SizeBeyondWhatJsonKeepsExactIsRefused) {
  auto block = tape_header({.path = "node.db", .size = k_tape_file_max, .modified_s = 1});
  block[129] = 0x20;  // 2^53
  for (std::size_t i = 130; i < 136; ++i) block[i] = 0;
  EXPECT_EQ(read_tape_header(summed(block)).error().code, FaultCode::format_tape);
}

TEST(Tape, NamesThatLeadElsewhereAreRefused) {
  for (const char* path : {"", "/etc/passwd", "../x", "keys/../x", "keys//x", "keys/", ".ssh/x",
                           "keys/.x", "a b", "a\\b", "k\xc3\xa9y", "a\nb"})
    EXPECT_FALSE(is_tape_path(path)) << path;
  EXPECT_TRUE(is_tape_path(std::string(100, 'a')));
  EXPECT_FALSE(is_tape_path(std::string(101, 'a')));
  auto block = sample();
  block[0] = '/';
  EXPECT_EQ(read_tape_header(summed(block)).error().code, FaultCode::format_tape);
}

TEST(Tape, OnlyPlainFilesOfOneModeAreTaken) {
  for (const char type : {'\0', '1', '2', '3', '5', 'x', 'L'}) {
    auto block = sample();
    block[156] = static_cast<std::uint8_t>(type);
    EXPECT_FALSE(read_tape_header(summed(block))) << type;
  }
  for (const std::size_t place : {100U, 108U, 116U, 157U, 265U, 329U, 345U, 511U}) {
    auto block = sample();
    block[place] = '1';
    EXPECT_FALSE(read_tape_header(summed(block))) << place;
  }
}

TEST(Tape, AnyChangedByteIsRefused) {
  for (std::size_t i = 0; i < k_tape_block_size; ++i) {
    auto block = sample();
    block[i] ^= 1;
    EXPECT_FALSE(read_tape_header(block)) << i;
  }
}

TEST(Tape, PaddingFillsABlock) {
  EXPECT_EQ(tape_padding(0), 0U);
  EXPECT_EQ(tape_padding(1), 511U);
  EXPECT_EQ(tape_padding(512), 0U);
}

}  // namespace
}  // namespace comity::formats
