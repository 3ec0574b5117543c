// What goes first on the line: what is small, what averts an emergency, and what an officer says,
// at the end where it was said; while bytes move, over a restart, and no longer than it is needed.
#include <gmock/gmock.h>

#include "node/first.hpp"
#include "sim/pair_test.hpp"

namespace comity::sim {
namespace {

constexpr std::uint64_t k_large = std::uint64_t{1} << 30;

struct First : testing::Test, Pair {
  Result<Json> say(Member& at, const node::Officer& who, const ItemId& item) {
    return ask(at, [=](node::Desk& desk) { return desk.go_first(who, item); });
  }
  Result<Json> take_back(Member& at, const node::Officer& who, const ItemId& item) {
    return ask(at, [=](node::Desk& desk) { return desk.go_in_turn(who, item); });
  }
  std::set<ItemId> said(Member& at) {
    std::set<ItemId> items;
    expect(ask(at, [&](node::Desk& desk) -> Result<Json> {
      items = desk.first_items();
      return Json();
    }));
    return items;
  }
  /// Why it goes first, as it is shown; empty: it does not.
  std::string why(Member& at, const ItemId& item) {
    const auto who = approver(at);
    const auto json = expect(ask(at, [=](node::Desk& desk) { return desk.item(who, item); }));
    const auto* first = json.find("first");
    return first != nullptr ? first->at("why").text() : "";
  }
  ItemId released(const ExchangeId& exchange, std::uint64_t size) {
    const auto item = sealed_item(exchange, size);
    expect(release(exchange, item));
    carry_all();
    return item;
  }
  static FaultCode code_of(const Result<Json>& result) {
    EXPECT_FALSE(result);
    return result ? FaultCode::crypto_internal : result.error().code;
  }
  static node::Officer with_role(std::string_view role) {
    node::Officer who;
    who.fingerprint = Digest{{7}};
    who.roles = {"officer:" + std::string(role)};
    return who;
  }
};

TEST_F(First, IsWhatIsSmallOrAvertsAnEmergencyAtBothEnds) {
  const auto exchange = accepted_request();
  const auto small = released(exchange, 4711), large = released(exchange, k_large);
  const auto urgent = released(accepted_request("emergency-data"), k_large);
  for (auto* at : {&asking, &answering}) {
    EXPECT_EQ(why(*at, small), "small");
    EXPECT_EQ(why(*at, large), "");
    EXPECT_EQ(why(*at, urgent), "emergency");
    for (const auto& item : {small, urgent})
      EXPECT_EQ(code_of(say(*at, approver(*at), item)), FaultCode::conflict);
  }
  std::map<ItemId, bool> in_emergency;
  expect(ask(asking, [&](node::Desk& desk) -> Result<Json> {
    TRY_LET(const auto orders, desk.fetches());
    for (const auto& order : orders) in_emergency[order.cargo.item] = order.cargo.in_emergency;
    return Json();
  }));
  EXPECT_EQ(in_emergency.size(), 3U);
  EXPECT_TRUE(in_emergency[urgent]);
  EXPECT_FALSE(in_emergency[large]);
  expect(ask(answering, [&](node::Desk& desk) -> Result<Json> {
    TRY_LET(const auto served, desk.serve_item(asking.state(), urgent));
    EXPECT_TRUE(served.cargo.in_emergency);
    EXPECT_EQ(served.cargo.item, urgent);
    EXPECT_GT(served.cargo.bytes, k_large);
    return Json();
  }));
  arrive(small);
  EXPECT_EQ(why(asking, small), "");  // it moves no more
}

TEST_F(First, ByAnOfficersWordAtTheEndWhereItWasSaidAndOverARestart) {
  const auto exchange = accepted_request();
  const auto item = released(exchange, k_large);
  std::vector<Json> told;
  asking.on_notice = [&](const Json& notice) {
    if (notice.find("goes_first")) told.push_back(notice);
  };
  expect(say(asking, executor(asking), item));
  EXPECT_EQ(why(asking, item), "officer");
  EXPECT_EQ(why(answering, item), "");
  EXPECT_THAT(said(asking), testing::ElementsAre(item));
  EXPECT_EQ(entries(asking, "partner/BFA", "item.precedence"), 1U);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].at("item").text(), item.hex());
  EXPECT_EQ(code_of(say(asking, approver(asking), item)), FaultCode::conflict);

  asking.die(false);
  ASSERT_TRUE(asking.start(now));
  EXPECT_THAT(said(asking), testing::ElementsAre(item));
  expect(take_back(asking, approver(asking), item));
  EXPECT_EQ(why(asking, item), "");
  EXPECT_THAT(said(asking), testing::IsEmpty());
  EXPECT_EQ(entries(asking, "partner/BFA", "item.precedence"), 2U);
  EXPECT_EQ(code_of(take_back(asking, approver(asking), item)), FaultCode::conflict);
}

