// Who listens is told, in order, and never at the cost of others: a slow listener loses notices and
// is told that it did; what moves fast is told now and then.
#include "notices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "progress.hpp"

namespace comity {
namespace {

using formats::Json;
using Kind = api::Subscription::Next::Kind;

constexpr int k_at_once = 0;  // seconds to wait

Json numbered(std::size_t number) {
  return Json::object({{"kind", "act"}, {"number", number}});
}

struct Listening : testing::Test {
  Notices notices;
  std::shared_ptr<api::Subscription> listen() { return *notices.subscribe(); }
};

TEST_F(Listening, TellsAllInOrder) {
  const auto one = listen(), other = listen();
  for (std::size_t i = 0; i < k_notices_waiting_max; ++i) notices.publish(numbered(i));
  for (const auto& listener : {one, other}) {
    for (std::size_t i = 0; i < k_notices_waiting_max; ++i) {
      const auto next = listener->next(k_at_once);
      ASSERT_EQ(next.kind, Kind::notice);
      EXPECT_EQ(next.notice, numbered(i));
    }
    EXPECT_EQ(listener->next(k_at_once).kind, Kind::quiet);
  }
}

TEST_F(Listening, TellsASlowListenerThatItMissedSome) {
  const auto slow = listen();
  for (std::size_t i = 0; i <= k_notices_waiting_max; ++i) notices.publish(numbered(i));
  // Nothing old is shown after something was lost: it looks again, and hears what comes then.
  EXPECT_EQ(slow->next(k_at_once).kind, Kind::lagged);
  EXPECT_EQ(slow->next(k_at_once).kind, Kind::quiet);
  notices.publish(numbered(7));
  EXPECT_EQ(slow->next(k_at_once).notice, numbered(7));
}

TEST_F(Listening, KeepsNoMoreThanTheLimitForWhoNeverListens) {
  const auto deaf = listen();
  for (std::size_t i = 0; i < 100 * k_notices_waiting_max; ++i) notices.publish(numbered(i));
  EXPECT_EQ(deaf->next(k_at_once).kind, Kind::lagged);
  std::size_t kept = 0;
  while (deaf->next(k_at_once).kind == Kind::notice) ++kept;
  EXPECT_LT(kept, k_notices_waiting_max);
}

TEST_F(Listening, TakesSoManyListenersAndNoMore) {
  std::vector<std::shared_ptr<api::Subscription>> all;
  for (std::size_t i = 0; i < k_listeners_max; ++i) all.push_back(listen());
  const auto refused = notices.subscribe();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, FaultCode::limit_busy);
  all.pop_back();
  EXPECT_TRUE(notices.subscribe());
}

TEST_F(Listening, EndsWithTheNode) {
  const auto listener = listen();
  notices.publish(numbered(1));
  notices.close();
  EXPECT_EQ(listener->next(k_at_once).kind, Kind::ended);
  EXPECT_FALSE(notices.subscribe());
}

TEST_F(Listening, TellsOfBytesThatMoveNowAndThen) {
  const auto listener = listen();
  Progress progress(notices);
  const ItemId item{{1}}, other{{2}};
  for (std::uint64_t done = 1; done <= 10'000; ++done) progress.set(item, done);
  progress.set(other, 5);
  EXPECT_EQ(progress.of(item), 10'000U);
  const auto first = listener->next(k_at_once);
  ASSERT_EQ(first.kind, Kind::notice);
  EXPECT_EQ(first.notice,
            Json::object({{"kind", "progress"}, {"item", item.hex()}, {"bytes_done", 1}}));
  // The first word of each item comes at once; of ten thousand only few more.
  std::size_t of_item = 0, of_other = 0;
  for (auto next = listener->next(k_at_once); next.kind == Kind::notice;
       next = listener->next(k_at_once))
    ++(next.notice.at("item").text() == item.hex() ? of_item : of_other);
  EXPECT_LT(of_item, 100U);
  EXPECT_EQ(of_other, 1U);
  progress.drop(item);
  EXPECT_EQ(progress.of(item), std::nullopt);
}

}  // namespace
}  // namespace comity
