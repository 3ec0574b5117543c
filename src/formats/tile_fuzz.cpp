// Any bytes as an entry bundle and as a tile's path: refused, or the one spelling of what was read.
#include <cstdlib>

#include "formats/tile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  if (size == 0) return 0;
  const View bytes(data + 1, size - 1);
  const unsigned width = data[0] + 1U;
  const auto entries = formats::decode_bundle(bytes, width);
  if (entries && formats::encode_bundle(*entries) != to_bytes(bytes)) std::abort();
  const auto tile = formats::parse_tile_path(as_text(bytes));
  if (tile && formats::path_of(*tile) != as_text(bytes)) std::abort();
  const auto edge = formats::Edge::from_bytes(bytes);
  if (edge && edge->bytes() != to_bytes(bytes)) std::abort();
  return 0;
}