TEST_F(First, IsSaidByWhoMayReleaseOrOpenAlone) {
  const auto item = released(accepted_request(), k_large);
  for (const auto* role : {"auditor", "screener", "drafter", "reviewer"}) {
    EXPECT_EQ(code_of(say(answering, with_role(role), item)), FaultCode::officer_role) << role;
    EXPECT_EQ(code_of(take_back(answering, with_role(role), item)), FaultCode::officer_role);
  }
  EXPECT_THAT(said(answering), testing::IsEmpty());
}

TEST_F(First, IsNoWordOnWhatDoesNotMove) {
  const auto exchange = accepted_request();
  const auto sealing = begin_item(exchange);
  EXPECT_EQ(code_of(say(answering, executor(answering), sealing)), FaultCode::conflict);
  EXPECT_EQ(code_of(say(answering, executor(answering), ItemId{{9}})), FaultCode::evidence_unknown);
  expect(ask(answering, [=](node::Desk& desk) -> Result<Json> {
    TRY(desk.item_failed(sealing, Fault{FaultCode::evidence_incomplete, ""}));
    return Json();
  }));
  EXPECT_EQ(code_of(say(answering, executor(answering), sealing)), FaultCode::evidence_unknown);
  const auto destroyed = sealed_item(exchange, k_large);
  expect(say(answering, executor(answering), destroyed));
  expect(destroy(answering, destroyed));
  EXPECT_EQ(code_of(say(answering, executor(answering), destroyed)), FaultCode::evidence_destroyed);
  EXPECT_THAT(said(answering), testing::IsEmpty());
}

TEST_F(First, IsForgottenAtEachEndOnceTheItemHasArrived) {
  const auto item = released(accepted_request(), k_large);
  for (auto* at : {&asking, &answering}) expect(say(*at, executor(*at), item));
  arrive(item);
  EXPECT_THAT(said(asking), testing::IsEmpty());
  EXPECT_THAT(said(answering), testing::ElementsAre(item));  // not told yet
  carry_all();
  EXPECT_THAT(said(answering), testing::IsEmpty());
  for (auto* at : {&asking, &answering})
    EXPECT_EQ(code_of(say(*at, executor(*at), item)), FaultCode::conflict);
}

TEST_F(First, IsSaidOfAThousandItemsAtMost) {
  const auto exchange = accepted_request();
  const auto last = sealed_item(exchange, k_large), beyond = sealed_item(exchange, k_large);
  auto words = Json::object();
  for (std::uint8_t i = 0; words.size() + 1 < node::k_first_items_max; ++i)
    for (std::uint8_t k = 0; k < 250 && words.size() + 1 < node::k_first_items_max; ++k)
      words.set(ItemId{{i, k}}.hex(),
                Json::object({{"officer", Digest{{7}}.hex()}, {"since", to_text_ms(now)}}));
  ASSERT_TRUE(answering.rows().begin());
  ASSERT_TRUE(answering.rows().put_setting("first", formats::canonical(words)));
  ASSERT_TRUE(answering.rows().commit());
  answering.die(false);
  ASSERT_TRUE(answering.start(now));
  expect(say(answering, executor(answering), last));
  EXPECT_EQ(code_of(say(answering, executor(answering), beyond)), FaultCode::limit_count);
  EXPECT_EQ(said(answering).size(), node::k_first_items_max);
  expect(take_back(answering, executor(answering), last));
  expect(say(answering, executor(answering), beyond));
}

TEST_F(First, FindsAPlaceBesideAllThatIsFetched) {
  const auto exchange = accepted_request();
  std::vector<ItemId> items;
  for (int i = 0; i < 18; ++i) items.push_back(released(exchange, k_large));
  const auto fetched = [&] {
    std::set<ItemId> which;
    expect(ask(asking, [&](node::Desk& desk) -> Result<Json> {
      TRY_LET(const auto orders, desk.fetches());
      for (const auto& order : orders) which.insert(order.cargo.item);
      return Json();
    }));
    return which;
  };
  const auto under_way = fetched();
  EXPECT_EQ(under_way.size(), 16U);
  const auto waiting =
      std::ranges::find_if(items, [&](const auto& item) { return !under_way.contains(item); });
  ASSERT_NE(waiting, items.end());
  expect(say(asking, executor(asking), *waiting));
  EXPECT_THAT(fetched(), testing::ElementsAre(*waiting));
}

}  // namespace
}  // namespace comity::sim
