#include "formats/age_stream.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formats/age_keys.hpp"

namespace comity::formats {
namespace {

constexpr std::size_t k_chunk = k_age_chunk_size;

Secret key_of(std::uint8_t fill) {
  return Secret(Bytes(32, fill));
}

Bytes plaintext_of(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return bytes;
}

Bytes sealed(const Bytes& plaintext, const Secret& key) {
  const AgeChunking chunking(plaintext.size());
  Bytes out(chunking.sealed_size());
  AgeChunkCipher cipher(key);
  for (std::uint64_t k = 0; k < chunking.count(); ++k)
    cipher.seal(k, chunking.is_last(k),
                View(plaintext).subspan(k * k_chunk, chunking.plain_size_of(k)),
                std::span(out).subspan(k * k_age_sealed_chunk_size, chunking.sealed_size_of(k)));
  return out;
}

struct Opened {
  Bytes released;
  Result<void> end;
};

Opened open_in_pieces(View payload, const Secret& key, std::size_t piece) {
  Opened opened;
  AgeStreamOpener opener(key);
  while (!payload.empty() && opened.end) {
    const auto part = payload.first(std::min(piece, payload.size()));
    opened.end = opener.push(part, opened.released);
    payload = payload.subspan(part.size());
  }
  if (opened.end) opened.end = opener.finish(opened.released);
  return opened;
}

const std::size_t k_sizes[] = {0,           1,           k_chunk - 1, k_chunk,
                               k_chunk + 1, 2 * k_chunk, 3 * k_chunk, 3 * k_chunk + 5};

}  // namespace

TEST(AgeStream, OpensWhatItSealedAtEveryBoundary) {
  const auto key = key_of(1);
  for (const auto size : k_sizes) {
    const auto plaintext = plaintext_of(size);
    const auto payload = sealed(plaintext, key);
    EXPECT_EQ(*AgeChunking::from_sealed_size(payload.size()), AgeChunking(size));
    for (const std::size_t piece :
         {std::size_t{1000}, k_chunk, k_age_sealed_chunk_size, 3 * k_chunk}) {
      const auto opened = open_in_pieces(payload, key, piece);
      EXPECT_TRUE(opened.end) << size;
      EXPECT_EQ(opened.released, plaintext) << size;
    }
  }
}

TEST(AgeStream, TellsACutFromAWholeAndReleasesOnlyTheTrueBeginning) {
  const auto key = key_of(2);
  const auto plaintext = plaintext_of(2 * k_chunk + 100);
  const auto payload = sealed(plaintext, key);
  for (const std::size_t cut :
       {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16},
        k_age_sealed_chunk_size - 1, k_age_sealed_chunk_size, k_age_sealed_chunk_size + 16,
        2 * k_age_sealed_chunk_size, payload.size() - 1}) {
    const auto opened = open_in_pieces(View(payload).first(cut), key, 5000);
    EXPECT_FALSE(opened.end) << cut;
    EXPECT_TRUE(std::equal(opened.released.begin(), opened.released.end(), plaintext.begin()));
  }
}

TEST(AgeStream, RefusesAddedChunks) {
  const auto key = key_of(3);
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, k_chunk}) {
    auto payload = sealed(plaintext_of(size), key);
    append(payload, payload);
    const auto opened = open_in_pieces(payload, key, 70000);
    EXPECT_FALSE(opened.end) << size;
  }
}

TEST(AgeStream, NamesTheChunkThatWasChanged) {
  const auto key = key_of(4);
  auto payload = sealed(plaintext_of(3 * k_chunk), key);
  const AgeChunking chunking(3 * k_chunk);
  payload[k_age_sealed_chunk_size + 77] ^= 4;
  AgeChunkCipher cipher(key);
  for (std::uint64_t k = 0; k < 3; ++k) {
    Bytes out(chunking.plain_size_of(k));
    const auto part =
        View(payload).subspan(k * k_age_sealed_chunk_size, chunking.sealed_size_of(k));
    const auto opened = cipher.open(k, chunking.is_last(k), part, out);
    EXPECT_EQ(opened.has_value(), k != 1);
    if (!opened) {
      EXPECT_EQ(opened.error().code, FaultCode::crypto_open);
      EXPECT_NE(opened.error().detail.find("chunk 1"), std::string::npos);
    }
  }
}

