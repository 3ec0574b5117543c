#include "formats/age_header.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formats/age_armor.hpp"

namespace comity::formats {
namespace {

const std::string k_mac_line = "--- " + base64_unpadded(Bytes(32, 7)) + "\n";
const std::string k_x25519 =
    "-> X25519 " + base64_unpadded(Bytes(32, 1)) + "\n" + base64_unpadded(Bytes(32, 2)) + "\n";

std::string header_with(const std::string& stanzas) {
  return "age-encryption.org/v1\n" + stanzas + k_mac_line;
}

FaultCode code_of(const std::string& text) {
  const auto read = read_age_header(as_bytes(text));
  EXPECT_FALSE(read) << text;
  return read ? FaultCode{} : read.error().code;
}

AgeStanza any_stanza() {
  AgeStanza stanza;
  const auto count = *rc::gen::inRange<std::size_t>(1, k_age_arguments_max + 1);
  for (std::size_t i = 0; i < count; ++i)
    stanza.arguments.push_back(
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(33, 127))));
  stanza.body = *rc::gen::arbitrary<Bytes>();
  return stanza;
}

}  // namespace

TEST(AgeHeader, ReadsWhatItNeedsAndLeavesThePayload) {
  const auto text = header_with(k_x25519);
  const auto read = read_age_header(as_bytes(text + "sixteen bytes of"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->size, text.size());
  ASSERT_EQ(read->header.stanzas.size(), 1U);
  EXPECT_EQ(read->header.stanzas[0].arguments[0], "X25519");
  EXPECT_EQ(read->header.stanzas[0].body, Bytes(32, 2));
  EXPECT_EQ(as_text(write_age_header(read->header)), text);
}

RC_GTEST_PROP(AgeHeader, ComesBack, ()) {
  AgeHeader header;
  const auto count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count; ++i) header.stanzas.push_back(any_stanza());
  const auto bytes = write_age_header(header);
  const auto read = read_age_header(bytes);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->header == header);
  RC_ASSERT(read->size == bytes.size());
}

RC_GTEST_PROP(AgeHeader, HasOneTextOnly, ()) {
  auto bytes = to_bytes(header_with("-> grease x y\n\n" + k_x25519));
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<std::uint8_t>();
  if (const auto read = read_age_header(bytes))
    RC_ASSERT(as_text(write_age_header(read->header)) == as_text(bytes).substr(0, read->size));
}

TEST(AgeHeader, RefusesEveryPrefixOfItself) {
  const auto text = header_with(k_x25519);
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(code_of(text.substr(0, size)), FaultCode::format_age) << size;
}

TEST(AgeHeader, RefusesWhatAnotherReaderCouldReadOtherwise) {
  const std::string body = base64_unpadded(Bytes(48, 3));  // 64 columns
  for (const auto& stanzas :
       {std::string(), std::string("->\n\n"), std::string("-> \n\n"), std::string("-> a  b\n\n"),
        std::string("-> a \n\n"), std::string("->a\n\n"), std::string("-> a\r\n\n"),
        std::string("-> a\n\r\n"), std::string("-> \x7f\n\n"), std::string("-> a\n"),
        std::string("-> \xc3\xa9\n\n"), "-> a\n" + body + "\n", "-> a\n" + body + "A\n\n",
        std::string("-> a\nZg==\n"), std::string("-> a\nZh\n"), std::string("-> a\nZg\nZg\n"),
        std::string(" -> a\n\n"), k_mac_line + k_x25519})
    EXPECT_EQ(code_of(header_with(stanzas)), FaultCode::format_age) << stanzas;
  EXPECT_TRUE(read_age_header(as_bytes(header_with("-> a\n" + body + "\n\n"))));
}

TEST(AgeHeader, RefusesOtherVersionsAndMacLines) {
  EXPECT_EQ(code_of("age-encryption.org/v2\n" + k_x25519 + k_mac_line), FaultCode::format_age);
  const auto start = "age-encryption.org/v1\n" + k_x25519;
  const auto mac = base64_unpadded(Bytes(32, 7));
  for (const auto& line : {"---\n", "--- \n", "---  "})
    EXPECT_EQ(code_of(start + line), FaultCode::format_age);
  EXPECT_EQ(code_of(start + "---" + mac + "\n"), FaultCode::format_age);
  EXPECT_EQ(code_of(start + "--- " + mac + " \n"), FaultCode::format_age);
  EXPECT_EQ(code_of(start + "--- " + mac + "=\n"), FaultCode::format_age);
  EXPECT_EQ(code_of(start + "--- " + base64_unpadded(Bytes(31, 7)) + "\n"), FaultCode::format_age);
}

TEST(AgeHeader, LetsAPassphraseStandAloneOnly) {
  EXPECT_TRUE(read_age_header(as_bytes(header_with("-> scrypt salt 18\n\n"))));
  EXPECT_EQ(code_of(header_with("-> scrypt salt 18\n\n" + k_x25519)), FaultCode::format_age);
}

TEST(AgeHeader, KeepsItsLimits) {
  const auto repeated = [](const std::string& part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += part;
    return text;
  };
  EXPECT_TRUE(read_age_header(as_bytes(header_with(repeated("-> a\n\n", k_age_stanzas_max)))));
  EXPECT_EQ(code_of(header_with(repeated("-> a\n\n", k_age_stanzas_max + 1))),
            FaultCode::limit_count);
  EXPECT_TRUE(
      read_age_header(as_bytes(header_with("->" + repeated(" a", k_age_arguments_max) + "\n\n"))));
  EXPECT_EQ(code_of(header_with("->" + repeated(" a", k_age_arguments_max + 1) + "\n\n")),
            FaultCode::limit_count);
  const auto fixed = header_with("-> \n\n").size();
  EXPECT_TRUE(read_age_header(
      as_bytes(header_with("-> " + std::string(k_age_header_max - fixed, 'a') + "\n\n"))));
  EXPECT_EQ(code_of(header_with("-> " + std::string(k_age_header_max - fixed + 1, 'a') + "\n\n")),
            FaultCode::limit_size);
}

TEST(AgeArmor, ReadsStrictPemOnly) {
  const std::string begin = "-----BEGIN AGE ENCRYPTED FILE-----\n",
                    end = "-----END AGE ENCRYPTED FILE-----";
  const Bytes file(100, 9);
  const auto text = base64(file);
  const auto lines = text.substr(0, 64) + "\n" + text.substr(64, 64) + "\n" + text.substr(128);
  EXPECT_EQ(*read_age_armor(begin + lines + "\n" + end), file);
  EXPECT_EQ(*read_age_armor("\r\n \t" + begin + lines + "\n" + end + "\n\n "), file);
  EXPECT_TRUE(looks_like_age_armor(as_bytes("\n" + begin)));
  EXPECT_FALSE(looks_like_age_armor(as_bytes("age-encryption.org/v1\n")));
  for (const auto& bad : {begin + lines + "\n", begin + text + "\n" + end, lines + "\n" + end,
                          begin + "\n" + lines + "\n" + end, begin + lines + "\n\n" + end,
                          begin + lines + "\n" + end + "x", begin + lines + " \n" + end,
                          begin + "Zg==\nZg==\n" + end, begin + "Zg\n" + end, std::string()})
    EXPECT_EQ(read_age_armor(bad).error().code, FaultCode::format_age) << bad;
  EXPECT_EQ(read_age_armor(std::string(k_age_armor_max + 1, ' ')).error().code,
            FaultCode::limit_size);
}

}  // namespace comity::formats
