// What a heart does with a disk that is older than its own words, and with what partners tell it
// then (spec/peer-protocol.md §3, §8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/act.hpp"
#include "node/restored.hpp"
#include "world.hpp"

namespace comity::corpus {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view k_backup = "00112233445566778899aabbccddeeff";

/// BFA asks, KGZ answers; what is lost is BFA's disk.
class Restore : public testing::Test {
 protected:
  ~Restore() override { std::filesystem::remove_all(disk()); }
  State& bfa() { return world_.bfa; }
  State& kgz() { return world_.kgz; }
  std::filesystem::path disk() { return bfa().folder().string() + "-disk"; }

  /// Back to the copy, as `comity restore` leaves it.
  void restore() {
    bfa().put_back_disk(disk());
    must(node::mark_restored(bfa().rows(), k_backup, bfa().now, bfa().now));
    must(bfa().restart());
  }

  using Change = std::function<void(Json& answer)>;
  /// All letters of one State to the other and their answers, until it has no more to say now.
  /// `change` edits each answer on its way back. Gives the fault that stopped the heart.
  Result<void> talk(State& from, State& to, const Change& change = {}) {
    for (int round = 0; round < 12; ++round) {
      const auto letters = must(from.ask([](node::Desk& desk) { return desk.letters(); }));
      bool spoke = false;
      for (const auto& letter : letters) {
        if (letter.to != to.code()) {
          must(from.ask([&](node::Desk& desk) {
            return desk.letter_answered(letter, fault(FaultCode::peer_unreachable));
          }));
          continue;
        }
        spoke = true;
        auto answer = hand_over(to, from, letter.body);
        if (answer && change) {
          auto json = must(formats::parse_json(*answer));
          change(json);
          answer = to_bytes(formats::canonical(json));
        }
        TRY(from.turn({[&](node::Desk& desk) -> node::Afterwards {
          std::ignore = desk.letter_answered(letter, answer);
          return {};
        }}));
      }
      if (!spoke) return {};
    }
    return {};
  }
  Json stand() {
    return must(bfa().ask([](node::Desk& desk) { return desk.restored(); }));
  }
  bool settled_with_kgz() {
    for (const auto& one : stand().at("partners").items())
      if (one.at("state").text() == "KGZ") return false;
    return true;
  }
  Json with_kgz() {
    for (const auto& one : stand().at("partners").items())
      if (one.at("state").text() == "KGZ") return one;
    return {};
  }
  std::vector<std::string> kinds(State& of, const std::string& log) {
    std::vector<std::string> all;
    for (const auto& row : must(of.rows().entries(log, 0, 100'000))) all.push_back(row.kind);
    return all;
  }
  bool knows(State& who, const Good& good) { return must(who.rows().act(good.id)).has_value(); }
  Json declaration() {
    return Json::object({{"type", "statement"},
                         {"kind", "log.origin"},
                         {"partner", "KGZ"},
                         {"reason", "The disk was lost (exercise)"}});
  }
  /// A request and its acceptance: KGZ then holds a newer checkpoint of BFA's log.
  std::pair<Good, Good> lose_request_and_acceptance() {
    bfa().copy_disk(disk());
    auto request = world_.request();
    carry(request);
    auto acceptance = world_.acceptance(request);
    carry(acceptance);
    return {std::move(request), std::move(acceptance)};
  }
  void declare_and_settle() {
    bfa().decide(declaration());
    EXPECT_TRUE(talk(bfa(), kgz()));
    ASSERT_TRUE(settled_with_kgz()) << formats::canonical(stand());
  }

  World world_;
};

TEST_F(Restore, TheFirstLetterOfAProcessIsAGreeting) {
  must(bfa().restart());
  const auto request = world_.request();
  auto letters = must(bfa().ask([](node::Desk& desk) { return desk.letters(); }));
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_TRUE(letters[0].greeting);
  EXPECT_THAT(std::string(as_text(letters[0].body)), HasSubstr(R"("acts":[])"));
  const auto answer = must(hand_over(kgz(), bfa(), letters[0].body));
  EXPECT_THAT(std::string(as_text(answer)), HasSubstr(R"("held":{)"));
  must(bfa().ask([&](node::Desk& desk) { return desk.letter_answered(letters[0], answer); }));
  letters = must(bfa().ask([](node::Desk& desk) { return desk.letters(); }));
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_FALSE(letters[0].greeting);
  EXPECT_EQ(letters[0].acts, std::vector{request.id});
}

TEST_F(Restore, AGreetingThatIsNotAnsweredWaitsLikeALetter) {
  must(bfa().restart());
  const auto request = world_.request();
  const auto letters = must(bfa().ask([](node::Desk& desk) { return desk.letters(); }));
  must(bfa().ask([&](node::Desk& desk) {
    return desk.letter_answered(letters.at(0), fault(FaultCode::peer_unreachable));
  }));
  EXPECT_TRUE(must(bfa().ask([](node::Desk& desk) { return desk.letters(); })).empty());
  const auto waiting = must(bfa().rows().outbox(request.id));
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->attempts, 1);
  EXPECT_GT(waiting->next_try_at, bfa().now);
}

TEST_F(Restore, AnOldDiskIsCaughtByACheckpointBeforeAnythingIsSent) {
  lose_request_and_acceptance();
  bfa().put_back_disk(disk());
  must(bfa().restart());
  const auto before = kinds(kgz(), "partner/BFA");
  world_.request();
  const auto stopped = talk(bfa(), kgz());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, FaultCode::log_rolled_back);
  EXPECT_THAT(stopped.error().detail, HasSubstr("KGZ"));
  EXPECT_EQ(kinds(kgz(), "partner/BFA"), before);
  // Nor does it serve again by itself.
  const auto again = bfa().restart();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, FaultCode::log_rolled_back);
}

TEST_F(Restore, AnOldDiskIsCaughtByAnActToo) {
  bfa().copy_disk(disk());
  carry(world_.request());  // no receipt of ours: KGZ's newest checkpoint of us is an old one
  bfa().put_back_disk(disk());
  must(bfa().restart());
  world_.request();
  const auto stopped = talk(bfa(), kgz());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, FaultCode::log_rolled_back);
  EXPECT_THAT(stopped.error().detail, HasSubstr("an act signed by this node"));
}

