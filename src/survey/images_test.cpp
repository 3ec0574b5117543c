// Images and archives, through the libraries that read them: what they carry of themselves, and
// what an adversary makes of it.
#include <gmock/gmock.h>

#include "survey/sample_test.hpp"

namespace comity::survey {
namespace {

using formats::Survey;
using testing::Contains;
using testing::IsEmpty;

std::int64_t number(const Survey& found, const std::string& code) {
  const auto at = found.facts.find(code);
  return at == found.facts.end() ? -1 : std::get<std::int64_t>(at->second);
}

const sample::Files k_files{{"mail/a.eml", to_bytes("From: a@mail.example\nDate: x\n\n.\n")},
                            {"net.pcap", sample::capture(2)},
                            {"notes.txt", to_bytes("one\ntwo\n")}};

}  // namespace
}  // namespace comity::survey

// What libewf loses when an image is broken ends with the process that surveys it.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libewf.so";
}

namespace comity::survey {

TEST(Image, OwnHashesAreCheckedAgainstWhatIsInIt) {
  const sample::Image image;
  const auto found = sample::of(sample::ewf(image));
  EXPECT_EQ(found.form, "ewf-e01");
  EXPECT_TRUE(found.whole);
  EXPECT_THAT(found.flaws, IsEmpty());
  EXPECT_EQ(number(found, "medium_bytes"), 51'200);
  ASSERT_EQ(found.checks.size(), 2);
  EXPECT_EQ(found.checks[0].what, "md5");
  EXPECT_EQ(found.checks[0].stated, hex(sample::md5(image.medium)));
  EXPECT_EQ(found.checks[0].found, found.checks[0].stated);
  EXPECT_EQ(found.checks[1].found, hex(sample::sha1(image.medium)));
  EXPECT_FALSE(found.disagrees());
}

TEST(Image, ThatWasChangedAfterItWasMadeDisagreesWithItself) {
  sample::Image image;
  image.medium[70] ^= 1;  // its chunk's checksum is that of the change
  const auto found = sample::of(sample::ewf(image));
  EXPECT_TRUE(found.disagrees());
  EXPECT_THAT(found.flaws, Contains("hash-disagrees"));
  EXPECT_NE(found.checks[0].found, found.checks[0].stated);
}

TEST(Image, WithAByteThatRottedDisagreesToo) {
  auto bytes = sample::ewf({});
  bytes[13 + 76 + 1052 + 76 + 100] ^= 1;
  const auto found = sample::of(bytes);
  EXPECT_THAT(found.flaws, Contains(testing::AnyOf("checksum-disagrees", "hash-disagrees")));
}

TEST(Image, CutAnywhereIsNeverSaidToAgree) {
  const auto bytes = sample::ewf({});
  for (std::size_t size = 13; size < bytes.size(); size += 997) {
    const auto found = sample::of(View(bytes).first(size));
    EXPECT_FALSE(found.flaws.empty()) << size;
  }
}

TEST(Image, ThatIsOneSegmentOfSeveralIsNotChecked) {
  sample::Image first, second;
  first.last = "next";
  second.segment = 2;
  for (const auto& image : {first, second}) {
    const auto found = sample::of(sample::ewf(image));
    EXPECT_THAT(found.flaws, Contains("one-segment-of-several"));
    EXPECT_THAT(found.checks, IsEmpty());
  }
}

TEST(Image, OfMoreSectorsThanItHoldsIsNotBelieved) {
  sample::Image image;
  image.stated_sectors = std::uint64_t{1} << 60;
  const auto found = sample::of(sample::ewf(image));
  EXPECT_FALSE(found.flaws.empty());
  for (const auto& check : found.checks) EXPECT_TRUE(!check.found || check.disagrees());
}

TEST(Image, ThatCameAsAStreamIsCheckedWhereItsBytesCanBeHadAgain) {
  const auto bytes = sample::ewf({});
  EXPECT_EQ(sample::of(bytes, MemoryInput::As::stream_and_again), sample::of(bytes));
}

TEST(Image, ThatComesAsAStreamSaysThatItWasNotChecked) {
  const auto found = sample::of(sample::ewf({}), MemoryInput::As::stream);
  EXPECT_EQ(found.form, "ewf-e01");
  EXPECT_THAT(found.flaws, Contains("stream-not-checked"));
}

TEST(Image, WhoseSectionsLeadInACircleEnds) {
  auto bytes = sample::ewf({});
  std::fill_n(bytes.begin() + 13 + 16, 8, std::uint8_t{0});
  EXPECT_THAT(sample::of(bytes).flaws, Contains("truncated"));
}

TEST(Archive, OfEachKindSaysWhatItHoldsWithoutNames) {
  for (const char* format : {"zip", "7zip", "pax", "newc"}) {
    const auto found = sample::of(sample::archive_of(k_files, format));
    EXPECT_EQ(number(found, "files"), 3) << format;
    EXPECT_EQ(number(found, "holds-eml"), 1) << format;
    EXPECT_EQ(number(found, "holds-pcap"), 1) << format;
    EXPECT_TRUE(found.whole) << format;
    EXPECT_THAT(found.flaws, IsEmpty()) << format;
    EXPECT_THAT(canonical(to_json(found)), testing::Not(testing::HasSubstr("notes")));
  }
}

TEST(Archive, IsReadAsAStreamToo) {
  const auto found =
      sample::of(sample::archive_of(k_files, "pax", "gzip"), MemoryInput::As::stream);
  EXPECT_EQ(found.form, "tar");
  EXPECT_EQ(std::get<std::string>(found.facts.at("packed_by")), "gzip");
  EXPECT_EQ(number(found, "entries"), 3);
  EXPECT_TRUE(found.whole);
}

TEST(Archive, ThatIsCutIsTold) {
  for (const char* format : {"zip", "7zip", "pax"}) {
    const auto bytes = sample::archive_of(k_files, format);
    const auto found = sample::of(View(bytes).first(bytes.size() / 5));
    EXPECT_FALSE(found.flaws.empty()) << format;
    EXPECT_FALSE(found.whole) << format;
  }
}

TEST(Archive, WithPathsThatLeadOutIsTold) {
  const auto found =
      sample::of(sample::archive_of({{"../../etc/x", {}}, {"/abs", {}}, {"a/..b", {}}}, "pax"));
  EXPECT_EQ(number(found, "paths_leading_out"), 2);
}

TEST(Archive, OfPackedZerosIsUnpackedWithoutKeepingThem) {
  // One file of eight million zeros.
  const auto found = sample::of(sample::archive_of({{"x", Bytes(8'000'000)}}, "raw", "gzip"));
  EXPECT_EQ(found.form, "gzip");
  EXPECT_EQ(number(found, "unpacked_bytes"), 8'000'000);
}

TEST(Archive, ThatIsNoneBehindItsFirstBytesIsTold) {
  for (const std::string_view magic :
       {"PK\x03\x04", "7z\xbc\xaf\x27\x1c", "\x1f\x8b\x08", "BZh", "Rar!\x1a\x07"}) {
    auto bytes = sample::pattern(2000);
    std::ranges::copy(as_bytes(magic), bytes.begin());
    const auto found = sample::of(bytes);
    EXPECT_FALSE(found.flaws.empty()) << magic;
    EXPECT_FALSE(found.whole) << magic;
  }
}

}  // namespace comity::survey
