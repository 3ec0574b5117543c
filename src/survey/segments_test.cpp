// Images in several segments, as an archive of files brings them: checked when all are there and
// are of one image, in whatever order and under whatever names; else it is said what is wrong.
#include <gmock/gmock.h>

#include "survey/forms.hpp"
#include "survey/sample_test.hpp"

namespace comity::survey {
namespace {

using formats::Survey;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using As = MemoryInput::As;

const sample::Image k_image{.medium = sample::pattern(4 * sample::k_ewf_chunk), .set = 7};

std::int64_t number(const Survey& found, const std::string& code) {
  const auto at = found.facts.find(code);
  return at == found.facts.end() ? -1 : std::get<std::int64_t>(at->second);
}

/// "disk.E01" and so on.
sample::Files files_of(const sample::Image& image, const std::string& stem = "disk") {
  sample::Files files;
  for (const auto& segment : sample::ewf_segments(image))
    files.emplace_back(stem + ".E0" + std::to_string(files.size() + 1), segment);
  return files;
}

Survey tape_of(const sample::Files& files, As as = As::stream_and_again) {
  return sample::of(sample::archive_of(files, "pax"), as);
}

bool vouches(const Survey& found) {
  return !found.checks.empty() && !found.disagrees() && number(found, "images_checked") > 0;
}

}  // namespace

TEST(Segments, OfOneImageAreCheckedTogether) {
  for (const auto as : {As::file, As::stream_and_again}) {
    const auto found = tape_of(files_of(k_image), as);
    EXPECT_EQ(found.form, "tar");
    EXPECT_TRUE(found.whole);
    EXPECT_THAT(found.flaws, IsEmpty());
    EXPECT_EQ(number(found, "segments"), 4);
    EXPECT_EQ(number(found, "images"), 1);
    EXPECT_EQ(number(found, "images_checked"), 1);
    EXPECT_EQ(number(found, "medium_bytes"), 4 * 32'768);
    ASSERT_EQ(found.checks.size(), 2);
    EXPECT_EQ(found.checks[0].found, hex(sample::md5(k_image.medium)));
    EXPECT_EQ(found.checks[1].found, hex(sample::sha1(k_image.medium)));
    EXPECT_FALSE(found.disagrees());
  }
}

TEST(Segments, AreOrderedByTheirOwnNumbersAndMixWithOtherFiles) {
  auto files = files_of(k_image, "Case 7/DISK");
  std::swap(files[0], files[3]);
  files[1].first = "case 7/disk.e02";
  files.insert(files.begin() + 2, {"Case 7/disk.txt", to_bytes("one\ntwo\n")});
  const auto found = tape_of(files);
  EXPECT_THAT(found.flaws, IsEmpty());
  EXPECT_TRUE(vouches(found));
  EXPECT_EQ(number(found, "files"), 5);
}

TEST(Segments, WhoseNamesSayAnotherOrderAreToldAndCheckedAllTheSame) {
  auto files = files_of(k_image);
  std::swap(files[1].first, files[2].first);
  const auto found = tape_of(files);
  EXPECT_THAT(found.flaws, ElementsAre("segments-misnamed"));
  EXPECT_TRUE(vouches(found));
}

TEST(Segments, WithoutNumbersInTheirNamesAreThoseOfTheirFolder) {
  auto files = files_of(k_image);
  for (auto& [name, bytes] : files) name = "a/" + hex(sample::md5(bytes));
  EXPECT_TRUE(vouches(tape_of(files)));
}

TEST(Segments, BehindTheNinetyNinthAreNumberedByLetters) {
  const auto named = [](std::string_view name) { return segment_file(name, 0, 1).named; };
  EXPECT_EQ(named("a.E01"), 1);
  EXPECT_EQ(named("b/a.e99"), 99);
  EXPECT_EQ(named("a.EAA"), 100);
  EXPECT_EQ(named("a.eab"), 101);
  EXPECT_EQ(named("a.EZZ"), 100 + 675);
  EXPECT_EQ(named("a.FAA"), 100 + 676);
  EXPECT_EQ(named("a.s01"), 1);
  EXPECT_EQ(named("a.SAA"), 100);
  for (const char* none : {"a", "", "a.", "a.E1", "a.E001", "a.0AA", "a.AAA", "E01/a", "a.E0A"})
    EXPECT_EQ(named(none), 0) << none;
  EXPECT_EQ(segment_file("X/a.E01", 0, 1).stem, segment_file("x/A.EAB", 0, 1).stem);
  EXPECT_NE(segment_file("x/a.E01", 0, 1).stem, segment_file("y/a.E01", 0, 1).stem);
}

TEST(Segments, OfWhichOneIsMissingAreNotChecked) {
  for (std::size_t i = 0; i < 4; ++i) {
    auto files = files_of(k_image);
    files.erase(files.begin() + static_cast<std::ptrdiff_t>(i));
    const auto found = tape_of(files);
    EXPECT_THAT(found.flaws, ElementsAre("segments-missing")) << i;
    EXPECT_THAT(found.checks, IsEmpty()) << i;
    EXPECT_EQ(number(found, "images_checked"), 0) << i;
  }
}

TEST(Segments, ThatAreThereTwiceAreNotChecked) {
  auto files = files_of(k_image);
  files.push_back(files[1]);
  EXPECT_THAT(tape_of(files).flaws, ElementsAre("segments-twice"));
  EXPECT_THAT(tape_of(files).checks, IsEmpty());
}

TEST(Segments, OfAnotherImageAreTold) {
  auto other = k_image;
  other.medium[5] ^= 1;
  other.set = 8;
  auto files = files_of(k_image);
  files[2].second = files_of(other)[2].second;
  const auto found = tape_of(files);
  EXPECT_THAT(found.flaws, ElementsAre("segment-of-another-image"));
  EXPECT_THAT(found.checks, IsEmpty());
}

TEST(Segments, OfAnImageThatNamesNoOwnerAreHeldByTheirHashes) {
  auto image = k_image, other = k_image;
  image.set = other.set = 0;
  other.medium[2 * sample::k_ewf_chunk] ^= 1;
  EXPECT_TRUE(vouches(tape_of(files_of(image))));
  auto files = files_of(image);
  files[2].second = files_of(other)[2].second;
  EXPECT_TRUE(tape_of(files).disagrees());
}

TEST(Segments, BehindTheLastAreOfAnother) {
  auto files = files_of(k_image);
  sample::Image more = k_image;
  more.segment = 5;
  files.emplace_back("disk.E05", sample::ewf(more, 3 * sample::k_ewf_chunk, more.medium.size()));
  const auto found = tape_of(files);
  EXPECT_THAT(found.flaws, ElementsAre("segment-of-another-image"));
  EXPECT_FALSE(vouches(found));
}

TEST(Segments, OfSeveralImagesAreCheckedEachForItself) {
  auto files = files_of(k_image, "one");
  auto other = k_image;
  other.medium = sample::pattern(2 * sample::k_ewf_chunk);
  other.stated_md5 = sample::md5(other.medium);
  other.stated_sha1 = sample::sha1(other.medium);
  other.stated_sectors = 128;
  other.set = 9;
  for (auto& file : files_of(other, "two")) files.push_back(std::move(file));
  auto found = tape_of(files);
  EXPECT_EQ(number(found, "images"), 2);
  EXPECT_EQ(number(found, "images_checked"), 2);
  EXPECT_EQ(found.checks.size(), 4);
  EXPECT_THAT(found.flaws, IsEmpty());
  files.pop_back();
  found = tape_of(files);
  EXPECT_EQ(number(found, "images_checked"), 1);
  EXPECT_EQ(found.checks.size(), 2);
  EXPECT_THAT(found.flaws, ElementsAre("segments-missing"));
}

TEST(Segments, OfMoreImagesThanThereIsRoomForAreNotAllChecked) {
  for (const int count : {8, 9}) {
    sample::Files files;
    for (int i = 0; i < count; ++i) files.emplace_back(std::to_string(i) + ".E01", sample::ewf({}));
    const auto found = tape_of(files);
    EXPECT_EQ(number(found, "images"), count);
    EXPECT_EQ(number(found, "images_checked"), 8);
    EXPECT_EQ(found.checks.size(), 16);
    const auto is_limited = Contains("stopped-at-limit");
    EXPECT_TRUE(count == 8 ? testing::Value(found.flaws, IsEmpty())
                           : testing::Value(found.flaws, is_limited));
  }
}

TEST(Segments, OfWhichOneIsCutOrRottenAreNeverSaidToAgree) {
  const auto good = files_of(k_image);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const std::size_t size : {std::size_t{13}, std::size_t{90}, good[i].second.size() - 1}) {
      auto files = good;
      files[i].second.resize(size);
      EXPECT_FALSE(vouches(tape_of(files))) << i << ' ' << size;
      EXPECT_THAT(tape_of(files).flaws, Contains("truncated")) << i << ' ' << size;
    }
    auto files = good;
    files[i].second[13 + 76 + 1052 + 76 + 100] ^= 1;
    EXPECT_FALSE(vouches(tape_of(files))) << i;
  }
}

