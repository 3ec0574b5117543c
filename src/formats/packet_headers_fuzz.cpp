// Any bytes as a packet of each known link: what is kept is its front, with zeros in places.
#include "base/check.hpp"
#include "formats/packet_headers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View packet(data, size);
  for (const std::uint32_t link : {0U, 1U, 101U, 113U, 276U}) {
    const auto kept = formats::cut_to_headers(link, packet);
    CHECK(kept.size() <= packet.size());
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(kept[i] == packet[i] || kept[i] == 0);
  }
  return 0;
}
