// Opens a sealed item to one more reader without touching its bytes: another age header around the
// same file key, for the same payload. The chunks, and with them every proof, stay as they are.
// It must never be used with another payload: one file key, one payload (C2SP age.md).
#pragma once

#include "base/random.hpp"
#include "evidence/manifest.hpp"
#include "formats/age_keys.hpp"

namespace comity::court {

/// `prefix`: the signed first bytes of sealed.age. Gives the bytes of header.age: a header for
/// `reader` alone and the payload's own nonce. header.age followed by the chunks is an age file.
/// Faults: evidence.chunk for another prefix; format.age; crypto.open when `identity` does not open
/// it; crypto.key.
Result<Bytes> rewrap(const evidence::SealedShape& shape, View prefix,
                     const formats::AgeIdentity& identity, const formats::AgeRecipient& reader,
                     Random& random);

/// That `header` is a well-formed header for one reader with the nonce of this prefix. Only the
/// reader can tell whether it opens. Fault: format.age.
Result<void> check_rewrapped(View prefix, View header);

}  // namespace comity::court
