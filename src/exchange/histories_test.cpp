// Every history that two States can make of one request, up to a number of acts: at both copies, in
// every order in which the acts can come, all of them are taken and the end is the same.
//
// Histories are made in the order of their effects, which makes each of them exactly once: an act
// of the requested State then has seen all of the requester's acts before it, and one of the
// requester's any number of those that the requested State has made, but no less than before.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "exchange/two_nodes_test.hpp"

namespace comity::exchange {
namespace {

using Visit = std::function<void(const Life&)>;

Step step_after(const Life& life, Side side, std::uint64_t seen, ActType type) {
  auto step = next_step(life, side, type);
  const auto& others = life.steps(other(side));
  step.seen = {seen, seen == 0 ? Digest{} : others[seen - 1].id};
  return step;
}

/// All that the side could say, open or not, in every variant that makes a difference.
std::vector<Step> variants(const Life& life, Side side, std::uint64_t seen) {
  const auto now = life.now();  // more than the author knows: it may name what it can not know
  std::vector<Step> all;
  const auto add = [&](ActType type, const std::function<void(Step&)>& with = {}) {
    all.push_back(step_after(life, side, seen, type));
    if (with) with(all.back());
  };
  add(ActType::request);
  add(ActType::request, [](Step& step) { step.delivers = true; });
  add(ActType::supplement);
  if (!now.returned.is_zero())
    add(ActType::supplement, [&](Step& step) { step.answers = now.returned; });
  if (!now.open_queries.empty())
    add(ActType::supplement, [&](Step& step) { step.answers = now.open_queries.back().act; });
  add(ActType::query);
  add(ActType::consultation);
  add(ActType::acceptance);
  add(ActType::acceptance, [](Step& step) { step.has_conditions = true; });
  if (!now.delivers) add(ActType::acceptance, [](Step& step) { step.secures = true; });
  add(ActType::refusal, [](Step& step) { step.consultation_impossible = true; });
  if (now.consulted())
    add(ActType::refusal, [&](Step& step) { step.refers = now.consultations.back(); });
  add(ActType::delivery, [&](Step& step) {
    step.refers = now.acceptance;
    step.item.bytes.fill(static_cast<std::uint8_t>(step.sequence));
  });
  for (const auto& delivery : now.deliveries)
    add(ActType::arrival, [&](Step& step) {
      step.refers = delivery.act;
      step.item = delivery.item;
    });
  for (const auto& delivery : now.deliveries)
    add(ActType::completion, [&](Step& step) {
      step.refers = delivery.act;
      step.item = delivery.item;
    });
  add(ActType::withdrawal);
  add(ActType::closure);
  add(ActType::return_);
  add(ActType::postponement, [](Step& step) { step.consultation_impossible = true; });
  add(ActType::resumption, [&](Step& step) { step.refers = now.put_off; });
  add(ActType::authorisation);
  for (const auto kind :
       {ProposalKind::secrecy, ProposalKind::securing, ProposalKind::onward_transfer})
    add(ActType::proposal, [&](Step& step) { step.proposal = kind; });
  for (const bool agrees : {true, false}) {
    const auto reply = [&](const Digest& to) {
      add(ActType::reply, [&](Step& step) {
        step.refers = to;
        step.agrees = agrees;
      });
    };
    if (!now.acceptance.is_zero()) reply(now.acceptance);
    for (const auto& proposal : now.proposals) reply(proposal.act);
  }
  for (const auto kind : {NoticeKind::preservation_renewed, NoticeKind::preservation_ending,
                          NoticeKind::delay, NoticeKind::complaint})
    add(ActType::notice, [&](Step& step) { step.notice = kind; });
  for (const auto& delivery : now.deliveries) {
    add(ActType::notice, [&](Step& step) {
      step.notice = NoticeKind::deletion;
      step.items = {delivery.item};
    });
    add(ActType::annulment, [&](Step& step) {
      step.items = {delivery.item};
      if (!now.authorisations.empty()) step.authorisation = now.authorisations.back();
    });
  }
  return all;
}

/// Calls `visit` with each history of at most so many acts a side, the empty one left out.
/// `kept` says which steps are of interest; leaving out some lets the histories be longer.
struct Histories {
  std::size_t requester_max, requested_max;
  std::function<bool(const Step&)> kept;
  Visit visit;
  std::size_t count = 0;

