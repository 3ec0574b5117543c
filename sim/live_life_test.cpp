// The life of a live item at both desks: nothing is taken before two officers released it, nothing
// after its time, and it ends by an act that both States hold.
#include <gmock/gmock.h>

#include "crypto/digest.hpp"
#include "evidence/live.hpp"
#include "sim/pair_test.hpp"

namespace comity::sim {
namespace {

using node::Standing;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::string k_log = "partner/KGZ";  // of the State that answers

struct LiveLife : testing::Test, Pair {
  Json input(std::string_view records = "flow") const {
    return Json::object({{"name", "flow.jsonl"},
                         {"custodian", "Example Net (exercise)"},
                         {"collector", "Officer four (exercise)"},
                         {"tool", "probe 2.0 (exercise)"},
                         {"authorisation", "Exercise order 8/2026"},
                         {"records", records},
                         {"source", "Border router 2 (exercise)"},
                         {"scope", "Flows of 192.0.2.7"},
                         {"from", to_text(now)},
                         {"until", to_text(now.plus_s(3 * k_day_s))}});
  }
  Result<Json> open(const ExchangeId& of, const Json& described) {
    const auto who = executor(answering);
    return ask(answering, [=](node::Desk& desk) { return desk.begin_live(who, of, described); });
  }
  ItemId opened(const ExchangeId& of) {
    return *ItemId::from_hex(expect(open(of, input())).at("id").text());
  }
  /// Opened, released and known to the other State.
  ItemId released_item(const ExchangeId& of) {
    const auto item = opened(of);
    expect(release(of, item));
    carry_all();
    return item;
  }
  FaultCode taking(const ItemId& item) {
    const auto who = executor(answering);
    Result<node::LiveOrder> order;
    expect(ask(answering, [&](node::Desk& desk) -> Result<Json> {
      order = desk.take_records(who, item);
      return Json();
    }));
    return order ? FaultCode{} : order.error().code;
  }
  bool takes(const ItemId& item) { return taking(item) == FaultCode{}; }
  std::vector<node::LiveOrder> orders(Member& at) {
    std::vector<node::LiveOrder> found;
    expect(ask(at, [&](node::Desk& desk) -> Result<Json> {
      TRY_LET(found, desk.live_orders());
      return Json();
    }));
    return found;
  }
  bool is_served(const ItemId& item) {
    bool served = false;
    expect(ask(answering, [&](node::Desk& desk) -> Result<Json> {
      served = desk.serve_live(asking.state(), item).has_value();
      return Json();
    }));
    return served;
  }
  Result<Json> close(const node::LiveOrder& order) {
    const auto& prefix = order.opening.prefix;
    const evidence::SealedShape shape{.prefix_size = prefix.size(),
                                      .prefix_sha256 = crypto::sha256(prefix),
                                      .plaintext_size = 4711,
                                      .plaintext_sha256 = Digest{{3}},
                                      .chunk_root = Digest{{4}}};
    return ask(answering, [=](node::Desk& desk) -> Result<Json> {
      TRY(desk.live_ended(order.opening.item, shape, {.records = 17}, order.why_ended));
      return Json();
    });
  }
  evidence::Manifest manifest(Member& at, const ItemId& item) {
    const auto row = *at.rows().item(item);
    const auto read = evidence::read_manifest(row->manifest);
    EXPECT_TRUE(read) << read.error().detail;
    return read.value_or(evidence::Manifest());
  }
  /// What became of each completion that was said.
  std::vector<Standing> completions() {
    std::vector<Standing> found;
    for (const auto& act : *answering.rows().acts(exchange))
      if (act.type == comity::exchange::ActType::completion) found.push_back(act.standing);
    return found;
  }
  ExchangeId exchange = accepted_request("realtime-traffic");
};

TEST_F(LiveLife, RecordsAreTakenOnceTwoOfficersReleasedThemAndNotBefore) {
  const auto item = opened(exchange);
  EXPECT_EQ(taking(item), FaultCode::evidence_unreleased);
  EXPECT_FALSE(is_served(item));
  EXPECT_TRUE(orders(answering).empty());
  expect(release(exchange, item));
  EXPECT_TRUE(takes(item));
  EXPECT_TRUE(is_served(item));
  EXPECT_EQ(entries(answering, k_log, "item.released"), 1U);
}

TEST_F(LiveLife, TheOtherStateIsToldToFollow) {
  const auto item = released_item(exchange);
  const auto found = orders(asking);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].ours);
  EXPECT_EQ(found[0].opening.item, item);
  ASSERT_FALSE(found[0].verifiers.empty());
  EXPECT_EQ(found[0].verifiers[0].name, orders(answering).at(0).origin);
  EXPECT_EQ(state_of(asking, item), "announced");
}

