// The life of an evidence item has no dead end: what was not taken can be delivered again, what
// can not be sealed is told and cleared away, and nothing that is ended leaves a key behind.
#include <gmock/gmock.h>

#include "sim/pair_test.hpp"

namespace comity::sim {
namespace {

const std::string k_log = "partner/KGZ";  // of the State that answers

struct EvidenceLife : testing::Test, Pair {
  static std::string key_of(const ItemId& item) { return "item-" + item.hex(); }
  static bool has_key(Member& at, const std::string& name) {
    return at.evidence_keys().recipient(name)->has_value();
  }
  /// The answering State's clock runs ahead while it releases, so that the delivery is rejected.
  void release_too_early(const ExchangeId& exchange, const ItemId& item) {
    answering_ahead_s = 600;
    expect(release(exchange, item));
    carry(answering, asking);
    answering_ahead_s = 0;
  }
  static FaultCode code_of(const Result<Json>& result) {
    EXPECT_FALSE(result);
    return result ? FaultCode::crypto_internal : result.error().code;
  }
  /// How many items the shell is told to fetch.
  std::size_t fetched_by(Member& at, std::set<ItemId>* which = nullptr) {
    std::size_t count = 0;
    expect(ask(at, [&](node::Desk& desk) -> Result<Json> {
      TRY_LET(const auto orders, desk.fetches());
      for (const auto& order : orders)
        if (which) which->insert(order.manifest.item);
      count = orders.size();
      return Json();
    }));
    return count;
  }
  void broken(const ItemId& item) {
    expect(ask(asking, [=](node::Desk& desk) -> Result<Json> {
      TRY(desk.item_broken(item, {FaultCode::peer_unreachable, "broken off"}));
      return Json();
    }));
  }
  /// Whose bytes the shell is asked to remove.
  std::vector<ItemId> ended(Member& at) {
    std::vector<ItemId> items;
    expect(ask(at, [&](node::Desk& desk) -> Result<Json> {
      items = desk.ended_items();
      return Json();
    }));
    return items;
  }
  /// Every notice of this kind that the answering State gives from now on.
  std::vector<Json> told;
  void listen(std::string_view kind) {
    answering.on_notice = [this, kind](const Json& notice) {
      if (notice.at("kind").text() == kind) told.push_back(notice);
    };
  }
};

TEST_F(EvidenceLife, ADeliveryThatWasRejectedCanBeMadeAgain) {
  const auto exchange = accepted_request();
  const auto item = sealed_item(exchange);
  listen("item");
  release_too_early(exchange, item);
  ASSERT_EQ(entries(answering, k_log, "rejection.received"), 1U);
  EXPECT_EQ(state_of(asking, item), "unknown");
  EXPECT_EQ(state_of(answering, item), "sealed");
  EXPECT_TRUE((*answering.rows().item(item))->delivery.is_zero());
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().at("state").text(), "sealed");

