// The header of an age v1 file (C2SP age.md, "File format"), as bytes in and values out.
// Strict both ways: a header that is accepted is written back byte for byte the same. It must never
// decide whether a key fits (age_keys.hpp) or touch the payload (age_stream.hpp).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace comity::formats {

/// Limits of what is read. A header that we write for two recipients has some 300 bytes; a hybrid
/// post-quantum stanza has 1.6 kB.
inline constexpr std::size_t k_age_header_max = 65536;  // bytes, through the line of the MAC
inline constexpr std::size_t k_age_stanzas_max = 64;    // recipients of one file
inline constexpr std::size_t k_age_arguments_max = 16;  // of one stanza, its type included
inline constexpr std::size_t k_age_mac_size = 32;

/// One recipient's wrapped file key. The first argument names the type: "X25519".
struct AgeStanza {
  std::vector<std::string> arguments;  // at least one, each of visible ASCII
  Bytes body;

  bool operator==(const AgeStanza&) const = default;
};

struct AgeHeader {
  std::vector<AgeStanza> stanzas;  // at least one
  std::array<std::uint8_t, k_age_mac_size> mac{};

  bool operator==(const AgeHeader&) const = default;
};

struct ReadAgeHeader {
  AgeHeader header;
  std::size_t size = 0;  // bytes that the header takes; the payload's nonce follows
};

/// Reads the header at the front of `file`, which may go on with the payload or end anywhere.
/// Fault: format.age; limit.size, limit.count past the limits above.
Result<ReadAgeHeader> read_age_header(View file);

/// What the header MAC covers: everything through "---", without the space after it.
Bytes age_header_to_authenticate(const std::vector<AgeStanza>& stanzas);

/// The whole header. CHECKs that it is one that read_age_header takes.
Bytes write_age_header(const AgeHeader& header);

}  // namespace comity::formats