TEST_F(LiveLife, ARemedyStopsTheRecordsUntilItIsResumed) {
  const auto item = released_item(exchange);
  const auto about = [&](std::string_view type) {
    return Json::object({{"type", type}, {"exchange", exchange.hex()}});
  };
  const auto reading = [&] {
    const auto who = approver(asking);
    return ask(asking, [=](node::Desk& desk) -> Result<Json> {
      TRY(desk.read_records(who, item));
      return Json();
    });
  };
  const auto served_and_followed = [&] {
    return is_served(item) && orders(answering).at(0).is_served && !orders(asking).empty();
  };
  EXPECT_TRUE(served_and_followed());
  expect(reading());
  expect(decide(answering, approver(answering),
                about("postponement")
                    .set("ground", "remedy")
                    .set("until", to_text(now.plus_s(20 * k_day_s)))
                    .set("reasons", "A remedy is pending (exercise)")
                    .set("consultation_impossible", "The court ordered it (exercise)")));
  carry_all();
  EXPECT_FALSE(is_served(item));
  EXPECT_FALSE(orders(answering).at(0).is_served);
  EXPECT_TRUE(orders(asking).empty());
  EXPECT_EQ(reading().error().code, FaultCode::evidence_use);
  expect(decide(answering, approver(answering), about("resumption")));
  carry_all();
  EXPECT_TRUE(served_and_followed());
  expect(reading());
}

TEST_F(LiveLife, OnlyWhatTheMeasureNamesMayBeOpened) {
  EXPECT_EQ(open(exchange, input("mail")).error().code, FaultCode::format_manifest);
  const auto stored = accepted_request("stored-data");
  const auto refused = open(stored, input());
  EXPECT_THAT(refused.error().detail, HasSubstr("not sent live under stored-data"));
}

TEST_F(LiveLife, ItLiesWithinThePeriodThatWasAskedFor) {
  auto longer = input();
  longer.set("until", "2026-03-31T00:00:01Z");
  EXPECT_THAT(open(exchange, longer).error().detail, HasSubstr("outside the period"));
  longer.set("until", "2026-03-31T00:00:00Z");
  EXPECT_TRUE(open(exchange, longer));
  auto past = input();
  past.set("from", "2026-02-01T00:00:00Z").set("until", "2026-02-02T00:00:00Z");
  EXPECT_EQ(open(exchange, past).error().code, FaultCode::evidence_ended);
}

TEST_F(LiveLife, ACutOfPacketsIsDeclaredByItself) {
  const auto opened_so = expect(open(exchange, input("packet-headers")));
  const auto& said = opened_so.at("manifest").at("transformations").items();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_THAT(said[0].at("what").text(), HasSubstr("content of packets"));
}

TEST_F(LiveLife, TheNodeStopsByItselfAtTheEndAndSaysSo) {
  const auto item = released_item(exchange);
  EXPECT_EQ(orders(answering).at(0).why_ended, "");
  now = now.plus_s(3 * k_day_s);
  EXPECT_EQ(taking(item), FaultCode::evidence_ended);
  const auto order = orders(answering).at(0);
  EXPECT_EQ(order.why_ended, "authorisation");
  expect(close(order));
  EXPECT_EQ(entries(answering, k_log, "item.completed"), 1U);
  EXPECT_TRUE(orders(answering).empty());
  carry_all();
  EXPECT_EQ(manifest(asking, item).live->why, "authorisation");
  EXPECT_EQ(manifest(asking, item), manifest(answering, item));
  EXPECT_TRUE(orders(asking).empty());
  arrive(item);
  carry_all();
  EXPECT_EQ(state_of(asking, item), "arrived");
  // Both can close the exchange: nothing is under way.
  expect(decide(asking, approver(asking),
                Json::object({{"type", "closure"}, {"exchange", exchange.hex()}})));
}