  // Two officers sign again: what they sign names the new draft.
  expect(release(exchange, item));
  carry_all();
  EXPECT_EQ(state_of(asking, item), "announced");
  arrive(item);
  carry_all();
  EXPECT_EQ((*answering.rows().exchange(exchange))->phase, "delivered");
  EXPECT_EQ(entries(answering, k_log, "item.released"), 2U);
  EXPECT_TRUE(expect(decide(asking, approver(asking),
                            Json::object({{"type", "closure"}, {"exchange", exchange.hex()}})))
                  .find("act"));
}

TEST_F(EvidenceLife, DeliveriesThatWereVoidWithAnotherCanBeMadeAgain) {
  const auto exchange = accepted_request();
  const auto first = sealed_item(exchange), second = sealed_item(exchange);
  answering_ahead_s = 600;
  expect(release(exchange, first));
  expect(release(exchange, second));
  carry(answering, asking);
  answering_ahead_s = 0;
  for (const auto& item : {first, second}) {
    EXPECT_EQ(state_of(answering, item), "sealed");
    expect(release(exchange, item));
  }
  carry_all();
  EXPECT_EQ(state_of(asking, first), "announced");
  EXPECT_EQ(state_of(asking, second), "announced");
}

TEST_F(EvidenceLife, ADeliveryVoidedByAWithdrawalLeavesTheItemWithItsHolder) {
  const auto exchange = accepted_request();
  const auto item = sealed_item(exchange);
  expect(release(exchange, item));
  expect(decide(asking, approver(asking),
                Json::object({{"type", "withdrawal"}, {"exchange", exchange.hex()}})));
  carry_all();  // they crossed
  EXPECT_EQ(state_of(answering, item), "sealed");
  EXPECT_EQ(state_of(asking, item), "failed");
  EXPECT_TRUE(has_key(answering, key_of(item)));
  EXPECT_EQ(code_of(release(exchange, item)), FaultCode::act_illegal);
  EXPECT_EQ(code_of(ask(answering,
                        [&](node::Desk& desk) -> Result<Json> {
                          TRY(desk.serve_item(asking.state(), item));
                          return Json();
                        })),
            FaultCode::evidence_unknown);
  expect(destroy(answering, item));  // the holder's own decision, by two officers
}

TEST_F(EvidenceLife, AnItemThatAWithdrawalStoppedIsFetchedWhenTheWithdrawalIsRejected) {
  const auto exchange = accepted_request();
  const auto item = sealed_item(exchange);
  answering_ahead_s = -600;  // so that what the other State makes seems to come from tomorrow
  expect(decide(asking, approver(asking),
                Json::object({{"type", "withdrawal"}, {"exchange", exchange.hex()}})));
  expect(release(exchange, item));
  EXPECT_EQ(carry(answering, asking), 1U);
  EXPECT_EQ(state_of(asking, item), "failed");
  // Before the other State has answered for the withdrawal, nothing may be ended for good.
  EXPECT_EQ(code_of(destroy(asking, item)), FaultCode::evidence_under_way);
  carry(asking, answering);
  EXPECT_EQ(entries(asking, "partner/BFA", "rejection.received"), 1U);
  answering_ahead_s = 0;
  EXPECT_EQ(state_of(asking, item), "announced");
  arrive(item);
  carry_all();
  expect(decide(asking, approver(asking),
                Json::object({{"type", "closure"}, {"exchange", exchange.hex()}})));
}

TEST_F(EvidenceLife, BytesThatAreNotThoseOfTheCustodianEndTheItem) {
  const auto exchange = accepted_request();
  const auto item = begin_item(exchange, Digest{{7}});
  const auto outcome = outcome_of(item, Digest{{8}});
  ASSERT_TRUE(has_key(answering, key_of(item)));
  listen("item");
  const auto who = executor(answering);
  const auto sealed =
      ask(answering, [=](node::Desk& desk) { return desk.seal_ended(who, item, outcome); });
  EXPECT_EQ(code_of(sealed), FaultCode::evidence_hash);
  EXPECT_EQ(state_of(answering, item), "failed");
  EXPECT_FALSE(has_key(answering, key_of(item)));
  EXPECT_EQ(entries(answering, k_log, "item.failed"), 1U);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].at("state").text(), "failed");
  EXPECT_EQ(told[0].at("code").text(), "evidence.hash");
  // The bytes go, and the officer adds them again.
  EXPECT_THAT(ended(answering), testing::ElementsAre(item));
  EXPECT_THAT(ended(answering), testing::IsEmpty());
  sealed_item(exchange);
}

TEST_F(EvidenceLife, ASealThatBreaksOffLeavesNoKey) {
  const auto exchange = accepted_request();
  const auto item = begin_item(exchange);
  outcome_of(item, Digest{{8}});
  const auto who = executor(answering);
  const auto ended_so = ask(answering, [=](node::Desk& desk) {
    return desk.seal_ended(who, item, fault(FaultCode::peer_timeout, "gone"));
  });
  EXPECT_EQ(code_of(ended_so), FaultCode::peer_timeout);
  EXPECT_EQ(state_of(answering, item), "failed");
  EXPECT_FALSE(has_key(answering, key_of(item)));
}

