// What dishonest hands might do to an export: put one thing in the place of another, forge a State,
// rewrite a log, drop or turn round what was said. The exporter signs each of these indexes itself.
#include "court/verify_fixture_test.hpp"

namespace comity::court {
namespace {

class Attacks : public VerifyFixture {
 protected:
  std::unique_ptr<sample::Exchange> exchange_ = played();
  BundleInput input_ = exchange_->input();

  Report check_input() { return check(*exchange_, input_); }
};

TEST_F(Attacks, AReceiptOfAnotherActIsNone) {
  std::swap(input_.acts[0].receipt, input_.acts[3].receipt);  // both given by KGZ
  const auto report = check_input();
  EXPECT_TRUE(fails_at(report, "receipts/0001")) << to_text(report);
  EXPECT_TRUE(fails_at(report, "receipts/0004")) << to_text(report);
}

TEST_F(Attacks, AReceiptFromTheAuthorsOwnLogIsNone) {
  input_.acts[0].receipt = exchange_->asking.partner.receipt(0);
  EXPECT_TRUE(fails_at(check_input(), "receipts/0001"));
}

TEST_F(Attacks, AForgedStateAgreesOnlyWithItself) {
  sample::Exchange forged(200'000, 5);  // the same States and words under other keys
  forged.play();
  const sample::Export made(forged, forged.input());
  EXPECT_EQ(verify(made.path(), {}, instruments()).exit_code(), 2);
  const auto report = check(*exchange_, made);
  EXPECT_TRUE(says(report, Verdict::fails, "state.trust", "BFA"));
  EXPECT_TRUE(says(report, Verdict::fails, "state.trust", "KGZ"));
}

TEST_F(Attacks, ASecondRootOfAStateIsNotTrusted) {
  sample::Exchange forged(200'000, 5);
  input_.states[1].entries.insert(
      input_.states[1].entries.begin(),
      *directory::sign_entry(forged.asked.entry(2), forged.asked.root_key));
  EXPECT_TRUE(says(check_input(), Verdict::fails, "state.trust", "KGZ"));
}

TEST_F(Attacks, AnAnnouncedRootIsTrusted) {
  sample::Exchange later(200'000, 5);
  auto first = exchange_->asked.entry(1);
  first.next_root = later.asked.root.fingerprint();
  auto second = later.asked.entry(2);
  second.logs.partner = exchange_->asked.partner.key.public_key();
  input_.states[1].entries = {*directory::sign_entry(second, later.asked.root_key),
                              *directory::sign_entry(first, exchange_->asked.root_key)};
  const auto report = check_input();
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
}

TEST_F(Attacks, AnActUnderAnotherStatesKeyIsNone) {
  const auto act =
      exchange_->make(exchange::Side::requested, exchange::ClosureBody{"executed"}, {});
  exchange_->put(exchange::Side::requested, act, {});
  input_ = exchange_->input();
  input_.acts.back().p7m = exchange_->asking.sign(exchange::act_content(act), act.order.made_at);
  EXPECT_TRUE(says(check_input(), Verdict::fails, "act.signature", "acts/0005"));
}

TEST_F(Attacks, AnActWithoutItsOfficersIsNone) {
  auto act = exchange_->make(exchange::Side::requested, exchange::ClosureBody{"executed"}, {});
  act.officers.clear();
  exchange_->put(exchange::Side::requested, act, {});
  input_ = exchange_->input();
  EXPECT_TRUE(says(check_input(), Verdict::fails, "act.officers", "acts/0005"));
}

TEST_F(Attacks, OfficersOfTheOtherStateDoNotCount) {
  auto act = exchange_->make(exchange::Side::requested, exchange::ClosureBody{"executed"}, {});
  const auto content = exchange::substance_content(act.substance);
  act.officers = {exchange_->asking.sign_as(exchange::duties_of(act.substance.type)[0], content,
                                            act.order.made_at)};
  exchange_->put(exchange::Side::requested, act, {});
  input_ = exchange_->input();
  EXPECT_TRUE(says(check_input(), Verdict::fails, "act.officers", "acts/0005"));
}

TEST_F(Attacks, AnActInTheMiddleCanNotBeLeftOut) {
  input_.acts.erase(input_.acts.begin() + 1);
  const auto report = check_input();
  EXPECT_TRUE(says(report, Verdict::fails, "act.order", "acts/")) << to_text(report);
}

TEST_F(Attacks, TheLastActCanNotBeLeftOutWhereTheLogShowsIt) {
  input_.acts.pop_back();
  EXPECT_TRUE(says(check_input(), Verdict::fails, "custody", "custody/partner/"));
}

TEST_F(Attacks, ActsCanNotChangePlaces) {
  std::swap(input_.acts[1], input_.acts[2]);
  EXPECT_TRUE(says(check_input(), Verdict::fails, "act.order", "acts/"));
}

TEST_F(Attacks, AnActCanNotCountTwice) {
  input_.acts.push_back(input_.acts[3]);
  EXPECT_TRUE(says(check_input(), Verdict::fails, "act.order", "acts/0005"));
}

TEST_F(Attacks, ADraftCanNotServeTwice) {
  auto act = exchange_->make(exchange::Side::requester, exchange::QueryBody{}, {});
  exchange_->put(exchange::Side::requester, act, {});
  const auto again = exchange_->make(exchange::Side::requester, exchange::QueryBody{}, {});
  act.order = again.order;
  exchange_->put(exchange::Side::requester, act, {});
  input_ = exchange_->input();
  const auto report = check_input();
  EXPECT_TRUE(says(report, Verdict::fails, "act.order", "acts/0006")) << to_text(report);
}

TEST_F(Attacks, AnActOfAnotherExchangeDoesNotBelong) {
  auto act = exchange_->make(exchange::Side::requested, exchange::ClosureBody{"executed"}, {});
  act.substance.exchange.bytes.fill(9);
  const auto content = exchange::substance_content(act.substance);
  act.officers = {exchange_->asked.sign_as(exchange::duties_of(act.substance.type)[0], content,
                                           act.order.made_at)};
  exchange_->put(exchange::Side::requested, act, {});
  input_ = exchange_->input();
  EXPECT_TRUE(says(check_input(), Verdict::fails, "act.form", "acts/0005"));
}

TEST_F(Attacks, ALogThatWasRewrittenIsFoundByItsOwnSignatures) {
  // The same key, the same size, another past.
  auto& log = exchange_->asked.partner;
  sample::Log other = [&] {
    sample::SeededRandom random(1);
    sample::Log fork(log.origin, random);
    fork.key = *crypto::Ed25519Key::from_seed(log.key.seed().clone());
    for (std::size_t i = 0; i < log.entries.size(); ++i)
      fork.add(custody::EntryKind::node_started, exchange_->now, random,
               formats::Json::object({{"version", "1"}}));
    return fork;
  }();
  input_.states[1].checkpoint = other.state.checkpoint();
  input_.consistency.clear();
  // A receipt at that very size, of the log as it was.
  input_.acts[3].receipt = log.receipt(4);
  const auto report = check_input();
  EXPECT_TRUE(says(report, Verdict::fails, "log.consistency", "receipts/0004")) << to_text(report);
}

TEST_F(Attacks, AConsistencyProofMustConnectWhatIsShown) {
  input_.consistency[0].hashes.back().bytes[0] ^= 1;
  EXPECT_TRUE(says(check_input(), Verdict::fails, "log.consistency", "checkpoints/"));
}

TEST_F(Attacks, AReceiptThatNothingTiesToTheLatestIsNamed) {
  input_.consistency.clear();
  const auto report = check_input();
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::not_present, "log.consistency", "KGZ"));
}

TEST_F(Attacks, ACustodyEntryOfAnotherExchangeDoesNotBelong) {
  auto& log = exchange_->asking.internal;
  sample::SeededRandom random(7);
  log.add(custody::EntryKind::read_request, exchange_->now, random,
          formats::Json::object(
              {{"exchange", std::string(32, '9')}, {"officer", std::string(64, 'a')}}));
  input_ = exchange_->input();
  EXPECT_TRUE(says(check_input(), Verdict::fails, "custody", "custody/internal/1"));
}

TEST_F(Attacks, TheIndexIsSignedByTheExporterAlone) {
  const sample::Export made(*exchange_, input_);
  const auto index = made.index();
  const auto content = *index_content(index);
  sample::write_file(made.path() / "index.p7m", exchange_->asked.sign(content, index.made_at));
  EXPECT_TRUE(says(check(*exchange_, made), Verdict::fails, "index.signature", "index.p7m"));
  sample::write_file(made.path() / "index.p7m",
                     exchange_->asking.sign(content, index.made_at.plus_s(1)));
  EXPECT_TRUE(says(check(*exchange_, made), Verdict::fails, "index.signature", "index.p7m"));
}

TEST_F(Attacks, AnExerciseIsNotTheRealThing) {
  input_.exercise = false;
  const auto report = check_input();
  EXPECT_TRUE(says(report, Verdict::fails, "state.entry", "")) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::fails, "act.form", "acts/0001"));
}

TEST_F(Attacks, ARevokedKeyCountsOnlyForWhatWasLoggedBefore) {
  auto revoked = [&](Instant from) {
    auto entry = exchange_->asked.entry(2);
    entry.issued_at = entry.valid_from = exchange_->now;  // after all acts
    entry.revoked = {{exchange_->asked.authority.fingerprint(), from, "stolen"}};
    entry.authorities[0].certificate =
        exchange_->asked.certify(exchange_->asked.executor_key, "New key",
                                 {"authority:central-authority"}, crypto::Usage::authority);
    return *directory::sign_entry(entry, exchange_->asked.root_key);
  };
  const auto entries = input_.states[1].entries;
  input_.states[1].entries = {revoked(exchange_->now), entries[0]};
  auto report = check_input();
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  // Between the acceptance, logged at 12:01:02, and the delivery, logged at 12:02:03.
  input_.states[1].entries = {revoked(sample::at("2026-03-01T12:01:30Z")), entries[0]};
  report = check_input();
  EXPECT_TRUE(says(report, Verdict::holds, "act.signature", "acts/0002")) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::fails, "act.signature", "acts/0003")) << to_text(report);
}

TEST_F(Attacks, AManifestMustBeTheOneDelivered) {
  auto other = exchange_->manifest;
  other.custodian = "Somebody else";
  input_.items[0].manifest = *evidence::write_manifest(other);
  const auto report = check_input();
  EXPECT_TRUE(says(report, Verdict::fails, "item.delivery", "evidence/")) << to_text(report);
}

TEST_F(Attacks, AnItemThatNobodyDeliveredDoesNotBelong) {
  auto other = exchange_->manifest;
  other.item.bytes.fill(8);
  input_.items.push_back({.manifest = *evidence::write_manifest(other)});
  EXPECT_TRUE(says(check_input(), Verdict::fails, "item.delivery", "evidence/0808"));
}

TEST_F(Attacks, AHeaderOfAnotherPayloadOpensNothing) {
  const auto other = evidence::sample::item(1000, 9);
  input_.items[0].header = to_bytes(View(other.file).first(other.shape.prefix_size));
  EXPECT_TRUE(says(check_input(), Verdict::fails, "item.header", "evidence/"));
}

}  // namespace
}  // namespace comity::court
