// Streams of captured packets, pcap and pcapng, read as they arrive (draft-ietf-opsawg-pcap and
// -pcapng). It finds where each packet lies and when it was captured, and never looks into one:
// what of a packet may be kept is packet_headers.hpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace comity::formats {

/// Limits of what is read; one past is refused.
inline constexpr std::size_t k_packet_bytes_max = 262'144;  // captured of one packet, as libpcap
inline constexpr std::size_t k_pcapng_block_bytes_max = 524'288;
inline constexpr std::size_t k_pcapng_interfaces_max = 256;  // of one section

/// A packet as captured. `bytes` is borrowed until the reader goes on.
struct Packet {
  std::uint32_t link_type = 0;  // LINKTYPE_…
  std::uint32_t interface = 0;
  std::int64_t time_us = 0;  // since 1970, rounded down
  std::uint32_t length = 0;  // on the wire; `bytes` may be fewer
  View bytes;
};

/// One stream. Keeps at most one block or packet that has not come whole.
class PacketReader {
 public:
  using Take = std::function<Result<void>(const Packet&)>;

  /// Gives each packet that is whole to `take`, whose fault is returned. After a fault it is spent.
  /// Faults: format.pcap, limit.size, limit.count.
  Result<void> push(View bytes, const Take& take);
  /// The stream ends here, perhaps before it began. Fault: format.pcap inside a block or packet.
  Result<void> finish() const;
  /// Packets that the capturing machine says it lost, by its statistics (pcapng).
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Interface {
    std::uint32_t link_type = 0;
    std::uint8_t resolution = 6;  // as if_tsresol: of 10, or with the top bit of 2
    std::uint64_t dropped = 0;
  };
  enum class Form { unknown, pcap, pcapng };

  // Each takes one piece off the front; 0: it has not come whole.
  Result<std::size_t> begin(View bytes);
  Result<std::size_t> take_record(View bytes, const Take& take);
  Result<std::size_t> take_block(View bytes, const Take& take);
  Result<void> section(View bytes);
  Result<void> interface(View body);
  Result<void> packet(View body, const Take& take);
  Result<void> statistics(View body);
  std::uint32_t word(View bytes, std::size_t at) const;
  std::uint16_t half(View bytes, std::size_t at) const;
  std::uint64_t time(View bytes, std::size_t at) const;
  /// The first option with this code, empty when there is none.
  Result<View> option(View options, std::uint16_t code) const;

  Form form_ = Form::unknown;
  bool is_big_endian_ = false;
  bool is_nanoseconds_ = false;  // pcap
  std::uint32_t link_type_ = 0;  // pcap
  std::vector<Interface> interfaces_;
  std::uint64_t dropped_ = 0;
  Bytes held_;
};

/// True for bytes that begin a pcap or pcapng stream; four suffice.
bool is_packet_stream(View bytes);

}  // namespace comity::formats