TEST_F(EvidenceLife, ASealThatDiedWithTheNodeIsGivenUpAtTheStart) {
  const auto exchange = accepted_request();
  const auto item = begin_item(exchange);
  outcome_of(item, Digest{{8}});
  answering.die(true);
  CHECK(answering.start(now));
  EXPECT_EQ(state_of(answering, item), "failed");
  EXPECT_FALSE(has_key(answering, key_of(item)));
  EXPECT_EQ(entries(answering, k_log, "item.failed"), 1U);
}

TEST_F(EvidenceLife, AnItemWhoseBytesNeverCameIsGivenUp) {
  const auto exchange = accepted_request();
  const auto idle = begin_item(exchange), busy = begin_item(exchange);
  outcome_of(busy, Digest{{8}});  // its bytes are being read
  now = now.plus_s(2 * k_hour_s);
  expect(ask(answering, [](node::Desk& desk) -> Result<Json> {
    TRY(desk.keep_house());
    return Json();
  }));
  EXPECT_EQ(state_of(answering, idle), "failed");
  EXPECT_EQ(state_of(answering, busy), "sealing");
}

TEST_F(EvidenceLife, AnItemIsDestroyedOnlyAtRest) {
  const auto exchange = accepted_request();
  const auto item = sealed_item(exchange);
  // Drafted while it was at rest: what counts is when it is carried out.
  const auto who = approver(answering);
  const auto early = expect(ask(answering, [=](node::Desk& desk) {
    return desk.make_draft(
        who, statement("item.destroy").set("item", item.hex()).set("remains", "Nothing."));
  }));
  expect(release(exchange, item));
  const auto refused = finish(answering, early);
  EXPECT_EQ(code_of(refused), FaultCode::evidence_under_way);
  EXPECT_THAT(refused.error().detail, testing::HasSubstr("wait until the other State"));
  EXPECT_EQ(code_of(destroy(answering, item)), FaultCode::evidence_under_way);
  carry_all();
  arrive(item);
  EXPECT_EQ(code_of(destroy(asking, item)), FaultCode::evidence_under_way);  // more may come
  carry_all();
  expect(destroy(answering, item));
  EXPECT_EQ(state_of(answering, item), "destroyed");
  EXPECT_FALSE(has_key(answering, key_of(item)));
  EXPECT_THAT(ended(answering), testing::ElementsAre(item));

  expect(decide(asking, approver(asking),
                Json::object({{"type", "closure"}, {"exchange", exchange.hex()}})));
  EXPECT_EQ(code_of(destroy(asking, item)), FaultCode::evidence_under_way);  // not receipted yet
  carry_all();
  expect(destroy(asking, item));
  EXPECT_FALSE(has_key(asking, "request-" + exchange.hex()));
  EXPECT_EQ(code_of(destroy(asking, item)), FaultCode::evidence_destroyed);
}

TEST_F(EvidenceLife, AnItemThatIsBeingSealedIsNotDestroyed) {
  const auto exchange = accepted_request();
  const auto item = begin_item(exchange);
  EXPECT_EQ(code_of(destroy(answering, item)), FaultCode::evidence_under_way);
}

TEST_F(EvidenceLife, AnArrivalThatWasRejectedIsToldAgain) {
  const auto exchange = accepted_request();
  const auto item = sealed_item(exchange);
  expect(release(exchange, item));
  carry_all();
  EXPECT_EQ(fetched_by(asking), 1U);
  answering_ahead_s = -600;
  arrive(item);
  carry(asking, answering);
  answering_ahead_s = 0;
  EXPECT_EQ(state_of(asking, item), "announced");
  EXPECT_EQ(fetched_by(asking), 0U);  // not at once again
  now = now.plus_s(301);
  EXPECT_EQ(fetched_by(asking), 1U);
  arrive(item);
  carry_all();
  EXPECT_EQ((*answering.rows().exchange(exchange))->phase, "delivered");
  expect(decide(answering, approver(answering),
                Json::object({{"type", "closure"}, {"exchange", exchange.hex()}})));
}

