// Hosts in TLS certificates: plain DNS names and IP addresses, as text and as a GeneralName
// (RFC 5280 §4.2.1.6). Wildcards are refused: a certificate names the ends it is for.
#pragma once

#include <optional>
#include <string>

#include "crypto/der.hpp"

namespace comity::crypto {

/// Nothing when `host` is neither a DNS name in lower case nor an IPv4 or IPv6 address.
std::optional<Bytes> encode_host(const std::string& host);
std::optional<std::string> decode_host(const der::Element& name);

}  // namespace comity::crypto
