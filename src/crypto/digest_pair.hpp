// SHA-256 of two messages of one length at once, where the processor has the instructions for it:
// each round of one waits for the round before, and the other fills the wait. On others it is two
// digests, one after the other. docs/decisions says what it gains, and why no library does it here.
#pragma once

#include <utility>

#include "base/bytes.hpp"
#include "base/id.hpp"

namespace comity::crypto {

inline constexpr std::size_t k_pair_prefix = 64;  // bytes of a prefix; more is a bug

/// The digests of prefix ‖ first and prefix ‖ second, which are of one length.
std::pair<Digest, Digest> sha256_pair(View prefix, View first, View second);

/// Whether this processor does the two at once.
bool has_digest_pair();

}  // namespace comity::crypto
