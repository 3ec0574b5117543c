#include "formats/note.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formats/checkpoint.hpp"

namespace comity::formats {
namespace {

using testing::SizeIs;

crypto::Ed25519Key key_of(std::uint8_t first) {
  Bytes seed(32);
  for (std::size_t i = 0; i < 32; ++i) seed[i] = static_cast<std::uint8_t>(first + i);
  return *crypto::Ed25519Key::from_seed(Secret(std::move(seed)));
}

constexpr std::string_view k_vector_vkey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view k_vector_note =
    "This is an example message.\n"
    "\n"
    "\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";

// Of the Tessera project's test log.
constexpr std::string_view k_testdata_checkpoint =
    "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n"
    "\xe2\x80\x94 example.com/log/testdata M9e0luh4jTG+UMBqOUo9/q+"
    "yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n";

Result<Note> open(std::string_view note, const Verifier& verifier) {
  return open_note(as_bytes(note), std::span(&verifier, 1));
}

}  // namespace

TEST(Vkey, ReadsAndWritesThePublishedOne) {
  const auto verifier = parse_vkey(k_vector_vkey);
  ASSERT_TRUE(verifier) << verifier.error().detail;
  EXPECT_EQ(verifier->name, "example.com/foo");
  EXPECT_EQ(verifier->key_id, 0x530d903aU);
  EXPECT_EQ(to_vkey(*verifier), k_vector_vkey);
  EXPECT_EQ(make_vkey("example.com/foo", verifier->key), k_vector_vkey);
}

TEST(Vkey, RefusesWhatIsNoneOrNotItsOwn) {
  for (const auto* text :
       {"", "a", "a+b", "a+530d903a+", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==",
        "example com+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"})
    EXPECT_FALSE(parse_vkey(text)) << text;
}

TEST(Note, OpensThePublishedOne) {
  const auto note = open(k_vector_note, *parse_vkey(k_vector_vkey));
  ASSERT_TRUE(note) << note.error().detail;
  EXPECT_EQ(note->text, "This is an example message.\n");
  EXPECT_THAT(note->signatures, SizeIs(1));
}

TEST(Note, IsSignedAsTheSpecificationSays) {
  const auto key = key_of(1);
  const auto verifier = make_verifier("kgz.example/log", key.public_key());
  const auto note = *sign_note("first\n\nthird\n", "kgz.example/log", key);
  EXPECT_EQ(open(note, verifier)->text, "first\n\nthird\n") << "empty lines belong to the text";
  EXPECT_FALSE(sign_note("no line feed", "kgz.example/log", key));
  EXPECT_FALSE(sign_note("tab\t\n", "kgz.example/log", key));
  EXPECT_FALSE(sign_note("\xff\n", "kgz.example/log", key));
}

TEST(Note, IgnoresUnknownKeysButNeverABadSignatureOfAKnownOne) {
  const auto key = key_of(1), other = key_of(2);
  const auto verifier = make_verifier("kgz.example/log", key.public_key());
  const auto good = *sign_note("text\n", "kgz.example/log", key);
  const auto foreign = *sign_note("text\n", "bfa.example/log", other);
  const auto line_of = [](const std::string& note) { return note.substr(note.find("\n\n") + 2); };

  const auto both = open(good + line_of(foreign), verifier);
  ASSERT_TRUE(both);
  EXPECT_THAT(both->signatures, SizeIs(1));
  EXPECT_THAT(both->others, SizeIs(1));
  EXPECT_EQ(open(foreign, verifier).error().code, FaultCode::crypto_signature);
  // The known key's line over another text, beside a good one and in either order.
  const auto bad = line_of(*sign_note("other\n", "kgz.example/log", key));
  EXPECT_EQ(open(good + bad, verifier).error().code, FaultCode::crypto_signature);
  EXPECT_EQ(open("text\n\n" + bad + line_of(good), verifier).error().code,
            FaultCode::crypto_signature);
  // Same name, another key: unknown, so ignored.
  EXPECT_TRUE(open(good + line_of(*sign_note("text\n", "kgz.example/log", other)), verifier));
  EXPECT_THAT(open(good + line_of(good), verifier)->signatures, SizeIs(1)) << "said twice is once";
}

TEST(Note, RefusesWhatIsNotWellFormed) {
  const auto verifier = *parse_vkey(k_vector_vkey);
  const std::string good(k_vector_note);
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = good;
    return changed.replace(changed.find(from), from.size(), to);
  };
  EXPECT_TRUE(open(good, verifier));
  for (const auto& note :
       {std::string(), std::string("\n"), std::string("\n\n"), good.substr(0, good.size() - 1),
        good + '\n', good + "x\n", with("\n\n", "\n"), with("\xe2\x80\x94 ", "\xe2\x80\x94"),
        with("\xe2\x80\x94 ", "- "), with("/foo ", "/foo  "), with("IneyaQM=", "IneyaQM"),
        with("IneyaQM=", "IneyaQN="), with("message", "mess\tage"), with("message", "mess\rage"),
        with("message", std::string_view("mess\0age", 8)), with("message", "mess\xff"),
        with("example.com/foo ", "example.com/\xc2\xa0oo "), with("example.com/foo ", "a+b "),
        std::string("text\n\n\xe2\x80\x94 name AAAAAA==\n")})
    EXPECT_FALSE(open(note, verifier)) << note;
}

