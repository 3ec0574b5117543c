#include "formats/toml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comity::formats {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Result<TomlDocument> read(std::string_view text) {
  return parse_toml(as_bytes(text), "comity.toml");
}

}  // namespace

TEST(Toml, BecomesJson) {
  const auto document = read(R"(
state = "KGZ"
exercise = true
port = 8_443
since = 2026-01-31
at = 2026-01-31T23:59:59Z
moved = 2026-01-31T23:59:59.25+06:00
local = 2026-01-31T10:00:00
hour = 07:30:00
[peer.deep]
list = [1, "two", {three = 3}]
[[officers]]
name = "A"
[[officers]]
name = "Б"
)");
  ASSERT_TRUE(document) << document.error().detail;
  EXPECT_EQ(canonical(document->root),
            R"({"at":"2026-01-31T23:59:59Z","exercise":true,"hour":"07:30:00",)"
            R"("local":"2026-01-31T10:00:00","moved":"2026-01-31T17:59:59.250Z",)"
            R"("officers":[{"name":"A"},{"name":"Б"}],)"
            R"("peer":{"deep":{"list":[1,"two",{"three":3}]}},"port":8443,)"
            R"("since":"2026-01-31","state":"KGZ"})");
}

TEST(Toml, KnowsTheLineOfEveryValue) {
  const auto document = read("a = 1\n\n[peer]\nstate = 'KGZ'\n[[officers]]\nname = 'A'\nodd = 2\n");
  ASSERT_TRUE(document) << document.error().detail;
  EXPECT_EQ(document->line_of("a"), 1U);
  EXPECT_EQ(document->line_of("peer"), 3U);
  EXPECT_EQ(document->line_of("peer.state"), 4U);
  EXPECT_EQ(document->line_of("peer.none"), 3U);
  EXPECT_EQ(document->line_of("officers[0]"), 5U);
  EXPECT_EQ(document->line_of("officers[0].name"), 6U);
  EXPECT_EQ(document->line_of("nothing"), 1U);

  auto fields = document->fields();
  EXPECT_EQ(document->located(fields.text("a")).error().detail, "comity.toml:1: a: must be a text");
  EXPECT_EQ(document->located(fields.object("peer")->text("port")).error().detail,
            "comity.toml:3: peer.port: is missing");
  const auto officers = *fields.array("officers");
  auto officer = item_fields(fields, "officers", 0, officers[0]);
  EXPECT_TRUE(officer.text("name"));
  EXPECT_EQ(document->located(officer.end()).error().detail,
            "comity.toml:7: officers[0].odd: is not known here");
}

TEST(Toml, NamesTheLineThatIsWrong) {
  EXPECT_THAT(read("a = 1\nb = \n").error().detail, StartsWith("comity.toml:2: "));
  EXPECT_THAT(read("a = 1\na = 2\n").error().detail, StartsWith("comity.toml:2: "));
  EXPECT_EQ(read("a = 1\nb = 1.5\n").error().detail,
            "comity.toml:2: a number that is not an integer");
  for (const auto* text :
       {"a = 1.0", "a = inf", "a = nan", "a = 1e3", "a = 9007199254740992", "a = \"\\u0000\"",
        "a = \"\\u007f\"", "\"\xc3\xa9\" = 1", "a = '\xff'", "a = \"\x01\"", "a", "= 1", "[a",
        "a = [1", "a = 2026-02-30", "a = 2026-01-01T25:00:00Z"})
    EXPECT_EQ(read(text).error().code, FaultCode::format_toml) << text;
}

TEST(Toml, HoldsItsLimits) {
  const auto line = [](std::size_t size) { return "a = '" + std::string(size - 6, 'x') + "'"; };
  EXPECT_TRUE(read(line(k_toml_line_bytes_max)));
  EXPECT_EQ(read(line(k_toml_line_bytes_max + 1)).error().code, FaultCode::limit_size);
  std::string file(k_toml_bytes_max, '\n');
  EXPECT_TRUE(read(file));
  EXPECT_EQ(read(file + '\n').error().code, FaultCode::limit_size);

  const auto nested = [](std::size_t depth) {
    return "a = " + std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(read(nested(k_toml_depth_max - 1))) << "the file itself is the first level";
  EXPECT_EQ(read(nested(k_toml_depth_max)).error().code, FaultCode::limit_depth);
  EXPECT_FALSE(read(nested(2000)));
  std::string dotted = "a";
  while (dotted.size() < k_toml_line_bytes_max - 6) dotted += ".a";
  EXPECT_EQ(read(dotted + " = 1").error().code, FaultCode::limit_depth);
  EXPECT_EQ(read('[' + dotted + ']').error().code, FaultCode::limit_depth);
}

}  // namespace comity::formats
