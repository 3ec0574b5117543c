#include "api/route.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "api/router.hpp"

namespace comity::api {
namespace {

using Captured = std::vector<std::string>;

TEST(Match, TakesSegmentsWhole) {
  EXPECT_EQ(match("/v1/drafts", "/v1/drafts"), Captured());
  EXPECT_EQ(match("/v1/drafts/{}", "/v1/drafts/ab"), Captured({"ab"}));
  EXPECT_EQ(match("/v1/drafts/{}/send", "/v1/drafts/ab/send"), Captured({"ab"}));
  for (const auto* other :
       {"/", "/v1", "/v1/draft", "/v1/drafts/ab/send/x", "/v1/draftsab", "/v1/drafts/ab/sent"})
    EXPECT_FALSE(match("/v1/drafts/{}/send", other)) << other;
}

TEST(Match, TakesManySegmentsWhereItSaysSo) {
  EXPECT_EQ(match("/v1/logs/{*}/entries", "/v1/logs/internal/entries"), Captured({"internal"}));
  EXPECT_EQ(match("/v1/logs/{*}/entries", "/v1/logs/partner/BFA/entries"),
            Captured({"partner/BFA"}));
  EXPECT_FALSE(match("/v1/logs/{*}/entries", "/v1/logs/entries"));
  EXPECT_EQ(match("/x/{}/tiles/{*}", "/x/1/tiles/0/x001/002"), Captured({"1", "0/x001/002"}));
  EXPECT_FALSE(match("/x/{}/tiles/{*}", "/x/1/tiles"));
}

RC_GTEST_PROP(Match, NeverBreaksOnAnyPath, (const std::string& path)) {
  for (const auto* pattern : {"/v1/logs/{*}/entries", "/v1/drafts/{}", "/v1/x/{}/tiles/{*}"})
    match(pattern, path);
}

class Reading : public testing::Test {
 protected:
  static Route route(BodyKind body) { return {"POST", "/v1/x", Who::officer, body, {"from"}, {}}; }
  static FaultCode code_of(const Result<Json>& result) {
    return result ? FaultCode::conflict : result.error().code;
  }
  node::Call call;
};

TEST_F(Reading, RefusesAQueryNameThatIsNotKnown) {
  call.query = {{"from", "1"}};
  EXPECT_TRUE(read_body(route(BodyKind::none), call));
  call.query = {{"form", "1"}};
  EXPECT_EQ(code_of(read_body(route(BodyKind::none), call)), FaultCode::bad_usage);
}

TEST_F(Reading, TakesABodyWhereOneIsExpected) {
  EXPECT_EQ(*read_body(route(BodyKind::optional_json), call), Json::object());
  EXPECT_EQ(code_of(read_body(route(BodyKind::json), call)), FaultCode::format_json);
  EXPECT_EQ(code_of(read_body(route(BodyKind::bulk), call)), FaultCode::bad_usage);
  call.body = to_bytes("{}");
  EXPECT_EQ(*read_body(route(BodyKind::optional_json), call), Json::object());
  call.body = to_bytes("{\"a\":1}");
  EXPECT_EQ(*read_body(route(BodyKind::json), call), Json::object({{"a", 1}}));
  EXPECT_EQ(code_of(read_body(route(BodyKind::none), call)), FaultCode::bad_usage);
  // Where a body may come and has no members, one that nobody would heed is refused.
  EXPECT_EQ(code_of(read_body(route(BodyKind::optional_json), call)), FaultCode::format_field);
  for (const auto* bad : {"[]", "1", "{", "{\"a\":1,\"a\":2}", "{\"a\":1.5}", "null"}) {
    call.body = to_bytes(std::string_view(bad));
    EXPECT_EQ(code_of(read_body(route(BodyKind::json), call)), FaultCode::format_json) << bad;
  }
}

TEST_F(Reading, TakesTwoMebibytesAndNotOneByteMore) {
  constexpr std::size_t limit = std::size_t{2} * 1024 * 1024;
  std::string text = "{\"a\":\"" + std::string(limit - 8, 'x') + "\"}";
  ASSERT_EQ(text.size(), limit);
  call.body = to_bytes(text);
  EXPECT_TRUE(read_body(route(BodyKind::json), call));
  call.body.insert(call.body.end() - 2, 'x');
  EXPECT_EQ(code_of(read_body(route(BodyKind::json), call)), FaultCode::limit_size);
}

TEST(FindRoute, TellsWhatAnAddressTakes) {
  const std::vector<Route> routes = {
      {"GET", "/v1/drafts", Who::officer, BodyKind::none, {}, {}},
      {"POST", "/v1/drafts", Who::officer, BodyKind::json, {}, {}},
      {"DELETE", "/v1/drafts/{}", Who::officer, BodyKind::none, {}, {}}};
  Captured captured;
  node::Call call;
  call.method = "POST";
  call.path = "/v1/drafts";
  EXPECT_EQ(*find_route(routes, call, captured), &routes[1]);
  call.method = "PATCH";
  auto refused = find_route(routes, call, captured);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), (Fault{FaultCode::method, "/v1/drafts takes GET, POST"}));
  call.path = "/comity/v1/acts";
  refused = find_route(routes, call, captured);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, FaultCode::not_found);
}