TEST_F(Restore, AnOldDiskThatIsAdmittedSettlesLikeARestoredOne) {
  lose_request_and_acceptance();
  bfa().put_back_disk(disk());
  must(bfa().restart());
  world_.request();
  ASSERT_FALSE(talk(bfa(), kgz()));
  must(node::mark_restored(bfa().rows(), k_backup, bfa().now, bfa().now));
  must(bfa().restart());
  ASSERT_TRUE(talk(bfa(), kgz()));
  EXPECT_TRUE(with_kgz().at("gap").boolean());
  declare_and_settle();
}

TEST_F(Restore, NothingWasLost) {
  bfa().copy_disk(disk());
  restore();
  EXPECT_FALSE(settled_with_kgz());
  ASSERT_TRUE(talk(bfa(), kgz()));
  EXPECT_TRUE(settled_with_kgz()) << formats::canonical(stand());
  EXPECT_EQ(kinds(bfa(), "internal.2").at(0), "log.begun");
  carry(world_.request());
}

TEST_F(Restore, BeforeItIsSettledNothingOfThePartnerIsTouched) {
  const auto request = world_.request();
  carry(request);
  bfa().copy_disk(disk());
  restore();
  const auto log = kinds(bfa(), "partner/KGZ");
  const auto acceptance = world_.acceptance(request);
  const auto letter = letter_of(Json::array({act_json(acceptance.p7m, acceptance.parts)}), Json());
  EXPECT_EQ(hand_over(bfa(), kgz(), letter).error().code, FaultCode::node_restored);
  const auto served =
      bfa().ask([&](node::Desk& desk) { return desk.serve_item(kgz().code(), ItemId{}); });
  EXPECT_EQ(served.error().code, FaultCode::node_restored);
  EXPECT_EQ(kinds(bfa(), "partner/KGZ"), log);
  ASSERT_TRUE(talk(bfa(), kgz()));
  carry(acceptance);
}

