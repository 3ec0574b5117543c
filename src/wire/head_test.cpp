#include "wire/head.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/client.hpp"
#include "wire/limits.hpp"

namespace comity::wire {
namespace {

Head head_for(std::string target) {
  Head head;
  head.method = "GET";
  head.target = std::move(target);
  head.fields = {{"host", "node.example:8443"}};
  return head;
}

Result<node::Call> call_for(std::string target) {
  return call_of(head_for(std::move(target)), node::Door::socket);
}

TEST(Head, DecodesPathAndQueryOnce) {
  const auto call = call_for("/v1/exchanges/a%2Db?state=KGZ&note=a%20b+c%2B%25&empty=&bare");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->path, "/v1/exchanges/a-b");
  EXPECT_EQ(call->query, (std::map<std::string, std::string>{
                             {"state", "KGZ"}, {"note", "a b c+%"}, {"empty", ""}, {"bare", ""}}));
  EXPECT_EQ(call_for("/")->path, "/");
  EXPECT_EQ(call_for("/%252e%252e/x")->path, "/%2e%2e/x") << "decoded twice";
}

TEST(Head, RefusesPathsWithASecondMeaning) {
  for (const char* target : {"/a/../b",
                             "/a/./b",
                             "/..",
                             "/.",
                             "/a/%2e%2e/b",
                             "/a/%2E/b",
                             "/a/.%2e",
                             "//a",
                             "/a//b",
                             "/a/",
                             "/a%2Fb",
                             "/a%2fb",
                             "/a%5Cb",
                             "/a\\b",
                             "/a%00",
                             "/a%0d%0aX",
                             "/a%7f",
                             "/a%c3%a9",
                             "/a%",
                             "/a%2",
                             "/a%zz",
                             "/a b",
                             "/a#b",
                             "a",
                             "",
                             "*",
                             "http://node.example/a",
                             "node.example:443",
                             "/a?x=%00",
                             "/a?x=%0a",
                             "/a?=x",
                             "/a?x=1&x=2",
                             "/a?x=1&%78=2",
                             "/a?x=%"}) {
    const auto call = call_for(target);
    ASSERT_FALSE(call) << target;
    EXPECT_EQ(call.error().code, FaultCode::bad_usage) << target;
  }
}

TEST(Head, CountsTheNamesInAQuery) {
  std::string target = "/a?n0=";
  for (std::size_t i = 1; i < k_query_names_max; ++i) target += "&n" + std::to_string(i) + "=";
  EXPECT_TRUE(call_for(target));
  EXPECT_EQ(call_for(target + "&one-more=").error().code, FaultCode::limit_count);
}

TEST(Head, TakesEachFieldOnceSaveLists) {
  auto head = head_for("/a");
  head.fields.emplace_back("accept", "text/html");
  head.fields.emplace_back("accept", "application/json");
  EXPECT_EQ(call_of(head, node::Door::peer)->headers.at("accept"), "text/html, application/json");
  for (const char* name : {"host", "authorization", "content-type", "comity-anything"}) {
    auto twice = head_for("/a");
    twice.fields.emplace_back(name, "1");
    twice.fields.emplace_back(name, "1");
    EXPECT_FALSE(call_of(twice, node::Door::peer)) << name;
  }
  auto without = head_for("/a");
  without.fields.clear();
  EXPECT_FALSE(call_of(without, node::Door::peer));
}

TEST(Head, ReadsOneRangeAndIgnoresOtherForms) {
  const auto range_of = [](const std::string& text) {
    auto head = head_for("/a");
    head.fields.emplace_back("range", text);
    return call_of(head, node::Door::peer)->range;
  };
  using Range = decltype(node::Call::range);
  EXPECT_EQ(range_of("bytes=0-99"), Range({0, 99}));
  EXPECT_EQ(range_of("bytes=100-"), Range({100, std::nullopt}));
  for (const char* other : {"bytes=-5", "bytes=9-1", "bytes=0-1,3-4", "items=0-1", "bytes=a-b",
                            "bytes=", "bytes=0", "bytes=18446744073709551616-"})
    EXPECT_EQ(range_of(other), Range()) << other;
}

node::Call console_call(std::map<std::string, std::string> headers) {
  node::Call call;
  call.door = node::Door::console;
  call.headers = std::move(headers);
  return call;
}

TEST(Head, KeepsOtherSitesFromTheConsole) {
  const auto check = [](std::map<std::string, std::string> headers) {
    return check_same_site(console_call(std::move(headers)), "127.0.0.1", 8100).has_value();
  };
  EXPECT_TRUE(check({{"host", "127.0.0.1:8100"}}));
  EXPECT_TRUE(check({{"host", "localhost:8100"}, {"origin", "http://localhost:8100"}}));
  EXPECT_TRUE(check({{"host", "127.0.0.1:8100"}, {"sec-fetch-site", "same-origin"}}));
  EXPECT_FALSE(check({{"host", "127.0.0.1:8101"}}));
  EXPECT_FALSE(check({{"host", "127.0.0.1"}}));
  EXPECT_FALSE(check({{"host", "rebound.example:8100"}}));
  for (const char* origin : {"http://rebound.example", "null", "http://localhost:3000",
                             "https://127.0.0.1:8100", "http://127.0.0.1:8100.evil.example", ""})
    EXPECT_FALSE(check({{"host", "127.0.0.1:8100"}, {"origin", origin}})) << origin;
  EXPECT_FALSE(check({{"host", "127.0.0.1:8100"}, {"sec-fetch-site", "cross-site"}}));
  EXPECT_FALSE(check({{"host", "127.0.0.1:8100"}, {"sec-fetch-site", "same-site"}}));
  EXPECT_TRUE(check_same_site(console_call({{"host", "[::1]:8100"}}), "::1", 8100));
}

TEST(Head, NeverWritesWhatAHandlerCouldSmuggle) {
  node::Answer answer;
  answer.headers = {{"X-Good", "1"},
                    {"X-Bad", "1\r\nSet-Cookie: a=b"},
                    {"Bad name", "1"},
                    {"content-length", "7"},
                    {"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(answer_head(answer, 0, true),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n"
            "X-Good: 1\r\n\r\n");
}

RC_GTEST_PROP(Head, ReadsBackWhatTargetWrites, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'));
  const auto call = call_for(target("/v1/things", {{"text", text}}));
  RC_ASSERT(call.has_value());
  RC_ASSERT(call->query.at("text") == text);
}

}  // namespace
}  // namespace comity::wire