class WhoMayAsk : public testing::Test {
 protected:
  static node::Officer officer(std::vector<std::string> roles) {
    return {Digest{{1}}, "O", std::move(roles), {}};
  }
  static bool may(Who who, const node::Officer& officer, std::string method = "GET",
                  node::Door door = node::Door::socket) {
    node::Call call;
    call.method = std::move(method);
    call.door = door;
    return check_who(who, call, officer).has_value();
  }
};

TEST_F(WhoMayAsk, AnAuditorReadsAndDoesNothing) {
  const auto auditor = officer({"officer:auditor"});
  EXPECT_TRUE(may(Who::officer, auditor));
  EXPECT_TRUE(may(Who::exporters, auditor) && may(Who::holders, auditor));
  EXPECT_FALSE(may(Who::officer, auditor, "POST"));
  EXPECT_FALSE(may(Who::founding, auditor, "POST"));
  for (const auto who : {Who::drafters, Who::executor, Who::openers})
    EXPECT_FALSE(may(who, auditor));
}

TEST_F(WhoMayAsk, EachRoleHasItsOwn) {
  const auto drafter = officer({"officer:drafter"}), executor = officer({"officer:executor"}),
             approver = officer({"officer:approver"});
  EXPECT_TRUE(may(Who::drafters, drafter) && may(Who::drafters, approver));
  EXPECT_FALSE(may(Who::drafters, executor));
  EXPECT_TRUE(may(Who::executor, executor));
  EXPECT_FALSE(may(Who::executor, approver) || may(Who::executor, drafter));
  EXPECT_TRUE(may(Who::openers, executor) && may(Who::openers, approver));
  EXPECT_FALSE(may(Who::openers, drafter) || may(Who::holders, drafter));
  EXPECT_FALSE(may(Who::exporters, executor));
}

TEST_F(WhoMayAsk, NobodyIsHeardAtTheSocketOnly) {
  EXPECT_TRUE(may(Who::anyone_here, {}));
  EXPECT_TRUE(may(Who::founding, {}, "POST"));
  for (const auto who : {Who::officer, Who::drafters, Who::executor, Who::openers, Who::exporters})
    EXPECT_FALSE(may(who, {}));
  EXPECT_FALSE(may(Who::anyone_here, {}, "GET", node::Door::console));
  EXPECT_FALSE(may(Who::founding, {}, "POST", node::Door::console));
}

TEST(Router, TakesBulkBytesAtOneAddressOnly) {
  node::Call call;
  call.method = "PUT";
  call.path = "/v1/items/00/content";
  EXPECT_TRUE(Router::takes_bulk(call));
  call.door = node::Door::peer;
  EXPECT_FALSE(Router::takes_bulk(call));
  call.door = node::Door::console;
  EXPECT_TRUE(Router::takes_bulk(call));
  call.method = "POST";
  EXPECT_FALSE(Router::takes_bulk(call));
  call.method = "PUT";
  call.path = "/v1/items/00";
  EXPECT_FALSE(Router::takes_bulk(call));
}

}  // namespace
}  // namespace comity::api