// The delivery fell before the rejection came: there is nothing left to say of it but that it is
// gone, and the bytes are there for all that.
TEST_F(EvidenceLife, AnArrivalThatWasRejectedIsNotToldOfADeliveryThatFell) {
  const auto exchange = accepted_request();
  const auto item = sealed_item(exchange);
  expect(release(exchange, item));
  carry_all();
  EXPECT_EQ(fetched_by(asking), 1U);
  arrive(item);
  auto items = Json::array();
  items.push_back(item.hex());
  expect(decide(answering, approver(answering),
                Json::object({{"type", "annulment"},
                              {"exchange", exchange.hex()},
                              {"items", items},
                              {"reasons", "The court quashed it (exercise)"}})));
  carry(answering, asking);
  answering_ahead_s = -600;
  carry(asking, answering);
  answering_ahead_s = 0;
  now = now.plus_s(301);
  carry_all();
  EXPECT_EQ(state_of(asking, item), "arrived") << "what is there is not said to have failed";
  EXPECT_EQ(fetched_by(asking), 0U);
  expect(destroy(asking, item));
  EXPECT_EQ(state_of(asking, item), "destroyed");
  expect(decide(asking, approver(asking),
                Json::object({{"type", "notice"},
                              {"exchange", exchange.hex()},
                              {"kind", "deletion"},
                              {"items", items},
                              {"text", "Bytes and keys are gone (exercise)"}})));
  carry_all();
  const auto acts = *asking.rows().acts(exchange);
  EXPECT_EQ(acts.back().standing, node::Standing::receipted);
}

TEST_F(EvidenceLife, OfOnePartnerAFewItemsAreFetchedAtATime) {
  const auto exchange = accepted_request();
  std::vector<ItemId> items;
  for (int i = 0; i < 20; ++i) {
    items.push_back(sealed_item(exchange));
    expect(release(exchange, items.back()));
  }
  carry_all();
  EXPECT_EQ(fetched_by(asking), 16U);
  EXPECT_EQ(fetched_by(asking), 0U);
  arrive(items[0]);
  EXPECT_EQ(fetched_by(asking), 1U);
  broken(items[1]);
  // Another goes first; the one that broke comes again in its turn.
  std::set<ItemId> again;
  EXPECT_EQ(fetched_by(asking, &again), 1U);
  for (int i = 2; i < 20; ++i) arrive(items[static_cast<std::size_t>(i)]);
  fetched_by(asking, &again);
  EXPECT_TRUE(again.contains(items[1]));
}

TEST_F(EvidenceLife, KeysThatNothingNeedsAreEndedAtTheStart) {
  const auto exchange = accepted_request();
  const auto item = sealed_item(exchange);
  const auto request_key = "request-" + exchange.hex();
  const auto lost = "request-" + ExchangeId{{9}}.hex(), strange = "item-" + ItemId{{9}}.hex();
  auto& keys = asking.evidence_keys();
  ASSERT_TRUE(keys.make(lost));  // the node died before its draft was durable
  ASSERT_TRUE(keys.make(strange));
  const auto& measure = treaty::sample::measure("stored-data");
  const auto input = Json::object({{"type", "request"},
                                   {"to", answering.state().text()},
                                   {"measure", measure.code},
                                   {"fields", treaty::sample::full_form(measure)}});
  const auto who = approver(asking);
  const auto make = [=](node::Desk& desk) { return desk.make_draft(who, input); };
  const auto open = expect(ask(asking, make)), dropped = expect(ask(asking, make));
  const auto id = *DraftId::from_hex(dropped.at("draft").text());
  expect(ask(asking, [=](node::Desk& desk) { return desk.drop(who, id); }));
  EXPECT_FALSE(has_key(asking, "request-" + dropped.at("exchange").text()));
  for (auto* one : {&asking, &answering}) {
    one->die(true);
    CHECK(one->start(now));
  }
  EXPECT_FALSE(has_key(asking, lost));
  EXPECT_TRUE(has_key(asking, strange));  // no row speaks of it: it is not ours to judge
  EXPECT_TRUE(has_key(asking, request_key));
  EXPECT_TRUE(has_key(asking, "request-" + open.at("exchange").text()));
  EXPECT_TRUE(has_key(answering, key_of(item)));
}

