#include "formats/pcap.hpp"

#include <gmock/gmock.h>

namespace comity::formats {
namespace {

using testing::ElementsAre;

/// Writes captures byte by byte, with either end first.
class Capture {
 public:
  explicit Capture(bool big_endian = false) : big_endian_(big_endian) {}

  Capture& u16(std::uint16_t value) { return number(value, 2); }
  Capture& u32(std::uint32_t value) { return number(value, 4); }
  Capture& raw(View bytes) {
    append(bytes_, bytes);
    return *this;
  }
  Capture& pcap(std::uint32_t magic = 0xA1B2C3D4, std::uint32_t link = 1) {
    return u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link);
  }
  Capture& record(std::uint32_t seconds, std::uint32_t part, View bytes, std::uint32_t length) {
    return u32(seconds)
        .u32(part)
        .u32(static_cast<std::uint32_t>(bytes.size()))
        .u32(length)
        .raw(bytes);
  }
  Capture& block(std::uint32_t type, const Bytes& body) {
    auto padded = body;
    padded.resize((body.size() + 3) / 4 * 4);
    const auto size = static_cast<std::uint32_t>(padded.size() + 12);
    return u32(type).u32(size).raw(padded).u32(size);
  }
  Capture body() const { return Capture(big_endian_); }
  Capture& section() {
    return block(0x0A0D0D0A,
                 body().u32(0x1A2B3C4D).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff).bytes_);
  }
  Capture& interface(std::uint16_t link, const Bytes& options = {}) {
    return block(1, body().u16(link).u16(0).u32(0).raw(options).bytes_);
  }
  Capture& packet(std::uint32_t from, std::uint64_t time, View bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    return block(6, body()
                        .u32(from)
                        .u32(static_cast<std::uint32_t>(time >> 32))
                        .u32(static_cast<std::uint32_t>(time))
                        .u32(size)
                        .u32(size + 100)
                        .raw(bytes)
                        .bytes_);
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Capture& number(std::uint32_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i)
      bytes_.push_back(static_cast<std::uint8_t>(value >> 8 * (big_endian_ ? size - 1 - i : i)));
    return *this;
  }
  bool big_endian_;
  Bytes bytes_;
};

struct Seen {
  std::uint32_t link, interface;
  std::int64_t time_us;
  std::uint32_t length;
  std::string bytes;
  bool operator==(const Seen&) const = default;
};

struct Read {
  std::vector<Seen> packets;
  Result<void> outcome;
  std::uint64_t dropped = 0;
};

Read read(View stream, std::size_t piece = 7) {
  Read result;
  PacketReader reader;
  const auto take = [&](const Packet& packet) -> Result<void> {
    result.packets.push_back({packet.link_type, packet.interface, packet.time_us, packet.length,
                              std::string(as_text(packet.bytes))});
    return {};
  };
  for (; !stream.empty(); stream = stream.subspan(std::min(piece, stream.size()))) {
    result.outcome = reader.push(stream.first(std::min(piece, stream.size())), take);
    if (!result.outcome) return result;
  }
  result.outcome = reader.finish();
  result.dropped = reader.dropped();
  return result;
}

FaultCode refusal(View stream) {
  const auto got = read(stream);
  EXPECT_FALSE(got.outcome);
  return got.outcome ? FaultCode::crypto_internal : got.outcome.error().code;
}

TEST(Pcap, PacketsComeWithTheirTimesHoweverTheStreamIsCut) {
  for (const bool big : {false, true})
    for (const std::size_t piece : {1, 7, 1000}) {
      Capture capture(big);
      capture.pcap().record(10, 5, as_bytes("abc"), 900).record(11, 0, as_bytes(""), 0);
      const auto got = read(capture.bytes(), piece);
      EXPECT_TRUE(got.outcome);
      EXPECT_THAT(got.packets,
                  ElementsAre(Seen{1, 0, 10'000'005, 900, "abc"}, Seen{1, 0, 11'000'000, 0, ""}));
    }
}

