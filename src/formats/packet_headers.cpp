#include "formats/packet_headers.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace comity::formats {
namespace {

constexpr std::uint32_t k_loopback = 0, k_ethernet = 1, k_raw_ip = 101, k_cooked = 113;
constexpr std::uint32_t k_cooked_2 = 276;
constexpr std::uint16_t k_ipv4 = 0x0800, k_ipv6 = 0x86dd, k_vlan = 0x8100, k_vlan_outer = 0x88a8;
constexpr std::size_t k_vlans_max = 4;
constexpr std::size_t k_extensions_max = 8;

constexpr std::uint8_t k_icmp = 1, k_tcp = 6, k_udp = 17, k_sctp = 132, k_icmp_6 = 58;
constexpr std::uint8_t k_hop_by_hop = 0, k_routing = 43, k_fragment = 44, k_destination = 60;

/// Walks a packet from the front and remembers how far it is header, and what of that is zeroed.
class Cut {
 public:
  explicit Cut(View packet) : packet_(packet), kept_(packet.begin(), packet.end()) {}

  Bytes link(std::uint32_t link_type) {
    switch (link_type) {
      case k_ethernet:
        ethernet();
        break;
      case k_raw_ip:
        by_version();
        break;
      case k_loopback:
        if (keep(4)) by_version();
        break;
      case k_cooked:
        if (keep(16)) network(half(14));
        break;
      case k_cooked_2:
        if (keep(20)) network(half(0));
        break;
      default:
        CHECK(false);
    }
    kept_.resize(std::min(at_, kept_.size()));
    return std::move(kept_);
  }

 private:
  /// These bytes are a header. False when the packet does not have them all: it is kept as it is,
  /// since a header that was cut short is no more than a header.
  bool keep(std::size_t bytes) {
    const bool is_whole = packet_.size() - at_ >= bytes;
    at_ = is_whole ? at_ + bytes : packet_.size();
    return is_whole;
  }
  /// As keep, but nothing of what stands there is kept.
  bool blank(std::size_t bytes) {
    const auto from = at_;
    const bool is_whole = keep(bytes);
    std::fill(kept_.begin() + static_cast<std::ptrdiff_t>(from),
              kept_.begin() + static_cast<std::ptrdiff_t>(at_), std::uint8_t{0});
    return is_whole;
  }
  bool has(std::size_t bytes) const { return packet_.size() - at_ >= bytes; }
  std::uint8_t byte(std::size_t at) const { return packet_[at]; }
  std::uint16_t half(std::size_t at) const {
    return static_cast<std::uint16_t>(packet_[at] << 8 | packet_[at + 1]);
  }

  void ethernet() {
    if (!keep(14)) return;
    auto type = half(at_ - 2);
    for (std::size_t i = 0; i < k_vlans_max && (type == k_vlan || type == k_vlan_outer); ++i) {
      if (!keep(4)) return;
      type = half(at_ - 2);
    }
    network(type);
  }
  void network(std::uint16_t type) {
    if (type == k_ipv4) ipv4();
    if (type == k_ipv6) ipv6();
  }
  void by_version() {
    if (!has(1)) return;
    const auto version = byte(at_) >> 4;
    if (version == 4) ipv4();
    if (version == 6) ipv6();
  }
  /// RFC 791 §3.1: by its checksum a header is told from content that begins like one. Zero is what
  /// a network card has still to fill in.
  bool sums_up(std::size_t header) const {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < header; i += 2) sum += half(at_ + i);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff || half(at_ + 10) == 0;
  }
  void ipv4() {
    if (!has(1) || byte(at_) >> 4 != 4) return;
    const std::size_t header = std::size_t{4} * (byte(at_) & 0x0f);
    const auto from = at_;
    if (header < 20 || !has(header) || !sums_up(header)) return;
    keep(20);
    blank(header - 20);
    const bool is_first = (half(from + 6) & 0x1fff) == 0;
    if (is_first) transport(byte(from + 9));
  }
  void ipv6() {
    if (!has(1) || byte(at_) >> 4 != 6) return;
    const auto from = at_;
    if (!keep(40)) return;
    auto next = byte(from + 6);
    for (std::size_t i = 0; i < k_extensions_max; ++i) {
      const auto here = at_;
      if (next == k_fragment) {
        if (!keep(8)) return;
        if ((half(here + 2) & 0xfff8) != 0) return;  // a later fragment: content follows
      } else if (next == k_hop_by_hop || next == k_routing || next == k_destination) {
        if (!keep(2)) return;
        if (!blank(std::size_t{8} * (std::size_t{byte(here + 1)} + 1) - 2)) return;
      } else {
        return transport(next);
      }
      next = byte(here);
    }
  }
  void transport(std::uint8_t protocol) {
    switch (protocol) {
      case k_tcp: {
        const auto from = at_;
        if (!keep(20)) return;
        const std::size_t header = std::size_t{4} * (byte(from + 12) >> 4);
        if (header > 20) blank(header - 20);
        return;
      }
      case k_udp:
      case k_icmp:
      case k_icmp_6:
        keep(8);
        return;
      case k_sctp:
        keep(12);
        return;
      default:
        return;
    }
  }

  const View packet_;
  Bytes kept_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_known_link(std::uint32_t link_type) {
  return link_type == k_loopback || link_type == k_ethernet || link_type == k_raw_ip ||
         link_type == k_cooked || link_type == k_cooked_2;
}

Bytes cut_to_headers(std::uint32_t link_type, View packet) {
  return Cut(packet).link(link_type);
}

}  // namespace comity::formats
