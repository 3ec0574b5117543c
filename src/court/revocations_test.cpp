// Trust that a State took away since its newest entry: the export carries its signed word, and the
// check believes it from the time that it names, and no earlier.
#include "court/verify_fixture_test.hpp"
#include "directory/revocation.hpp"

namespace comity::court {
namespace {

using testing::HasSubstr;

class Revocations : public VerifyFixture {
 protected:
  std::unique_ptr<sample::Exchange> exchange_ = played();
  BundleInput input_ = exchange_->input();
  sample::Nation& asked_ = exchange_->asked;

  /// When the addressee logged an act, by its number.
  Instant logged_at(std::size_t number) const {
    const auto proof = *formats::parse_tlog_proof(as_bytes(input_.acts[number - 1].receipt));
    return custody::read_entry(*proof.extra)->at;
  }
  directory::Revocation revocation(const sample::Nation& nation, Instant from) const {
    return {.state = nation.code,
            .exercise = true,
            .serial = 1,
            .certificate = nation.authority.fingerprint(),
            .revoked_from = from,
            .made_at = exchange_->now,
            .reason = "key stolen"};
  }
  using Signer = std::pair<const crypto::P256Key*, const crypto::Certificate*>;
  static Bytes file(const directory::Revocation& revocation, const std::vector<Signer>& signers) {
    const auto content = directory::revocation_content(revocation);
    std::vector<Bytes> signatures;
    for (const auto& [key, certificate] : signers)
      signatures.push_back(*crypto::cms_sign(content, *key, *certificate, revocation.made_at,
                                             crypto::CmsForm::detached));
    return directory::revocation_file(content, signatures);
  }
  static Bytes by_root(const sample::Nation& nation, const directory::Revocation& revocation) {
    return file(revocation, {{&nation.root_key, &nation.root}});
  }
  Report with(std::vector<Bytes> of_asked, std::vector<Bytes> of_asking = {}) {
    input_.states[1].revocations = std::move(of_asked);
    input_.states[0].revocations = std::move(of_asking);
    return check(*exchange_, input_);
  }
};

TEST_F(Revocations, SpareWhatWasLoggedBefore) {
  const auto report = with({by_root(asked_, revocation(asked_, logged_at(3).plus_s(1)))});
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::holds, "state.revocation", "states/KGZ/revocation-1.json"));
  EXPECT_THAT(to_text(report), HasSubstr("signed by the root: key stolen"));
}

TEST_F(Revocations, EndWhatWasLoggedLater) {
  // KGZ signed acts 2 and 3. Its key ends between the two.
  const auto report = with({by_root(asked_, revocation(asked_, logged_at(3)))});
  EXPECT_EQ(report.exit_code(), 1);
  EXPECT_TRUE(says(report, Verdict::holds, "act.signature", "acts/0002")) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::fails, "act.signature", "acts/0003")) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::holds, "act.signature", "acts/0004"));
}

TEST_F(Revocations, OfTheWholeEntryEndAllThatWasLoggedLater) {
  auto whole = revocation(asked_, logged_at(3));
  whole.certificate.reset();
  const auto report = with({by_root(asked_, whole)});
  EXPECT_TRUE(says(report, Verdict::holds, "act.signature", "acts/0002")) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::fails, "act.signature", "acts/0003"));
  EXPECT_TRUE(says(report, Verdict::fails, "act.officers", "acts/0003"));
}

TEST_F(Revocations, OfAnOfficerEndHisSignatures) {
  auto officer = revocation(asked_, logged_at(3));
  officer.certificate = asked_.executor.fingerprint();
  const auto report = with({by_root(asked_, officer)});
  EXPECT_TRUE(says(report, Verdict::holds, "act.officers", "acts/0002"));
  EXPECT_TRUE(says(report, Verdict::holds, "act.signature", "acts/0003"));
  EXPECT_TRUE(says(report, Verdict::fails, "act.officers", "acts/0003")) << to_text(report);
}

TEST_F(Revocations, OfTheExporterEndItsIndex) {
  const auto& asking = exchange_->asking;
  const auto report = with({}, {by_root(asking, revocation(asking, input_.made_at))});
  EXPECT_TRUE(says(report, Verdict::fails, "index.signature", "index.p7m")) << to_text(report);
}

TEST_F(Revocations, AreTwoOfficersWordToo) {
  const auto second_key = crypto::P256Key::generate(asked_.random);
  const auto second =
      asked_.certify(second_key, "Deputy prosecutor", {"officer:approver"}, crypto::Usage::officer);
  const Signer one{&asked_.approver_key, &asked_.approver}, two{&second_key, &second},
      executor{&asked_.executor_key, &asked_.executor};
  const auto said = revocation(asked_, logged_at(3));
  EXPECT_TRUE(says(with({file(said, {one, two})}), Verdict::fails, "act.signature", "acts/0003"));
  for (const auto& signers : std::vector<std::vector<Signer>>{{one}, {one, one}, {one, executor}}) {
    const auto report = with({file(said, signers)});
    EXPECT_TRUE(says(report, Verdict::fails, "state.revocation", "states/KGZ"));
    EXPECT_TRUE(says(report, Verdict::holds, "act.signature", "acts/0003")) << to_text(report);
  }
}

TEST_F(Revocations, ByOthersCountForNothing) {
  const auto said = revocation(asked_, logged_at(2));
  for (const auto& forged : {by_root(exchange_->asking, said), file(said, {}),
                             file(said, {{&asked_.authority_key, &asked_.authority}})}) {
    const auto report = with({forged});
    EXPECT_TRUE(says(report, Verdict::fails, "state.revocation", "states/KGZ"));
    EXPECT_TRUE(says(report, Verdict::holds, "act.signature", "acts/0002")) << to_text(report);
  }
}

TEST_F(Revocations, OnlyTheEarliestTimeCounts) {
  const auto early = by_root(asked_, revocation(asked_, logged_at(2)));
  const auto late = by_root(asked_, revocation(asked_, logged_at(3)));
  for (const auto& order : {std::vector{early, late}, {late, early}})
    EXPECT_TRUE(says(with(order), Verdict::fails, "act.signature", "acts/0002"));
}

TEST_F(Revocations, OfTheFutureAreRefused) {
  auto said = revocation(asked_, logged_at(2));
  said.made_at = input_.made_at.plus_s(1);
  EXPECT_TRUE(says(with({by_root(asked_, said)}), Verdict::fails, "state.revocation", "states"));
}

TEST_F(Revocations, OlderThanTheEntryOrOfAnotherStateAreNotComposed) {
  input_.states[1].entries = {*directory::sign_entry(asked_.entry(2), asked_.root_key)};
  input_.states[1].revocations = {by_root(asked_, revocation(asked_, logged_at(2)))};
  EXPECT_EQ(compose(input_).error().code, FaultCode::format_field);
  input_ = exchange_->input();
  input_.states[1].revocations = {
      by_root(exchange_->asking, revocation(exchange_->asking, logged_at(2)))};
  EXPECT_EQ(compose(input_).error().code, FaultCode::format_field);
}

TEST_F(Revocations, CanNotBeLeftOutOfTheFolder) {
  input_.states[1].revocations = {by_root(asked_, revocation(asked_, logged_at(2)))};
  const sample::Export made(*exchange_, input_);
  sample::fs::remove(made.path() / "states/KGZ/revocation-1.json");
  EXPECT_TRUE(fails_at(check(*exchange_, made), "states/KGZ/revocation-1.json"));
}

}  // namespace
}  // namespace comity::court
