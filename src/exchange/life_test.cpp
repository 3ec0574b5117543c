#include "exchange/life.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "exchange/two_nodes_test.hpp"

namespace comity::exchange {
namespace {

constexpr Side k_sides[] = {Side::requester, Side::requested};

/// Request, acceptance with conditions, their acceptance, delivery, arrival, closure.
TwoNodes whole() {
  TwoNodes nodes;
  nodes.ask(ActType::request, [](Step& step) { step.delivers = true; });
  nodes.meet();
  const auto acceptance =
      nodes.answer(ActType::acceptance, [](Step& step) { step.has_conditions = true; });
  nodes.meet();
  nodes.ask(ActType::reply, [&](Step& step) {
    step.refers = acceptance.id;
    step.agrees = true;
  });
  nodes.meet();
  const auto delivery = nodes.answer(ActType::delivery, [&](Step& step) {
    step.refers = acceptance.id;
    step.item.bytes.fill(1);
  });
  nodes.meet();
  nodes.ask(ActType::arrival, [&](Step& step) {
    step.refers = delivery.id;
    step.item = delivery.item;
  });
  nodes.ask(ActType::closure);
  nodes.meet();
  return nodes;
}

Life opened() {
  Life life;
  life.add(next_step(life, Side::requester, ActType::request));
  return life;
}

FaultCode code(const Life& life, const Step& step) {
  EXPECT_EQ(life.judge(step).verdict, Verdict::refuse);
  return life.judge(step).why.code;
}

/// Steps of small numbers, so that many of them nearly fit.
rc::Gen<Step> any_step() {
  const auto small_digest =
      rc::gen::map(rc::gen::inRange(0, 5), [](int n) { return digest_of(n); });
  const auto small = rc::gen::inRange<std::uint64_t>(0, 5);
  return rc::gen::build<Step>(
      rc::gen::set(&Step::side, rc::gen::element(Side::requester, Side::requested)),
      rc::gen::set(&Step::sequence, small), rc::gen::set(&Step::id, small_digest),
      rc::gen::set(&Step::previous, small_digest),
      rc::gen::set(&Step::seen, rc::gen::build<Seen>(rc::gen::set(&Seen::sequence, small),
                                                     rc::gen::set(&Seen::act, small_digest))),
      rc::gen::set(&Step::type, rc::gen::map(rc::gen::inRange(0, static_cast<int>(k_act_types)),
                                             [](int n) { return static_cast<ActType>(n); })),
      rc::gen::set(&Step::delivers), rc::gen::set(&Step::has_conditions),
      rc::gen::set(&Step::consultation_impossible), rc::gen::set(&Step::refers, small_digest),
      rc::gen::set(&Step::answers, small_digest), rc::gen::set(&Step::agrees),
      rc::gen::set(&Step::authorisation, small_digest),
      rc::gen::set(
          &Step::proposal,
          rc::gen::map(rc::gen::inRange<std::size_t>(0, k_proposal_kinds),
                       [](std::size_t n) { return std::optional(static_cast<ProposalKind>(n)); })),
      rc::gen::set(&Step::notice, rc::gen::map(rc::gen::inRange<std::size_t>(0, k_notice_kinds),
                                               [](std::size_t n) {
                                                 return std::optional(static_cast<NoticeKind>(n));
                                               })));
}

/// As any_step, but its number, links and what it has seen mostly fit.
Step fitted(const Life& life, Step step, int how) {
  const auto next = next_step(life, step.side, step.type);
  step.id = next.id;
  step.sequence = next.sequence;
  step.previous = next.previous;
  if (how % 4 != 0) step.seen = next.seen;
  const auto now = life.now();
  if (how % 3 != 0) {
    step.answers = {};
    if (step.type == ActType::delivery) step.refers = now.acceptance;
    step.authorisation = {};
    if (step.type == ActType::resumption) step.refers = now.put_off;
    if (step.type == ActType::reply && !now.proposals.empty())
      step.refers = now.proposals.back().act;
    if (!now.deliveries.empty() && how % 2 != 0) step.items = {now.deliveries.back().item};
    if (step.type == ActType::delivery) step.item.bytes.fill(static_cast<std::uint8_t>(how));
    if (step.type == ActType::arrival && !now.deliveries.empty()) {
      step.refers = now.deliveries.back().act;
      step.item = now.deliveries.back().item;
    }
  }
  return step;
}

}  // namespace

TEST(Life, GoesFromRequestToClosure) {
  auto nodes = whole();
  EXPECT_EQ(nodes.outcome(), "closed, delivery arrived");
  EXPECT_EQ(nodes.requester.seen_by(Side::requested).phase, Phase::delivered);
  EXPECT_EQ(nodes.requester.seen_by(Side::requester).phase, Phase::closed);
}

TEST(Life, ShowsEachPhaseOnItsWay) {
  std::vector<Phase> phases;
  Life life;
  for (const auto& step : whole().requester.merged()) {
    life.add(step);
    phases.push_back(life.now().phase);
  }
  EXPECT_EQ(phases, (std::vector{Phase::open, Phase::accepted, Phase::accepted, Phase::delivered,
                                 Phase::delivered, Phase::closed}));
}

TEST(Life, TakesAnActOnceAndKnowsItAgain) {
  const auto life = whole().requester;
  for (const auto& step : life.merged()) EXPECT_EQ(life.judge(step).verdict, Verdict::duplicate);
}

TEST(Life, RefusesASecondActUnderANumber) {
  const auto life = opened();
  auto step = life.merged()[0];
  step.id = digest_of(77);
  EXPECT_EQ(code(life, step), FaultCode::act_fork);
}

TEST(Life, WaitsForAnActThatIsMissing) {
  const auto life = opened();
  auto step = next_step(life, Side::requester, ActType::query);
  step.sequence = 3;
  EXPECT_EQ(code(life, step), FaultCode::act_gap);
}

TEST(Life, RefusesWhatIsNotLinkedToItsPredecessor) {
  const auto life = opened();
  auto step = next_step(life, Side::requester, ActType::query);
  step.previous = digest_of(77);
  EXPECT_EQ(code(life, step), FaultCode::act_sequence);
  step.previous = {};
  EXPECT_EQ(code(life, step), FaultCode::act_sequence);
  step = next_step(life, Side::requested, ActType::query);
  step.previous = digest_of(77);
  EXPECT_EQ(code(life, step), FaultCode::act_sequence) << "a first act has no predecessor";
  step.sequence = 0;
  EXPECT_EQ(code(life, step), FaultCode::act_sequence);
}

TEST(Life, RefusesWhatSawAnActThatWasNeverMade) {
  auto life = opened();
  auto step = next_step(life, Side::requested, ActType::query);
  step.seen = {2, digest_of(2)};
  EXPECT_EQ(code(life, step), FaultCode::act_seen) << "beyond what was made";
  step.seen = {1, digest_of(77)};
  EXPECT_EQ(code(life, step), FaultCode::act_seen) << "another act under that number";
  step.seen = {0, digest_of(1)};
  EXPECT_EQ(code(life, step), FaultCode::act_seen) << "none, and yet one";
  life.add(next_step(life, Side::requested, ActType::query));
  step = next_step(life, Side::requested, ActType::query);
  step.seen = {};
  EXPECT_EQ(code(life, step), FaultCode::act_seen) << "less than the act before";
}

TEST(Life, JudgesAnActByWhatItsAuthorKnewAndNotByWhatIsKnownNow) {
  TwoNodes nodes;
  nodes.ask(ActType::request);
  nodes.meet();
  const auto withdrawal = nodes.ask(ActType::withdrawal);
  nodes.answer(ActType::refusal, [](Step& step) { step.consultation_impossible = true; });
  EXPECT_TRUE(nodes.requested.judge(withdrawal).takes()) << "its author had not seen the refusal";
  auto late = withdrawal;
  late.seen = nodes.requested.seen_now(Side::requester);
  EXPECT_EQ(code(nodes.requested, late), FaultCode::act_illegal) << "this one had";
}

TEST(Life, HoldsAThousandActsOfASideAndNotOneMore) {
  auto life = opened();
  while (life.next_sequence(Side::requester) <= k_acts_per_side_max)
    life.add(next_step(life, Side::requester, ActType::supplement));
  const auto more = next_step(life, Side::requester, ActType::supplement);
  EXPECT_EQ(code(life, more), FaultCode::limit_count);
  const auto again = Life::from_text(life.to_text());
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*again, life);
}

