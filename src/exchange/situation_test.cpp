#include "exchange/situation.hpp"
#include "base/source_dir_test.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "exchange/sample_test.hpp"

namespace comity::exchange {
namespace {

const Digest k_request = sample::id<Digest>(1), k_acceptance = sample::id<Digest>(2),
             k_consultation = sample::id<Digest>(3), k_delivery = sample::id<Digest>(4),
             k_query = sample::id<Digest>(5), k_other = sample::id<Digest>(99);
const ItemId k_item = sample::id<ItemId>(7);

constexpr Side k_sides[] = {Side::requester, Side::requested};

std::vector<ActType> all_types() {
  std::vector<ActType> types;
  for (std::size_t i = 0; i < std::variant_size_v<Body>; ++i)
    types.push_back(static_cast<ActType>(i));
  return types;
}

/// A step that names what it has to name, if the situation holds it.
Step best(ActType type, Side side) {
  Step step{.side = side, .id = k_other, .type = type, .delivers = true};
  switch (type) {
    case ActType::refusal:
    case ActType::postponement:
      step.refers = k_consultation;
      break;
    case ActType::resumption:
      step.refers = k_query;
      break;
    case ActType::annulment:
      step.items = {k_item};
      break;
    case ActType::delivery:
      step.refers = k_acceptance, step.item = sample::id<ItemId>(8);
      break;
    case ActType::arrival:
    case ActType::completion:
      step.refers = k_delivery, step.item = k_item;
      break;
    default:
      break;
  }
  return step;
}

Situation in(Phase phase) {
  Situation situation{.phase = phase, .delivers = true};
  if (phase == Phase::postponed) situation.put_off = k_query;
  if (phase != Phase::none) situation.consultations = {k_consultation};
  if (phase == Phase::accepted || phase == Phase::delivered) situation.acceptance = k_acceptance;
  return situation;
}

Situation delivered(DeliveryState state) {
  auto situation = in(Phase::delivered);
  situation.deliveries = {{k_delivery, k_item, state}};
  return situation;
}

Situation accepted_without_delivery() {
  auto situation = in(Phase::accepted);
  situation.delivers = false;
  return situation;
}

Situation preserved(bool ending_told = false) {
  auto situation = accepted_without_delivery();
  situation.preserves = true;
  situation.ending_told = ending_told;
  return situation;
}

Situation suspended() {
  auto situation = delivered(DeliveryState::arrived);
  situation.suspended = true;
  situation.put_off = k_query;
  return situation;
}

Situation closed_with_items() {
  auto situation = delivered(DeliveryState::arrived);
  situation.phase = Phase::closed;
  return situation;
}

/// What is open beside the phase: §6.1 and §6.2 of the specification.
bool is_of_a_kind(ActType type) {
  return type == ActType::proposal || type == ActType::reply || type == ActType::notice;
}

/// The rows of spec/acts.md §7.
std::map<std::string, Situation> rows() {
  return {{"none", in(Phase::none)},
          {"open", in(Phase::open)},
          {"accepted", in(Phase::accepted)},
          {"returned", in(Phase::returned)},
          {"postponed", in(Phase::postponed)},
          {"accepted, no delivery", accepted_without_delivery()},
          {"accepted, preserved", preserved()},
          {"accepted, preserved, ending told", preserved(true)},
          {"delivered, under way", delivered(DeliveryState::under_way)},
          {"delivered, arrived", delivered(DeliveryState::arrived)},
          {"refused", in(Phase::refused)},
          {"withdrawn", in(Phase::withdrawn)},
          {"closed", in(Phase::closed)},
          {"delivered, suspended", suspended()},
          {"closed, items held", closed_with_items()}};
}

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::vector<std::string> split(const std::string& line, char at) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, at);) cells.push_back(trimmed(cell));
  return cells;
}

using Table = std::map<std::string, std::map<Side, std::set<std::string>>>;

Table table_of_the_specification() {
  std::ifstream file(source_dir() + "/spec/acts.md");
  Table table;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| phase |")) {
      inside = true;
    } else if (inside && !line.starts_with("|")) {
      break;
    } else if (inside && !line.starts_with("| ---")) {
      const auto cells = split(line, '|');  // an empty one first
      for (std::size_t column : {2u, 3u})
        for (const auto& name : split(cells.at(column), ','))
          if (!name.empty())
            table[cells.at(1)][k_sides[column - 2]].insert(name);
          else
            table[cells.at(1)];
      table[cells.at(1)];
    }
  }
  return table;
}

