// Every crossing that spec/acts.md §8 names, with the end that both States reach alone.
#include "exchange/two_nodes_test.hpp"

namespace comity::exchange {
namespace {

struct Crossing : testing::Test {
  TwoNodes nodes;
  Digest acceptance;

  void SetUp() override { open(true); }

  void open(bool delivers) {
    nodes = {};
    nodes.ask(ActType::request, [&](Step& step) { step.delivers = delivers; });
    nodes.meet();
  }
  void accept(bool conditions = false) {
    acceptance =
        nodes.answer(ActType::acceptance, [&](Step& step) { step.has_conditions = conditions; }).id;
  }
  Step deliver(std::uint8_t item = 1) {
    return nodes.answer(ActType::delivery, [&](Step& step) {
      step.refers = acceptance;
      step.item.bytes.fill(item);
    });
  }
  void arrive(const Step& delivery) {
    nodes.ask(ActType::arrival, [&](Step& step) {
      step.refers = delivery.id;
      step.item = delivery.item;
    });
  }
  void refuse() {
    nodes.answer(ActType::refusal, [](Step& step) { step.consultation_impossible = true; });
  }
};

TEST_F(Crossing, WithdrawalAndAcceptanceEndWithdrawn) {
  nodes.ask(ActType::withdrawal);
  accept();
  EXPECT_EQ(nodes.outcome(), "withdrawn");
}

TEST_F(Crossing, WithdrawalAndDeliveryEndWithdrawnAndNothingMoreIsSent) {
  accept();
  nodes.meet();
  nodes.ask(ActType::withdrawal);
  deliver();
  EXPECT_EQ(nodes.outcome(), "withdrawn, delivery void");
}

TEST_F(Crossing, WithdrawalAndAcceptanceWithDeliveryEndWithdrawn) {
  nodes.ask(ActType::withdrawal);
  accept();
  deliver();
  deliver(2);
  EXPECT_EQ(nodes.outcome(), "withdrawn, delivery void, delivery void");
}

TEST_F(Crossing, WithdrawalWhileADeliveryIsUnderWayEndsIt) {
  accept();
  deliver();
  nodes.meet();
  nodes.ask(ActType::withdrawal);
  deliver(2);
  EXPECT_EQ(nodes.outcome(), "withdrawn, delivery void, delivery void");
}

TEST_F(Crossing, RefusalAndWithdrawalEndRefused) {
  refuse();
  nodes.ask(ActType::withdrawal);
  EXPECT_EQ(nodes.outcome(), "refused, withdrawal moot");
}

TEST_F(Crossing, RefusalAndWithdrawalWithClosureEndClosed) {
  refuse();
  nodes.ask(ActType::withdrawal);
  nodes.ask(ActType::closure);
  EXPECT_EQ(nodes.outcome(), "closed, withdrawal moot");
}

TEST_F(Crossing, ConsultationAndWithdrawalEndWithdrawn) {
  nodes.answer(ActType::consultation);
  nodes.ask(ActType::withdrawal);
  EXPECT_EQ(nodes.outcome(), "withdrawn");
  EXPECT_TRUE(nodes.requester.now().consulted());
}

TEST_F(Crossing, QueryAndAcceptanceLeaveTheQueryOpen) {
  nodes.ask(ActType::query);
  accept();
  EXPECT_EQ(nodes.outcome(), "accepted, query of the requester open");
}

TEST_F(Crossing, QueryAndRefusalEndRefused) {
  nodes.ask(ActType::query);
  refuse();
  EXPECT_EQ(nodes.outcome(), "refused, query moot");
}

TEST_F(Crossing, SupplementAndRefusalEndRefused) {
  nodes.ask(ActType::supplement);
  refuse();
  EXPECT_EQ(nodes.outcome(), "refused, supplement moot");
}

TEST_F(Crossing, AcceptedConditionsAndRefusalEndRefused) {
  accept(true);
  nodes.meet();
  EXPECT_EQ(nodes.outcome(), "accepted, conditions wait");
  nodes.ask(ActType::supplement, [&](Step& step) { step.refers = acceptance; });
  refuse();
  EXPECT_EQ(nodes.outcome(), "refused, supplement moot");
}

TEST_F(Crossing, QueriesOfBothSidesStayOpen) {
  nodes.ask(ActType::query);
  nodes.answer(ActType::query);
  EXPECT_EQ(nodes.outcome(), "open, query of the requested open, query of the requester open");
}

TEST_F(Crossing, ClosureAndClosureEndClosed) {
  refuse();
  nodes.meet();
  nodes.ask(ActType::closure);
  nodes.answer(ActType::closure);
  EXPECT_EQ(nodes.outcome(), "closed, closure moot");
}

TEST_F(Crossing, ClosureAndDeliveryEndClosedAndNothingMoreIsSent) {
  accept();
  const auto first = deliver();
  nodes.meet();
  arrive(first);
  nodes.meet();
  nodes.ask(ActType::closure);
  deliver(2);
  EXPECT_EQ(nodes.outcome(), "closed, delivery arrived, delivery void");
}

TEST_F(Crossing, ClosureAndWithdrawalOfAPreservationEndClosed) {
  open(false);
  accept();
  nodes.meet();
  nodes.answer(ActType::closure);
  nodes.ask(ActType::withdrawal);
  EXPECT_EQ(nodes.outcome(), "closed, withdrawal moot");
}

TEST_F(Crossing, ClosureAndArrivalCanNotBe) {
  accept();
  const auto delivery = deliver();
  nodes.meet();
  arrive(delivery);
  const auto closure = next_step(nodes.requested, Side::requested, ActType::closure);
  EXPECT_EQ(nodes.requested.judge(closure).why,
            (Fault{FaultCode::act_illegal, "a delivery is under way"}));
  EXPECT_EQ(nodes.outcome(), "delivered, delivery arrived");
  nodes.answer(ActType::closure);
  EXPECT_EQ(nodes.outcome(), "closed, delivery arrived");
}

}  // namespace
}  // namespace comity::exchange