TEST(Life, LeavesOutARejectedActAndWhatItsAuthorMadeAfterIt) {
  auto life = opened();
  const auto before = life;
  life.add(next_step(life, Side::requester, ActType::withdrawal));
  life.add(next_step(life, Side::requester, ActType::closure));
  ASSERT_TRUE(life.void_from(Side::requester, 2));
  EXPECT_EQ(life, before);
  ASSERT_TRUE(life.void_from(Side::requester, 2)) << "nothing to remove is no fault";
  EXPECT_EQ(life, before);
  ASSERT_TRUE(life.void_from(Side::requester, 1));
  EXPECT_EQ(life, Life{});
}

TEST(Life, KeepsAnActOnWhichTheOtherStateHasBuilt) {
  auto life = opened();
  life.add(next_step(life, Side::requested, ActType::query));
  const auto before = life;
  EXPECT_EQ(life.void_from(Side::requester, 1).error().code, FaultCode::act_seen);
  EXPECT_EQ(life, before);
}

TEST(Life, IsReadOnlyFromTheTextThatItWrites) {
  const auto text = whole().requester.to_text();
  EXPECT_EQ(Life::from_text(text)->to_text(), text);
  const auto refused = [](std::string changed) {
    const auto life = Life::from_text(changed);
    return !life && life.error().code == FaultCode::store_corrupt;
  };
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    const auto at = changed.find(from);
    EXPECT_NE(at, changed.npos) << from;
    return changed.replace(at, from.size(), to);
  };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("{}"));
  EXPECT_TRUE(refused(text + " "));
  EXPECT_TRUE(refused(with("life/1", "life/2")));
  EXPECT_TRUE(refused(with("\"acceptance\"", "\"promise\"")));
  EXPECT_TRUE(refused(with("\"seen\":1", "\"seen\":9"))) << "one never made";
  EXPECT_TRUE(refused(with("\"seen\":2", "\"seen\":0"))) << "less than before";
  EXPECT_TRUE(refused(with("\"delivers\":true", "\"delivers\":false"))) << "another form";
}

