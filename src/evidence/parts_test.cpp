#include "evidence/parts.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "evidence/evidence_gen.hpp"
#include "formats/merkle_tree.hpp"

namespace comity::evidence {
namespace {

const Secret k_key(Bytes(32, 7));

/// An item's plaintext, its tree, and everything that a prover can have.
struct Whole {
  Bytes bytes;
  SealedShape shape;
  std::vector<Cut> cuts;
  std::vector<Digest> leaves;

  ProvenCut proven(std::size_t index) const {
    formats::MerkleTree tree(leaves);
    return {.index = index,
            .salt = part_salt(k_key, cuts[index].offset),
            .cut = cuts[index],
            .proof = *formats::inclusion_proof(tree, index, leaves.size())};
  }
  /// The run between two cuts; -1 and the number of cuts are the plaintext's ends.
  std::pair<std::optional<ProvenCut>, std::optional<ProvenCut>> run(int from, int to) const {
    std::pair<std::optional<ProvenCut>, std::optional<ProvenCut>> ends;
    if (from >= 0) ends.first = proven(static_cast<std::size_t>(from));
    if (to < static_cast<int>(cuts.size())) ends.second = proven(static_cast<std::size_t>(to));
    return ends;
  }
  View between(int from, int to) const {
    const auto first = from < 0 ? 0 : cuts[static_cast<std::size_t>(from)].offset;
    const auto end = to < static_cast<int>(cuts.size()) ? cuts[static_cast<std::size_t>(to)].offset
                                                        : bytes.size();
    return View(bytes).subspan(first, end - first);
  }
};

Result<Whole> whole(Bytes bytes, Media media = Media::file, std::size_t piece = 10'000) {
  Whole made{.bytes = std::move(bytes)};
  PartsHash hash(Secret(to_bytes(k_key.view())), media,
                 [&](std::uint64_t index, const Cut& cut, const Digest& leaf) -> Result<void> {
                   EXPECT_EQ(index, made.cuts.size());
                   made.cuts.push_back(cut);
                   made.leaves.push_back(leaf);
                   return {};
                 });
  for (View rest(made.bytes); !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
    TRY(hash.update(rest.first(std::min(piece, rest.size()))));
  TRY_LET(const auto finished, hash.finish());
  EXPECT_EQ(finished.sha256, crypto::sha256(made.bytes));
  made.shape = {.plaintext_size = made.bytes.size(),
                .plaintext_sha256 = finished.sha256,
                .parts = finished.parts};
  return made;
}

Result<void> check(const Whole& item, std::optional<ProvenCut> from, std::optional<ProvenCut> to,
                   View bytes) {
  TRY_LET(auto run, RunCheck::begin(item.shape, std::move(from), std::move(to)));
  run.update(bytes);
  return run.finish();
}

Bytes folder() {
  Bytes tape;
  const auto add = [&](const std::string& path, std::size_t size) {
    append(tape, formats::tape_header({.path = path, .size = size, .modified_s = 5}));
    append(tape, sample::plaintext(size));
    tape.resize(tape.size() + formats::tape_padding(size));
  };
  add("a.txt", 5);
  add("large.bin", 150'000);
  add("empty", 0);
  add("z.txt", 512);
  tape.resize(tape.size() + 1024);
  return tape;
}

}  // namespace

TEST(Parts, CutsAtEachBlockAndNowhereElse) {
  for (const std::size_t size : {0UL, 1UL, 65'536UL, 65'537UL, 131'072UL, 200'000UL}) {
    const auto item = *whole(sample::plaintext(size));
    const std::size_t expected = size == 0 ? 0 : (size - 1) / k_part_size;
    ASSERT_EQ(item.cuts.size(), expected) << size;
    EXPECT_EQ(item.shape.parts->count, expected);
    for (std::size_t i = 0; i < expected; ++i) {
      EXPECT_EQ(item.cuts[i].offset, (i + 1) * k_part_size);
      EXPECT_EQ(item.cuts[i].mark, Mark::block);
    }
  }
}

TEST(Parts, CutsAFolderWhereItsEntriesBegin) {
  const auto tape = folder();
  for (const std::size_t piece : {1UL, 511UL, 1'000'000UL}) {
    const auto item = *whole(tape, Media::folder_tar, piece);
    std::vector<std::uint64_t> entries;
    for (const auto& cut : item.cuts)
      if (cut.mark == Mark::entry) entries.push_back(cut.offset);
    // large.bin, empty, z.txt and the archive's end; a.txt begins the plaintext.
    const std::uint64_t large_end = 1024 + 512 + 150'016;
    EXPECT_EQ(entries, (std::vector<std::uint64_t>{1024, large_end, large_end + 512,
                                                   large_end + 512 + 1024}))
        << piece;
  }
}

TEST(Parts, RefusesAFolderThatIsNoTapeArchive) {
  EXPECT_EQ(whole(sample::plaintext(3000), Media::folder_tar).error().code, FaultCode::format_tape);
  auto cut_short = folder();
  cut_short.resize(100'000);
  EXPECT_EQ(whole(cut_short, Media::folder_tar).error().code, FaultCode::format_tape);
}

TEST(Parts, ProvesEveryRunBetweenTwoCuts) {
  for (const auto& item :
       {*whole(sample::plaintext(400'000)), *whole(folder(), Media::folder_tar)}) {
    const int count = static_cast<int>(item.cuts.size());
    for (int from = -1; from < count; ++from)
      for (int to = from + 1; to <= count; ++to) {
        auto [first, end] = item.run(from, to);
        const auto checked = check(item, first, end, item.between(from, to));
        EXPECT_TRUE(checked) << from << " " << to << " " << checked.error().detail;
      }
  }
}

RC_GTEST_PROP(Parts, TakeNoOtherByte, ()) {
  static const auto item = *whole(sample::plaintext(400'000));
  const int from = *rc::gen::inRange(-1, 6);
  const int to = *rc::gen::inRange(from + 1, 7);
  auto bytes = to_bytes(item.between(from, to));
  bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] ^= 1;
  auto [first, end] = item.run(from, to);
  const auto checked = check(item, first, end, bytes);
  RC_ASSERT(!checked);
  RC_ASSERT(checked.error().code == FaultCode::evidence_hash);
}

TEST(Parts, TakesNeitherMoreNorFewerBytes) {
  const auto item = *whole(sample::plaintext(400'000));
  const auto [first, end] = item.run(1, 3);
  const auto right = item.between(1, 3);
  auto more = to_bytes(right);
  more.push_back(0);
  EXPECT_FALSE(check(item, first, end, more));
  EXPECT_FALSE(check(item, first, end, right.first(right.size() - 1)));
  EXPECT_FALSE(check(item, first, end, right.first(right.size() - crypto::k_sha256_block_bytes)));
  EXPECT_FALSE(check(item, first, end, {}));
}

TEST(Parts, BelieveNoEndThatDoesNotLeadToTheRoot) {
  const auto item = *whole(sample::plaintext(400'000));
  const auto bytes = item.between(1, 3);
  const auto refused = [&](const std::function<void(ProvenCut&)>& change) {
    for (const bool at_end : {false, true}) {
      auto [first, end] = item.run(1, 3);
      change(at_end ? *end : *first);
      const auto checked = check(item, first, end, bytes);
      if (checked || checked.error().code != FaultCode::evidence_hash) return false;
    }
    return true;
  };
  EXPECT_TRUE(refused([](ProvenCut& end) { end.index ^= 1; }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.index = 1'000'000; }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.salt[0] ^= 1; }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.cut.offset += 64; }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.cut.offset = 400'000; }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.cut.offset = 0; }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.cut.mark = Mark::entry; }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.cut.state.bytes[5] ^= 1; }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.proof.pop_back(); }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.proof.push_back({}); }));
  EXPECT_TRUE(refused([](ProvenCut& end) { end.proof[0].bytes[0] ^= 1; }));
  const auto [first, end] = item.run(1, 3);
  EXPECT_FALSE(check(item, end, first, bytes)) << "an end before its beginning";
  EXPECT_FALSE(check(item, first, first, {})) << "nothing at all";
  EXPECT_FALSE(check(item, first, std::nullopt, bytes)) << "the end of the item, which it is not";
}

TEST(Parts, AreNotProvenOfAnItemSealedWithoutThem) {
  auto item = *whole(sample::plaintext(400'000));
  item.shape.parts.reset();
  const auto [first, end] = item.run(1, 3);
  EXPECT_EQ(check(item, first, end, item.between(1, 3)).error().code, FaultCode::evidence_hash);
}

TEST(Parts, HideWhatLiesBesideThemBehindASalt) {
  // The neighbours' leaves stand in a proof. Who can guess a neighbour's bytes learns nothing: the
  // same bytes have other leaves in another item.
  const auto bytes = sample::plaintext(200'000);
  const auto leaf = [&](std::uint8_t key) {
    Digest first;
    PartsHash hash(Secret(Bytes(32, key)), Media::file,
                   [&](std::uint64_t index, const Cut&, const Digest& made) -> Result<void> {
                     if (index == 0) first = made;
                     return {};
                   });
    EXPECT_TRUE(hash.update(bytes));
    return first;
  };
  EXPECT_NE(leaf(1), leaf(2));
  EXPECT_EQ(leaf(1), leaf(1));
  EXPECT_NE(part_salt(k_key, 65'536), part_salt(k_key, 131'072));
}

}  // namespace comity::evidence