TEST_F(Restore, OurActsComeBackAndTheLogGoesOn) {
  bfa().copy_disk(disk());
  const auto request = world_.request();
  carry(request);
  restore();
  EXPECT_FALSE(knows(bfa(), request));
  ASSERT_TRUE(talk(bfa(), kgz()));
  ASSERT_TRUE(settled_with_kgz()) << formats::canonical(stand());
  EXPECT_TRUE(knows(bfa(), request));
  EXPECT_EQ(must(bfa().rows().act(request.id))->standing, node::Standing::receipted);
  EXPECT_EQ(kinds(bfa(), "partner/KGZ").back(), "act.recovered");
  carry(world_.acceptance(request));  // and the exchange goes on, both ways
}

TEST_F(Restore, AGapNeedsTwoOfficersAndThenAllComesBack) {
  const auto [request, acceptance] = lose_request_and_acceptance();
  restore();
  ASSERT_TRUE(talk(bfa(), kgz()));
  EXPECT_TRUE(with_kgz().at("gap").boolean());
  EXPECT_FALSE(knows(bfa(), request));

  const auto who = bfa().officer(0).as_caller();
  const auto draft =
      must(bfa().ask([&](node::Desk& desk) { return desk.make_draft(who, declaration()); }));
  const auto id = must(DraftId::from_hex(draft.at("draft").text()));
  EXPECT_EQ(bfa().ask([&](node::Desk& desk) { return desk.send(who, id); }).error().code,
            FaultCode::officer_two);

  declare_and_settle();
  EXPECT_TRUE(knows(bfa(), request));
  EXPECT_TRUE(knows(bfa(), acceptance));
  const auto now = kinds(bfa(), "partner/KGZ.2");
  EXPECT_EQ(now.at(0), "log.begun");
  EXPECT_EQ(std::ranges::count(now, "act.recovered"), 2);
  EXPECT_EQ(kinds(kgz(), "partner/BFA").back(), "origin.accepted");
  // Traffic under the new origin, receipts and all, also across a start of either.
  const auto next = world_.request();
  carry(next);
  carry(world_.acceptance(next));
  must(bfa().restart());
  must(kgz().restart());
  carry(world_.refusal([&] {
    auto one = world_.request();
    carry(one);
    return one;
  }()));
}

TEST_F(Restore, ARepeatedActGetsTheReceiptThatItGotBeforeTheLoss) {
  const auto [request, acceptance] = lose_request_and_acceptance();
  const auto receipt = must(kgz().rows().act(acceptance.id))->receipt;
  restore();
  ASSERT_TRUE(talk(bfa(), kgz()));
  declare_and_settle();
  const auto letter = letter_of(Json::array({act_json(acceptance.p7m, acceptance.parts)}), Json());
  const auto answer = must(formats::parse_json(must(hand_over(bfa(), kgz(), letter))));
  EXPECT_EQ(answer.at("answers").items().at(0).at("receipt").text(), receipt);
}

TEST_F(Restore, APartnerThatIsAwayIsToldWhenItComesBack) {
  const auto [request, acceptance] = lose_request_and_acceptance();
  restore();
  bfa().decide(declaration());
  const auto later = world_.request();  // a new request waits; open exchanges wait whole
  EXPECT_EQ(bfa()
                .ask([&](node::Desk& desk) -> Result<Json> {
                  TRY_LET(const auto made,
                          desk.make_draft(
                              bfa().officer(0).as_caller(),
                              Json::object({{"type", "withdrawal"},
                                            {"exchange",
                                             request.content.at("substance").at("exchange").text()},
                                            {"reasons", "x"}})));
                  return made;
                })
                .error()
                .code,
            FaultCode::not_found);
  ASSERT_TRUE(talk(bfa(), kgz()));
  ASSERT_TRUE(settled_with_kgz()) << formats::canonical(stand());
  EXPECT_TRUE(knows(bfa(), acceptance));
  EXPECT_EQ(must(bfa().rows().act(later.id))->standing, node::Standing::receipted);
}

// Partners who lie. Whatever they say, nothing is believed that our own keys do not prove.

