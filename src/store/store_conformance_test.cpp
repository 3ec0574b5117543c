// What every node::Store does, run on each kind there is.
#include "store/records_test.hpp"
#include "store/sqlite_store.hpp"

namespace comity::store {
namespace {

using namespace sample;
using testing::ElementsAre;

enum class Kind { file, memory };

class Conformance : public testing::TestWithParam<Kind> {
 protected:
  Conformance() {
    auto opened = GetParam() == Kind::memory
                      ? SqliteStore::in_memory()
                      : SqliteStore::open(folder / "node.db", Opening::create);
    if (opened) owned = *std::move(opened);
  }
  void SetUp() override { ASSERT_TRUE(owned); }
  node::Store& store() { return *owned; }
  void begin() { ASSERT_TRUE(store().begin()); }
  void commit() {
    const auto done = store().commit();
    ASSERT_TRUE(done) << done.error().detail;
  }

  Folder folder;
  std::unique_ptr<SqliteStore> owned;
};

INSTANTIATE_TEST_SUITE_P(Stores, Conformance, testing::Values(Kind::file, Kind::memory),
                         [](const auto& info) {
                           return info.param == Kind::file ? "File" : "Memory";
                         });

}  // namespace

TEST_P(Conformance, GivesBackEveryFieldOfEveryRecord) {
  begin();
  ASSERT_TRUE(store().put_setting("clean", "yes"));
  ASSERT_TRUE(store().put_exchange(exchange()));
  ASSERT_TRUE(store().put_act(act("a", 0)));
  ASSERT_TRUE(store().put_part(part("owner", "facts")));
  ASSERT_TRUE(store().put_draft(draft("d")));
  ASSERT_TRUE(store().put_outbox(outbox("a", "BFA", 1, 10)));
  ASSERT_TRUE(store().put_log(log("partner/BFA", 1)));
  ASSERT_TRUE(store().add_entry(entry("partner/BFA", 0, exchange().id)));
  ASSERT_TRUE(store().put_partner({state("BFA"), "note", true, "officer, 12:00"}));
  ASSERT_TRUE(store().put_directory(directory("BFA", 4)));
  ASSERT_TRUE(store().put_officer({digest("o"), Bytes{1}, Instant{3}, "left"}));
  ASSERT_TRUE(store().put_item(item("i")));
  ASSERT_TRUE(store().put_token(digest("t"), "officer", Instant{9}));
  commit();

  EXPECT_EQ(**store().setting("clean"), "yes");
  EXPECT_EQ(**store().exchange(exchange().id), exchange());
  EXPECT_EQ(**store().act(digest("a")), act("a", 0));
  EXPECT_THAT(*store().parts("owner"), ElementsAre(part("owner", "facts")));
  EXPECT_EQ(**store().draft(id<DraftId>("d")), draft("d"));
  EXPECT_EQ(**store().outbox(digest("a")), outbox("a", "BFA", 1, 10));
  EXPECT_EQ(**store().log("partner/BFA"), log("partner/BFA", 1));
  EXPECT_THAT(*store().entries("partner/BFA", 0, 1),
              ElementsAre(entry("partner/BFA", 0, exchange().id)));
  EXPECT_EQ(**store().partner(state("BFA")),
            (node::PartnerRecord{state("BFA"), "note", true, "officer, 12:00"}));
  EXPECT_THAT(*store().directory(), ElementsAre(directory("BFA", 4)));
  EXPECT_THAT(*store().officers(),
              ElementsAre(node::OfficerRecord{digest("o"), Bytes{1}, Instant{3}, "left"}));
  EXPECT_EQ(**store().item(id<ItemId>("i")), item("i"));
  EXPECT_EQ(**store().token(digest("t")), (std::pair<std::string, Instant>{"officer", {9}}));
}

TEST_P(Conformance, SaysThatThereIsNothing) {
  EXPECT_EQ(*store().setting("none"), std::nullopt);
  EXPECT_EQ(*store().exchange(id<ExchangeId>("none")), std::nullopt);
  EXPECT_EQ(*store().act(digest("none")), std::nullopt);
  EXPECT_EQ(*store().draft(id<DraftId>("none")), std::nullopt);
  EXPECT_EQ(*store().outbox(digest("none")), std::nullopt);
  EXPECT_EQ(*store().log("none"), std::nullopt);
  EXPECT_EQ(*store().partner(state("KGZ")), std::nullopt);
  EXPECT_EQ(*store().item(id<ItemId>("none")), std::nullopt);
  EXPECT_EQ(*store().token(digest("none")), std::nullopt);
  EXPECT_EQ(*store().next_due(), std::nullopt);
  EXPECT_EQ(*store().outbox_size(), 0U);
  EXPECT_TRUE(store().acts(id<ExchangeId>("none"))->empty());
  EXPECT_TRUE(store().entries("none", 0, ~0ULL)->empty());
}

TEST_P(Conformance, ReplacesByTheRecordsKey) {
  auto record = exchange();
  begin();
  ASSERT_TRUE(store().put_exchange(record));
  record.phase = "closed";
  record.linked.reset();
  ASSERT_TRUE(store().put_exchange(record));
  ASSERT_TRUE(store().put_directory(directory("BFA", 1)));
  ASSERT_TRUE(store().put_directory(directory("BFA", 2)));
  auto changed = directory("BFA", 1);
  changed.status = "superseded";
  ASSERT_TRUE(store().put_directory(changed));
  ASSERT_TRUE(store().put_token(digest("t"), "a", Instant{9}));
  ASSERT_TRUE(store().put_token(digest("t"), "a", Instant{0}));
  commit();
  EXPECT_EQ(**store().exchange(record.id), record);
  EXPECT_EQ(store().exchanges({})->size(), 1U);
  EXPECT_THAT(*store().directory(), ElementsAre(changed, directory("BFA", 2)));
  EXPECT_EQ((*store().token(digest("t")))->second, Instant{0});
}

TEST_P(Conformance, ReadsInATransactionWhatItWrote) {
  begin();
  ASSERT_TRUE(store().put_exchange(exchange()));
  EXPECT_EQ(**store().exchange(exchange().id), exchange());
  EXPECT_EQ(store().exchanges({})->size(), 1U);
  commit();
}

TEST_P(Conformance, LeavesNothingOfARollback) {
  begin();
  ASSERT_TRUE(store().put_exchange(exchange()));
  ASSERT_TRUE(store().put_setting("s", "1"));
  commit();
  begin();
  auto changed = exchange();
  changed.phase = "other";
  ASSERT_TRUE(store().put_exchange(changed));
  ASSERT_TRUE(store().put_setting("s", "2"));
  ASSERT_TRUE(store().put_act(act("a", 0)));
  store().rollback();
  EXPECT_EQ(**store().exchange(exchange().id), exchange());
  EXPECT_EQ(**store().setting("s"), "1");
  EXPECT_EQ(*store().act(digest("a")), std::nullopt);
  store().rollback();  // of nothing is nothing
  begin();
  commit();
}

TEST_P(Conformance, RefusesASecondEntryAtOneIndexAndAllThatFollowsInThatTransaction) {
  begin();
  ASSERT_TRUE(store().put_log(log("internal")));
  ASSERT_TRUE(store().add_entry(entry("internal", 0)));
  auto other = entry("internal", 0);
  other.entry = to_bytes("another");
  EXPECT_EQ(store().add_entry(other).error().code, FaultCode::log_corrupt);
  EXPECT_FALSE(store().put_setting("s", "half a transaction"));
  EXPECT_FALSE(store().commit());
  store().rollback();
  EXPECT_EQ(*store().setting("s"), std::nullopt);
  EXPECT_EQ(*store().log("internal"), std::nullopt);
}

TEST_P(Conformance, WillNotCommitARowWhoseOwnerIsMissing) {
  begin();
  ASSERT_TRUE(store().put_act(act("a", 0))) << "its exchange may come later in the transaction";
  EXPECT_EQ(store().commit().error().code, FaultCode::store_corrupt);
  store().rollback();
  EXPECT_FALSE(store().begin()) << "whether a failed commit happened, only a restart tells";
}

TEST_P(Conformance, ListsExchangesByTheirLatestChange) {
  begin();
  for (int i = 0; i < 6; ++i) {
    auto record = exchange("x" + std::to_string(i), i % 2 ? "BFA" : "KGZ");
    record.changed_at = Instant{std::int64_t{100} * ((i * 5) % 6)};
    record.our_side = i < 3 ? node::Side::requester : node::Side::requested;
    record.phase = i == 4 ? "closed" : "open";
    ASSERT_TRUE(store().put_exchange(record));
  }
  commit();
  const auto listed = [&](const node::ExchangeFilter& filter) {
    std::vector<std::int64_t> times;
    for (const auto& record : *store().exchanges(filter)) times.push_back(record.changed_at.ms);
    return times;
  };
  EXPECT_THAT(listed({}), ElementsAre(500, 400, 300, 200, 100, 0));
  EXPECT_THAT(listed({.limit = 2}), ElementsAre(500, 400));
  EXPECT_THAT(listed({.limit = ~0UL}), testing::SizeIs(6));
  EXPECT_THAT(listed({.partner = state("BFA")}), ElementsAre(500, 300, 100));
  EXPECT_THAT(listed({.our_side = node::Side::requester}), ElementsAre(500, 400, 0));
  EXPECT_THAT(listed({.phase = "closed"}), ElementsAre(200));
  EXPECT_THAT(listed({.partner = state("KGZ"),
                      .our_side = node::Side::requested,
                      .phase = "closed",
                      .limit = 1}),
              ElementsAre(200));
  EXPECT_THAT(listed({.phase = "' OR true --"}), ElementsAre());
}

TEST_P(Conformance, GivesExchangesByPagesThatStayAsTheyAre) {
  begin();
  for (int i = 0; i < 5; ++i) {
    auto record = exchange("x" + std::to_string(i));
    record.changed_at = Instant{i < 2 ? 100 : 200};
    ASSERT_TRUE(store().put_exchange(record));
  }
  commit();
  std::vector<ExchangeId> seen;
  node::ExchangeFilter filter{.limit = 2};
  for (;;) {
    const auto page = *store().exchanges(filter);
    for (const auto& record : page) seen.push_back(record.id);
    if (page.size() < filter.limit) break;
    filter.after = {page.back().changed_at, page.back().id};
    // What was shown already comes to the front while somebody turns the page.
    begin();
    auto moved = page.front();
    moved.changed_at = Instant{300};
    ASSERT_TRUE(store().put_exchange(moved));
    commit();
  }
  std::vector<ExchangeId> late, early;
  for (int i = 0; i < 5; ++i)
    (i < 2 ? early : late).push_back(id<ExchangeId>("x" + std::to_string(i)));
  std::ranges::sort(late);
  std::ranges::sort(early);
  late.insert(late.end(), early.begin(), early.end());
  EXPECT_EQ(seen, late);
}

TEST_P(Conformance, FindsWhatBeginsWithSomeDigits) {
  begin();
  const std::vector<std::string> ids = {
      "00aaffffffffffffffffffffffffffff", "00ab0000000000000000000000000000",
      "00abffffffffffffffffffffffffffff", "00ac0000000000000000000000000000"};
  for (const auto& one : ids) {
    auto record = exchange();
    record.id = *ExchangeId::from_hex(one);
    ASSERT_TRUE(store().put_exchange(record));
    auto held = item(one);
    held.id = *ItemId::from_hex(one);
    held.exchange = record.id;
    ASSERT_TRUE(store().put_item(held));
  }
  commit();
  const auto exchanges = [&](const std::string& digits) {
    std::vector<std::string> found;
    for (const auto& record : *store().exchanges({.begins_with = digits}))
      found.push_back(record.id.hex());
    return found;
  };
  const auto items = [&](const std::string& digits) {
    std::vector<std::string> found;
    for (const auto& record : *store().item_page({.begins_with = digits}))
      found.push_back(record.id.hex());
    return found;
  };
  for (const auto& find : {std::function(exchanges), std::function(items)}) {
    EXPECT_THAT(find("00ab"), ElementsAre(ids[1], ids[2]));
    EXPECT_THAT(find("00abf"), ElementsAre(ids[2]));
    EXPECT_THAT(find(ids[3]), ElementsAre(ids[3]));
    EXPECT_THAT(find("00ad"), ElementsAre());
    EXPECT_EQ(find("00").size(), 4U);
  }
  for (const auto* none : {"zz", "00AB", "00ab00000000000000000000000000000"}) {
    EXPECT_FALSE(store().exchanges({.begins_with = none})) << none;
    EXPECT_FALSE(store().item_page({.begins_with = none})) << none;
  }
}

TEST_P(Conformance, GivesActsInTheOrderLogged) {
  begin();
  ASSERT_TRUE(store().put_exchange(exchange()));
  ASSERT_TRUE(store().put_exchange(exchange("y")));
  for (const auto index : {5, 1, 3})
    ASSERT_TRUE(store().put_act(act("a" + std::to_string(index), index)));
  ASSERT_TRUE(store().put_act(act("other", 2, "y")));
  commit();
  std::vector<std::uint64_t> order;
  std::vector<Digest> ids;
  for (const auto& record : *store().acts(exchange().id)) {
    order.push_back(record.log_index);
    ids.push_back(record.id);
  }
  EXPECT_THAT(order, ElementsAre(1, 3, 5));
  EXPECT_EQ(*store().act_ids(exchange().id), ids);
}

TEST_P(Conformance, KnowsADraftThatAStandingActUsed) {
  begin();
  ASSERT_TRUE(store().put_exchange(exchange()));
  ASSERT_TRUE(store().put_exchange(exchange("y")));
  auto record = act("a", 0);
  ASSERT_TRUE(store().put_act(record));
  EXPECT_TRUE(*store().draft_used(record.exchange, record.draft));
  EXPECT_FALSE(*store().draft_used(id<ExchangeId>("y"), record.draft));
  EXPECT_FALSE(*store().draft_used(record.exchange, id<DraftId>("b")));
  record.standing = node::Standing::rejected;
  ASSERT_TRUE(store().put_act(record));
  EXPECT_FALSE(*store().draft_used(record.exchange, record.draft)) << "a void act frees its draft";
  commit();
}

TEST_P(Conformance, KeepsPartsInTheOrderTheyCame) {
  begin();
  for (const auto* name : {"reasons", "facts", "annex"})
    ASSERT_TRUE(store().put_part(part("owner", name)));
  auto erased = part("owner", "facts");
  erased.part.bytes.clear();
  ASSERT_TRUE(store().put_part(erased));
  ASSERT_TRUE(store().put_part(part("other", "facts")));
  commit();
  EXPECT_THAT(*store().parts("owner"),
              ElementsAre(part("owner", "reasons"), erased, part("owner", "annex")));
}

TEST_P(Conformance, ListsOpenDraftsAlone) {
  begin();
  auto late = draft("late");
  late.created_at = Instant{99};
  ASSERT_TRUE(store().put_draft(late));
  ASSERT_TRUE(store().put_draft(draft("early")));
  ASSERT_TRUE(store().put_draft(draft("used", "used")));
  ASSERT_TRUE(store().put_draft(draft("dropped")));
  ASSERT_TRUE(store().put_draft(draft("dropped", "dropped")));
  commit();
  EXPECT_THAT(*store().open_drafts(), ElementsAre(draft("early"), late));
}

TEST_P(Conformance, TellsWhatIsDueByPartnerAndSequence) {
  begin();
  for (const auto* name : {"x", "y"}) ASSERT_TRUE(store().put_exchange(exchange(name)));
  const std::vector<node::OutboxRecord> all{outbox("k1", "KGZ", 1, 100, "y"),
                                            outbox("b3", "BFA", 3, 50), outbox("b1", "BFA", 1, 90),
                                            outbox("b2", "BFA", 2, 101)};
  for (const auto& record : all) {
    auto owner = act("a", 0);
    owner.id = record.act;
    ASSERT_TRUE(store().put_act(owner));
    ASSERT_TRUE(store().put_outbox(record));
  }
  commit();
  EXPECT_EQ(**store().next_due(), Instant{50});
  EXPECT_EQ(*store().outbox_size(), 4U);
  EXPECT_TRUE(store().due(Instant{49}, 10)->empty());
  EXPECT_THAT(*store().due(Instant{100}, 10), ElementsAre(all[2], all[1], all[0]));
  // At most so many of each State: what waits for one never hides what another could have.
  EXPECT_THAT(*store().due(Instant{1000}, 2), ElementsAre(all[2], all[3], all[0]));
  begin();
  ASSERT_TRUE(store().drop_outbox(all[1].act));
  ASSERT_TRUE(store().drop_outbox(digest("none")));
  commit();
  EXPECT_EQ(**store().next_due(), Instant{90});
  EXPECT_EQ(*store().outbox_size(), 3U);
}

TEST_P(Conformance, TellsAsDueWhatAClockThatRanAheadPutOff) {
  begin();
  ASSERT_TRUE(store().put_exchange(exchange("x")));
  constexpr std::int64_t k_hour_ms = 3'600'000;
  const auto soon = outbox("b1", "BFA", 1, k_hour_ms), far = outbox("b2", "BFA", 2, k_hour_ms + 1);
  for (const auto& record : {soon, far}) {
    auto owner = act("a", 0);
    owner.id = record.act;
    ASSERT_TRUE(store().put_act(owner));
    ASSERT_TRUE(store().put_outbox(record));
  }
  commit();
  EXPECT_THAT(*store().due(Instant{0}, 10), ElementsAre(far));
  EXPECT_THAT(*store().due(Instant{1}, 10), testing::IsEmpty());
}

TEST_P(Conformance, GivesARangeOfALogAndAllAboutAnExchange) {
  const auto about = exchange().id;
  begin();
  for (const auto* name : {"partner/BFA", "internal", "anchor"})
    ASSERT_TRUE(store().put_log(log(name)));
  for (std::uint64_t i = 0; i < 300; ++i)
    ASSERT_TRUE(store().add_entry(
        entry("partner/BFA", i, i % 100 == 7 ? std::optional(about) : std::nullopt)));
  ASSERT_TRUE(store().add_entry(entry("internal", 0, about)));
  commit();
  EXPECT_THAT(
      *store().entries("partner/BFA", 254, 257),
      ElementsAre(entry("partner/BFA", 254), entry("partner/BFA", 255), entry("partner/BFA", 256)));
  EXPECT_TRUE(store().entries("partner/BFA", 300, 400)->empty());
  EXPECT_TRUE(store().entries("partner/BFA", 5, 5)->empty());
  EXPECT_EQ(store().entries("partner/BFA", 0, ~0ULL)->size(), 300U);
  std::vector<std::string> found;
  for (const auto& record : *store().entries_about(about))
    found.push_back(record.log + ':' + std::to_string(record.index));
  EXPECT_THAT(found,
              ElementsAre("internal:0", "partner/BFA:7", "partner/BFA:107", "partner/BFA:207"));
  std::vector<std::string> names;
  for (const auto& record : *store().logs()) names.push_back(record.name);
  EXPECT_THAT(names, ElementsAre("anchor", "internal", "partner/BFA"));
}

TEST_P(Conformance, ListsItemsOfOneExchangeOrAll) {
  begin();
  for (const auto* name : {"x", "y"}) ASSERT_TRUE(store().put_exchange(exchange(name)));
  for (const auto* name : {"i", "j"}) ASSERT_TRUE(store().put_item(item(name)));
  ASSERT_TRUE(store().put_item(item("k", "y")));
  commit();
  EXPECT_THAT(*store().items(id<ExchangeId>("x")), ElementsAre(item("i"), item("j")));
  EXPECT_EQ(store().items(std::nullopt)->size(), 3U);
}

TEST_P(Conformance, GivesItemsByPages) {
  begin();
  for (const auto* name : {"x", "y"}) ASSERT_TRUE(store().put_exchange(exchange(name)));
  for (const auto* name : {"i", "j", "k"}) {
    auto record = item(name);
    if (name[0] == 'j') record.state = node::ItemState::arrived;
    ASSERT_TRUE(store().put_item(record));
  }
  auto sealed = item("l", "y");
  sealed.state = node::ItemState::sealed;
  ASSERT_TRUE(store().put_item(sealed));
  commit();
  const auto names = [&](const node::ItemFilter& filter) {
    std::vector<ItemId> ids;
    for (const auto& record : *store().item_page(filter)) ids.push_back(record.id);
    return ids;
  };
  const auto i = id<ItemId>("i"), j = id<ItemId>("j"), k = id<ItemId>("k"), l = id<ItemId>("l");
  EXPECT_THAT(names({}), ElementsAre(i, j, k, l));
  EXPECT_THAT(names({.limit = 2}), ElementsAre(i, j));
  EXPECT_THAT(names({.after = j, .limit = 2}), ElementsAre(k, l));
  EXPECT_THAT(names({.after = l}), ElementsAre());
  EXPECT_THAT(names({.after = id<ItemId>("nobody")}), ElementsAre());
  EXPECT_THAT(names({.exchange = id<ExchangeId>("x"), .after = i}), ElementsAre(j, k));
  EXPECT_THAT(names({.state = node::ItemState::announced}), ElementsAre(i, k));
  EXPECT_THAT(names({.state = node::ItemState::announced, .after = i}), ElementsAre(k));
}

TEST_P(Conformance, DropsTokensWhoseTimeIsOver) {
  begin();
  ASSERT_TRUE(store().put_token(Digest{{1}}, "one", Instant{1000}));
  ASSERT_TRUE(store().put_token(Digest{{2}}, "two", Instant{1001}));
  ASSERT_TRUE(store().drop_tokens(Instant{1000}));
  commit();
  EXPECT_FALSE(*store().token(Digest{{1}}));
  EXPECT_TRUE(*store().token(Digest{{2}}));
}

TEST_P(Conformance, TakesEveryActTypeAndState) {
  begin();
  ASSERT_TRUE(store().put_exchange(exchange()));
  for (int i = 0; i <= static_cast<int>(node::ActType::completion); ++i) {
    auto record = act("a" + std::to_string(i), i);
    record.type = static_cast<node::ActType>(i);
    ASSERT_TRUE(store().put_act(record));
    EXPECT_EQ(**store().act(record.id), record);
  }
  for (int i = 0; i <= static_cast<int>(node::ItemState::destroyed); ++i) {
    auto record = item("i" + std::to_string(i));
    record.state = static_cast<node::ItemState>(i);
    ASSERT_TRUE(store().put_item(record));
    EXPECT_EQ(**store().item(record.id), record);
  }
  commit();
}

}  // namespace comity::store
