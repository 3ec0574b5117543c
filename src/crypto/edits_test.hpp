// Fuzzing beside the good: the fuzzer's bytes as edits of a well-formed document, so that it works
// deep in the grammar from the first run and needs no collection of samples.
#pragma once

#include "base/bytes.hpp"

namespace comity::crypto {

/// Four bytes an edit: two of place, one of what to do, one of value.
inline Bytes edited(Bytes document, View edits) {
  for (; edits.size() >= 4 && !document.empty(); edits = edits.subspan(4)) {
    const auto at = document.begin() +
                    static_cast<std::ptrdiff_t>((edits[0] << 8 | edits[1]) % document.size());
    const auto left = static_cast<std::size_t>(document.end() - at);
    switch (edits[2] % 4) {
      case 0:
        *at = edits[3];
        break;
      case 1:
        document.insert(at, edits[3]);
        break;
      case 2:
        document.erase(at, at + static_cast<std::ptrdiff_t>(edits[3] % left));
        break;
      case 3: {
        const Bytes twice(at, at + static_cast<std::ptrdiff_t>(edits[3] % left));
        document.insert(at, twice.begin(), twice.end());
        break;
      }
    }
  }
  return document;
}

}  // namespace comity::crypto