std::string why(const Situation& known, const Step& step) {
  return why_not(known, step).value_or("open");
}

}  // namespace

TEST(Situation, OpensInEachPhaseExactlyWhatTheSpecificationSays) {
  auto table = table_of_the_specification();
  const auto situations = rows();
  ASSERT_EQ(table.size(), situations.size());
  for (const auto& [phase, situation] : situations)
    for (const auto side : k_sides)
      for (const auto type : all_types()) {
        if (is_of_a_kind(type)) continue;
        ASSERT_TRUE(table.contains(phase)) << phase;
        const bool says_open = table[phase][side].contains(std::string(name_of(type)));
        const auto found = why_not(situation, best(type, side));
        EXPECT_EQ(!found, says_open) << phase << ", " << name_of(side) << ", " << name_of(type)
                                     << ": " << found.value_or("");
      }
}

TEST(Situation, AsksForConsultationBeforeARefusal) {
  auto situation = in(Phase::open);
  auto refusal = best(ActType::refusal, Side::requested);
  EXPECT_EQ(why(situation, refusal), "open");
  refusal.refers = k_other;
  EXPECT_EQ(why(situation, refusal), "consultation comes before refusal, or why it is impossible");
  refusal.refers = {};
  situation.consultations.clear();
  EXPECT_NE(why(situation, refusal), "open");
  refusal.consultation_impossible = true;
  EXPECT_EQ(why(situation, refusal), "open");
}

TEST(Situation, DeliversOnlyWhatTheStandingAcceptanceCovers) {
  auto situation = in(Phase::accepted);
  auto delivery = best(ActType::delivery, Side::requested);
  situation.conditions_pending = true;
  EXPECT_EQ(why(situation, delivery), "the conditions of the acceptance are not accepted yet");
  situation.conditions_pending = false;
  delivery.refers = k_other;
  EXPECT_EQ(why(situation, delivery), "it does not name the standing acceptance");
  delivery = best(ActType::delivery, Side::requested);
  situation = delivered(DeliveryState::arrived);
  EXPECT_EQ(why(situation, delivery), "open");
  delivery.item = k_item;
  EXPECT_EQ(why(situation, delivery), "this item was delivered already");
  EXPECT_EQ(why(accepted_without_delivery(), best(ActType::delivery, Side::requested)),
            "the request asks for no delivery");
}

TEST(Situation, TakesAnArrivalOnlyOfADeliveryUnderWay) {
  const auto situation = delivered(DeliveryState::under_way);
  auto arrival = best(ActType::arrival, Side::requester);
  EXPECT_EQ(why(situation, arrival), "open");
  EXPECT_EQ(why(delivered(DeliveryState::void_), arrival), "the delivery is void");
  arrival.item = sample::id<ItemId>(8);
  EXPECT_EQ(why(situation, arrival), "it names another item than the delivery");
  arrival.refers = k_other;
  EXPECT_EQ(why(situation, arrival), "it names no delivery");
}

TEST(Situation, LetsOnlyTheOtherSideAnswerAQuery) {
  for (const auto asker : k_sides) {
    auto situation = in(Phase::open);
    situation.open_queries = {{k_query, asker}};
    auto answer = best(ActType::supplement, other(asker));
    answer.answers = k_query;
    EXPECT_EQ(why(situation, answer), "open");
    apply(situation, answer);
    EXPECT_TRUE(situation.open_queries.empty());
    EXPECT_NE(why(situation, answer), "open") << "it is answered";
    situation.open_queries = {{k_query, asker}};
    answer.side = asker;
    EXPECT_EQ(why(situation, answer),
              "it answers no open query, consultation or return of the other State");
  }
}

TEST(Situation, LetsOnlyTheRequesterAnswerAConsultation) {
  const auto situation = in(Phase::open);
  auto answer = best(ActType::supplement, Side::requester);
  answer.answers = k_consultation;
  EXPECT_EQ(why(situation, answer), "open");
  answer.side = Side::requested;
  EXPECT_NE(why(situation, answer), "open");
}

