// Part bundles: what is right holds, and whatever a stranger changes in one does not.
#include "court/part_bundle.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "court/sample_test.hpp"
#include "formats/tape.hpp"

namespace comity::court {
namespace {

using sample::Exchange;

constexpr std::size_t k_size = 400'000;

/// An archive of a folder in which one file is itself an archive of a file called "order.txt".
Bytes folder() {
  Bytes tape;
  const auto add = [](Bytes& to, const std::string& path, View content) {
    append(to, formats::tape_header(
                   {.path = path, .size = content.size(), .modified_s = 1'700'000'000}));
    append(to, content);
    to.resize(to.size() + formats::tape_padding(content.size()));
  };
  // So that what is within begins at a place where every item can be cut.
  Bytes inner(2 * evidence::k_part_size - 1024 - 512);
  add(inner, "order.txt", as_bytes("Release him."));
  add(tape, "case/a.txt", as_bytes("a note"));
  add(tape, "case/inner.tar", inner);
  add(tape, "case/b.txt", as_bytes("Hold him."));
  tape.resize(tape.size() + 1024);
  return tape;
}

/// A delivered item, and bundles of any run of it.
struct Delivered {
  Exchange exchange;
  Bytes plaintext;
  Secret key = Secret(Bytes(32, 5));
  std::vector<evidence::Cut> cuts;
  std::vector<Digest> leaves;

  explicit Delivered(Bytes bytes, evidence::Media media = evidence::Media::file)
      : plaintext(std::move(bytes)) {
    evidence::PartsHash hash(Secret(to_bytes(key.view())), media,
                             [&](std::uint64_t, const evidence::Cut& cut, const Digest& leaf) {
                               cuts.push_back(cut);
                               leaves.push_back(leaf);
                               return Result<void>();
                             });
    CHECK(hash.update(plaintext).has_value());
    const auto finished = *hash.finish();
    auto& manifest = exchange.manifest;
    manifest.media = media;
    manifest.sealed.plaintext_size = plaintext.size();
    manifest.sealed.plaintext_sha256 = finished.sha256;
    manifest.sealed.parts = finished.parts;
    exchange.manifest_bytes = *evidence::write_manifest(manifest);
    exchange.play();
  }

  evidence::ProvenCut proven(std::size_t index) const {
    formats::MerkleTree tree(leaves);
    return {.index = index,
            .salt = evidence::part_salt(key, cuts[index].offset),
            .cut = cuts[index],
            .proof = *formats::inclusion_proof(tree, index, leaves.size())};
  }
  std::size_t at(std::uint64_t offset) const {
    const auto found = std::ranges::find(cuts, offset, &evidence::Cut::offset);
    CHECK(found != cuts.end());
    return static_cast<std::size_t>(found - cuts.begin());
  }
  PartBundle bundle(std::uint64_t first, std::uint64_t end, PartKind kind = PartKind::range) const {
    const auto& delivery = exchange.acts[2];
    PartBundle made{
        .statement = {.item = exchange.manifest.item,
                      .kind = kind,
                      .manifest_salt = delivery.parts[0].part.salt},
        .manifest = exchange.manifest_bytes,
        .delivery = delivery.p7m,
        .entry = *directory::sign_entry(const_cast<sample::Nation&>(exchange.asked).entry(),
                                        exchange.asked.root_key),
        .size = end - first,
        .made_at = exchange.now};
    if (first > 0) made.statement.from = proven(at(first));
    if (end < plaintext.size()) made.statement.to = proven(at(end));
    return made;
  }
  Bytes file(const PartBundle& bundle, View run) const {
    Bytes all = *part_bundle_head(bundle);
    append(all, run);
    append(all, part_bundle_tail(run.size()));
    return all;
  }
  Bytes file(std::uint64_t first, std::uint64_t end, PartKind kind = PartKind::range) const {
    return file(bundle(first, end, kind), View(plaintext).subspan(first, end - first));
  }
  TrustedRoots trusted() const { return exchange.fingerprints(); }
};

Report verified(View bytes, const TrustedRoots& trusted, std::size_t piece = 10'000) {
  return verify_part(
      [&](std::span<std::uint8_t> into) -> Result<std::size_t> {
        const auto size = std::min({into.size(), piece, bytes.size()});
        std::copy_n(bytes.begin(), size, into.begin());
        bytes = bytes.subspan(size);
        return size;
      },
      trusted);
}

bool fails(const Report& report, std::string_view name) {
  return std::ranges::any_of(report.checks(), [&](const Check& check) {
    return check.name == name && check.verdict == Verdict::fails;
  });
}
std::string words(const Report& report, std::string_view name) {
  for (const auto& check : report.checks())
    if (check.name == name) return check.words;
  return {};
}

const Delivered& plain() {
  static const Delivered delivered(evidence::sample::plaintext(k_size));
  return delivered;
}
const Delivered& in_folder() {
  static const Delivered delivered(folder(), evidence::Media::folder_tar);
  return delivered;
}

}  // namespace

TEST(PartBundle, HoldsForEveryRunOfAnItem) {
  const auto& item = plain();
  const std::uint64_t block = evidence::k_part_size;
  for (const auto& [first, end] : {std::pair{0UL, block},
                                   {block, 2 * block},
                                   {2 * block, 6 * block},
                                   {5 * block, k_size},
                                   {0UL, k_size}}) {
    const auto report = verified(item.file(first, end), item.trusted());
    EXPECT_EQ(report.exit_code(), 0) << to_text(report);
    EXPECT_NE(words(report, "part.bytes")
                  .find("bytes " + std::to_string(first) + " to " + std::to_string(end) +
                        " of the 400000"),
              std::string::npos);
  }
}

TEST(PartBundle, ShowsOneFileOfAFolderWithItsNameTimeAndMode) {
  const auto& item = in_folder();
  const auto first = item.plaintext.size() - 2 * 1024;
  const auto report = verified(item.file(first, first + 1024, PartKind::entry), item.trusted());
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_EQ(words(report, "part.entry"),
            "file case/b.txt, mode 0600, modified 1700000000 s after 1970, 9 bytes, SHA-256 " +
                crypto::sha256(as_bytes("Hold him.")).hex());
  EXPECT_EQ(verified(item.file(0, 1024, PartKind::entry), item.trusted()).exit_code(), 0);
}

TEST(PartBundle, TakesNoFileWithinAFileForOneOfTheFolder) {
  // "order.txt" lies within inner.tar, and where every item can be cut: its bytes are the item's,
  // but it is no entry of the folder.
  const auto& item = in_folder();
  const auto first = 2 * evidence::k_part_size;
  const auto b_txt = item.plaintext.size() - 2 * 1024;
  const View run = View(item.plaintext).subspan(first, b_txt - first);
  ASSERT_EQ(as_text(run.first(9)), "order.txt");
  EXPECT_EQ(verified(item.file(first, b_txt), item.trusted()).exit_code(), 0);
  const auto report = verified(item.file(first, b_txt, PartKind::entry), item.trusted());
  EXPECT_FALSE(fails(report, "part.bytes"));
  EXPECT_TRUE(fails(report, "part.entry")) << to_text(report);
}

TEST(PartBundle, TakesNeitherTwoEntriesNorTheEndForOne) {
  const auto& item = in_folder();
  const auto size = item.plaintext.size();
  for (const auto& [first, end] : {std::pair<std::uint64_t, std::uint64_t>{1024, size - 1024},
                                   {size - 1024, size},
                                   {0, size}}) {
    const auto report = verified(item.file(first, end, PartKind::entry), item.trusted());
    EXPECT_TRUE(fails(report, "part.entry")) << first;
  }
  EXPECT_TRUE(
      fails(verified(plain().file(0, evidence::k_part_size, PartKind::entry), plain().trusted()),
            "part.entry"));
}

TEST(PartBundle, IsOpenWithoutAFingerprintAndFailsUnderAnother) {
  const auto file = plain().file(0, evidence::k_part_size);
  EXPECT_EQ(verified(file, {}).exit_code(), 2);
  auto other = plain().trusted();
  other[plain().exchange.asked.code] = {crypto::sha256(as_bytes("another root"))};
  EXPECT_TRUE(fails(verified(file, other), "state.trust"));
}

TEST(PartBundle, BelievesNoPaperThatIsNotTheSignedOne) {
  const auto& item = plain();
  const std::uint64_t end = evidence::k_part_size;
  const auto run = View(item.plaintext).first(end);
  const auto with = [&](const std::function<void(PartBundle&)>& change) {
    auto bundle = item.bundle(0, end);
    change(bundle);
    return verified(item.file(bundle, run), item.trusted());
  };
  EXPECT_TRUE(
      fails(with([&](PartBundle& b) { b.delivery = item.exchange.acts[1].p7m; }), "item.manifest"));
  EXPECT_TRUE(
      fails(with([](PartBundle& b) { b.statement.manifest_salt[3] ^= 1; }), "item.manifest"));
  EXPECT_TRUE(fails(with([&](PartBundle& b) {
                      auto manifest = item.exchange.manifest;
                      manifest.custodian = "Somebody else";
                      b.manifest = *evidence::write_manifest(manifest);
                    }),
                    "item.manifest"));
  EXPECT_TRUE(fails(with([](PartBundle& b) { b.statement.item.bytes[0] ^= 1; }), "item.manifest"));
  EXPECT_TRUE(fails(with([&](PartBundle& b) {
                      auto& asking = const_cast<sample::Nation&>(item.exchange.asking);
                      b.entry = *directory::sign_entry(asking.entry(), asking.root_key);
                    }),
                    "act.signature"));
  EXPECT_TRUE(
      fails(with([](PartBundle& b) { b.statement.to->cut.state.bytes[0] ^= 1; }), "part.bytes"));
  EXPECT_TRUE(fails(with([](PartBundle& b) { b.statement.to.reset(); }), "part.bytes"));
}

RC_GTEST_PROP(PartBundle, HoldsWithNoOtherBit, ()) {
  static const auto file = plain().file(evidence::k_part_size, 2 * evidence::k_part_size);
  auto bent = file;
  const auto at = *rc::gen::inRange<std::size_t>(0, bent.size());
  bent[at] ^= static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
  RC_ASSERT(verified(bent, plain().trusted()).exit_code() == 1);
}

RC_GTEST_PROP(PartBundle, IsNothingWhenItIsCut, ()) {
  static const auto file = plain().file(evidence::k_part_size, 2 * evidence::k_part_size);
  const auto size = *rc::gen::inRange<std::size_t>(0, file.size());
  RC_ASSERT(verified(View(file).first(size), plain().trusted()).exit_code() == 1);
  auto longer = file;
  longer.push_back(0);
  RC_ASSERT(verified(longer, plain().trusted()).exit_code() == 1);
}

TEST(PartStatement, IsReadInItsOneSpellingAndWithinItsLimits) {
  auto statement = plain().bundle(evidence::k_part_size, 2 * evidence::k_part_size).statement;
  const auto bytes = write_part_statement(statement);
  EXPECT_EQ(*read_part_statement(bytes), statement);
  EXPECT_FALSE(read_part_statement(View(bytes).first(bytes.size() - 1)));
  auto spaced = bytes;
  spaced.push_back(' ');
  EXPECT_EQ(read_part_statement(spaced).error().code, FaultCode::format_json);
  statement.from->proof.resize(formats::k_proof_hashes_max);
  EXPECT_TRUE(read_part_statement(write_part_statement(statement)));
  statement.from->proof.resize(formats::k_proof_hashes_max + 1);
  EXPECT_FALSE(read_part_statement(write_part_statement(statement)));
}

}  // namespace comity::court