TEST_F(Restore, APartnerCanNotInventAnActOfOurs) {
  bfa().copy_disk(disk());
  const auto request = world_.request();
  carry(request);
  restore();
  const auto forged = world_.kgz.authority().sign(must(crypto::cms_open(request.p7m)).content,
                                                  crypto::CmsForm::encapsulated, kgz().now);
  const auto lie = [&](Json& answer) {
    if (const auto* found = answer.find("found"); found && found->at("acts").size() > 0)
      answer["found"]["acts"].items()[0].set("p7m", base64(forged));
    answer["held"].set("act", Json());
  };
  ASSERT_TRUE(talk(bfa(), kgz(), lie));
  EXPECT_FALSE(knows(bfa(), request));
  EXPECT_FALSE(settled_with_kgz());
}

TEST_F(Restore, APartnersActComesBackOnlyWithOurReceipt) {
  const auto [request, acceptance] = lose_request_and_acceptance();
  restore();
  ASSERT_TRUE(talk(bfa(), kgz()));
  bfa().decide(declaration());
  const auto other = must(kgz().rows().act(request.id))->receipt;  // KGZ's own receipt
  const auto lie = [&](Json& answer) {
    if (!answer.find("found")) return;
    for (auto& act : answer["found"]["acts"].items())
      if (!act.at("yours").boolean()) act.set("receipt", other);
  };
  ASSERT_TRUE(talk(bfa(), kgz(), lie));
  EXPECT_FALSE(knows(bfa(), acceptance));
  EXPECT_FALSE(settled_with_kgz());
  // The truth is taken later all the same.
  bfa().now = bfa().now.plus_s(600);
  kgz().now = bfa().now;
  ASSERT_TRUE(talk(bfa(), kgz()));
  EXPECT_TRUE(knows(bfa(), acceptance));
  EXPECT_TRUE(settled_with_kgz());
}

