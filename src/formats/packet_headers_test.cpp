#include "formats/packet_headers.hpp"

#include <gmock/gmock.h>

namespace comity::formats {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view k_content = "GET /secret HTTP/1.1";
constexpr std::string_view k_hidden = "HIDDENIN";  // 8 bytes, in an option or extension header

Bytes joined(std::initializer_list<View> pieces) {
  Bytes bytes;
  for (const auto piece : pieces) append(bytes, piece);
  return bytes;
}

Bytes ethernet(std::uint16_t type) {
  Bytes bytes(12, 0x02);
  bytes.push_back(static_cast<std::uint8_t>(type >> 8));
  bytes.push_back(static_cast<std::uint8_t>(type));
  return bytes;
}

Bytes ipv4(std::uint8_t protocol, std::string_view options = {}, std::uint16_t fragment = 0) {
  Bytes bytes(20, 0x11);
  bytes[0] = static_cast<std::uint8_t>(0x45 + options.size() / 4);
  bytes[6] = static_cast<std::uint8_t>(fragment >> 8);
  bytes[7] = static_cast<std::uint8_t>(fragment);
  bytes[9] = protocol;
  append(bytes, as_bytes(options));
  bytes[10] = bytes[11] = 0;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  bytes[10] = static_cast<std::uint8_t>(~sum >> 8);
  bytes[11] = static_cast<std::uint8_t>(~sum);
  return bytes;
}

Bytes ipv6(std::uint8_t next) {
  Bytes bytes(40, 0x22);
  bytes[0] = 0x60;
  bytes[6] = next;
  return bytes;
}

Bytes tcp(std::string_view options = {}) {
  Bytes bytes(20, 0x33);
  bytes[12] = static_cast<std::uint8_t>((5 + options.size() / 4) << 4);
  append(bytes, as_bytes(options));
  return bytes;
}

/// What is kept, and that it is the front of the packet but for zeros.
std::string kept(std::uint32_t link, const Bytes& packet) {
  const auto front = cut_to_headers(link, packet);
  EXPECT_LE(front.size(), packet.size());
  for (std::size_t i = 0; i < front.size(); ++i)
    EXPECT_TRUE(front[i] == packet[i] || front[i] == 0) << i;
  std::string text(as_text(front));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(text, Not(HasSubstr("HIDDEN")));
  return text;
}

TEST(PacketHeaders, ContentBehindEachTransportIsCut) {
  const Bytes udp(8, 0x44), sctp(12, 0x44), icmp(8, 0x44);
  const std::vector<std::pair<std::uint8_t, Bytes>> transports = {
      {6, tcp()}, {17, udp}, {132, sctp}, {1, icmp}, {58, icmp}};
  for (const auto& [protocol, header] : transports) {
    const auto v4 = joined({ethernet(0x0800), ipv4(protocol), header, as_bytes(k_content)});
    EXPECT_EQ(kept(1, v4).size(), 14 + 20 + header.size());
    const auto v6 = joined({ethernet(0x86dd), ipv6(protocol), header, as_bytes(k_content)});
    EXPECT_EQ(kept(1, v6).size(), 14 + 40 + header.size());
  }
}

TEST(PacketHeaders, WhatStandsInOptionsAndExtensionsIsZeroed) {
  const auto v4 = joined({ethernet(0x0800), ipv4(6, k_hidden), tcp(k_hidden), as_bytes(k_content)});
  EXPECT_EQ(kept(1, v4).size(), 14U + 28 + 28);
  Bytes extension{6, 1};  // TCP next; 16 bytes long
  append(extension, as_bytes(k_hidden));
  extension.resize(16, 'x');
  for (const int kind : {0, 43, 60}) {
    const auto v6 = joined({ethernet(0x86dd), ipv6(static_cast<std::uint8_t>(kind)), extension,
                            tcp(), as_bytes(k_content)});
    EXPECT_EQ(kept(1, v6).size(), 14U + 40 + 16 + 20);
  }
}

TEST(PacketHeaders, ALaterFragmentHasNoTransportHeader) {
  const auto v4 = joined({ethernet(0x0800), ipv4(6, {}, 100), as_bytes(k_content)});
  EXPECT_EQ(kept(1, v4).size(), 34U);
  const Bytes later{6, 0, 0x01, 0x00, 0, 0, 0, 0};
  const auto v6 = joined({ethernet(0x86dd), ipv6(44), later, as_bytes(k_content)});
  EXPECT_EQ(kept(1, v6).size(), 14U + 48);
  const Bytes first{6, 0, 0x00, 0x01, 0, 0, 0, 0};
  const auto v6_first = joined({ethernet(0x86dd), ipv6(44), first, tcp(), as_bytes(k_content)});
  EXPECT_EQ(kept(1, v6_first).size(), 14U + 48 + 20);
}

TEST(PacketHeaders, WhatIsNotKnownIsCutWhereKnowledgeEnds) {
  EXPECT_EQ(kept(1, joined({ethernet(0x0806), as_bytes(k_content)})).size(), 14U);
  EXPECT_EQ(kept(1, joined({ethernet(0x0800), ipv4(47), as_bytes(k_content)})).size(), 34U);
  EXPECT_EQ(kept(1, joined({ethernet(0x0800), as_bytes(k_content)})).size(),
            14U);                                        // no IPv4 inside
  EXPECT_EQ(kept(101, to_bytes(k_content)).size(), 0U);  // 'G' looks like a version and a length
  EXPECT_FALSE(is_known_link(105));                      // 802.11
}

TEST(PacketHeaders, EachKnownLinkFindsTheNetworkLayer) {
  const auto inner = joined({ipv4(17), Bytes(8, 0x44), as_bytes(k_content)});
  EXPECT_EQ(kept(101, inner).size(), 28U);
  EXPECT_EQ(kept(0, joined({Bytes{2, 0, 0, 0}, inner})).size(), 32U);
  Bytes cooked(14, 0x01), cooked_2{0x08, 0x00};
  append(cooked, Bytes{0x08, 0x00});
  cooked_2.resize(20, 0x01);
  EXPECT_EQ(kept(113, joined({cooked, inner})).size(), 44U);
  EXPECT_EQ(kept(276, joined({cooked_2, inner})).size(), 48U);
  auto tagged = ethernet(0x8100);
  append(tagged, Bytes{0x00, 0x05, 0x08, 0x00});
  EXPECT_EQ(kept(1, joined({tagged, inner})).size(), 46U);
}

TEST(PacketHeaders, APacketCapturedShortKeepsWhatIsKnownToBeHeader) {
  const auto whole =
      joined({ethernet(0x0800), ipv4(6, k_hidden), tcp(k_hidden), as_bytes(k_content)});
  constexpr std::size_t link = 14, network = link + 28, transport = network + 28;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    // Half an IP header has no checksum that could tell it from content.
    const auto most = size < network ? std::min(size, link) : std::min(size, transport);
    EXPECT_EQ(kept(1, cut).size(), most) << size;
  }
}

}  // namespace
}  // namespace comity::formats
