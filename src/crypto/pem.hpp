// PEM (RFC 7468): DER as a text block. One block a text and nothing around it.
#pragma once

#include "base/bytes.hpp"

namespace comity::crypto {

inline constexpr std::size_t k_pem_bytes_max = 24'576;

/// The block with `label` ("CERTIFICATE"), in lines of 64, ending in a newline.
std::string to_pem(std::string_view label, View der);

/// The bytes of the one block with this label. Lines end in LF or CRLF, since such files pass
/// through mail; nothing else is forgiven. Fault: format.pem, limit.size.
Result<Bytes> from_pem(std::string_view label, std::string_view text);

}  // namespace comity::crypto