TEST(Situation, LetsOnlyTheRequesterReplyToConditionsThatWait) {
  for (const bool agrees : {true, false}) {
    auto situation = in(Phase::accepted);
    situation.conditions_pending = true;
    auto reply = best(ActType::reply, Side::requester);
    reply.refers = k_acceptance;
    reply.agrees = agrees;
    EXPECT_EQ(why(situation, reply), "open");
    auto wrong = reply;
    wrong.side = Side::requested;
    EXPECT_EQ(why(situation, wrong),
              "it names no proposal of the other State, and no conditions that wait");
    wrong = reply;
    wrong.refers = k_other;
    EXPECT_NE(why(situation, wrong), "open");
    apply(situation, reply);
    EXPECT_FALSE(situation.conditions_pending);
    EXPECT_EQ(situation.phase, agrees ? Phase::accepted : Phase::open);
    EXPECT_EQ(situation.acceptance, agrees ? k_acceptance : Digest{});
    EXPECT_NE(why(situation, reply), "open") << "it is answered";
  }
}

TEST(Situation, IsCompletedOnlyByASupplementThatAnswersTheReturn) {
  auto situation = in(Phase::open);
  auto returned = best(ActType::return_, Side::requested);
  returned.id = k_query;
  apply(situation, returned);
  EXPECT_EQ(situation.phase, Phase::returned);
  EXPECT_NE(why(situation, best(ActType::acceptance, Side::requested)), "open");
  auto supplement = best(ActType::supplement, Side::requester);
  apply(situation, supplement);
  EXPECT_EQ(situation.phase, Phase::returned) << "it adds, and answers nothing";
  supplement.answers = k_query;
  EXPECT_EQ(why(situation, supplement), "open");
  apply(situation, supplement);
  EXPECT_EQ(situation.phase, Phase::open);
  EXPECT_NE(why(situation, supplement), "open");
}

TEST(Situation, AcceptsInPartOnlyAfterConsultation) {
  const auto situation = in(Phase::open);
  auto in_part = best(ActType::acceptance, Side::requested);
  in_part.refers = k_other;
  EXPECT_EQ(why(situation, in_part),
            "consultation comes before refusal in part, or why it is impossible");
  in_part.refers = k_consultation;
  EXPECT_EQ(why(situation, in_part), "open");
  in_part.refers = {};
  in_part.consultation_impossible = true;
  EXPECT_EQ(why(situation, in_part), "open");
}

TEST(Situation, PutsOffWhatIsUndecidedAndSuspendsWhatIsAccepted) {
  auto postponement = best(ActType::postponement, Side::requested);
  postponement.id = k_query;
  const auto resumption = best(ActType::resumption, Side::requested);
  auto situation = in(Phase::open);
  EXPECT_EQ(why(situation, resumption), "nothing is put off or suspended");
  apply(situation, postponement);
  EXPECT_EQ(situation.phase, Phase::postponed);
  EXPECT_FALSE(situation.suspended);
  auto wrong = resumption;
  wrong.refers = k_other;
  EXPECT_EQ(why(situation, wrong), "it does not name the latest postponement");
  apply(situation, resumption);
  EXPECT_EQ(situation.phase, Phase::open);

  situation = delivered(DeliveryState::under_way);
  apply(situation, postponement);
  EXPECT_EQ(situation.phase, Phase::delivered);
  EXPECT_EQ(why(situation, best(ActType::delivery, Side::requested)), "transfer is suspended");
  EXPECT_EQ(why(situation, best(ActType::arrival, Side::requester)), "open")
      << "what has come has come";
  apply(situation, best(ActType::arrival, Side::requester));
  apply(situation, best(ActType::closure, Side::requester));
  EXPECT_TRUE(situation.suspended) << "closing lifts no remedy";
  apply(situation, resumption);
  EXPECT_FALSE(situation.suspended);
  EXPECT_EQ(situation.phase, Phase::closed);
}

TEST(Situation, GivesNothingWhileTheRequesterHasToDecideWhetherToGoOn) {
  for (const auto kind : {ProposalKind::secrecy, ProposalKind::costs}) {
    auto situation = in(Phase::accepted);
    auto proposal = best(ActType::proposal, Side::requested);
    proposal.proposal = kind;
    proposal.id = k_query;
    EXPECT_EQ(why(situation, proposal), "open");
    apply(situation, proposal);
    const auto delivery = best(ActType::delivery, Side::requested);
    const auto blocked = "the requesting State has not agreed on " + std::string(name_of(kind));
    EXPECT_EQ(why(situation, delivery), blocked);
    auto reply = best(ActType::reply, Side::requester);
    reply.refers = k_query;
    auto declined = situation;
    apply(declined, reply);
    EXPECT_EQ(why(declined, delivery), blocked) << "declined is not agreed";
    EXPECT_EQ(why(declined, best(ActType::refusal, Side::requested)), "open");
    proposal.id = k_request;  // asked anew, in another way
    apply(declined, proposal);
    EXPECT_NE(why(declined, reply), "open") << "the former one is over";
    reply.refers = k_request;
    reply.agrees = true;
    apply(declined, reply);
    EXPECT_EQ(why(declined, delivery), "open");
  }
  auto open = in(Phase::open);
  auto proposal = best(ActType::proposal, Side::requested);
  proposal.proposal = ProposalKind::securing;
  EXPECT_EQ(why(open, proposal), "the request preserves nothing");
  open.delivers = false;
  apply(open, proposal);
  EXPECT_EQ(why(open, best(ActType::acceptance, Side::requested)),
            "the requesting State has not agreed on securing");
}

