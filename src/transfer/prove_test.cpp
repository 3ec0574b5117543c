#include "transfer/prove.hpp"

#include <gtest/gtest.h>

#include "evidence/opener.hpp"
#include "transfer/folder.hpp"
#include "transfer/open.hpp"
#include "transfer/seal.hpp"
#include "transfer/transfer_gen.hpp"

namespace comity::transfer {
namespace {

using sample::TemporaryDirectory;

/// An item on disk, sealed as a node seals it, and what opens it.
struct Stored {
  TemporaryDirectory directory;
  formats::AgeIdentity identity;
  evidence::Manifest manifest;
  Secret key;
};

std::unique_ptr<Stored> stored(View plaintext, evidence::Media media = evidence::Media::file) {
  SystemRandom random;
  auto made = std::unique_ptr<Stored>(
      new Stored{.identity = formats::AgeIdentity::generate(random), .key = Secret(0)});
  sample::BytesSource source(plaintext);
  WorkOptions options;
  options.media = media;
  const auto sealed =
      seal_source(source, {made->identity.recipient()}, random, made->directory, options);
  CHECK(sealed.has_value());
  made->manifest = evidence::sample::manifest(sealed->shape, sealed->recipients);
  made->manifest.media = media;
  const auto file = *read_file(ItemFiles{made->directory}.sealed(), 1UL << 30);
  const auto payload = *evidence::payload_key_of(
      sealed->shape, View(file).first(sealed->shape.prefix_size), made->identity);
  made->key = evidence::part_key(payload);
  return made;
}

struct Proof {
  ProvenRun run;
  Bytes bytes;
};

Result<Proof> proof_of(const Stored& item, WantedRun wanted) {
  TemporaryDirectory place;
  TRY_LET(const auto prover, RunProver::begin(item.manifest, Secret(to_bytes(item.key.view())),
                                              std::move(wanted), place.path() / "work"));
  TRY(open_sealed(item.directory, item.manifest.sealed, item.identity, *prover));
  TRY_LET(auto run, prover->finish());
  sample::BytesSink sink;
  TRY(prover->give(sink));
  return Proof{std::move(run), to_bytes(sink.bytes())};
}

Result<void> checked(const Stored& item, const Proof& proof) {
  TRY_LET(auto run, evidence::RunCheck::begin(item.manifest.sealed, proof.run.from, proof.run.to));
  EXPECT_EQ(run.first(), proof.run.first);
  EXPECT_EQ(run.end(), proof.run.end);
  run.update(proof.bytes);
  return run.finish();
}

std::unique_ptr<Stored> stored_folder(const std::map<std::string, Bytes>& files) {
  TemporaryDirectory root;
  for (const auto& [name, bytes] : files) {
    std::filesystem::create_directories((root.path() / name).parent_path());
    CHECK(write_file(root.path() / name, bytes).has_value());
  }
  auto source = *FolderSource::open({root.path() / "case"});
  Bytes tape, piece(100'000);
  while (const auto got = *source->read(piece)) append(tape, View(piece).first(got));
  return stored(tape, evidence::Media::folder_tar);
}

}  // namespace

TEST(RunProver, ProvesARangeWidenedToWhereItCanBeCut) {
  const auto plaintext = sample::plaintext(5 * evidence::k_part_size + 100);
  const auto item = stored(plaintext);
  for (const auto& [first, end] : {std::pair<std::uint64_t, std::uint64_t>{0, 1},
                                   {65'536, 65'537},
                                   {70'000, 200'000},
                                   {327'680, 327'780},
                                   {0, 327'780}}) {
    const auto proof = proof_of(*item, {.first = first, .end = end});
    ASSERT_TRUE(proof) << proof.error().detail;
    EXPECT_LE(proof->run.first, first);
    EXPECT_GE(proof->run.end, end);
    EXPECT_LT(first - proof->run.first, evidence::k_part_size);
    EXPECT_LT(proof->run.end - end, evidence::k_part_size);
    EXPECT_TRUE(std::ranges::equal(
        proof->bytes,
        View(plaintext).subspan(proof->run.first, proof->run.end - proof->run.first)));
    EXPECT_EQ(proof->run.sha256, crypto::sha256(proof->bytes));
    EXPECT_TRUE(checked(*item, *proof)) << first;
  }
}

TEST(RunProver, ProvesEachEntryOfAFolderAlone) {
  std::map<std::string, Bytes> files;
  for (int i = 0; i < 40; ++i)
    files["case/" + std::to_string(i) + ".eml"] =
        sample::plaintext(static_cast<std::size_t>(i) * 997);
  files["case/deep/" + std::string(120, 'n') + ".bin"] = sample::plaintext(300'000);
  const auto item = stored_folder(files);
  for (const auto& [name, bytes] : files) {
    const auto proof = proof_of(*item, {.entry = name});
    ASSERT_TRUE(proof) << name << ": " << proof.error().detail;
    EXPECT_TRUE(checked(*item, *proof)) << name;
    // Nothing of its neighbours: the entry's headers and its own bytes, to the end of a block.
    EXPECT_LE(proof->bytes.size(), 3 * 512 + 1024 + bytes.size() + 511) << name;
    formats::TapeWalk walk;
    Bytes content;
    for (View rest(proof->bytes); !rest.empty();) {
      const auto taken = *walk.take(rest);
      if (walk.is_content()) append(content, rest.first(taken));
      rest = rest.subspan(taken);
    }
    EXPECT_EQ(walk.entry()->path, name);
    EXPECT_TRUE(content == bytes) << name;
  }
  EXPECT_TRUE(proof_of(*item, {.entry = "case"}));  // the folder's own entry
}

TEST(RunProver, RefusesWhatTheItemDoesNotHave) {
  const auto item = stored(sample::plaintext(1000));
  EXPECT_FALSE(proof_of(*item, {.first = 0, .end = 1001}));
  EXPECT_FALSE(proof_of(*item, {.first = 5, .end = 5}));
  EXPECT_FALSE(proof_of(*item, {.entry = "case/a"}));
  const auto folder = stored_folder({{"case/a", sample::plaintext(5)}});
  EXPECT_FALSE(proof_of(*folder, {.entry = "case/b"}));
  EXPECT_FALSE(proof_of(*folder, {.entry = "a"}));
}

TEST(RunProver, NamesASenderWhoSignedAnotherRoot) {
  const auto item = stored(sample::plaintext(200'000));
  item->manifest.sealed.parts->root.bytes[0] ^= 1;
  EXPECT_EQ(proof_of(*item, {.first = 0, .end = 1}).error().code, FaultCode::evidence_hash);
  item->manifest.sealed.parts.reset();
  EXPECT_FALSE(proof_of(*item, {.first = 0, .end = 1}));
}

TEST(RunProver, LeavesNothingOfTheItemBehind) {
  const auto item = stored(sample::plaintext(200'000));
  TemporaryDirectory place;
  {
    const auto prover = *RunProver::begin(item->manifest, Secret(to_bytes(item->key.view())),
                                          {.first = 0, .end = 1}, place.path() / "work");
    ASSERT_TRUE(open_sealed(item->directory, item->manifest.sealed, item->identity, *prover));
    EXPECT_TRUE(file_exists(place.path() / "work"));
  }
  EXPECT_FALSE(file_exists(place.path() / "work"));
}

}  // namespace comity::transfer
