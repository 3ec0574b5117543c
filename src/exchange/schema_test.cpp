// The published schemas against the code: whatever we write fits them, and what a schema of draft 7
// can say they refuse as we do. valijson is for tests alone; our own readers never depend on it.
#include <gtest/gtest.h>

#include "base/source_dir_test.hpp"
#include "exchange/sample_test.hpp"

#if __has_include(<valijson/validator.hpp>)
#include <boost/json.hpp>
#include <fstream>
#include <functional>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace comity::exchange {
namespace {

using formats::Json;
using Adapter = valijson::adapters::BoostJsonAdapter;

boost::json::value document(const std::string& name) {
  std::ifstream file(source_dir() + "/spec/schemas/" + name);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return boost::json::parse(text);
}

/// A schema of spec/schemas, with those that it refers to.
class Published {
 public:
  explicit Published(const std::string& name) {
    const auto value = document(name);
    valijson::SchemaParser parser;
    parser.populateSchema(
        Adapter(value), schema_,
        [](const std::string& uri) { return new boost::json::value(document(uri)); },
        [](const boost::json::value* fetched) { delete fetched; });
  }

  bool fits(const Json& json) const {
    const auto value = boost::json::parse(formats::canonical(json));
    valijson::Validator validator;
    return validator.validate(schema_, Adapter(value), nullptr);
  }

 private:
  valijson::Schema schema_;
};

Json json_of(const Act& act) {
  return *formats::parse_canonical(act_content(act));
}

bool is_read(const Json& json) {
  return read_act(as_bytes(formats::canonical(json))).has_value();
}

}  // namespace

TEST(Schemas, FitEveryActThatWeWrite) {
  const Published act("act.json"), substance("substance.json");
  for (const auto& one : sample::acts()) {
    EXPECT_TRUE(act.fits(json_of(one))) << as_text(act_content(one));
    EXPECT_TRUE(substance.fits(json_of(one).at("substance")));
  }
  for (const Body& bare : {Body(RequestBody{}), Body(SupplementBody{}), Body(AcceptanceBody{}),
                           Body(RefusalBody{{"R06"}, std::nullopt, "The court sits tomorrow."})})
    EXPECT_TRUE(act.fits(json_of(sample::act(bare, Side::requested))));
}

TEST(Schemas, RefuseWhatWeRefuse) {
  const Published act("act.json");
  for (const auto& one : sample::acts()) {
    const auto whole = json_of(one);
    std::vector<std::function<Json&(Json&)>> objects = {
        [](Json& json) -> Json& { return json; },
        [](Json& json) -> Json& { return json["order"]; },
        [](Json& json) -> Json& { return json["substance"]; },
        [](Json& json) -> Json& { return json["substance"]["from"]; },
        [](Json& json) -> Json& { return json["substance"]["parts"].items()[0]; },
        [](Json& json) -> Json& { return json["substance"]["body"]; }};
    for (const auto& object : objects) {
      auto json = whole;
      object(json).set("note", "x");
      EXPECT_FALSE(act.fits(json) || is_read(json));
      const auto members = object(json = whole).members();
      for (const auto& [key, value] : members) {
        if (key == "recipient" || key == "without_treaty") continue;  // alone may be absent
        object(json = whole).members().erase(key);
        EXPECT_FALSE(act.fits(json)) << key << " is missing";
        EXPECT_FALSE(is_read(json)) << key << " is missing";
        object(json = whole).set(key, 7);
        EXPECT_EQ(act.fits(json), is_read(json)) << key << " is 7";
        object(json = whole).set(key, "\xc3\xa9 *");
        EXPECT_EQ(act.fits(json), is_read(json)) << key << " is another text";
      }
    }
  }
}

TEST(Schemas, AskForThePartsThatATypeNeeds) {
  const Published act("act.json");
  for (const auto& one : sample::acts()) {
    auto bare = json_of(one);
    bare["substance"].set("parts", Json::array());
    const auto type = one.substance.type;
    // They name their part themselves: no schema can follow.
    const bool beyond = type == ActType::delivery || type == ActType::completion;
    EXPECT_EQ(act.fits(bare), beyond || is_read(bare)) << name_of(type);
  }
}

TEST(Schemas, FitEveryRejectionThatWeWrite) {
  const Published schema("rejection.json");
  Rejection rejection{.exercise = true,
                      .act = sample::id<Digest>(1),
                      .from = sample::state("KGZ"),
                      .to = sample::state("BFA"),
                      .made_at = sample::k_made_at};
  for (const auto& row : fault_rows()) {
    rejection.code = row.code;
    const auto json = *formats::parse_canonical(rejection_content(rejection));
    EXPECT_TRUE(schema.fits(json)) << row.name;
  }
  rejection.exchange = sample::id<ExchangeId>(2);
  auto json = *formats::parse_canonical(rejection_content(rejection));
  EXPECT_TRUE(schema.fits(json));
  json.set("note", "x");
  EXPECT_FALSE(schema.fits(json));
}

}  // namespace comity::exchange

#else

TEST(Schemas, AreHeldAgainstTheCode) {
  GTEST_SKIP() << "libvalijson-dev is not installed, so the published schemas were not checked";
}

#endif