TEST(Life, RefusesATextInWhichTwoActsSawEachOther) {
  const auto act = [](int n, int seen) {
    return R"({"act":")" + digest_of(n).hex() + R"(","seen":)" + std::to_string(seen) +
           R"(,"type":"query"})";
  };
  const auto text =
      R"({"comity":"life/1","requested":[)" + act(1, 1) + R"(],"requester":[)" + act(2, 1) + "]}";
  EXPECT_FALSE(Life::from_text(text));
}

RC_GTEST_PROP(Life, JudgesAnyStepsAndNeverBreaks, ()) {
  Life life;
  for (const auto& random :
       *rc::gen::resize(60, rc::gen::container<std::vector<Step>>(any_step()))) {
    const int how = *rc::gen::inRange(0, 24);
    const auto step = how < 4 ? random : fitted(life, random, how);
    const auto verdict = life.judge(step);
    RC_ASSERT(verdict.takes() || verdict.verdict == Verdict::duplicate ||
              !verdict.why.detail.empty());
    if (verdict.takes()) life.add(step);
    if (how == 23) (void)life.void_from(step.side, std::max<std::uint64_t>(1, step.sequence));
    for (const auto side : k_sides) (void)life.seen_by(side);
    RC_ASSERT(life.merged().size() ==
              life.steps(Side::requester).size() + life.steps(Side::requested).size());
    RC_ASSERT(*Life::from_text(life.to_text()) == life);
  }
  RC_TAG(std::string(name_of(life.now().phase)));
}

}  // namespace comity::exchange