  void extend(const Life& life) {
    const auto asked = life.steps(Side::requester).size();
    const auto answered = life.steps(Side::requested).size();
    if (answered < requested_max) extend_by(life, Side::requested, asked);
    if (asked == requester_max) return;
    const auto least = asked == 0 ? 0 : life.steps(Side::requester).back().seen.sequence;
    for (auto seen = least; seen <= answered; ++seen) extend_by(life, Side::requester, seen);
  }

  void extend_by(const Life& life, Side side, std::uint64_t seen) {
    for (const auto& step : variants(life, side, seen)) {
      if (!kept(step) || !life.judge(step).takes()) continue;
      auto longer = life;
      longer.add(step);
      ++count;
      visit(longer);
      extend(longer);
    }
  }
};

bool is_everything(const Step&) {
  return true;
}

/// The acts by which a request is asked for, decided, executed and ended.
bool is_of_the_main_path(const Step& step) {
  return step.type <= ActType::closure || step.type == ActType::reply;
}

/// Of these, the ones that move the phase; queries, supplements and consultations only record.
bool is_decisive(const Step& step) {
  switch (step.type) {
    case ActType::query:
    case ActType::consultation:
    case ActType::supplement:
      return false;
    case ActType::request:
      return step.delivers;
    default:
      return is_of_the_main_path(step);
  }
}

/// What comes between request and decision: returned and completed, put off and resumed.
bool is_before_decision(const Step& step) {
  switch (step.type) {
    case ActType::return_:
    case ActType::postponement:
    case ActType::resumption:
      return true;
    case ActType::supplement:
      return !step.answers.is_zero();
    default:
      return is_decisive(step);
  }
}

/// What is asked of the other State, and told about a preservation.
bool is_asked_or_told(const Step& step) {
  switch (step.type) {
    case ActType::proposal:
      return true;
    case ActType::notice:
      return step.notice != NoticeKind::complaint && step.notice != NoticeKind::delay;
    case ActType::request:
      return true;
    default:
      return is_decisive(step);
  }
}

/// What falls after it was released, and what becomes of it.
bool is_about_what_was_released(const Step& step) {
  switch (step.type) {
    case ActType::annulment:
    case ActType::postponement:
    case ActType::authorisation:
      return true;
    case ActType::notice:
      return step.notice == NoticeKind::deletion;
    case ActType::proposal:
      return step.proposal == ProposalKind::onward_transfer;
    case ActType::acceptance:
      return !step.has_conditions;
    case ActType::refusal:
    case ActType::reply:
      return false;
    default:
      return is_decisive(step);
  }
}

/// As decisive, and the consultations and queries that others refer to.
bool is_telling(const Step& step) {
  const bool asks = step.type == ActType::query || step.type == ActType::consultation;
  const bool unprepared = step.type == ActType::refusal && step.consultation_impossible;
  return asks ? step.side == Side::requested
              : !unprepared && (is_decisive(step) || !step.answers.is_zero());
}

/// The copy of one side: its own act comes when it has what the act had seen, and nothing later.
Life copy_of(const Life& whole, Side side) {
  Life copy;
  const auto take = [&](const Step& step) {
    const auto judged = copy.judge(step);
    ASSERT_TRUE(judged.takes()) << judged.why.detail << "\n" << whole.to_text();
    copy.add(step);
  };
  const auto& others = whole.steps(other(side));
  for (const auto& own : whole.steps(side)) {
    while (copy.steps(other(side)).size() < own.seen.sequence)
      take(others[copy.steps(other(side)).size()]);
    EXPECT_EQ(copy.seen_now(side), own.seen);
    take(own);
  }
  while (copy.steps(other(side)).size() < others.size())
    take(others[copy.steps(other(side)).size()]);
  return copy;
}

/// Calls `reached` for each order in which a third reader can get the acts one after another.
void in_every_order(const Life& whole, const Life& part, const Visit& reached) {
  bool complete = true;
  for (const auto side : {Side::requester, Side::requested}) {
    const auto& steps = whole.steps(side);
    const auto next = part.steps(side).size();
    if (next == steps.size()) continue;
    complete = false;
    const auto& step = steps[next];
    if (step.seen.sequence > part.steps(other(side)).size()) {
      EXPECT_EQ(part.judge(step).why.code, FaultCode::act_seen);
      continue;
    }
    auto more = part;
    ASSERT_TRUE(more.judge(step).takes()) << whole.to_text();
    more.add(step);
    in_every_order(whole, more, reached);
  }
  if (complete) reached(part);
}

/// What holds in every history.
void check_end(const Life& whole) {
  const auto end = whole.now();
  for (const auto& step : whole.steps(Side::requested))
    EXPECT_EQ(std::ranges::find(end.moot, step.id), end.moot.end())
        << "an act of the requested State is never moot\n"
        << whole.to_text();
  const bool ended =
      end.phase == Phase::refused || end.phase == Phase::withdrawn || end.phase == Phase::closed;
  if (ended) {
    EXPECT_TRUE(end.all_arrived());
    EXPECT_TRUE(end.open_queries.empty());
    EXPECT_FALSE(end.conditions_pending);
  }
  EXPECT_EQ(end.phase == Phase::returned, !end.returned.is_zero());
  if (ended) {
    EXPECT_EQ(end.blocking(), nullptr) << "what was asked about execution is over with it";
    EXPECT_TRUE(!end.suspended || end.holds_items());
  }
  EXPECT_TRUE(!end.preserves || end.phase == Phase::accepted);
  if (is_undecided(end.phase)) {
    EXPECT_TRUE(end.acceptance.is_zero());
    EXPECT_FALSE(end.suspended) << "put off is a phase then";
  }
  if (end.phase == Phase::refused) {
    EXPECT_TRUE(end.deliveries.empty());
  }
  if (end.phase == Phase::delivered) {
    EXPECT_FALSE(end.deliveries.empty());
  }
  if (!end.deliveries.empty()) {
    EXPECT_FALSE(end.acceptance.is_zero()) << "nothing leaves without an acceptance";
  }
}

void check_both_copies(const Life& whole) {
  check_end(whole);
  EXPECT_EQ(copy_of(whole, Side::requester), whole);
  EXPECT_EQ(copy_of(whole, Side::requested), whole);
}

}  // namespace

TEST(Histories, OfThreeActsASideEndAlikeInEveryOrder) {
  std::set<Phase> phases;
  std::size_t orders = 0;
  Histories all{3, 3, is_of_the_main_path, [&](const Life& whole) {
                  check_both_copies(whole);
                  const auto end = whole.now();
                  phases.insert(end.phase);
                  in_every_order(whole, {}, [&](const Life& read) {
                    ++orders;
                    EXPECT_EQ(read, whole);
                    EXPECT_EQ(read.now(), end);
                  });
                }};
  all.extend({});
  EXPECT_EQ(phases.size(), 6u) << "every phase of the main path but none is reached";
  EXPECT_GT(all.count, 100'000u);
  EXPECT_GT(orders, 300'000u);
}

TEST(Histories, OfAllTypesOfActsEndAlikeAtBothStates) {
  std::set<Phase> phases;
  std::set<ActType> types;
  Histories all{2, 3, is_everything, [&](const Life& whole) {
                  check_both_copies(whole);
                  phases.insert(whole.now().phase);
                  for (const auto& step : whole.merged()) types.insert(step.type);
                }};
  all.extend({});
  EXPECT_EQ(phases.size(), 8u) << "every phase but none is reached";
  EXPECT_GT(types.size(), 14u);
  EXPECT_GT(all.count, 50'000u);
}

TEST(Histories, OfReturnsAndPostponementsEndAlikeAtBothStates) {
  Histories all{4, 4, is_before_decision, check_both_copies};
  all.extend({});
  EXPECT_GT(all.count, 8'000u);
}

TEST(Histories, OfProposalsAndNoticesEndAlikeAtBothStates) {
  Histories all{3, 4, is_asked_or_told, check_both_copies};
  all.extend({});
  EXPECT_GT(all.count, 10'000u);
}

TEST(Histories, OfWhatFellAfterDeliveryEndAlikeAtBothStates) {
  Histories all{4, 4, is_about_what_was_released, check_both_copies};
  all.extend({});
  EXPECT_GT(all.count, 5'000u);
}

TEST(Histories, OfSixDecisiveActsASideEndAlikeAtBothStates) {
  Histories all{6, 6, is_decisive, check_both_copies};
  all.extend({});
  EXPECT_GT(all.count, 25'000u);
}

TEST(Histories, OfFourTellingActsASideEndAlikeAtBothStates) {
  Histories all{4, 4, is_telling, check_both_copies};
  all.extend({});
  EXPECT_GT(all.count, 15'000u);
}

}  // namespace comity::exchange
