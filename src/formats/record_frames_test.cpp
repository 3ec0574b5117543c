#include "formats/record_frames.hpp"

#include <gmock/gmock.h>

namespace comity::formats {
namespace {

using testing::ElementsAre;

struct Read {
  std::vector<std::string> records;
  Result<void> outcome;
};

/// In pieces of `piece` bytes.
Read read(Framing framing, std::string_view stream, std::size_t piece = 1) {
  Read result;
  RecordFrames frames(framing);
  const auto take = [&](View record) -> Result<void> {
    result.records.emplace_back(as_text(record));
    return {};
  };
  for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size()))) {
    result.outcome = frames.push(as_bytes(stream.substr(0, piece)), take);
    if (!result.outcome) return result;
  }
  result.outcome = frames.finish(take);
  return result;
}

std::string frame(std::string_view record) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8)
    text += static_cast<char>(record.size() >> shift & 0xff);
  return text.append(record);
}

TEST(RecordFrames, LinesComeOneByOneHoweverTheStreamIsCut) {
  for (const std::size_t piece : {1, 3, 100}) {
    const auto got = read(Framing::lines, "{\"a\":1}\n\n \r\n{\"b\":2}\n{\"c\":3}", piece);
    EXPECT_THAT(got.records, ElementsAre("{\"a\":1}", "{\"b\":2}", "{\"c\":3}"));
    EXPECT_TRUE(got.outcome);
  }
}

TEST(RecordFrames, FramesWithLengthsMayHoldLineFeeds) {
  for (const std::size_t piece : {1, 3, 100}) {
    const auto got = read(Framing::lengths, frame("a\nb") + frame("c"), piece);
    EXPECT_THAT(got.records, ElementsAre("a\nb", "c"));
    EXPECT_TRUE(got.outcome);
  }
}

TEST(RecordFrames, ARecordMayBeAsLongAsTheLimitAndNoLonger) {
  const std::string most(k_record_bytes_max, 'x');
  EXPECT_THAT(read(Framing::lines, most + "\n", 1000).records, ElementsAre(most));
  EXPECT_THAT(read(Framing::lengths, frame(most), 1000).records, ElementsAre(most));
  EXPECT_EQ(read(Framing::lines, most + "x\n", 1000).outcome.error().code, FaultCode::limit_size);
  EXPECT_EQ(read(Framing::lengths, frame(most + "x").substr(0, 4)).outcome.error().code,
            FaultCode::limit_size);
}

TEST(RecordFrames, ALineWithoutEndIsRefusedBeforeItFillsTheMemory) {
  RecordFrames frames(Framing::lines);
  const Bytes piece(10'000, 'x');
  Result<void> outcome;
  for (int i = 0; i < 100 && outcome; ++i) outcome = frames.push(piece, {});
  EXPECT_EQ(outcome.error().code, FaultCode::limit_size);
}

TEST(RecordFrames, AnEmptyFrameAndOneCutShortAreRefused) {
  EXPECT_EQ(read(Framing::lengths, frame("")).outcome.error().code, FaultCode::format_records);
  EXPECT_EQ(read(Framing::lengths, frame("abc").substr(0, 6)).outcome.error().code,
            FaultCode::format_records);
}

TEST(RecordFrames, WhatTheTakerRefusesEndsTheStream) {
  RecordFrames frames(Framing::lines);
  const auto refused = frames.push(as_bytes("a\n"), [](View) -> Result<void> {
    return fault(FaultCode::evidence_record, "no");
  });
  EXPECT_EQ(refused.error().code, FaultCode::evidence_record);
}

}  // namespace
}  // namespace comity::formats
