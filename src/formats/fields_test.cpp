#include "formats/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comity::formats {
namespace {

using testing::HasSubstr;

Json sample() {
  return Json::object({{"name", "KGZ"},
                       {"count", 7},
                       {"on", true},
                       {"at", "2026-01-31T23:59:59Z"},
                       {"id", std::string(64, 'a')},
                       {"raw", "Zm9v"},
                       {"list", Json::array({"x", "y"})},
                       {"inner", Json::object({{"deep", 1}})}});
}

}  // namespace

TEST(Fields, ReadsEachKind) {
  const auto json = sample();
  Fields fields(json, "act");
  EXPECT_EQ(fields.state("name")->text(), "KGZ");
  EXPECT_EQ(*fields.integer("count"), 7);
  EXPECT_TRUE(*fields.boolean("on"));
  EXPECT_EQ(to_text(*fields.instant("at")), "2026-01-31T23:59:59Z");
  EXPECT_EQ(fields.digest("id")->hex(), std::string(64, 'a'));
  EXPECT_EQ(*fields.bytes_base64("raw"), to_bytes("foo"));
  EXPECT_EQ(fields.texts("list")->size(), 2U);
  auto inner = fields.object("inner");
  ASSERT_TRUE(inner);
  EXPECT_EQ(*inner->integer("deep"), 1);
  EXPECT_TRUE(inner->end());
  EXPECT_TRUE(fields.end());
  EXPECT_EQ(*fields.optional_text("none"), std::nullopt);
  EXPECT_EQ(*fields.optional_digest("none"), std::nullopt);
  EXPECT_TRUE(fields.optional_array("none")->empty());
}

TEST(Fields, NamesThePathAndWhatItExpected) {
  const auto json = sample();
  Fields fields(json, "act");
  EXPECT_EQ(fields.text("none").error().detail, "act.none: is missing");
  EXPECT_EQ(fields.text("count").error().detail, "act.count: must be a text");
  EXPECT_EQ(fields.integer("name").error().detail, "act.name: must be an integer");
  EXPECT_EQ(fields.object("inner")->text("deep").error().detail, "act.inner.deep: must be a text");
  EXPECT_EQ(fields.integer("count", 0, 6).error().detail, "act.count: must be from 0 to 6");
  EXPECT_THAT(fields.digest("raw").error().detail, HasSubstr("act.raw: "));
  EXPECT_THAT(fields.instant("name").error().detail, HasSubstr("act.name: "));
  EXPECT_EQ(fields.text("name", 2).error().detail, "act.name: must have at most 2 bytes");
  EXPECT_TRUE(fields.text("name", 3));
  EXPECT_FALSE(fields.bytes_base64("raw", 2));
  EXPECT_TRUE(fields.bytes_base64("raw", 3));
  EXPECT_FALSE(fields.array("list", 1));
  EXPECT_TRUE(fields.array("list", 2));
  constexpr std::string_view names[] = {"one", "two"};
  EXPECT_EQ(fields.choice("name", names).error().detail, "act.name: must be one of: one, two");
}

TEST(Fields, RefusesWhatNobodyAskedFor) {
  const auto json = Json::object({{"a", 1}, {"b", 2}});
  Fields fields(json, "act");
  EXPECT_TRUE(fields.integer("a"));
  EXPECT_EQ(fields.end().error().detail, "act.b: is not known here");
}

TEST(Fields, TreatsNullAndEmptyAsWrongNotAsAbsent) {
  const auto json = Json::object({{"null", nullptr}, {"empty", ""}});
  Fields fields(json, "");
  EXPECT_FALSE(fields.optional_text("null"));
  EXPECT_FALSE(fields.text("empty"));
}

TEST(Fields, RefusesWhatIsNoObject) {
  const Json json(5);
  Fields fields(json, "act");
  EXPECT_EQ(fields.text("a").error().detail, "act: must be an object");
  EXPECT_EQ(fields.end().error().detail, "act: must be an object");
}

}  // namespace comity::formats