TEST_F(EvidenceLife, ARequestThatWasRejectedLeavesNoKey) {
  const auto& measure = treaty::sample::measure("stored-data");
  answering_ahead_s = -600;
  const auto sent = expect(decide(asking, approver(asking),
                                  Json::object({{"type", "request"},
                                                {"to", answering.state().text()},
                                                {"measure", measure.code},
                                                {"fields", treaty::sample::full_form(measure)}})));
  const auto key = "request-" + sent.at("exchange").text();
  EXPECT_TRUE(has_key(asking, key));
  carry_all();
  EXPECT_EQ(entries(asking, "partner/BFA", "rejection.received"), 1U);
  EXPECT_FALSE(has_key(asking, key));
}

TEST_F(EvidenceLife, ADatabaseThatIsOlderThanItsFilesIsNotServed) {
  auto files = asking.log_file("internal", "checkpoint");
  ASSERT_TRUE(files && *files);
  const auto note = **files;
  // The same home with a database that knows nothing.
  Member fresh(asking.state(), options, signatures, 0);
  fresh.put_log_file("internal", "checkpoint", note);
  const auto started = fresh.start(now);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, FaultCode::log_rolled_back);
}

TEST_F(EvidenceLife, ItemsAreListedByPages) {
  const auto exchange = accepted_request();
  std::vector<ItemId> items;
  for (int i = 0; i < 5; ++i) items.push_back(sealed_item(exchange));
  const auto who = approver(answering);
  std::vector<std::string> seen;
  node::ItemFilter filter{.exchange = exchange, .limit = 2};
  for (int page = 0; page < 3; ++page) {
    const auto answer =
        expect(ask(answering, [=](node::Desk& desk) { return desk.items(who, filter); }));
    for (const auto& item : answer.at("items").items()) seen.push_back(item.at("id").text());
    EXPECT_EQ(answer.at("next").is_text(), page < 2);
    if (page < 2) filter.after = *ItemId::from_hex(answer.at("next").text());
  }
  ASSERT_EQ(seen.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(seen[i], items[i].hex());
  for (const std::size_t limit : {0, 201})
    EXPECT_EQ(code_of(ask(answering,
                          [=](node::Desk& desk) { return desk.items(who, {.limit = limit}); })),
              FaultCode::limit_count);
}

TEST_F(EvidenceLife, TokensAreLoggedAndForgottenWhenTheirTimeIsOver) {
  const auto who = approver(asking);
  const auto keep = [&](std::uint8_t number) {
    expect(ask(asking, [=, this](node::Desk& desk) -> Result<Json> {
      TRY(desk.keep_token(who, Digest{{number}}, now.plus_s(60)));
      return Json();
    }));
  };
  keep(1);
  EXPECT_EQ(entries(asking, "internal", "token.made"), 1U);
  now = now.plus_s(61);
  keep(2);
  EXPECT_FALSE(*asking.rows().token(Digest{{1}}));
  EXPECT_TRUE(*asking.rows().token(Digest{{2}}));
}

TEST_F(EvidenceLife, WhatNeverArrivesCanBeWithdrawnFrom) {
  const auto exchange = accepted_request();
  const auto item = sealed_item(exchange);
  expect(release(exchange, item));
  carry_all();
  expect(decide(asking, approver(asking),
                Json::object({{"type", "withdrawal"}, {"exchange", exchange.hex()}})));
  carry_all();
  EXPECT_EQ(state_of(asking, item), "failed");
  EXPECT_EQ(state_of(answering, item), "sealed");
  expect(decide(answering, approver(answering),
                Json::object({{"type", "closure"}, {"exchange", exchange.hex()}})));
}

}  // namespace
}  // namespace comity::sim
