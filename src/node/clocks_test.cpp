#include "node/clocks.hpp"

#include <gtest/gtest.h>

#include "exchange/sample_test.hpp"

namespace comity::node {
namespace {

using exchange::NoticeKind;
using exchange::Phase;
namespace sample = exchange::sample;

constexpr Instant k_monday{1'772'409'600'000};  // 2026-03-02T00:00:00Z

struct Clocks : testing::Test {
  CaseFile file;
  std::uint8_t made = 0;

  Digest add(const exchange::Body& body, Side side, Instant at) {
    StandingAct act{.act = sample::act(body, side), .body = body};
    act.record.id = sample::id<Digest>(++made);
    act.record.side = side;
    act.record.type = exchange::type_of(body);
    act.record.logged_at = at;
    file.acts.push_back(act);
    return act.record.id;
  }
  Digest ask() {
    file.our_side = Side::requested;
    file.situation.phase = Phase::open;
    return add(exchange::RequestBody{}, Side::requester, k_monday);
  }
  void preserve(Instant until) {
    ask();
    file.situation.phase = Phase::accepted;
    file.situation.preserves = true;
    file.situation.acceptance =
        add(exchange::AcceptanceBody{.preserve_until = until, .secured_at = k_monday},
            Side::requested, k_monday);
  }
  void tell(NoticeKind kind, Side side, Instant at, std::optional<Instant> until = {}) {
    add(exchange::NoticeBody{.kind = kind, .until = until}, side, at);
  }
  /// "clock at nearness, …", at `days` after the Monday.
  std::string at(std::int64_t days) const {
    std::string text;
    for (const auto& due : dues_of(file, {}, k_monday.plus_s(days * k_day_s)))
      text += (text.empty() ? "" : ", ") + std::string(name_of(due.clock)) + " " +
              to_text(due.at).substr(0, 10) + " " + std::string(name_of(due.nearness)) +
              (due.held ? " held" : "");
    return text;
  }
};

}  // namespace

TEST_F(Clocks, OfAPreservationWarnThreeTwoAndOneWeekBefore) {
  preserve(k_monday.plus_s(60 * k_day_s));  // 1 May
  EXPECT_EQ(at(0), "preservation 2026-05-01 later");
  EXPECT_EQ(at(38), "preservation 2026-05-01 later");
  EXPECT_EQ(at(39), "preservation 2026-05-01 three-weeks");
  EXPECT_EQ(at(46), "preservation 2026-05-01 two-weeks");
  EXPECT_EQ(at(53), "preservation 2026-05-01 week");
  EXPECT_EQ(at(59), "preservation 2026-05-01 week");
  EXPECT_EQ(at(60), "preservation 2026-05-01 overdue");
}

TEST_F(Clocks, OnlyWarnWhateverTheClockDoes) {
  preserve(k_monday.plus_s(60 * k_day_s));
  const auto before = file.situation;
  const auto first = at(10);
  EXPECT_EQ(at(4000), "preservation 2026-05-01 overdue");
  EXPECT_EQ(at(-4000), "preservation 2026-05-01 later");
  EXPECT_EQ(at(10), first) << "a clock that is put right shows what it showed";
  EXPECT_EQ(file.situation, before);
}

TEST_F(Clocks, OfAPreservationFollowItsRenewalAndSayThatItIsHeld) {
  preserve(k_monday.plus_s(60 * k_day_s));
  tell(NoticeKind::preservation_renewed, Side::requested, k_monday, k_monday.plus_s(90 * k_day_s));
  file.held = true;
  EXPECT_EQ(at(60), "preservation 2026-05-31 later held");
  file.situation.preserves = false;  // closed
  EXPECT_EQ(at(60), "");
}

TEST_F(Clocks, OfAPreservationFollowTheExtensionThatWasAccepted) {
  preserve(k_monday.plus_s(60 * k_day_s));
  const auto extension = sample::id<Digest>(77);
  file.extended = Extension{k_monday.plus_s(120 * k_day_s), extension};
  EXPECT_EQ(at(60), "preservation 2026-06-30 later");
  EXPECT_EQ(dues_of(file, {}, k_monday)[0].act, extension) << "the act that set the date";
  file.extended->until = k_monday.plus_s(30 * k_day_s);
  EXPECT_EQ(at(53), "preservation 2026-05-01 week") << "an extension makes nothing shorter";
}

TEST_F(Clocks, OfWhatIsToBePreservedOrUrgentRunForHours) {
  ask();
  file.asks_to_preserve = true;
  EXPECT_EQ(at(0), "acknowledgement 2026-03-03 week, decision 2026-03-03 week");
  file.is_emergency = true;
  EXPECT_EQ(at(0), "decision 2026-03-02 week, acknowledgement 2026-03-03 week");
}

TEST(Practice, IsWhatTheProfileSaysOfItsServiceLevels) {
  law::Profile profile;
  EXPECT_EQ(practice_of(profile), Practice{});
  profile.service = {.acknowledge_hours = 4, .decide_days = 10, .emergency_hours = 1};
  profile.limits.emergency_hours_max = 12;
  const auto practice = practice_of(profile);
  EXPECT_EQ(practice.acknowledge_s, 4 * k_hour_s);
  EXPECT_EQ(practice.decide_s, 10 * k_day_s);
  EXPECT_EQ(practice.preserve_s, Practice{}.preserve_s);
  EXPECT_EQ(practice.emergency_s, k_hour_s);
  EXPECT_EQ(practice.emergency_review_s, 12 * k_hour_s);
}

TEST_F(Clocks, OfARequestRunUntilItIsDecided) {
  ask();
  EXPECT_EQ(at(0), "acknowledgement 2026-03-03 week, decision 2026-04-01 later");
  tell(NoticeKind::acknowledgement, Side::requested, k_monday.plus_s(3600));
  EXPECT_EQ(at(2), "decision 2026-04-01 later");
  tell(NoticeKind::delay, Side::requested, k_monday.plus_s(k_day_s), k_monday.plus_s(50 * k_day_s));
  EXPECT_EQ(at(2), "decision 2026-04-21 later");
  file.situation.phase = Phase::accepted;
  EXPECT_EQ(at(2), "");
}

TEST_F(Clocks, OfADecisionRestWhileTheRequestIsWithItsAuthor) {
  ask();
  file.situation.phase = Phase::returned;
  file.situation.returned =
      add(exchange::ReturnBody{{"period"}}, Side::requested, k_monday.plus_s(k_day_s));
  EXPECT_EQ(at(2), "completion 2026-03-17 two-weeks");
  file.situation.phase = Phase::open;
  add(exchange::SupplementBody{file.situation.returned}, Side::requester,
      k_monday.plus_s(10 * k_day_s));
  EXPECT_EQ(at(10), "decision 2026-04-11 later");
}

TEST_F(Clocks, OfWhatWasPutOffRunToTheDateThatWasTold) {
  ask();
  add(exchange::PostponementBody{"ongoing-case", k_monday.plus_s(20 * k_day_s), {}, "The trial."},
      Side::requested, k_monday);
  file.situation.phase = Phase::postponed;
  EXPECT_EQ(at(0), "postponement 2026-03-22 three-weeks");
}

TEST_F(Clocks, OfQuestionsRunForWhoeverIsAsked) {
  ask();
  const auto query = add(exchange::QueryBody{}, Side::requester, k_monday);
  file.situation.open_queries = {{query, Side::requester}};
  const auto proposal =
      add(exchange::ProposalBody{.kind = exchange::ProposalKind::costs}, Side::requested, k_monday);
  file.situation.proposals = {
      {proposal, Side::requested, exchange::ProposalKind::costs, exchange::ProposalState::pending}};
  const auto dues = dues_of(file, {}, k_monday);
  ASSERT_EQ(dues.size(), 3U);
  EXPECT_EQ(dues[0].clock, Clock::answer);
  EXPECT_EQ(dues[0].from, Side::requested);
  EXPECT_EQ(dues[1].clock, Clock::reply);
  EXPECT_EQ(dues[1].from, Side::requester);
  EXPECT_EQ(dues[2].clock, Clock::decision);
}

TEST_F(Clocks, OfSecrecyEndOnceTheOtherStateWasTold) {
  ask();
  file.situation.phase = Phase::accepted;
  file.secret_until = k_monday.plus_s(30 * k_day_s);
  EXPECT_EQ(at(0), "secrecy 2026-04-01 later");
  tell(NoticeKind::secrecy_renewed, Side::requester, k_monday, k_monday.plus_s(60 * k_day_s));
  EXPECT_EQ(at(0), "secrecy 2026-05-01 later");
  tell(NoticeKind::secrecy_ending, Side::requested, k_monday, k_monday.plus_s(61 * k_day_s));
  EXPECT_EQ(at(0), "");
}

TEST_F(Clocks, OfAnAuthorisationAndADeferredNotice) {
  ask();
  file.situation.phase = Phase::accepted;
  exchange::AuthorisationBody body;
  for (const auto& one : sample::bodies())
    if (const auto* allowed = std::get_if<exchange::AuthorisationBody>(&one)) body = *allowed;
  body.valid_to = k_monday.plus_s(5 * k_day_s);
  file.situation.authorisations = {add(body, Side::requested, k_monday)};
  tell(NoticeKind::notification_deferred, Side::requested, k_monday, k_monday.plus_s(9 * k_day_s));
  EXPECT_EQ(at(0), "authorisation 2026-03-07 week, notification 2026-03-11 two-weeks");
  tell(NoticeKind::person_notified, Side::requested, k_monday);
  EXPECT_EQ(at(0), "authorisation 2026-03-07 week");
}

TEST_F(Clocks, OfWhatWasReceivedRunUntilItIsDeleted) {
  ask();
  file.our_side = Side::requester;
  file.situation.phase = Phase::closed;
  const auto item = sample::id<ItemId>(7);
  file.situation.deliveries = {{sample::id<Digest>(90), item, exchange::DeliveryState::arrived}};
  file.items_held = {item};
  file.retention = k_monday.plus_s(10 * k_day_s);
  EXPECT_EQ(at(0), "retention 2026-03-12 two-weeks");
  add(exchange::AnnulmentBody{{}, {item}, exchange::Demand::destroy}, Side::requested, k_monday);
  file.situation.deliveries[0].state = exchange::DeliveryState::annulled;
  EXPECT_EQ(at(0), "destruction 2026-03-09 week, retention 2026-03-12 two-weeks");
  file.situation.deliveries[0].state = exchange::DeliveryState::deleted;
  EXPECT_EQ(at(0), "");
}

TEST_F(Clocks, OfWhatOneOfficerDecidedRunToTheNextWorkingDay) {
  preserve(k_monday.plus_s(60 * k_day_s));
  file.to_review = {file.situation.acceptance};
  EXPECT_EQ(at(0), "duty-review 2026-03-04 week, preservation 2026-05-01 later");
  file.acts.back().record.logged_at = k_monday.plus_s(4 * k_day_s + 3600);  // Friday
  EXPECT_EQ(at(4), "duty-review 2026-03-10 week, preservation 2026-05-01 later")
      << "reviewed on Monday, until its end";
  EXPECT_EQ(end_of_next_working_day(k_monday, {5, 6}), k_monday.plus_s(2 * k_day_s));
  EXPECT_EQ(end_of_next_working_day(k_monday.plus_s(3 * k_day_s), {5, 6}),  // Thursday
            k_monday.plus_s(7 * k_day_s));
  EXPECT_EQ(end_of_next_working_day(k_monday, {0, 1, 2, 3, 4, 5, 6}), k_monday.plus_s(8 * k_day_s));
}

TEST_F(Clocks, OfADeliveryInAnEmergencyRunForHours) {
  ask();
  file.situation.phase = Phase::delivered;
  exchange::DeliveryBody body{sample::id<Digest>(80), sample::id<ItemId>(7), "manifest"};
  body.emergency = true;
  file.to_review = {add(body, Side::requested, k_monday)};
  EXPECT_EQ(at(0), "emergency-review 2026-03-03 week");
  EXPECT_EQ(at(1), "emergency-review 2026-03-03 overdue");
}

}  // namespace comity::node
