#include "node/statistics.hpp"

#include <gtest/gtest.h>

#include "exchange/sample_test.hpp"

namespace comity::node {
namespace {

namespace sample = exchange::sample;

StandingAct act(const exchange::Body& body, Side side, std::int64_t at_s) {
  StandingAct act{.act = sample::act(body, side), .body = body};
  act.record.side = side;
  act.record.type = exchange::type_of(body);
  act.record.logged_at = sample::k_made_at.plus_s(at_s);
  return act;
}

Counted refused(std::string_view partner, std::int64_t after_s, const char* ground = "R21B") {
  return {.incoming = true,
          .partner = sample::state(partner),
          .measure = "stored-data",
          .article = "44(1)",
          .acts = {act(exchange::RequestBody{}, Side::requester, 0),
                   act(exchange::ConsultationBody{ground}, Side::requested, after_s / 2),
                   act(exchange::RefusalBody{{ground}, sample::id<Digest>(1), {}}, Side::requested,
                       after_s)}};
}

std::optional<std::uint64_t> number(const Statistics& statistics, const std::string& what,
                                    const std::string& by, const std::string& key,
                                    bool incoming = true) {
  for (const auto& one : statistics.counts)
    if (one.incoming == incoming && one.what == what && one.by == by && one.key == key)
      return one.number;
  ADD_FAILURE() << what << " by " << by << " " << key << " is not counted";
  return std::nullopt;
}

}  // namespace

TEST(Statistics, CountByStateMeasureArticleAndGround) {
  const auto all =
      statistics_of({refused("BFA", 100), refused("BFA", 200, "R22"), refused("LAO", 300)});
  EXPECT_EQ(number(all, "requests", "", ""), 3U);
  EXPECT_EQ(number(all, "requests", "state", "BFA"), 2U);
  EXPECT_EQ(number(all, "requests", "state", "LAO"), 1U);
  EXPECT_EQ(number(all, "refused", "measure", "stored-data"), 3U);
  EXPECT_EQ(number(all, "refused", "article", "44(1)"), 3U);
  EXPECT_EQ(number(all, "refused", "ground", "R21B"), 2U);
  EXPECT_EQ(number(all, "refused", "ground", "R22"), 1U);
}

TEST(Statistics, TellMedianAndNinthDecileOfEachStage) {
  std::vector<Counted> exchanges;
  for (std::int64_t i = 1; i <= 10; ++i) exchanges.push_back(refused("BFA", i * 1000));
  const auto all = statistics_of(exchanges);
  ASSERT_EQ(all.stages.size(), 2U);
  EXPECT_EQ(all.stages[1], (Stage{true, "decided", 10, 5000, 9000}));
  EXPECT_EQ(all.stages[0], (Stage{true, "acknowledged", 10, 2500, 4500}));
}

TEST(Statistics, PublishNoNumberBelowFive) {
  std::vector<Counted> exchanges;
  for (int i = 0; i < 9; ++i) exchanges.push_back(refused("BFA", 1000));
  for (int i = 0; i < 6; ++i) exchanges.push_back(refused("KGZ", 1000));
  for (int i = 0; i < 4; ++i) exchanges.push_back(refused("LAO", 1000));
  const auto open = published(statistics_of(exchanges));
  EXPECT_EQ(number(open, "requests", "", ""), 19U);
  EXPECT_EQ(number(open, "requests", "state", "BFA"), 9U);
  EXPECT_EQ(number(open, "requests", "state", "LAO"), std::nullopt);
  EXPECT_EQ(number(open, "requests", "state", "KGZ"), std::nullopt)
      << "19 less 9 and 6 would tell how many there were";
  EXPECT_EQ(open.stages[1].number, 19U);
}

TEST(Statistics, PublishNothingOfFewCases) {
  const auto open = published(statistics_of({refused("BFA", 100)}));
  for (const auto& count : open.counts) EXPECT_EQ(count.number, std::nullopt) << count.what;
  for (const auto& stage : open.stages) {
    EXPECT_EQ(stage.number, 0U);
    EXPECT_EQ(stage.median_s, std::nullopt);
  }
  EXPECT_EQ(formats::canonical(to_json(open)).find("100"), std::string::npos);
}

TEST(Statistics, CountDeferralsConditionsAndConsents) {
  Counted one{.incoming = false, .partner = sample::state("BFA"), .measure = "stored-data"};
  one.acts.push_back(act(exchange::RequestBody{}, Side::requester, 0));
  for (const auto& body : sample::bodies())
    if (exchange::type_of(body) != ActType::request)
      one.acts.push_back(act(body, Side::requested, 60));
  const auto all = statistics_of({one});
  EXPECT_EQ(number(all, "notifications deferred", "", "", false), 1U);
  EXPECT_EQ(number(all, "accepted in part", "ground", "R21B", false), 1U);
  EXPECT_EQ(number(all, "postponed", "ground", "ongoing-case", false), 1U);
  EXPECT_EQ(number(all, "proposals", "kind", "onward-transfer", false), 1U);
  EXPECT_EQ(number(all, "deliveries in an emergency", "", "", false), 1U);
  EXPECT_EQ(number(all, "agreed", "", "", false), 1U);
}

}  // namespace comity::node
