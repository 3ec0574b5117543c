// What passes into a live item and what does not, whatever a source sends.
#include "transfer/live_taker.hpp"

#include "transfer/live_reader.hpp"
#include "transfer/live_rig_test.hpp"
#include "treaty/sample_test.hpp"

namespace comity::transfer {
namespace {

using testing::HasSubstr;
using testing::Not;

const treaty::RecordKind& kind(std::string_view code) {
  return *treaty::find_kind(treaty::sample::record_kinds(), code);
}

std::string flow(int sequence) {
  return "{\"sequence\":" + std::to_string(sequence) +
         ",\"start\":\"2026-03-01T12:00:00Z\",\"end\":\"2026-03-01T12:00:01Z\",\"source\":\"192.0."
         "2."
         "7\",\"destination\":\"198.51.100.1\",\"protocol\":6}";
}

class Taking : public Live {
 protected:
  Result<std::uint64_t> take(View stream, SourceFraming framing, std::string_view code) {
    sample::BytesSource source(stream, 100);
    return take_records(source, framing, kind(code), *to);
  }
  Result<std::uint64_t> lines(const std::string& text) {
    return take(as_bytes(text), SourceFraming::lines, "flow");
  }
  /// The plaintext so far.
  std::string plaintext() {
    const auto ended = to->finish("officer");
    const auto file = sent_file(ItemFiles{sent}.sealed());
    return std::string(as_text(*evidence::open_item(ended->shape, file, one.identity)));
  }
  std::unique_ptr<LiveWriter> to = writer();
};

TEST_F(Taking, RecordsOfTheKindPassAsTheyAre) {
  EXPECT_EQ(lines(flow(1) + "\n" + flow(2) + "\n\n" + flow(3)), 3U);
  const auto text = plaintext();
  EXPECT_THAT(text, HasSubstr(R"({"source":{"at":"2026-03-01T12:00:00.000Z","framing":"lines"}})"));
  EXPECT_THAT(text, HasSubstr(",\"n\":2,\"record\":" + flow(2) + "}"));
}

TEST_F(Taking, ContentEndsTheSourceAndWhatCameBeforeStays) {
  const auto taken = lines(flow(1) + "\n{\"text\":\"meet me at eight\"}\n" + flow(2) + "\n");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, FaultCode::evidence_record);
  EXPECT_THAT(taken.error().detail, HasSubstr("record 2: "));
  EXPECT_EQ(to->taken(), 1U);
  EXPECT_THAT(plaintext(), Not(HasSubstr("eight")));
}

TEST_F(Taking, RecordsTooLongOrWithoutEndAreRefused) {
  const std::string longer(formats::k_record_bytes_max + 1, ' ');
  EXPECT_EQ(lines(longer + "\n").error().code, FaultCode::limit_size);
  class Endless final : public node::Source {
   public:
    Result<std::size_t> read(std::span<std::uint8_t> into) override {
      std::ranges::fill(into, std::uint8_t{'['});
      return into.size();
    }
  } endless;
  EXPECT_EQ(take_records(endless, SourceFraming::lines, kind("flow"), *to).error().code,
            FaultCode::limit_size);
  EXPECT_EQ(to->taken(), 0U);
}

TEST_F(Taking, ALineFeedWithinAFrameWouldBeAnotherLine) {
  Bytes stream{0, 0, 0, 0};
  const auto record = flow(1).insert(1, "\n");
  stream[2] = static_cast<std::uint8_t>(record.size() >> 8);
  stream[3] = static_cast<std::uint8_t>(record.size());
  append(stream, as_bytes(record));
  EXPECT_EQ(take(stream, SourceFraming::lengths, "flow").error().code, FaultCode::evidence_record);
}

TEST_F(Taking, OfPacketsHeadersAlonePass) {
  Bytes packet(12, 0x02);
  append(packet, Bytes{0x08, 0x00, 0x45, 0,   0,  48,  0, 0, 0,  0, 64, 17, 0,  0, 192,
                       0,    2,    7,    198, 51, 100, 1, 0, 53, 0, 53, 0,  28, 0, 0});
  append(packet, as_bytes("a secret question"));
  Bytes capture{0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0};
  const auto size = static_cast<std::uint8_t>(packet.size());
  append(capture, Bytes{0x80, 0x2c, 0xa4, 0x69, 7, 0, 0, 0, size, 0, 0, 0, size, 0, 0, 0});
  append(capture, packet);
  EXPECT_EQ(take(capture, SourceFraming::packets, "packet-headers"), 1U);
  const auto text = plaintext();
  EXPECT_THAT(text, Not(HasSubstr(hex(as_bytes("secret")))));
  EXPECT_THAT(text, HasSubstr("c0000207c6336401"));  // the addresses
  EXPECT_THAT(text, HasSubstr("\"time\":\"2026-03-01T12:09:36.000007Z\""));
}

TEST_F(Taking, APacketOfAnUnknownLinkDoesNotPass) {
  EXPECT_EQ(packet_record(105, 0, 0, 10, as_bytes("0123456789")).error().code,
            FaultCode::evidence_record);
}

TEST_F(Taking, AKindComesInItsOwnForm) {
  EXPECT_EQ(take(as_bytes(flow(1)), SourceFraming::packets, "flow").error().code,
            FaultCode::evidence_record);
  EXPECT_EQ(take(as_bytes(flow(1)), SourceFraming::lines, "packet-headers").error().code,
            FaultCode::evidence_record);
}

}  // namespace
}  // namespace comity::transfer
