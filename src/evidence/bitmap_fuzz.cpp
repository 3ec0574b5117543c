// Any bytes as the map of what came of an item, with the checksum they should have or not: refused,
// or written back as they were, and its runs of missing chunks are just what is not there.
#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "evidence/bitmap.hpp"

using namespace comity;
using evidence::Bitmap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint64_t chunks = data[0] * 7U;
  const Digest root{{1}};
  Bytes bytes(data + 1, data + size);
  if (const auto read = Bitmap::read(bytes, chunks, root)) CHECK(read->write(root) == bytes);

  // The form of a whole one, with these bits.
  auto whole = Bitmap(chunks).write(root);
  const auto end = whole.size() - sizeof(Digest::bytes);
  const auto bits = end - (chunks + 63) / 64 * 8;
  for (std::size_t i = 0; i < bytes.size() && bits + i < end; ++i) whole[bits + i] = bytes[i];
  const auto sum = crypto::sha256(View(whole).first(end));
  std::ranges::copy(sum.bytes, whole.begin() + static_cast<std::ptrdiff_t>(end));
  const auto map = Bitmap::read(whole, chunks, root);
  CHECK(!Bitmap::read(whole, chunks + 1, root) && !Bitmap::read(whole, chunks, Digest{{2}}));
  if (!map) return 0;  // a bit past the last chunk
  CHECK(map->write(root) == whole);
  std::uint64_t missing = 0, at = 0;
  for (auto run = map->next_missing(at, 5); run; run = map->next_missing(at, 5)) {
    for (auto i = at; i < run->first; ++i) CHECK(map->has(i));
    for (auto i = run->first; i < run->first + run->count; ++i) CHECK(!map->has(i));
    missing += run->count;
    at = run->first + run->count;
  }
  CHECK(missing + map->present() == chunks);
  return 0;
}
