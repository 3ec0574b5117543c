#include "api/problem.hpp"

#include <gtest/gtest.h>

#include "api/events.hpp"

namespace comity::api {
namespace {

using formats::Json;

Json body_of(const node::Answer& answer) {
  return *formats::parse_json(std::get<Bytes>(answer.body));
}

TEST(Problem, TellsWhatHappenedAndWhatToDo) {
  const auto answer = problem(Fault{FaultCode::officer_two, "approver"});
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.content_type, "application/problem+json");
  const auto& row = row_of(FaultCode::officer_two);
  EXPECT_EQ(body_of(answer), Json::object({{"type", "urn:comity:error:officer.two"},
                                           {"title", row.happened},
                                           {"status", 403},
                                           {"detail", "approver"},
                                           {"code", "officer.two"},
                                           {"next", row.next}}));
}

TEST(Problem, EveryFaultHasOne) {
  for (const auto& row : fault_rows()) {
    const auto answer = problem(Fault{row.code, "x"});
    EXPECT_EQ(answer.status, row.http_status);
    EXPECT_EQ(fault_code(body_of(answer).at("code").text()), row.code);
  }
}

TEST(Problem, LeavesOutADetailThatIsNoText) {
  EXPECT_EQ(body_of(problem(Fault{FaultCode::bad_usage, "\xff\n"})).at("detail"), Json(""));
  EXPECT_EQ(body_of(problem(Fault{FaultCode::bad_usage, std::string("a\0b", 3)})).at("detail"),
            Json(""));
}

/// Says what it was told to, and then that the node stops.
class Script final : public Subscription {
 public:
  explicit Script(std::vector<Next> all) : all_(std::move(all)) {}
  Next next(int) override {
    if (at_ == all_.size()) return {.kind = Next::Kind::ended, .notice = {}};
    return all_[at_++];
  }

 private:
  std::vector<Next> all_;
  std::size_t at_ = 0;
};

class Collecting final : public node::Sink {
 public:
  Result<void> write(View bytes) override {
    if (text.size() + bytes.size() > room) return fault(FaultCode::peer_unreachable);
    text += as_text(bytes);
    return {};
  }
  std::string text;
  std::size_t room = 1 << 20;
};

TEST(Events, AreServerSentEvents) {
  using Kind = Subscription::Next::Kind;
  const auto answer = events_answer(std::make_shared<Script>(std::vector<Subscription::Next>{
      {Kind::notice, Json::object({{"kind", "act"}, {"exchange", "00"}})},
      {Kind::quiet, {}},
      {Kind::lagged, {}},
      {Kind::notice, Json::object({{"kind", "a\nb"}})}}));
  EXPECT_EQ(answer.content_type, "text/event-stream");
  Collecting sink;
  ASSERT_TRUE(std::get<node::Producer>(answer.body)(sink));
  EXPECT_EQ(sink.text,
            "retry: 2000\n\n"
            "event: act\ndata: {\"exchange\":\"00\",\"kind\":\"act\"}\n\n"
            ":\n\n"
            "event: lagged\ndata: {}\n\n"
            "event: notice\ndata: {\"kind\":\"a\\nb\"}\n\n");
}

TEST(Events, EndWhenNobodyListens) {
  const auto answer = events_answer(std::make_shared<Script>(
      std::vector<Subscription::Next>(10, {Subscription::Next::Kind::quiet, {}})));
  Collecting sink;
  sink.room = 20;
  EXPECT_FALSE(std::get<node::Producer>(answer.body)(sink));
}

}  // namespace
}  // namespace comity::api
