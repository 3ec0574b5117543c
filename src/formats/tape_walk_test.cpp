#include "formats/tape_walk.hpp"

#include <gtest/gtest.h>

#include "base/check.hpp"

namespace comity::formats {
namespace {

/// A header of the kind and size, as `change` leaves it, with its checksum.
Bytes header(char type, std::uint64_t size, const std::string& name,
             const std::function<void(Bytes&)>& change = {}) {
  const auto made = tape_header({.path = "x", .size = size, .modified_s = 1'700'000'000});
  Bytes block(made.begin(), made.end());
  std::fill_n(block.begin(), 100, std::uint8_t{0});
  std::ranges::copy(name, block.begin());
  block[156] = static_cast<std::uint8_t>(type);
  if (change) change(block);
  std::fill_n(block.begin() + 148, 8, std::uint8_t{' '});
  unsigned sum = 0;
  for (const auto byte : block) sum += byte;
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  std::copy_n(digits, 7, block.begin() + 148);
  return block;
}
Bytes content(std::string_view text) {
  auto bytes = to_bytes(text);
  bytes.resize(bytes.size() + tape_padding(bytes.size()));
  return bytes;
}
Bytes joined(std::initializer_list<Bytes> pieces) {
  Bytes all;
  for (const auto& piece : pieces) append(all, piece);
  return all;
}
const Bytes k_end(1024);

struct Seen {
  std::size_t at;
  std::string path;
  std::uint64_t size;
  bool operator==(const Seen&) const = default;
};
struct Walked {
  std::vector<Seen> entries;
  std::optional<std::size_t> end;
  std::vector<TapeEntry> all;
};

Result<Walked> walked(View tape, std::size_t step = 100) {
  TapeWalk walk;
  Walked seen;
  std::size_t begun = 0;
  for (std::size_t done = 0; done < tape.size();) {
    if (walk.at_entry()) begun = done;
    const bool was = walk.entry().has_value();
    const auto before = walk.entry();
    TRY_LET(const auto taken, walk.take(tape.subspan(done, std::min(step, tape.size() - done))));
    EXPECT_GT(taken, 0U);
    done += taken;
    if (walk.entry() && (!was || *walk.entry() != *before)) {
      seen.entries.push_back({begun, walk.entry()->path, walk.entry()->size});
      seen.all.push_back(*walk.entry());
    }
    if (walk.ended() && !seen.end) seen.end = begun;
  }
  return seen;
}

FaultCode refusal(View tape) {
  const auto seen = walked(tape);
  return seen ? FaultCode{} : seen.error().code;
}

}  // namespace

TEST(TapeWalk, FindsWhereEachEntryBegins) {
  const auto tape = joined({header('5', 0, "case/"), header('0', 700, "case/a.txt"),
                            content(std::string(700, 'a')), header('0', 0, "case/none"),
                            header('2', 0, "case/link"), k_end});
  for (const std::size_t step : {1UL, 100UL, 512UL, 100'000UL}) {
    const auto seen = walked(tape, step);
    ASSERT_TRUE(seen) << seen.error().detail;
    const std::vector<Seen> expected{
        {0, "case/", 0}, {512, "case/a.txt", 700}, {2048, "case/none", 0}, {2560, "case/link", 0}};
    EXPECT_EQ(seen->entries, expected) << step;
    EXPECT_EQ(seen->end, 3072U);
  }
}

TEST(TapeWalk, CountsWhatExtendsAHeaderToTheEntry) {
  const std::string record =
      "25 path=case/" + std::string(11, 'n') + "\n19 mtime=12.345678\n12 size=300\n";
  const auto tape =
      joined({header('x', record.size(), "PaxHeader/n"), content(record), header('0', 1, "short"),
              content(std::string(300, 'b')), header('L', 150, "././@LongLink"),
              content(std::string(149, 'l') + '\0'), header('0', 3, "cut"), content("abc"), k_end});
  const auto seen = walked(tape);
  ASSERT_TRUE(seen) << seen.error().detail;
  ASSERT_EQ(seen->entries.size(), 2U);
  EXPECT_EQ(seen->entries[0], (Seen{0, "case/" + std::string(11, 'n'), 300}));
  EXPECT_EQ(seen->all[0].modified, "12.345678");
  EXPECT_EQ(seen->entries[1], (Seen{2048, std::string(149, 'l'), 3}));
}

TEST(TapeWalk, ReadsTheNumbersThatOtherProgramsWrite) {
  const auto big = header('0', 0, "big", [](Bytes& block) {
    std::fill_n(block.begin() + 124, 12, std::uint8_t{0});
    block[124] = 0x80;
    block[131] = 2;  // 2^33
  });
  const auto blanks = header('0', 0, "blanks", [](Bytes& block) {
    std::ranges::copy(std::string_view("   644 \0", 8), block.begin() + 100);
  });
  TapeWalk walk;
  ASSERT_TRUE(walk.take(big));
  EXPECT_EQ(walk.entry()->size, std::uint64_t{1} << 33);
  TapeWalk other;
  ASSERT_TRUE(other.take(blanks));
  EXPECT_EQ(other.entry()->mode, 0644U);
}

TEST(TapeWalk, RefusesWhatReadersCouldReadDifferently) {
  using enum FaultCode;
  const auto pax = [](const std::string& record) {
    return joined({header('x', record.size(), "p"), content(record), header('0', 0, "f"), k_end});
  };
  auto bent = header('0', 0, "f");
  bent[0] ^= 1;
  EXPECT_EQ(refusal(bent), format_tape);
  EXPECT_EQ(refusal(header('5', 512, "folder-with-content")), format_tape);
  EXPECT_EQ(refusal(header('1', 3, "link-with-content")), format_tape);
  EXPECT_EQ(refusal(header('S', 3, "sparse")), format_tape);
  EXPECT_EQ(refusal(pax("9 size=x\n")), format_tape);
  EXPECT_EQ(refusal(pax("9 size=12")), format_tape);
  EXPECT_EQ(refusal(pax("99 size=1\n")), format_tape);
  EXPECT_EQ(refusal(pax(" size=1\n")), format_tape);
  EXPECT_EQ(refusal(pax("8 no-is\n")), format_tape);
  EXPECT_EQ(refusal(pax("30 GNU.sparse.realsize=123456\n")), format_tape);
  const std::string global = "9 size=1\n";
  EXPECT_EQ(refusal(joined({header('g', global.size(), "g"), content(global)})), format_tape);
  EXPECT_EQ(refusal(joined({header('x', 0, "p"), k_end})), format_tape);
  EXPECT_EQ(refusal(header('0', 0, "f", [](Bytes& block) { block[124] = 'x'; })), format_tape);
  EXPECT_EQ(refusal(header('0', 0, "f", [](Bytes& block) { block[124] = 0xff; })), format_tape);
}

TEST(TapeWalk, KeepsNoMoreOfAnExtensionThanItsLimit) {
  EXPECT_EQ(refusal(header('x', k_tape_extension_max + 1, "p")), FaultCode::format_tape);
  TapeWalk walk;
  EXPECT_TRUE(walk.take(header('x', k_tape_extension_max, "p")));
}

TEST(TapeWalk, TakesWhateverFollowsTheEndAsNothing) {
  auto tape = joined({header('0', 0, "f"), k_end});
  append(tape, header('0', 5, "hidden"));
  const auto seen = walked(tape);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->entries.size(), 1U);
}

}  // namespace comity::formats
