// What of a captured packet is traffic data: the link header and the fixed headers of IP and of the
// transport above it. All else is cut, and options and extension headers, in which anything could
// stand, are zeroed. It must never let through a byte that it does not know to be a header's.
#pragma once

#include "base/bytes.hpp"

namespace comity::formats {

/// True for a link type whose header is known here: Ethernet, raw IP, Linux "cooked" 1 and 2, BSD
/// loopback.
bool is_known_link(std::uint32_t link_type);

/// The front of the packet through its transport header, options zeroed; less where the packet ends
/// before, where the transport is not TCP, UDP, SCTP or ICMP, or in a later fragment. What is no
/// IP, and an IPv4 header that is not whole or whose checksum does not hold, is cut behind the link
/// header. `link_type` is_known_link.
Bytes cut_to_headers(std::uint32_t link_type, View packet);

}  // namespace comity::formats
