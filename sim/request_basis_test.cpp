// On what two States ask each other: the Convention, another treaty, a protocol to it, or no treaty
// at all; and that nothing is asked on what does not bind both.
#include <gmock/gmock.h>

#include "exchange/body.hpp"
#include "sim/pair_test.hpp"

namespace comity::sim {
namespace {

using testing::HasSubstr;

struct RequestBasis : testing::Test, Pair {
  static std::string refusal(const Result<Json>& result) {
    return result ? "done"
                  : std::string(row_of(result.error().code).name) + ": " + result.error().detail;
  }
  static Json request(const Member& to, std::string_view instrument, std::string_view measure) {
    const auto* form = treaty::sample::instrument(instrument).measure(measure);
    CHECK(form != nullptr);
    return Json::object({{"type", "request"},
                         {"to", to.state().text()},
                         {"instrument", instrument},
                         {"measure", measure},
                         {"fields", treaty::sample::full_form(*form)}});
  }
  Result<ExchangeId> send(const Json& input) {
    TRY_LET(const Json sent, decide(asking, approver(asking), input));
    carry_all();
    return ExchangeId::from_hex(sent.at("exchange").text());
  }
  Json assessment(const ExchangeId& id) {
    const auto who = approver(answering);
    return expect(ask(answering, [=](node::Desk& desk) { return desk.assessment(who, id); }));
  }
  std::string phase(Member& at, const ExchangeId& id) {
    const auto record = *at.rows().exchange(id);
    return record ? record->phase : "unknown";
  }
  /// Its whole way: asked, judged, accepted, delivered.
  void runs(std::string_view instrument, std::string_view measure) {
    const auto id = send(request(answering, instrument, measure));
    ASSERT_TRUE(id) << id.error().detail;
    EXPECT_EQ(assessment(*id).at("instrument").text(), instrument);
    accept(*id);
    EXPECT_EQ(phase(asking, *id), "accepted");
    const auto item = sealed_item(*id);
    expect(release(*id, item));
    carry_all();
    EXPECT_EQ(state_of(asking, item), "announced");
  }
};

TEST_F(RequestBasis, IsAnotherTreatyInForceBetweenThem) {
  runs("untoc-2000", "mutual-assistance");
}

TEST_F(RequestBasis, IsAProtocolWithAMeasureOfItsOwn) {
  runs("example-protocol", "system-records");
}

TEST_F(RequestBasis, IsNoTreatyThatDoesNotBindBoth) {
  EXPECT_THAT(
      refusal(decide(asking, approver(asking), request(answering, "budapest-2001", "stored-data"))),
      HasSubstr("act.basis"));
}

TEST_F(RequestBasis, IsNoTreatyThatTheStateDoesNotApply) {
  EXPECT_THAT(refusal(decide(asking, approver(asking),
                             request(answering, "example-assistance-treaty", "mutual-assistance"))),
              HasSubstr("act.measure"));
}

TEST_F(RequestBasis, IsReciprocityWhereBothPublishItAndAPersonSays) {
  const auto id =
      send(request(answering, "budapest-2001", "stored-data").set("without_treaty", "reciprocity"));
  ASSERT_TRUE(id) << id.error().detail;
  const auto judged = assessment(*id);
  EXPECT_EQ(judged.at("without_treaty"), Json(true)) << "labelled so";
  EXPECT_THAT(formats::canonical(judged.at("questions")), HasSubstr("legal-basis"))
      << "a person has to say";
  accept(*id);
  EXPECT_EQ(phase(asking, *id), "accepted");
}

TEST_F(RequestBasis, IsNothingThatOnlyOneOfThemPublishes) {
  EXPECT_THAT(refusal(decide(asking, approver(asking),
                             request(answering, "budapest-2001", "stored-data")
                                 .set("without_treaty", "domestic-law"))),
              HasSubstr("not what both States have published"));
}

TEST_F(RequestBasis, IsTheTreatyWhereThereIsOne) {
  EXPECT_THAT(refusal(decide(asking, approver(asking),
                             request(answering, "un-cybercrime-2024", "stored-data")
                                 .set("without_treaty", "reciprocity"))),
              HasSubstr("Ask under it"));
}

}  // namespace
}  // namespace comity::sim