TEST(AgeStream, BindsAChunkToItsPlace) {
  const auto key = key_of(5);
  const auto payload = sealed(plaintext_of(2 * k_chunk), key);
  const auto first = View(payload).first(k_age_sealed_chunk_size);
  AgeChunkCipher cipher(key);
  Bytes out(k_chunk);
  EXPECT_TRUE(cipher.open(0, false, first, out));
  EXPECT_FALSE(cipher.open(1, false, first, out));
  EXPECT_FALSE(cipher.open(0, true, first, out));
  Bytes short_out(10);
  EXPECT_EQ(cipher.open(0, false, first.first(26), short_out).error().code, FaultCode::format_age);
  EXPECT_EQ(cipher.open(1, true, first.first(16), std::span(out).first(0)).error().code,
            FaultCode::format_age);
}

TEST(AgeChunking, RefusesLengthsThatNoPayloadHas) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{15}, std::uint64_t{65552 + 1},
                                   std::uint64_t{65552 + 16}, std::uint64_t{2 * 65552 + 9}})
    EXPECT_FALSE(AgeChunking::from_sealed_size(size)) << size;
  EXPECT_EQ(AgeChunking::from_sealed_size(16)->plaintext_size(), 0U);
  EXPECT_EQ(AgeChunking::from_sealed_size(65552 + 17)->plaintext_size(), 65537U);
  const AgeChunking largest(k_age_plaintext_max);
  EXPECT_TRUE(AgeChunking::from_sealed_size(largest.sealed_size()));
  EXPECT_EQ(AgeChunking::from_sealed_size(largest.sealed_size() + 1).error().code,
            FaultCode::limit_size);
  EXPECT_FALSE(AgeChunking::from_sealed_size(~std::uint64_t{0}));
}

TEST(AgeKeys, OpenForEachRecipientAndNobodyElse) {
  SystemRandom random;
  const auto a = AgeIdentity::generate(random), b = AgeIdentity::generate(random),
             stranger = AgeIdentity::generate(random);
  const auto file_key = new_age_file_key(random);
  const auto header = *make_age_header(file_key, {a.recipient(), b.recipient()}, random);
  EXPECT_TRUE(equal_constant_time(open_age_header(header, a)->view(), file_key.view()));
  EXPECT_TRUE(equal_constant_time(open_age_header(header, b)->view(), file_key.view()));
  EXPECT_EQ(open_age_header(header, stranger).error().code, FaultCode::crypto_open);
  EXPECT_FALSE(*find_age_file_key(header, stranger));
}

TEST(AgeKeys, ComeBackFromText) {
  SystemRandom random;
  const auto identity = AgeIdentity::generate(random);
  const auto text = identity.text();
  EXPECT_TRUE(as_text(text.view()).starts_with("AGE-SECRET-KEY-1"));
  const auto again = AgeIdentity::from_text(as_text(text.view()));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->recipient(), identity.recipient());
  const auto recipient = identity.recipient().text();
  EXPECT_TRUE(recipient.starts_with("age1"));
  EXPECT_EQ(*AgeRecipient::from_text(recipient), identity.recipient());
  EXPECT_EQ(AgeRecipient::from_text(as_text(text.view())).error().code, FaultCode::format_bech32);
  EXPECT_EQ(AgeIdentity::from_text(recipient).error().code, FaultCode::format_bech32);
  EXPECT_FALSE(AgeRecipient::from_text(recipient.substr(0, recipient.size() - 1)));
}

RC_GTEST_PROP(AgeKeys, NoticeAnyChangeOfTheHeader, ()) {
  SystemRandom random;
  static const auto identity = AgeIdentity::generate(random);
  const auto file_key = new_age_file_key(random);
  auto bytes = write_age_header(*make_age_header(file_key, {identity.recipient()}, random));
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] ^= static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
  if (const auto read = read_age_header(bytes)) RC_ASSERT(!open_age_header(read->header, identity));
}

}  // namespace comity::formats