TEST(Note, HoldsItsLimits) {
  const auto key = key_of(1);
  const auto verifier = make_verifier("a", key.public_key());
  auto note = *sign_note("text\n", "a", key);
  const std::string line = "\xe2\x80\x94 other AAAAAAA=\n";
  for (std::size_t i = 1; i < k_note_signatures_max; ++i) note += line;
  EXPECT_THAT(open(note, verifier)->others, SizeIs(k_note_signatures_max - 1));
  EXPECT_EQ(open(note + line, verifier).error().code, FaultCode::limit_count);

  const std::size_t overhead = sign_note("\n", "a", key)->size();
  const auto text = [&](std::size_t size) { return std::string(size, 'x') + '\n'; };
  const std::size_t most = k_note_bytes_max - overhead;
  EXPECT_TRUE(open(*sign_note(text(most), "a", key), verifier));
  EXPECT_EQ(open(*sign_note(text(most + 1), "a", key), verifier).error().code,
            FaultCode::limit_size);
  EXPECT_TRUE(is_note_name(std::string(k_note_name_bytes_max, 'n')));
  EXPECT_FALSE(is_note_name(std::string(k_note_name_bytes_max + 1, 'n')));
}

RC_GTEST_PROP(Note, NoChangedByteIsTheSameNote, ()) {
  static const auto key = key_of(7);
  static const auto verifier = make_verifier("kgz.example/log", key.public_key());
  const std::string good = *sign_note("kgz.example/log\n15\nroot\n", "kgz.example/log", key);
  auto changed = good;
  const auto at = *rc::gen::inRange<std::size_t>(0, good.size());
  changed[at] = static_cast<char>(changed[at] ^ *rc::gen::inRange(1, 256));
  RC_ASSERT(!open(changed, verifier));
}

TEST(Checkpoint, OpensThoseOfAnotherImplementation) {
  const auto verifier =
      parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  ASSERT_TRUE(verifier) << verifier.error().detail;
  const auto checkpoint =
      open_checkpoint(as_bytes(k_testdata_checkpoint), std::span(&*verifier, 1));
  ASSERT_TRUE(checkpoint) << checkpoint.error().detail;
  EXPECT_EQ(checkpoint->size, 15U);
}

TEST(Cosignature, IsByteForByteTheOneThatOtherImplementationsAccept) {
  const std::string note(k_testdata_checkpoint);
  const auto text = note.substr(0, note.find("\n\n") + 1);
  const auto vkey =
      parse_vkey("witness.example/w1+e75f6532+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
  ASSERT_TRUE(vkey);
  EXPECT_EQ(vkey->key, key_of(0).public_key());  // seed 00 01 … 1f
  const auto line = cosignature_line(text, "witness.example/w1", key_of(0), 1700000000);
  EXPECT_EQ(line,
            "\xe2\x80\x94 witness.example/w1 "
            "519lMgAAAABlU/EA8Ksalh7kTmlIFPRO/50jC8JyWktgWjbjpb8ZCaY7/1Pyo/Js5iv0m/SL/"
            "Pgn8ExkAr34GAbhHPwm6x2I0VpoBA==\n");
  EXPECT_TRUE(open(note + line, *vkey));
  EXPECT_FALSE(open("x" + note + line, *vkey));
}

}  // namespace comity::formats