TEST_F(Restore, APartnerCanNotStopUsWithACheckpointOfItsOwnMaking) {
  must(bfa().restart());
  const auto request = world_.request();
  const auto fake = kgz().sign_checkpoint(
      "partner/BFA", {.origin = kgz().origin("partner/BFA"), .size = 9'999, .root = {{1}}});
  ASSERT_TRUE(talk(bfa(), kgz(), [&](Json& answer) {
    if (answer.find("held")) answer["held"].set("checkpoint", fake);
  }));
  EXPECT_EQ(must(bfa().rows().act(request.id))->standing, node::Standing::logged);
  ASSERT_TRUE(bfa().restart());
}

TEST_F(Restore, AnswersThatMakeNoSenseAreAFaultAndNoMore) {
  bfa().copy_disk(disk());
  carry(world_.request());
  for (const Change& nonsense : std::initializer_list<Change>{
           [](Json& answer) { answer = Json::object(); },
           [](Json& answer) { answer.set("held", "x"); },
           [](Json& answer) { answer["held"].set("checkpoint", "not a note"); },
           [](Json& answer) { answer["held"].set("act", "AAAA"); },
           [](Json& answer) { answer.set("found", Json::array()); },
           [](Json& answer) {
             answer.set("found", Json::object({{"acts", Json::array({Json(1)})}, {"next", 0}}));
           },
           [](Json& answer) {
             auto found = Json::object({{"acts", Json::array()}});
             answer.set("found", found.set("next", 0));  // it never ends
           },
       }) {
    restore();
    EXPECT_TRUE(talk(bfa(), kgz(), nonsense));
    EXPECT_TRUE(bfa().restart());
  }
}

// Declarations that a partner must not follow.

class Origin : public Restore {
 protected:
  void SetUp() override {
    lose_request_and_acceptance();
    restore();
    must(talk(bfa(), kgz()));
    // The true statement, drafted and never sent.
    const auto draft = must(bfa().ask([&](node::Desk& desk) {
      return desk.make_draft(bfa().officer(0).as_caller(), declaration());
    }));
    statement_ = must(formats::parse_json(must(from_base64(draft.at("content").text()))));
  }
  Bytes declared(const Json& statement, std::vector<const Signer*> officers,
                 const Signer& authority) {
    const auto content = to_bytes(formats::canonical(statement));
    auto list = Json::array();
    for (const auto* one : officers)
      list.push_back(base64(one->sign(content, crypto::CmsForm::detached, bfa().now)));
    return authority.sign(
        as_bytes(formats::canonical(Json::object(
            {{"comity", "origin/1"}, {"statement", base64(content)}, {"officers", list}}))),
        crypto::CmsForm::encapsulated, bfa().now);
  }
  /// KGZ's answer to a greeting that brings it.
  FaultCode told(View p7m, State& by) {
    auto letter = Json::object({{"acts", Json::array()}, {"origin", base64(p7m)}});
    letter.set("known", Json());
    const auto answer = hand_over(kgz(), by, to_bytes(formats::canonical(letter)));
    return answer ? FaultCode{} : answer.error().code;
  }
  FaultCode told(View p7m) { return told(p7m, bfa()); }
  std::vector<const Signer*> two() { return {&bfa().officer(0), &bfa().officer(1)}; }

  Json statement_;
};

TEST_F(Origin, TheTrueOneIsTakenOnceAndConfirmedAgain) {
  const auto p7m = declared(statement_, two(), bfa().authority());
  EXPECT_EQ(told(p7m), FaultCode{});
  const auto log = kinds(kgz(), "partner/BFA");
  EXPECT_EQ(told(p7m), FaultCode{});
  EXPECT_EQ(kinds(kgz(), "partner/BFA"), log);
  // Another that leads from the log that has ended is none.
  statement_.set("reason", "Again");
  EXPECT_EQ(told(declared(statement_, two(), bfa().authority())), FaultCode::log_origin);
}

TEST_F(Origin, NothingButTheTrueOneIsFollowed) {
  const auto log = kinds(kgz(), "partner/BFA");
  const auto& authority = bfa().authority();
  const auto with = [&](std::string_view key, Json value) {
    auto changed = statement_;
    changed.set(key, std::move(value));
    return declared(changed, two(), authority);
  };
  const auto stranger =
      kgz().certified("A stranger (exercise)", {"officer:approver"}, crypto::Usage::officer);
  EXPECT_EQ(told(declared(statement_, {&bfa().officer(0)}, authority)), FaultCode::log_origin);
  EXPECT_EQ(told(declared(statement_, {&bfa().officer(0), &bfa().officer(0)}, authority)),
            FaultCode::log_origin);
  EXPECT_EQ(told(declared(statement_, {&bfa().officer(0), &bfa().officer(2)}, authority)),
            FaultCode::log_origin);  // a drafter
  EXPECT_NE(told(declared(statement_, {&bfa().officer(0), &stranger}, authority)), FaultCode{});
  EXPECT_EQ(told(declared(statement_, two(), kgz().authority())), FaultCode::log_origin);
  EXPECT_EQ(told(declared(statement_, two(), authority), world_.cub), FaultCode::log_origin);
  EXPECT_NE(told(with("kind", "officer.add")), FaultCode{});
  EXPECT_EQ(told(with("by", "CUB")), FaultCode::log_origin);
  EXPECT_EQ(told(with("partner", "CUB")), FaultCode::log_origin);
  EXPECT_EQ(told(with("exercise", false)), FaultCode::log_origin);
  EXPECT_EQ(told(with("origin", bfa().origin("partner/KGZ.3"))), FaultCode::log_origin);
  EXPECT_EQ(told(with("origin", bfa().origin("partner/CUB.2"))), FaultCode::log_origin);
  EXPECT_EQ(told(with("previous", bfa().origin("internal"))), FaultCode::log_origin);
  EXPECT_NE(told(with("last_known", "not a note")), FaultCode{});
  EXPECT_NE(told(with("last_known",
                      kgz().sign_checkpoint(
                          "partner/BFA",
                          {.origin = kgz().origin("partner/BFA"), .size = 3, .root = {{1}}}))),
            FaultCode{});
  EXPECT_NE(told(Bytes{0x30, 0x00}), FaultCode{});
  EXPECT_EQ(kinds(kgz(), "partner/BFA"), log);
  // And after all of them the true one is taken.
  EXPECT_EQ(told(declared(statement_, two(), authority)), FaultCode{});
}

}  // namespace
}  // namespace comity::corpus