TEST(Situation, LetsEachSideProposeItsOwnKindsOnly) {
  for (std::size_t i = 0; i < k_proposal_kinds; ++i) {
    const auto kind = static_cast<ProposalKind>(i);
    auto situation = delivered(DeliveryState::arrived);
    situation.delivers = kind != ProposalKind::securing;
    auto proposal = best(ActType::proposal, row_of(kind).by);
    proposal.proposal = kind;
    EXPECT_EQ(why(situation, proposal), "open") << name_of(kind);
    proposal.side = other(proposal.side);
    EXPECT_NE(why(situation, proposal), "open") << name_of(kind);
  }
  auto use = best(ActType::proposal, Side::requester);
  use.proposal = ProposalKind::other_use;
  EXPECT_EQ(why(delivered(DeliveryState::under_way), use),
            "no item has come that it could be about");
  use.items = {sample::id<ItemId>(9)};
  EXPECT_EQ(why(closed_with_items(), use), "it names an item that was not delivered");
  use.items = {k_item};
  EXPECT_EQ(why(closed_with_items(), use), "open") << "use outlasts the work";
}

TEST(Situation, LetsEachSideTellItsOwnNoticesInTheirTime) {
  for (std::size_t i = 0; i < k_notice_kinds; ++i) {
    const auto kind = static_cast<NoticeKind>(i);
    const auto& row = row_of(kind);
    for (const auto side : k_sides) {
      auto notice = best(ActType::notice, side);
      notice.notice = kind;
      const auto is_open = [&](const Situation& situation) {
        return (row.by.value_or(side) == side) && why(situation, notice) == "open";
      };
      const bool own = row.by.value_or(side) == side;
      EXPECT_EQ(why(in(Phase::none), notice), "a notice is not open while the request is not made");
      EXPECT_EQ(is_open(in(Phase::returned)),
                own && (row.time == NoticeTime::in_work || row.time == NoticeTime::any))
          << name_of(kind);
      EXPECT_EQ(is_open(in(Phase::refused)), own && row.time == NoticeTime::any) << name_of(kind);
      EXPECT_EQ(is_open(closed_with_items()),
                own && (row.time == NoticeTime::held || row.time == NoticeTime::any))
          << name_of(kind);
      EXPECT_EQ(is_open(preserved()), own && row.time != NoticeTime::held) << name_of(kind);
      EXPECT_EQ(is_open(accepted_without_delivery()),
                own && (row.time == NoticeTime::in_work || row.time == NoticeTime::any))
          << name_of(kind);
      if (!own) {
        EXPECT_NE(why(preserved(), notice), "open") << name_of(kind);
      }
    }
  }
}

TEST(Situation, EndsAPreservationOnlyAfterTheRequesterWasTold) {
  auto situation = preserved();
  const auto closure = best(ActType::closure, Side::requested);
  EXPECT_EQ(why(situation, closure),
            "the requesting State was not told when the preservation ends");
  auto notice = best(ActType::notice, Side::requested);
  notice.notice = NoticeKind::preservation_ending;
  apply(situation, notice);
  EXPECT_EQ(why(situation, closure), "open");
  notice.notice = NoticeKind::preservation_renewed;
  apply(situation, notice);
  EXPECT_NE(why(situation, closure), "open") << "it was renewed since";
}

