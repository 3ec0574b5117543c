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
      step.refers = k_consultation;
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

/// The rows of spec/acts.md §7.
std::map<std::string, Situation> rows() {
  return {{"none", in(Phase::none)},
          {"open", in(Phase::open)},
          {"accepted", in(Phase::accepted)},
          {"accepted, no delivery", accepted_without_delivery()},
          {"delivered, under way", delivered(DeliveryState::under_way)},
          {"delivered, arrived", delivered(DeliveryState::arrived)},
          {"refused", in(Phase::refused)},
          {"withdrawn", in(Phase::withdrawn)},
          {"closed", in(Phase::closed)}};
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
              "it answers no open query or consultation of the other State");
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

TEST(Situation, LetsOnlyTheRequesterAcceptConditionsThatWait) {
  auto situation = in(Phase::accepted);
  situation.conditions_pending = true;
  auto yes = best(ActType::supplement, Side::requester);
  yes.refers = k_acceptance;
  EXPECT_EQ(why(situation, yes), "open");
  auto wrong = yes;
  wrong.side = Side::requested;
  EXPECT_EQ(why(situation, wrong), "only the requesting State accepts conditions");
  wrong = yes;
  wrong.refers = k_other;
  EXPECT_EQ(why(situation, wrong), "it does not name the standing acceptance");
  apply(situation, yes);
  EXPECT_FALSE(situation.conditions_pending);
  EXPECT_EQ(why(situation, yes), "no conditions wait to be accepted");
}

TEST(Situation, IsLeftAsItWasByAMootActButForTheNote) {
  for (const auto& [phase, situation] : rows())
    for (const auto type : all_types()) {
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
  EXPECT_EQ(step(ActType::supplement).refers, sample::id<Digest>(4));
  EXPECT_TRUE(step(ActType::acceptance).has_conditions);
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