TEST(Segments, BentAnywhereAreEitherSoundOrNotSaidToAgree) {
  const auto good = files_of(k_image);
  for (std::size_t at = 0; at < good[1].second.size(); at += 811) {
    auto files = good;
    files[1].second[at] ^= 0x41;
    const auto found = tape_of(files);
    // What no hash covers may be bent: names of the tool, paddings. The medium may not.
    if (vouches(found))
      for (const auto& check : found.checks)
        EXPECT_THAT(
            (std::vector{hex(sample::md5(k_image.medium)), hex(sample::sha1(k_image.medium))}),
            Contains(*check.found));
  }
}

TEST(Segments, OfAPackedTapeOrOfOneThatIsGoneAreNotChecked) {
  const auto packed = sample::archive_of(files_of(k_image), "pax", "gzip");
  EXPECT_THAT(sample::of(packed).flaws, ElementsAre("image-not-checked"));
  const auto gone = tape_of(files_of(k_image), As::stream);
  EXPECT_THAT(gone.flaws, ElementsAre("stream-not-checked"));
  EXPECT_THAT(gone.checks, IsEmpty());
}

TEST(Segments, OfATapeThatIsCutAreNotSaidToAgree) {
  const auto tape = sample::archive_of(files_of(k_image), "pax");
  for (std::size_t size = 512; size < tape.size() / 2; size += 4096)
    for (const auto as : {As::file, As::stream_and_again})
      EXPECT_FALSE(vouches(sample::of(View(tape).first(size), as))) << size;
}

}  // namespace comity::survey
