// What is recognised of captures, disks, mail and lines: what is right, cut short, lying or absurd.
#include "survey/survey.hpp"

#include <gmock/gmock.h>

#include "survey/sample_test.hpp"

namespace comity::survey {
namespace {

using formats::Survey;
using formats::SurveyFact;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::int64_t number(const Survey& found, const std::string& code) {
  const auto at = found.facts.find(code);
  return at == found.facts.end() ? -1 : std::get<std::int64_t>(at->second);
}

std::string words(const Survey& found, const std::string& code) {
  const auto at = found.facts.find(code);
  return at == found.facts.end() ? "" : std::get<std::string>(at->second);
}

/// Whatever was looked at, what is said can stand in a manifest.
Survey looked_at(View bytes, bool is_stream = false) {
  auto found = sample::of(bytes, is_stream ? MemoryInput::As::stream : MemoryInput::As::file);
  found.by = "comity-survey";
  const auto again = formats::survey_from_answer(as_bytes(canonical(to_json(found))));
  EXPECT_TRUE(again) << again.error().detail;
  if (again) EXPECT_EQ(*again, found);
  return found;
}

Survey of_text(std::string_view text) {
  return looked_at(as_bytes(text));
}

Bytes block_of(std::uint32_t type, View body) {
  sample::Writer out;
  const auto size = 12 + body.size();
  out.number(type, 4).number(size, 4).run(body).number(size, 4);
  return out.bytes;
}

Bytes disk_with(std::size_t at, std::string_view mark, std::size_t size = 1 << 20) {
  Bytes bytes(size);
  std::ranges::copy(as_bytes(mark), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return bytes;
}

/// Two partitions: one that begins at 4 KiB and holds NTFS, one that ends where it is told to.
Bytes mbr_disk(std::uint32_t second_size) {
  auto bytes = disk_with(4096 + 3, "NTFS    ");
  const auto put = [&](std::size_t i, std::uint32_t begin, std::uint32_t size) {
    sample::Writer entry;
    entry.zeros(4).number(7, 1).zeros(3).number(begin, 4).number(size, 4);
    std::ranges::copy(entry.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(446 + 16 * i));
  };
  put(0, 8, 100);
  put(1, 1000, second_size);
  bytes[510] = 0x55;
  bytes[511] = 0xAA;
  return bytes;
}

constexpr std::string_view k_message =
    "From: a@mail.example\nTo: b@mail.example\nMIME-Version: 1.0\n"
    "Content-Type: multipart/mixed;\n boundary=\"=_x\"\n\n--=_x\n\none\n--=_x\n\ntwo\n--=_x--\n";

}  // namespace

TEST(Recognised, CaptureSaysItsPacketsLinkAndTimes) {
  for (const bool is_stream : {false, true}) {
    const auto found = looked_at(sample::capture(10'000), is_stream);
    EXPECT_EQ(found.form, "pcap");
    EXPECT_TRUE(found.whole);
    EXPECT_EQ(number(found, "packets"), 10'000);
    EXPECT_EQ(number(found, "packet_bytes"), 600'000);
    EXPECT_EQ(number(found, "link-ethernet"), 10'000);
    EXPECT_EQ(words(found, "first_at"), "2026-03-09T08:30:00.000Z");
    EXPECT_EQ(words(found, "last_at"), "2026-03-09T11:16:39.000Z");
    EXPECT_THAT(found.flaws, IsEmpty());
  }
}

TEST(Recognised, CaptureThatIsCutOrLiesIsTold) {
  auto bytes = sample::capture(3);
  const auto cut = looked_at(View(bytes).first(bytes.size() - 1));
  EXPECT_EQ(number(cut, "packets"), 2);
  EXPECT_THAT(cut.flaws, ElementsAre("truncated"));
  bytes[24 + 11] = 0x7f;  // a packet of two gigabytes
  const auto lying = looked_at(bytes);
  EXPECT_THAT(lying.flaws, ElementsAre("unreadable-on"));
  EXPECT_FALSE(lying.whole);
  EXPECT_EQ(number(lying, "packets"), 0);
}

TEST(Recognised, CaptureOfAnotherEraIsTold) {
  sample::Writer interface, packet, section;
  section.number(0x1A2B3C4D, 4).number(1, 2).zeros(2).number(~0ULL, 8);
  interface.number(1, 2).zeros(6).number(9, 2).number(1, 2).zeros(4);  // whole seconds
  packet.zeros(4).number(0xffff, 4).zeros(4).number(4, 4).number(9, 4).zeros(4);
  Bytes bytes = block_of(0x0A0D0D0A, section.bytes);
  append(bytes, block_of(1, interface.bytes));
  append(bytes, block_of(6, packet.bytes));
  const auto found = looked_at(bytes);
  EXPECT_EQ(found.form, "pcapng");
  EXPECT_EQ(number(found, "packets_cut"), 1);
  EXPECT_THAT(found.flaws, ElementsAre("absurd-time"));
  EXPECT_EQ(words(found, "first_at"), "");
}

TEST(Recognised, CaptureOfMoreLinksThanCanBeToldIsToldAllTheSame) {
  sample::Writer section;
  section.number(0x1A2B3C4D, 4).number(1, 2).zeros(2).number(~0ULL, 8);
  Bytes bytes = block_of(0x0A0D0D0A, section.bytes);
  for (std::uint32_t link = 0; link < 200; ++link) {
    sample::Writer interface, packet;
    interface.number(1000 + link, 2).zeros(6);
    packet.number(link, 4).zeros(8).number(4, 4).number(4, 4).zeros(4);
    append(bytes, block_of(1, interface.bytes));
    append(bytes, block_of(6, packet.bytes));
  }
  const auto found = looked_at(bytes);
  EXPECT_EQ(number(found, "packets"), 200);
  EXPECT_EQ(number(found, "link-1000"), 1);
  EXPECT_LE(found.facts.size(), formats::k_survey_facts_max);
}

TEST(Recognised, DiskSaysItsTableAndVolumes) {
  const auto found = looked_at(mbr_disk(100));
  EXPECT_EQ(found.form, "raw-disk");
  EXPECT_EQ(words(found, "partition_table"), "mbr");
  EXPECT_EQ(number(found, "partitions"), 2);
  EXPECT_EQ(number(found, "fs-ntfs"), 1);
  EXPECT_EQ(number(found, "fs-unknown"), 1);
  EXPECT_EQ(number(found, "disk_bytes"), 1 << 20);
  EXPECT_THAT(found.flaws, IsEmpty());
  EXPECT_THAT(looked_at(mbr_disk(5000)).flaws, ElementsAre("truncated"));
}

TEST(Recognised, VolumeIsKnownByItsMarkAlone) {
  const std::pair<std::size_t, std::pair<std::string_view, const char*>> marks[] = {
      {3, {"EXFAT   ", "fs-exfat"}},     {0, {"XFSB", "fs-xfs"}},
      {32, {"NXSB", "fs-apfs"}},         {65'600, {"_BHRfS_M", "fs-btrfs"}},
      {32'769, {"CD001", "fs-iso9660"}}, {1024 + 56, {"\x53\xef", "fs-ext2"}}};
  for (const auto& [at, mark] : marks) {
    const auto found = looked_at(disk_with(at, mark.first));
    EXPECT_EQ(found.form, "raw-disk") << mark.second;
    EXPECT_EQ(number(found, mark.second), 1);
    EXPECT_EQ(words(found, "partition_table"), "none");
  }
}

TEST(Recognised, TableWithAWrongChecksumOrWithoutEndIsTold) {
  auto bytes = disk_with(512, "EFI PART");
  sample::Writer header;
  header.text("EFI PART").number(0x10000, 4).number(92, 4).number(1, 4).zeros(4).number(1, 8);
  header.number(9'999'999, 8).zeros(40 - 24 + 16).number(2, 8).number(128, 4).number(128, 4);
  std::ranges::copy(header.bytes, bytes.begin() + 512);
  const auto found = looked_at(bytes);
  EXPECT_EQ(words(found, "partition_table"), "gpt");
  EXPECT_THAT(found.flaws, Contains("partition-table-checksum"));
  EXPECT_THAT(found.flaws, Contains("truncated"));
  // A table of 2^32 entries of 4 GiB each is not looked for.
  std::fill_n(bytes.begin() + 512 + 80, 8, std::uint8_t{0xff});
  EXPECT_THAT(looked_at(bytes).flaws, Contains("absurd-number"));
}

TEST(Recognised, MailboxSaysItsMessagesAndWhatWasNotEnded) {
  std::string box;
  for (int i = 0; i < 3; ++i)
    box += "From a Mon Mar  9 08:30:00 2026\n" + std::string(k_message) + "\n";
  const auto found = of_text(box);
  EXPECT_EQ(found.form, "mbox");
  EXPECT_TRUE(found.whole);
  EXPECT_EQ(number(found, "messages"), 3);
  EXPECT_EQ(number(found, "mime_parts"), 6);
  EXPECT_THAT(found.flaws, IsEmpty());
  const auto cut = of_text(std::string_view(box).substr(0, box.size() - 12));
  EXPECT_THAT(cut.flaws, Contains("part-not-ended"));
  EXPECT_EQ(number(cut, "messages_unclosed"), 1);
}

TEST(Recognised, MessageIsOneAndItsWordsAreNotTold) {
  const auto found = of_text(k_message);
  EXPECT_EQ(found.form, "eml");
  EXPECT_EQ(number(found, "messages"), 1);
  EXPECT_EQ(number(found, "mime_parts"), 2);
  EXPECT_THAT(canonical(to_json(found)), Not(testing::HasSubstr("mail.example")));
}

TEST(Recognised, MessageOfEndlessPartsOrOneLineIsBounded) {
  std::string nested = "From: a@mail.example\nDate: x\n";
  for (int i = 0; i < 5000; ++i)
    nested += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" +
              std::to_string(i) + "\n";
  EXPECT_EQ(of_text(nested).form, "eml");
  EXPECT_EQ(of_text("From: a\nDate: " + std::string(9'000'000, 'x')).form, "eml");
}

TEST(Recognised, LogSaysItsLinesAndTimes) {
  const auto found =
      of_text("2026-03-09T08:30:00Z in\n2026-03-09T08:30:07.250Z out\n2026-03-09T08:29:00Z late\n");
  EXPECT_EQ(found.form, "log");
  EXPECT_EQ(number(found, "lines"), 3);
  EXPECT_EQ(words(found, "first_at"), "2026-03-09T08:29:00.000Z");
  EXPECT_EQ(words(found, "last_at"), "2026-03-09T08:30:07.250Z");
  EXPECT_EQ(of_text("Mar  9 08:30:00 host a\nMar  9 08:30:01 host b\n").form, "log");
}

TEST(Recognised, TextSaysItsEncoding) {
  EXPECT_EQ(words(of_text("plain\n"), "encoding"), "ascii");
  EXPECT_EQ(words(of_text("большое\n"), "encoding"), "utf-8");
  EXPECT_EQ(words(of_text("caf\xe9\n"), "encoding"), "8-bit");
  EXPECT_EQ(words(of_text("\xff\xfe"
                          "a"),
                  "encoding"),
            "utf-16le");
  EXPECT_THAT(of_text("cut").flaws, ElementsAre("no-last-line-end"));
  const auto mixed = of_text(std::string(40'000, 'a') + std::string(3, '\0') + "\n");
  EXPECT_THAT(mixed.flaws, ElementsAre("binary-within"));
}

TEST(Recognised, WhatIsNotKnownIsSaidPlainly) {
  const auto found = looked_at(sample::pattern(5000));
  EXPECT_EQ(found.form, "unknown");
  EXPECT_FALSE(found.whole);
  EXPECT_THAT(found.facts, IsEmpty());
  EXPECT_EQ(looked_at({}).form, "empty");
  EXPECT_TRUE(looked_at({}).whole);
}

TEST(Recognised, ADiskThatFailsIsTold) {
  class Failing final : public Input {
   public:
    std::optional<std::uint64_t> size() const override { return 1 << 20; }
    Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) override {
      if (offset >= k_head_bytes) return fault(FaultCode::store_io);
      std::ranges::fill(into, std::uint8_t{'a'});
      return into.size();
    }
  } input;
  const auto found = survey(input);
  EXPECT_EQ(found.form, "text");
  EXPECT_FALSE(found.whole);
  EXPECT_THAT(found.flaws, Contains("unreadable"));
}

}  // namespace comity::survey
