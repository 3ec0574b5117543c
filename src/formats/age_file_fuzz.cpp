// Any bytes as a whole age file for one fixed identity, and any bytes as a payload under one fixed
// key: what is released piece by piece is what a reader of the whole releases.
#include <algorithm>

#include "base/check.hpp"
#include "formats/age_keys.hpp"
#include "formats/age_stream.hpp"

namespace {

using namespace comity;
using namespace comity::formats;

struct Opened {
  Bytes released;
  bool whole = false;
};

Opened open_in_pieces(View payload, const Secret& key, std::size_t piece) {
  Opened opened;
  AgeStreamOpener opener(key);
  for (; !payload.empty(); payload = payload.subspan(std::min(piece, payload.size())))
    if (!opener.push(payload.first(std::min(piece, payload.size())), opened.released))
      return opened;
  opened.whole = opener.finish(opened.released).has_value();
  return opened;
}

void check_payload(View payload, const Secret& key) {
  const auto at_once = open_in_pieces(payload, key, payload.size() + 1);
  const auto in_pieces = open_in_pieces(payload, key, 7919);
  CHECK(at_once.whole == in_pieces.whole && at_once.released == in_pieces.released);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View bytes(data, size);
  static const auto identity = AgeIdentity::from_text(
      "AGE-SECRET-KEY-1QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSKMP32K");
  static const Secret payload_key(Bytes(32, 9));
  check_payload(bytes, payload_key);
  const auto read = read_age_header(bytes);
  if (!read) return 0;
  const auto file_key = open_age_header(read->header, *identity);
  const auto rest = bytes.subspan(read->size);
  if (!file_key || rest.size() < k_age_nonce_size) return 0;
  AgeNonce nonce;
  std::ranges::copy(rest.first(k_age_nonce_size), nonce.begin());
  check_payload(rest.subspan(k_age_nonce_size), age_payload_key(*file_key, nonce));
  return 0;
}
