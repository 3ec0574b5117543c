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
  void accept(bool conditions = false, bool secures = false) {
    acceptance = nodes
                     .answer(ActType::acceptance,
                             [&](Step& step) {
                               step.has_conditions = conditions;
                               step.secures = secures;
                             })
                     .id;
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
  void postpone() {
    nodes.answer(ActType::postponement, [](Step& step) { step.consultation_impossible = true; });
  }
  void reply(const Digest& to, bool agrees) {
    nodes.ask(ActType::reply, [&](Step& step) {
      step.refers = to;
      step.agrees = agrees;
    });
  }
  Digest propose(ProposalKind kind) {
    return nodes.answer(ActType::proposal, [&](Step& step) { step.proposal = kind; }).id;
  }
  void annul(const Step& delivery) {
    nodes.answer(ActType::annulment, [&](Step& step) { step.items = {delivery.item}; });
  }
  void tell(Side side, NoticeKind kind, std::vector<ItemId> items = {}) {
    nodes.make(side, ActType::notice, [&](Step& step) {
      step.notice = kind;
      step.items = std::move(items);
    });
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

TEST_F(Crossing, ReplyToConditionsAndRefusalEndRefused) {
  for (const bool agrees : {true, false}) {
    open(true);
    accept(true);
    EXPECT_EQ(nodes.outcome(), "accepted, conditions wait");
    reply(acceptance, agrees);
    refuse();
    EXPECT_EQ(nodes.outcome(), "refused, reply moot");
  }
}

TEST_F(Crossing, DeclinedConditionsAndPostponementEndPostponed) {
  accept(true);
  nodes.meet();
  reply(acceptance, false);
  postpone();
  EXPECT_EQ(nodes.outcome(), "postponed");
}

TEST_F(Crossing, WithdrawalAndReturnOrPostponementEndWithdrawn) {
  nodes.answer(ActType::return_);
  nodes.ask(ActType::withdrawal);
  EXPECT_EQ(nodes.outcome(), "withdrawn");
  open(true);
  postpone();
  nodes.ask(ActType::withdrawal);
  EXPECT_EQ(nodes.outcome(), "withdrawn");
}

TEST_F(Crossing, SupplementAndReturnLeaveItReturned) {
  nodes.ask(ActType::supplement);
  const auto returned = nodes.answer(ActType::return_).id;
  EXPECT_EQ(nodes.outcome(), "returned");
  nodes.ask(ActType::supplement, [&](Step& step) { step.answers = returned; });
  EXPECT_EQ(nodes.outcome(), "open");
}

TEST_F(Crossing, CompletionAndRefusalEndRefused) {
  const auto returned = nodes.answer(ActType::return_).id;
  nodes.meet();
  nodes.ask(ActType::supplement, [&](Step& step) { step.answers = returned; });
  refuse();
  EXPECT_EQ(nodes.outcome(), "refused, supplement moot");
}

TEST_F(Crossing, ReplyAndALaterProposalLeaveTheLaterOnePending) {
  const auto first = propose(ProposalKind::costs);
  nodes.meet();
  reply(first, true);
  propose(ProposalKind::costs);
  EXPECT_EQ(nodes.outcome(),
            "open, proposal on costs ended, proposal on costs pending, reply moot");
}

TEST_F(Crossing, ReplyToAProposalAndRefusalEndRefused) {
  const auto proposal = propose(ProposalKind::secrecy);
  nodes.meet();
  reply(proposal, true);
  refuse();
  EXPECT_EQ(nodes.outcome(), "refused, proposal on secrecy ended, reply moot");
}

TEST_F(Crossing, ArrivalAndPostponementEndSuspendedWithTheItemThere) {
  accept();
  const auto delivery = deliver();
  nodes.meet();
  arrive(delivery);
  postpone();
  EXPECT_EQ(nodes.outcome(), "delivered, delivery arrived, suspended");
}

TEST_F(Crossing, ClosureAndPostponementEndClosedAndSuspended) {
  accept();
  const auto delivery = deliver();
  nodes.meet();
  arrive(delivery);
  nodes.meet();
  nodes.ask(ActType::closure);
  postpone();
  EXPECT_EQ(nodes.outcome(), "closed, delivery arrived, suspended");
  nodes.answer(ActType::resumption,
               [&](Step& step) { step.refers = nodes.requested.now().put_off; });
  EXPECT_EQ(nodes.outcome(), "closed, delivery arrived");
}

TEST_F(Crossing, ArrivalAndAnnulmentEndAnnulled) {
  accept();
  const auto delivery = deliver();
  nodes.meet();
  arrive(delivery);
  annul(delivery);
  EXPECT_EQ(nodes.outcome(), "delivered, delivery annulled, arrival moot");
  tell(Side::requester, NoticeKind::deletion, {delivery.item});
  EXPECT_EQ(nodes.outcome(), "delivered, delivery deleted, arrival moot");
}

TEST_F(Crossing, DeletionAndAnnulmentEndDeleted) {
  accept();
  const auto delivery = deliver();
  nodes.meet();
  arrive(delivery);
  nodes.meet();
  tell(Side::requester, NoticeKind::deletion, {delivery.item});
  annul(delivery);
  EXPECT_EQ(nodes.outcome(), "delivered, delivery deleted");
}

TEST_F(Crossing, ProposalOfUseAndAnnulmentLeaveItPending) {
  accept();
  const auto delivery = deliver();
  nodes.meet();
  arrive(delivery);
  nodes.meet();
  nodes.ask(ActType::proposal, [](Step& step) { step.proposal = ProposalKind::onward_transfer; });
  annul(delivery);
  EXPECT_EQ(nodes.outcome(), "delivered, delivery annulled, proposal on onward-transfer pending");
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
  accept(false, true);
  tell(Side::requested, NoticeKind::preservation_ending);
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