TEST(Situation, AnnulsWhatWasDeliveredEvenAfterTheEnd) {
  for (auto situation : {delivered(DeliveryState::under_way), closed_with_items()}) {
    situation.authorisations = {k_query};
    auto annulment = best(ActType::annulment, Side::requested);
    annulment.authorisation = k_query;
    EXPECT_EQ(why(situation, annulment), "open");
    apply(situation, annulment);
    EXPECT_EQ(situation.deliveries[0].state, DeliveryState::annulled);
    EXPECT_TRUE(situation.authorisations.empty());
    EXPECT_EQ(why(situation, annulment), "it names no authorisation that stands");
    auto deletion = best(ActType::notice, Side::requester);
    deletion.notice = NoticeKind::deletion;
    deletion.items = {k_item};
    EXPECT_EQ(why(situation, deletion), "open");
    apply(situation, deletion);
    EXPECT_EQ(situation.deliveries[0].state, DeliveryState::deleted);
    EXPECT_EQ(why(situation, deletion), "the delivery of an item that it names is deleted");
  }
  auto nothing = best(ActType::annulment, Side::requested);
  nothing.items.clear();
  EXPECT_EQ(why(in(Phase::accepted), nothing), "it names nothing that falls");
}

TEST(Situation, DeliversUnderNoAuthorisationThatFell) {
  auto situation = in(Phase::accepted);
  auto delivery = best(ActType::delivery, Side::requested);
  delivery.authorisation = k_query;
  EXPECT_EQ(why(situation, delivery), "it names no authorisation that stands");
  situation.authorisations = {k_query};
  EXPECT_EQ(why(situation, delivery), "open");
}

TEST(Situation, IsLeftAsItWasByAMootActButForTheNote) {
  for (const auto& [phase, situation] : rows())
    for (const auto type : all_types()) {
      if (type == ActType::annulment) continue;  // the requested State's are never moot
      auto after = situation;
      apply(after, best(type, Side::requester));
      if (after.moot.empty()) continue;
      EXPECT_EQ(after.moot, std::vector{k_other});
      after.moot.clear();
      if (type == ActType::delivery) {
        ASSERT_FALSE(after.deliveries.empty());
        EXPECT_EQ(after.deliveries.back().state, DeliveryState::void_);
        after.deliveries.pop_back();
      }
      EXPECT_EQ(after, situation) << phase << ", " << name_of(type);
    }
}

TEST(Situation, EndsWhatIsPendingWhenTheWorkEnds) {
  for (const auto type : {ActType::withdrawal, ActType::closure}) {
    auto situation = delivered(DeliveryState::under_way);
    situation.conditions_pending = true;
    situation.open_queries = {{k_query, Side::requested}};
    apply(situation, best(type, Side::requester));
    EXPECT_EQ(situation.deliveries[0].state, DeliveryState::void_);
    EXPECT_FALSE(situation.conditions_pending);
    EXPECT_TRUE(situation.open_queries.empty());
    EXPECT_TRUE(situation.moot.empty());
  }
}

TEST(Step, HasTheFactsOfItsAct) {
  const auto acts = sample::acts();
  const auto step = [&](ActType type) {
    return step_of(acts[static_cast<std::size_t>(type)], k_other, Side::requester);
  };
  EXPECT_TRUE(step(ActType::request).delivers);
  EXPECT_EQ(step(ActType::supplement).answers, sample::id<Digest>(3));
  EXPECT_EQ(step(ActType::acceptance).refers, sample::id<Digest>(6)) << "refused in part";
  EXPECT_TRUE(step(ActType::postponement).consultation_impossible);
  EXPECT_EQ(step(ActType::delivery).authorisation, sample::id<Digest>(10));
  EXPECT_EQ(step(ActType::proposal).proposal, ProposalKind::onward_transfer);
  EXPECT_EQ(step(ActType::proposal).items, std::vector{k_item});
  EXPECT_EQ(step(ActType::reply).refers, sample::id<Digest>(12));
  EXPECT_TRUE(step(ActType::reply).agrees);
  EXPECT_EQ(step(ActType::notice).notice, NoticeKind::notification_deferred);
  EXPECT_EQ(step(ActType::annulment).authorisation, sample::id<Digest>(10));
  EXPECT_EQ(step(ActType::annulment).items, std::vector{k_item});
  EXPECT_TRUE(step(ActType::acceptance).has_conditions);
  EXPECT_TRUE(step(ActType::acceptance).secures);
  EXPECT_EQ(step(ActType::refusal).refers, sample::id<Digest>(6));
  EXPECT_FALSE(step(ActType::refusal).consultation_impossible);
  EXPECT_EQ(step(ActType::delivery).refers, sample::id<Digest>(4));
  EXPECT_EQ(step(ActType::delivery).item, k_item);
  EXPECT_EQ(step(ActType::arrival).refers, sample::id<Digest>(8));
  for (const auto type : all_types()) {
    EXPECT_EQ(step(type).type, type);
    EXPECT_EQ(step(type).id, k_other);
    EXPECT_EQ(step(type).sequence, 1u);
  }
}

}  // namespace comity::exchange