TEST(Pcap, NanosecondsAreRoundedDown) {
  Capture capture;
  capture.pcap(0xA1B23C4D, 101).record(1, 1'999, as_bytes("a"), 1);
  EXPECT_THAT(read(capture.bytes()).packets, ElementsAre(Seen{101, 0, 1'000'001, 1, "a"}));
}

TEST(Pcap, APacketMayBeAsLargeAsTheLimitAndNoLarger) {
  const Bytes most(k_packet_bytes_max, 'x');
  Capture fits, too_large;
  fits.pcap().record(1, 0, most, 1);
  EXPECT_EQ(read(fits.bytes(), 4096).packets.size(), 1U);
  too_large.pcap().u32(1).u32(0).u32(k_packet_bytes_max + 1).u32(1);
  EXPECT_EQ(refusal(too_large.bytes()), FaultCode::limit_size);
}

TEST(Pcap, WhatIsNoCaptureOrEndsInsideAPacketIsRefused) {
  EXPECT_EQ(refusal(as_bytes("{\"a\":1}\n")), FaultCode::format_pcap);
  EXPECT_EQ(refusal(as_bytes("ab")), FaultCode::format_pcap);
  Capture cut;
  cut.pcap().u32(1).u32(0).u32(4).u32(4).raw(as_bytes("abc"));
  EXPECT_EQ(refusal(cut.bytes()), FaultCode::format_pcap);
  Capture old;
  old.u32(0xA1B2C3D4).u16(1).u16(0).u32(0).u32(0).u32(0).u32(1);
  EXPECT_EQ(refusal(old.bytes()), FaultCode::format_pcap);
}

TEST(Pcapng, PacketsOfSeveralInterfacesKeepTheirClocks) {
  for (const bool big : {false, true}) {
    Capture capture(big);
    const auto nano = capture.body().u16(9).u16(1).raw(Bytes{9, 0, 0, 0}).u32(0).bytes();
    const auto binary = capture.body().u16(9).u16(1).raw(Bytes{0x80 | 10, 0, 0, 0}).u32(0).bytes();
    capture.section().interface(1).interface(101, nano).interface(113, binary);
    capture.packet(0, 5'000'000, as_bytes("a")).packet(1, 5'000'001'999, as_bytes("bc"));
    capture.block(0x4444, Bytes(8)).packet(2, 2048, as_bytes("d"));
    const auto got = read(capture.bytes(), big ? 1 : 50);
    EXPECT_TRUE(got.outcome);
    EXPECT_THAT(got.packets,
                ElementsAre(Seen{1, 0, 5'000'000, 101, "a"}, Seen{101, 1, 5'000'001, 102, "bc"},
                            Seen{113, 2, 2'000'000, 101, "d"}));
  }
}

TEST(Pcapng, ANewSectionForgetsTheInterfacesBefore) {
  Capture capture;
  capture.section().interface(1).section().packet(0, 1, as_bytes("a"));
  EXPECT_EQ(refusal(capture.bytes()), FaultCode::format_pcap);
}

TEST(Pcapng, LostPacketsAreCounted) {
  const auto statistics = [](std::uint32_t lost) {
    return Capture().u32(0).u32(0).u32(0).u16(5).u16(8).u32(lost).u32(0).u32(0).bytes();
  };
  Capture capture;
  capture.section().interface(1).block(5, statistics(7)).block(5, statistics(9));
  EXPECT_EQ(read(capture.bytes()).dropped, 9U);
}

TEST(Pcapng, BlocksThatDoNotAgreeWithThemselvesAreRefused) {
  Capture two_lengths, odd, longer, options, timeless;
  two_lengths.section().u32(1).u32(20).u32(1).u32(0).u32(24);
  EXPECT_EQ(refusal(two_lengths.bytes()), FaultCode::format_pcap);
  odd.section().u32(1).u32(21);
  odd.u32(0);
  EXPECT_EQ(refusal(odd.bytes()), FaultCode::format_pcap);
  longer.section().interface(1).block(
      6, Capture().u32(0).u32(0).u32(0).u32(9).u32(9).raw(as_bytes("abcd")).bytes());
  EXPECT_EQ(refusal(longer.bytes()), FaultCode::format_pcap);
  options.section().interface(1, Capture().u16(9).u16(400).u32(0).bytes());
  EXPECT_EQ(refusal(options.bytes()), FaultCode::format_pcap);
  timeless.section().interface(1).block(3, Capture().u32(4).raw(as_bytes("abcd")).bytes());
  EXPECT_EQ(refusal(timeless.bytes()), FaultCode::format_pcap);
  Capture no_magic;
  no_magic.block(0x0A0D0D0A, Capture().u32(1).u16(1).u16(0).u32(0).u32(0).bytes());
  EXPECT_EQ(refusal(no_magic.bytes()), FaultCode::format_pcap);
}

TEST(Pcapng, BlocksAndInterfacesHaveLimits) {
  Capture large;
  large.section().u32(0x4444).u32(k_pcapng_block_bytes_max + 4).u32(0);
  EXPECT_EQ(refusal(large.bytes()), FaultCode::limit_size);
  Capture fits;
  fits.section().block(0x4444, Bytes(k_pcapng_block_bytes_max - 12));
  EXPECT_TRUE(read(fits.bytes(), 4096).outcome);
  Capture many;
  many.section();
  for (std::size_t i = 0; i < k_pcapng_interfaces_max; ++i) many.interface(1);
  EXPECT_TRUE(read(many.bytes()).outcome);
  many.interface(1);
  EXPECT_EQ(refusal(many.bytes()), FaultCode::limit_count);
  Capture packet;
  packet.section().interface(1).block(
      6, Capture().u32(0).u32(0).u32(0).u32(k_packet_bytes_max + 1).u32(9).bytes());
  EXPECT_EQ(refusal(packet.bytes()), FaultCode::limit_size);
}

}  // namespace
}  // namespace comity::formats
