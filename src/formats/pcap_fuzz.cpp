// Any bytes as a capture, whole and in two pieces: the same packets come out, or a fault does, and
// what is kept of a packet is never longer than it was.
#include "base/check.hpp"
#include "formats/packet_headers.hpp"
#include "formats/pcap.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  using namespace comity::formats;
  if (size == 0) return 0;
  const View bytes(data + 1, size - 1);
  const auto read = [&](std::size_t cut) {
    std::pair<std::size_t, std::int64_t> seen{};
    PacketReader reader;
    const auto take = [&](const Packet& packet) -> Result<void> {
      seen.first += 1;
      seen.second ^= packet.time_us;
      if (!is_known_link(packet.link_type)) return {};
      CHECK(cut_to_headers(packet.link_type, packet.bytes).size() <= packet.bytes.size());
      return {};
    };
    if (reader.push(bytes.first(cut), take) && reader.push(bytes.subspan(cut), take))
      std::ignore = reader.finish();
    return seen;
  };
  CHECK(read(bytes.size()) == read(data[0] % (bytes.size() + 1)));
  return 0;
}