TEST_F(LiveLife, AnOfficerMayEndItBefore) {
  const auto item = released_item(exchange);
  const auto who = executor(answering);
  expect(ask(answering, [=](node::Desk& desk) { return desk.end_live(who, item); }));
  EXPECT_EQ(taking(item), FaultCode::evidence_ended);
  expect(close(orders(answering).at(0)));
  carry_all();
  EXPECT_EQ(manifest(asking, item).live->why, "officer");
}

TEST_F(LiveLife, AnEndThatWasDecidedOutlivesTheNode) {
  const auto item = released_item(exchange);
  const auto who = executor(answering);
  expect(ask(answering, [=](node::Desk& desk) { return desk.end_live(who, item); }));
  answering.die(true);
  CHECK(answering.start(now));
  EXPECT_EQ(orders(answering).at(0).why_ended, "officer");
  // Told twice, as after a death in between: it is completed once.
  const auto order = orders(answering).at(0);
  expect(close(order));
  expect(close(order));
  EXPECT_EQ(entries(answering, k_log, "item.completed"), 1U);
  carry_all();
  EXPECT_EQ(manifest(asking, item).live->counts.records, 17U);
}

TEST_F(LiveLife, AWithdrawalEndsItAtOnce) {
  const auto item = released_item(exchange);
  expect(decide(asking, approver(asking),
                Json::object({{"type", "withdrawal"}, {"exchange", exchange.hex()}})));
  carry_all();
  EXPECT_EQ(taking(item), FaultCode::evidence_unreleased);
  EXPECT_FALSE(is_served(item));
  EXPECT_TRUE(orders(answering).empty());
  EXPECT_TRUE(orders(asking).empty());
}

TEST_F(LiveLife, AWithdrawalThatCrossesTheCompletionLeavesBothAlike) {
  const auto item = released_item(exchange);
  now = now.plus_s(3 * k_day_s);
  expect(close(orders(answering).at(0)));
  expect(decide(asking, approver(asking),
                Json::object({{"type", "withdrawal"}, {"exchange", exchange.hex()}})));
  carry_all();
  EXPECT_EQ(state_of(asking, item), "failed");
  EXPECT_EQ(state_of(answering, item), "sealed");
}

TEST_F(LiveLife, ACompletionThatWasNotTakenIsSaidAgainAndNoOther) {
  const auto taken = released_item(exchange), refused = released_item(exchange);
  now = now.plus_s(3 * k_day_s);
  const auto close_one = [&](const ItemId& item) {
    for (const auto& order : orders(answering))
      if (order.opening.item == item) expect(close(order));
    carry_all();
  };
  close_one(taken);
  answering_ahead_s = 3'600;  // what it says now was made in the future
  close_one(refused);
  EXPECT_THAT(completions(), ElementsAre(Standing::receipted, Standing::rejected));
  answering_ahead_s = 0;
  now = now.plus_s(2 * 3'600);
  orders(answering);
  carry_all();
  EXPECT_THAT(completions(),
              ElementsAre(Standing::receipted, Standing::rejected, Standing::receipted));
  EXPECT_EQ(manifest(asking, refused), manifest(answering, refused));
  now = now.plus_s(3'600);
  orders(answering);
  EXPECT_THAT(completions(), SizeIs(3)) << "it was taken";
}

TEST_F(LiveLife, ANodeThatHasNoRoomForMoreSaysSo) {
  for (int i = 0; i < 64; ++i) opened(exchange);
  EXPECT_EQ(open(exchange, input()).error().code, FaultCode::limit_count);
}

TEST_F(LiveLife, AForkIsToldOnceAndLogged) {
  const auto item = released_item(exchange);
  for (int i = 0; i < 2; ++i)
    expect(ask(asking, [=](node::Desk& desk) -> Result<Json> {
      TRY(desk.live_forked(item));
      return Json();
    }));
  EXPECT_EQ(entries(asking, "partner/BFA", "item.forked"), 1U);
}

}  // namespace
}  // namespace comity::sim
