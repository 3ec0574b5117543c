// A sender who lies about the bytes of an item: chunks, prefix, hash tiles and lengths that are not
// those of the signed manifest (spec/peer-protocol.md §6). No byte of a lie stays under the item's
// name, and what was right is kept for the next try.
#include <gtest/gtest.h>

#include "evidence/evidence_gen.hpp"
#include "forged_test.hpp"
#include "transfer/fetch.hpp"
#include "transfer/transfer_gen.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;
constexpr std::size_t k_chunk = formats::k_age_sealed_chunk_size;

const evidence::sample::Item& item(std::uint64_t seed = 1) {
  static const auto one = evidence::sample::item(20 * formats::k_age_chunk_size + 5, 1);
  static const auto other = evidence::sample::item(20 * formats::k_age_chunk_size + 5, 2);
  return seed == 1 ? one : other;
}

/// What the liar sends for a range of the sealed file, and for a hash tile.
using Range = std::function<Bytes(std::uint64_t offset, Bytes right)>;
using TileLie = std::function<Result<Bytes>(Bytes right)>;
struct Lie {
  const char* name;
  FaultCode code;
  Range range;
  TileLie tile;
};
void PrintTo(const Lie& lie, std::ostream* out) {
  *out << lie.name;
}

/// Changes the sealed file as a whole, then cuts the range out of it.
Range file(std::function<void(Bytes&)> change) {
  return [=](std::uint64_t offset, const Bytes& right) {
    auto all = item().file;
    change(all);
    all.resize(item().file.size());
    const auto from = all.begin() + std::ptrdiff_t(offset);
    return Bytes(from, from + std::ptrdiff_t(right.size()));
  };
}
Range flipped(std::int64_t chunk, std::size_t inside) {
  return file([=](Bytes& all) {
    all.at(item().shape.prefix_size + std::size_t(chunk) * k_chunk + inside) ^= 1;
  });
}
Range length(std::int64_t difference) {
  return [=](std::uint64_t, Bytes right) {
    right.resize(std::size_t(std::max<std::int64_t>(0, std::int64_t(right.size()) + difference)));
    return right;
  };
}
auto chunk(Bytes& all, std::size_t number) {
  return all.begin() + std::ptrdiff_t(item().shape.prefix_size + number * k_chunk);
}

// clang-format off
std::vector<Lie> ranges() {
  return {
      {"prefix-bent", evidence_chunk, file([](Bytes& all) { all[0] ^= 1; }), {}},
      {"prefix-with-another-recipient", evidence_chunk, file([](Bytes& all) { std::copy_n(item(2).file.begin(),
        item().shape.prefix_size, all.begin()); }), {}},
      {"prefix-nonce-bent", evidence_chunk, file([](Bytes& all) { all[item().shape.prefix_size - 1] ^= 1; }), {}},
      {"first-chunk-bent", evidence_chunk, flipped(0, 0), {}},
      {"first-chunks-tag-bent", evidence_chunk, flipped(0, k_chunk - 1), {}},
      {"middle-chunk-bent", evidence_chunk, flipped(10, 77), {}},
      {"last-chunk-bent", evidence_chunk, flipped(20, 3), {}},
      {"chunks-swapped", evidence_chunk, file([](Bytes& all) { std::swap_ranges(chunk(all, 3), chunk(all, 4),
        chunk(all, 4)); }), {}},
      {"chunk-twice", evidence_chunk, file([](Bytes& all) { std::copy_n(chunk(all, 3), k_chunk, chunk(all, 4)); }),
        {}},
      {"chunk-of-another-item", evidence_chunk, file([](Bytes& all) { auto other = item(2).file;
        std::copy_n(chunk(other, 5), k_chunk, chunk(all, 5)); }), {}},
      {"another-item-whole", evidence_chunk, file([](Bytes& all) { all = item(2).file; }), {}},
      {"zeroes", evidence_chunk, file([](Bytes& all) { std::ranges::fill(all, std::uint8_t{0}); }), {}},
      {"shifted-by-one", evidence_chunk, file([](Bytes& all) { all.insert(chunk(all, 1), 0); }), {}},
      {"a-byte-short", evidence_chunk, length(-1), {}},
      {"nothing", evidence_chunk, length(-1'000'000'000), {}},
      {"a-byte-too-many", peer_protocol, length(1), {}},
      {"a-mebibyte-too-many", peer_protocol, length(1 << 20), {}},
      {"tile-bent", evidence_chunk, {}, [](Bytes b) { b[5] ^= 1; return b; }},
      {"tile-of-another-item", evidence_chunk, {}, [](const Bytes&) { return item(2).tiles.begin()->second; }},
      {"tile-short", evidence_chunk, {}, [](Bytes b) { b.pop_back(); return b; }},
      {"tile-long", evidence_chunk, {}, [](Bytes b) { b.push_back(0); return b; }},
      {"tile-empty", evidence_chunk, {}, [](const Bytes&) { return Bytes(); }},
      {"tile-refused", evidence_unknown, {}, [](const Bytes&) { return fault(evidence_unknown); }},
  };
}
// clang-format on

transfer::FetchPorts ports(const Range& range, const TileLie& lie) {
  return {.range = [=](std::uint64_t offset, std::uint64_t size, node::Sink& sink) -> Result<void> {
            const auto right = to_bytes(View(item().file).subspan(offset, size));
            return sink.write(range ? range(offset, right) : right);
          },
          .tile = [=](const formats::Tile& tile) -> Result<Bytes> {
            const auto right = item().tiles.at(formats::path_of(tile));
            return lie ? lie(right) : Result<Bytes>(right);
          }};
}

}  // namespace

class Chunks : public testing::TestWithParam<Lie> {};
TEST_P(Chunks, AreNotKept) {
  const transfer::sample::TemporaryDirectory folder;
  const transfer::ItemFiles files{folder.path()};
  const auto fetched = fetch_item(item().shape, folder, ports(GetParam().range, GetParam().tile));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(row_of(fetched.error().code).name, row_of(GetParam().code).name)
      << fetched.error().detail;
  EXPECT_FALSE(std::filesystem::exists(files.sealed()));
  // Of what was written, every byte is the right one or none yet.
  if (std::filesystem::exists(files.sealed_partial())) {
    const auto written = must(transfer::read_file(files.sealed_partial(), 1UL << 30));
    for (std::size_t i = 0; i < written.size(); ++i)
      if (written[i] != 0) ASSERT_EQ(written[i], item().file.at(i)) << "at " << i;
  }
  // And the honest rest makes it whole.
  ASSERT_TRUE(fetch_item(item().shape, folder, ports({}, {})));
  EXPECT_TRUE(must(transfer::read_file(files.sealed(), 1UL << 30)) == item().file);
}
INSTANTIATE_TEST_SUITE_P(Lies, Chunks, testing::ValuesIn(ranges()), test_name<Lie>);

}  // namespace comity::corpus
