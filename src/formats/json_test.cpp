#include "formats/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "formats/json_gen.hpp"

namespace comity::formats {
namespace {

Result<Json> read(std::string_view text) {
  return parse_json(as_bytes(text));
}

}  // namespace

TEST(Json, IsBuiltReadAndWritten) {
  auto value = Json::object({{"b", Json::array({1, true, nullptr, "x"})}, {"a", -5}});
  value["c"]["deep"] = "\xd9\x85\n\"\\";
  EXPECT_EQ(canonical(value),
            "{\"a\":-5,\"b\":[1,true,null,\"x\"],\"c\":{\"deep\":\"\xd9\x85\\n\\\"\\\\\"}}");
  EXPECT_EQ(*read(canonical(value)), value);
  EXPECT_EQ(*read(pretty(value)), value);
  EXPECT_EQ(value.find("none"), nullptr);
  EXPECT_EQ(value.at("b").size(), 4U);
}

TEST(Json, RefusesWhatReadersWouldNotAgreeOn) {
  for (const auto* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "[1 2]",
                           "nul",
                           "{\"a\":1}x",
                           "{} {}",
                           "'a'",
                           "{a:1}",
                           "[1]//c",
                           "/**/1",
                           "NaN",
                           "Infinity",
                           "+1",
                           "01",
                           "-01",
                           "-0",
                           "- 1",
                           "0x10",
                           ".5",
                           "1.0",
                           "1.",
                           "1e2",
                           "1E2",
                           "1e400",
                           "-1e400",
                           "1e-1",
                           "0e0",
                           "0.0",
                           "123456789012345678e1",
                           "9007199254740992",
                           "-9007199254740992",
                           "9223372036854775808",
                           "18446744073709551616",
                           "99999999999999999999999999",
                           "{\"a\":1,\"a\":1}",
                           "{\"a\":1,\"b\":2,\"\\u0061\":3}",
                           "\"\\u0000\"",
                           "\"\\u001f\"",
                           "\"\\r\"",
                           "\"\\b\"",
                           "\"\\u007f\"",
                           "\"\x7f\"",
                           "\"\t\"",
                           "\"\n\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\ud800x\"",
                           "\"\\x41\"",
                           "\"\\",
                           "\"\xff\"",
                           "\"\xc0\xaf\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xf4\x90\x80\x80\"",
                           "\"\xe2\x82\"",
                           "\xef\xbb\xbf{}",
                           "{\"\xc3\xa9\":1}",
                           "{\"\\n\":1}",
                           "{1:1}"})
    EXPECT_FALSE(read(text)) << text;
  EXPECT_FALSE(parse_json(View()));
  EXPECT_FALSE(read(std::string_view("{}\0", 3)));
  EXPECT_FALSE(read(std::string_view("\"a\0b\"", 5)));
}

TEST(Json, TakesTheExtremesThatItAllows) {
  EXPECT_EQ(read("9007199254740991")->integer(), k_json_integer_max);
  EXPECT_EQ(read("-9007199254740991")->integer(), -k_json_integer_max);
  EXPECT_EQ(read("                0                                   ")->integer(), 0);
  EXPECT_EQ(read("\"\\n\\t\\ud83d\\ude00\\u00e9\\/\"")->text(), "\n\t\xf0\x9f\x98\x80\xc3\xa9/");
  EXPECT_EQ(read("\"\xf4\x8f\xbf\xbf\"")->text(), "\xf4\x8f\xbf\xbf");
  EXPECT_EQ(read("{\"\":1}")->at("").integer(), 1);
}

TEST(Json, NamesTheByteWhereItWentWrong) {
  const auto value = read("{\"a\":1,\"a\":2}");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, FaultCode::format_json);
  EXPECT_THAT(value.error().detail, testing::StartsWith("a key that comes twice at byte "));
}

TEST(Json, HoldsItsLimitsOfSizeAndDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(read(nested(32)));
  EXPECT_EQ(read(nested(33)).error().code, FaultCode::limit_depth);
  EXPECT_EQ(read(nested(100000)).error().code, FaultCode::limit_depth);
  const JsonLimits limits{.bytes_max = 4, .depth_max = 1};
  EXPECT_TRUE(parse_json(as_bytes("[10]"), limits));
  EXPECT_EQ(parse_json(as_bytes("[100]"), limits).error().code, FaultCode::limit_size);
  EXPECT_EQ(parse_json(as_bytes("[[]]"), limits).error().code, FaultCode::limit_depth);
  const std::string longest = '"' + std::string((1 << 20) - 2, 'x') + '"';
  EXPECT_TRUE(read(longest));
  EXPECT_EQ(read(longest + ' ').error().code, FaultCode::limit_size);
}

TEST(Json, CanonicalRefusesEverySecondSpelling) {
  EXPECT_TRUE(parse_canonical(as_bytes("{\"a\":[1,\"\\n\"],\"b\":{}}")));
  for (const auto* text : {"{ }", "{\"b\":1,\"a\":2}", "\"\\u000a\"", "\"\\/\"", "[1, 2]", "1 ",
                           "\"\\u00e9\"", "\"\\u0041\""})
    EXPECT_FALSE(parse_canonical(as_bytes(text))) << text;
}

RC_GTEST_PROP(Json, ComesBackFromItsCanonicalText, ()) {
  const auto value = *any_json();
  const auto text = canonical(value);
  RC_ASSERT(*parse_canonical(as_bytes(text)) == value);
  RC_ASSERT(*parse_json(as_bytes(pretty(value))) == value);
}

TEST(Json, HasTheCanonicalTextThatJqGives) {
  if (std::system("command -v jq >/dev/null") != 0) GTEST_SKIP() << "jq is not installed";
  Json edges = Json::array({k_json_integer_max, -k_json_integer_max, 0, "\t\n\"\\/", "\xe2\x80\xa8",
                            "\xf4\x8f\xbf\xbf", "<>&'", Json::object(), Json::array()});
  std::string documents = pretty(edges), expected = canonical(edges);
  const auto any = any_json();
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto value = Json::array({any(rc::Random(seed), 40).value()});  // -j bares a top text
    documents += pretty(value);
    expected += canonical(value);
  }
  const auto path = testing::TempDir() + "comity-jq-" + std::to_string(::getpid()) + ".json";
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
  ASSERT_EQ(std::fwrite(documents.data(), 1, documents.size(), file.get()), documents.size());
  file.reset();
  std::unique_ptr<FILE, int (*)(FILE*)> jq(::popen(("jq -cSj . " + path).c_str(), "r"), ::pclose);
  std::string given(expected.size() + 1, 0);
  given.resize(std::fread(given.data(), 1, given.size(), jq.get()));
  std::remove(path.c_str());
  EXPECT_TRUE(given == expected);
}

RC_GTEST_PROP(Json, AgreesWithItselfOnWhatPlainTextIs, (const std::string& text)) {
  RC_ASSERT(is_plain_text(text) == read(canonical(Json(text))).has_value());
}

}  // namespace comity::formats
