#include "formats/checkpoint.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace comity::formats {
namespace {

crypto::Ed25519Key some_key() {
  return *crypto::Ed25519Key::from_seed(Secret(Bytes(32, 9)));
}

}  // namespace

TEST(Checkpoint, ReadsAndWritesTheEmptyLogsOne) {
  const Checkpoint checkpoint{"kgz.example/log", 0, empty_root(), {}};
  const auto text = to_text(checkpoint);
  EXPECT_EQ(text, "kgz.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  EXPECT_EQ(*parse_checkpoint(text), checkpoint);
}

TEST(Checkpoint, RefusesWhatIsNone) {
  const std::string root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  EXPECT_TRUE(parse_checkpoint("o\n5\n" + root));
  EXPECT_TRUE(parse_checkpoint("o\n4611686018427387904\n" + root)) << "the limit";
  for (const auto& text :
       {std::string(), std::string("o\n5\n"), "\n5\n" + root, "o\n\n" + root, "o\n05\n" + root,
        "o\n+5\n" + root, "o\n-5\n" + root, "o\n5 \n" + root, "o\n0x5\n" + root, "o\n5\n\n" + root,
        "o\n4611686018427387905\n" + root, "o\n99999999999999999999999\n" + root,
        "o\n5\n" + root.substr(0, 43) + "\n", std::string("o\n5\n47DEQpj8HBSa\n"),
        "o\n5\n" + root + "\n", "o\n5\n" + root.substr(0, 44),
        std::string("o\n0\n") + base64(Bytes(32)) + "\n"})
    EXPECT_FALSE(parse_checkpoint(text)) << text;
  EXPECT_EQ(parse_checkpoint("o\n5\n" + root + "more\n")->extensions.size(), 1U);
}

TEST(Checkpoint, CountsOnlyWhenSignedByTheLogItNames) {
  const auto key = some_key();
  const Checkpoint checkpoint{"kgz.example/log", 3, leaf_hash({}), {}};
  const auto note = *sign_checkpoint(checkpoint, key);
  const Verifier known[] = {
      make_verifier("kgz.example/log", key.public_key()),
      make_verifier("bfa.example/log", key.public_key()),
      make_verifier("kgz.example/log", key.public_key(), NoteKeyType::cosignature_v1)};
  EXPECT_EQ(*open_checkpoint(as_bytes(note), known), checkpoint);
  const auto by_another = *sign_note(to_text(checkpoint), "bfa.example/log", key);
  EXPECT_EQ(open_checkpoint(as_bytes(by_another), known).error().code, FaultCode::crypto_signature);
  const auto cosigned =
      to_text(checkpoint) + '\n' + cosignature_line(to_text(checkpoint), "kgz.example/log", key, 5);
  EXPECT_TRUE(open_note(as_bytes(cosigned), known));
  EXPECT_FALSE(open_checkpoint(as_bytes(cosigned), known)) << "a cosignature is not the log's word";
  EXPECT_FALSE(sign_checkpoint({"not a name", 0, empty_root(), {}}, key));
}

RC_GTEST_PROP(Checkpoint, ComesBack, ()) {
  Checkpoint checkpoint{
      "kgz.example/log", *rc::gen::inRange<std::uint64_t>(1, k_tree_size_max), {}, {}};
  for (auto& byte : checkpoint.root.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  RC_ASSERT(*parse_checkpoint(to_text(checkpoint)) == checkpoint);
}

}  // namespace comity::formats
