// Acts whose author is not who he seems, who must not say it, or who says it at the wrong time, to
// the wrong State or in the wrong place (spec/acts.md §1 to §7).
#include "forged_test.hpp"
#include "snapshot.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;
using enum Fate;
using enum Kind;

State& bfa() {
  return world().bfa;
}
State& kgz() {
  return world().kgz;
}
State& cub() {
  return world().cub;
}
Instant in(std::int64_t s) {
  return bfa().now.plus_s(s);
}
Json time_in(std::int64_t s) {
  return to_text_ms(in(s));
}

using Roles = std::vector<std::string>;
const Roles k_authority = {"authority:central-authority", "authority:contact-point-24-7"};

/// One that lives as long as the test: certificates are borrowed by the edits.
const Signer& kept(Signer signer) {
  static std::vector<std::unique_ptr<Signer>> all;
  all.push_back(std::make_unique<Signer>(std::move(signer)));
  return *all.back();
}
const Signer& officer(State& of, Roles roles) {
  return kept(of.certified("Officer nine (exercise)", std::move(roles), crypto::Usage::officer));
}
const Signer& officer_valid(std::int64_t from_s, std::int64_t to_s) {
  return kept(bfa().certified("Officer nine (exercise)", {"officer:approver"},
                              crypto::Usage::officer, in(from_s), in(to_s)));
}
const Signer& authority(State& of) {
  return kept(of.certified("Ministry (exercise)", k_authority, crypto::Usage::authority));
}
/// The same names under a root that the forger made himself.
const Signer& under_own_root(State& of, const Roles& roles, crypto::Usage usage) {
  Seeded random("a forger");
  const auto root_key = crypto::P256Key::generate(random);
  const auto root = must(crypto::issue_root(root_key, of.root().subject(), of.root().not_before(),
                                            of.root().not_after(), random));
  auto key = crypto::P256Key::generate(random);
  auto certificate = must(crypto::issue(root_key, root, key.public_spki(),
                                        {of.code(), "Ministry (exercise)", roles}, usage,
                                        root.not_before(), root.not_after(), random));
  return kept({std::move(key), std::move(certificate)});
}
Edit drafter(const Signer& by) {
  return sealed_by({{"drafter", &by}});
}
Edit approver(const Signer& by) {
  return sealed_by({{"approver", &by}});
}
/// The officers' signatures stay those of the good act, which then say something else.
Edit unsealed(Edit edit) {
  return both([](Craft& craft) { craft.keeps_officers = true; }, std::move(edit));
}

Edit stolen() {
  return both(set("/substance/from/authority", "police"), signed_by(world().stolen_of_bfa));
}
/// As the forger says it.
Edit made_days_ago(int days) {
  return set("/order/made_at", time_in(-days * k_day_s));
}
void approval_with_content(Craft& craft) {
  const auto substance = to_bytes(formats::canonical(craft.act.at("substance")));
  at(craft.act, "/officers/0/signature") =
      base64(bfa().officer(0).sign(substance, crypto::CmsForm::encapsulated, bfa().now));
}
void draft_of_the_request(Craft& craft) {
  const auto exchange = must(ExchangeId::from_hex(craft.act.at("substance").at("exchange").text()));
  at(craft.act, "/substance/draft") =
      must(craft.victim().rows().acts(exchange)).front().draft.hex();
}
Json acceptance_body() {
  return Json::object({{"assessment", Json()},
                       {"conditions", Json::array()},
                       {"preserve_until", Json()},
                       {"refused", Json()},
                       {"secured_at", Json()}});
}
/// Another type of act in its place, by the same officers.
Edit turned_into(std::string type, Json body) {
  return both(set("/substance/type", std::move(type)), set("/substance/body", std::move(body)));
}
Json notice_body(std::string_view kind) {
  return Json::object(
      {{"authority", Json()}, {"items", Json::array()}, {"kind", kind}, {"until", Json()}});
}
Json proposal_body(std::string_view kind) {
  return Json::object({{"items", Json::array()},
                       {"kind", kind},
                       {"proceeding", Json()},
                       {"state", Json()},
                       {"until", Json()}});
}
Json authorisation_body(std::int64_t lasts_s) {
  return Json::object({{"authority", "Example Court (exercise)"},
                       {"authority_type", "court"},
                       {"data_categories", Json::array({"subscriber"})},
                       {"issued_at", time_in(0)},
                       {"record", Digest{{7}}.hex()},
                       {"reference", "12/2026"},
                       {"remedy_until", Json()},
                       {"valid_from", time_in(0)},
                       {"valid_to", time_in(lasts_s)}});
}

// clang-format off
std::vector<Forgery> signers() {
  return {
      {"signed-by-another-state", request, faulted, act_signature, signed_by(cub().authority())},
      {"signed-by-the-addressee", request, faulted, act_signature, signed_by(kgz().authority())},
      {"signed-by-an-officer", request, faulted, act_signature, signed_by(bfa().officer(0))},
      {"signed-by-an-authority-not-in-the-entry", request, faulted, act_signature, signed_by(authority(bfa()))},
      {"signed-under-a-root-of-the-forgers", request, faulted, act_signature,
       signed_by(under_own_root(bfa(), k_authority, crypto::Usage::authority))},
      {"names-another-state-as-author", request, rejected, act_signature, set("/substance/from/state", "CUB")},
      {"names-another-authority-as-author", request, rejected, act_signature,
       set("/substance/from/authority", "police")},
      {"another-states-act-in-own-envelope", request, rejected, act_signature,
       both(set("/substance/from/state", "CUB"), approver(cub().officer(0)))},
      {"signed-by-a-stolen-key", request, rejected, directory_revoked, stolen()},
      {"signed-by-a-stolen-key-before-the-theft", request, rejected, directory_revoked,
       both(stolen(), made_days_ago(2))},
      {"approved-by-a-stolen-key", request, rejected, act_officer, approver(world().stolen_of_officer)},
      {"approved-by-a-stolen-key-before-the-theft", request, rejected, act_officer,
       both(approver(world().stolen_of_officer), made_days_ago(2))},
      {"approved-by-nobody", request, rejected, act_officer, sealed_by({})},
      {"approved-by-another-states-officer", request, rejected, act_officer, approver(cub().officer(0))},
      {"approved-by-the-addressees-officer", request, rejected, act_officer, approver(kgz().officer(0))},
      {"approved-by-a-drafter", request, rejected, act_officer, approver(bfa().officer(2))},
      {"approved-by-an-executor-alone", request, rejected, act_officer,
       approver(officer(bfa(), {"officer:executor"}))},
      {"approved-by-the-authority-itself", request, rejected, act_officer, approver(bfa().authority())},
      {"approved-under-a-root-of-the-forgers", request, rejected, act_officer,
       approver(under_own_root(bfa(), {"officer:approver"}, crypto::Usage::officer))},
      {"approved-by-an-expired-officer", request, rejected, act_officer, approver(officer_valid(-40 * k_day_s, -1))},
      {"approved-by-an-officer-of-tomorrow", request, rejected, act_officer,
       approver(officer_valid(k_day_s, 2 * k_day_s))},
      {"approved-by-two-for-one-duty", request, rejected, act_form,
       sealed_by({{"approver", &bfa().officer(0)}, {"approver", &bfa().officer(1)}})},
      {"approved-under-another-duty", request, rejected, act_officer, sealed_by({{"drafter", &bfa().officer(0)}})},
      {"approved-with-a-duty-too-many", request, rejected, act_officer,
       sealed_by({{"approver", &bfa().officer(0)}, {"executor", &bfa().officer(1)}})},
      {"approved-under-an-unknown-duty", request, rejected, act_officer, sealed_by({{"king", &bfa().officer(0)}})},
      {"approval-of-another-substance", request, rejected, act_officer,
       unsealed(set("/substance/draft", "00112233445566778899aabbccddeeff"))},
      {"approval-empty", request, rejected, act_form, unsealed(set("/officers/0/signature", ""))},
      {"approval-of-noise", request, rejected, act_officer,
       unsealed(set("/officers/0/signature", base64(Bytes(70, 0x30))))},
      {"approval-that-carries-its-content", request, rejected, act_officer, unsealed(approval_with_content)},
      {"approval-at-its-limit-and-one", request, rejected, act_form,
       unsealed(set("/officers/0/signature", base64(Bytes(16 * 1024 + 1, 0x30))))},
      {"delivered-by-one-officer-alone", delivery, rejected, act_officer,
       sealed_by({{"approver", &kgz().officer(1)}, {"executor", &kgz().officer(1)}})},
      {"delivered-without-executor", delivery, rejected, act_officer, sealed_by({{"approver", &kgz().officer(0)}})},
      {"delivered-without-approver", delivery, rejected, act_officer, sealed_by({{"executor", &kgz().officer(1)}})},
      {"arrival-signed-by-an-officer", arrival, rejected, act_officer, sealed_by({{"approver", &bfa().officer(0)}})},
  };
}

std::vector<Forgery> addressing() {
  return {
      {"addressed-to-another-state", request, rejected, act_addressee, set("/substance/to/state", "CUB")},
      {"addressed-to-another-authority", request, rejected, act_addressee, set("/substance/to/authority", "police")},
      {"addressed-to-its-author", request, rejected, act_form, set("/substance/to/state", "BFA")},
      {"addressed-to-no-state", request, rejected, act_form, set("/substance/to/state", "kgz")},
      {"real-at-an-exercise", request, rejected, act_exercise, set("/substance/exercise", false)},
      {"under-another-instrument", request, rejected, act_measure,
       set("/substance/instrument", "un-cybercrime-2025")},
      {"for-an-unknown-measure", request, rejected, act_measure, set("/substance/measure", "search-by-ourselves")},
      {"for-another-measure-than-its-form", request, rejected, act_form, set("/substance/measure", "preservation")},
      {"of-a-measure-changed-on-the-way", query, rejected, act_illegal, set("/substance/measure", "preservation")},
      {"of-a-type-unknown", request, rejected, act_form, set("/substance/type", "order")},
      {"request-dressed-as-query", request, rejected, act_form, set("/substance/type", "query")},
  };
}

std::vector<Forgery> times() {
  return {
      {"made-in-the-future", request, rejected, act_time, set("/order/made_at", time_in(301))},
      {"made-in-the-far-future", request, rejected, act_time,
       both(set("/order/made_at", "9998-01-01T00:00:00.000Z"), set("/order/expires_at", "9999-01-01T00:00:00.000Z"))},
      {"lapsed-a-moment-ago", request, rejected, act_expired,
       both(set("/order/made_at", time_in(-60)), set("/order/expires_at", time_in(0)))},
      {"lapsed-before-it-was-made", request, rejected, act_form,
       both(set("/order/made_at", time_in(0)), set("/order/expires_at", time_in(-1)))},
      {"made-before-its-entry", request, rejected, directory_expired,
       set("/order/made_at", "2025-01-01T00:00:00.000Z")},
      {"made-before-the-instrument", request, rejected, act_basis,
       set("/order/made_at", "1970-01-01T00:00:00.000Z")},
      {"time-without-milliseconds", request, rejected, act_form, set("/order/made_at", "2026-03-06T00:00:00Z")},
      {"time-in-another-zone", request, rejected, act_form, set("/order/made_at", "2026-03-06T00:00:00.000+02:00")},
      {"time-on-a-day-that-is-none", request, rejected, act_form, set("/order/made_at", "2026-02-30T00:00:00.000Z")},
      {"time-with-a-leap-second", request, rejected, act_form, set("/order/made_at", "2026-03-05T23:59:60.000Z")},
      {"time-of-five-digit-years", request, rejected, act_form,
       set("/order/expires_at", "12026-03-06T00:00:00.000Z")},
  };
}

std::vector<Forgery> sequences() {
  return {
      {"sequence-of-zero", request, rejected, act_form, set("/order/sequence", 0)},
      {"sequence-negative", request, rejected, act_form, set("/order/sequence", -1)},
      {"first-act-with-a-predecessor", request, rejected, act_form, set("/order/previous", Digest{{7}}.hex())},
      {"second-act-without-predecessor", query, rejected, act_form, set("/order/previous", Json())},
      {"linked-to-nothing", query, rejected, act_sequence, set("/order/previous", Digest{{7}}.hex())},
      {"linked-to-zero", query, rejected, act_form, set("/order/previous", Digest{}.hex())},
      {"first-number-again", query, rejected, act_fork,
       both(set("/order/sequence", 1), set("/order/previous", Json()))},
      {"a-number-ahead", query, faulted, act_gap, set("/order/sequence", 3)},
      {"at-the-last-number", query, faulted, act_gap, set("/order/sequence", 1000)},
      {"past-the-last-number", query, rejected, limit_count, set("/order/sequence", 1001)},
      {"at-the-largest-integer", query, rejected, limit_count, set("/order/sequence", formats::k_json_integer_max)},
      {"saw-an-act-never-made", query, rejected, act_seen,
       set("/order/seen", Json::object({{"act", Digest{{7}}.hex()}, {"sequence", 1}}))},
      {"saw-more-than-there-is", query, rejected, act_seen,
       set("/order/seen", Json::object({{"act", Digest{{7}}.hex()}, {"sequence", 1000}}))},
      {"saw-nothing-by-number", query, rejected, act_form,
       set("/order/seen", Json::object({{"act", Digest{{7}}.hex()}, {"sequence", 0}}))},
      {"saw-before-the-request", request, rejected, act_seen,
       set("/order/seen", Json::object({{"act", Digest{{7}}.hex()}, {"sequence", 1}}))},
      {"forgets-what-it-saw", acceptance, rejected, act_illegal, set("/order/seen", Json())},
      {"saw-another-act-under-its-number", acceptance, rejected, act_seen, set("/order/seen/act", Digest{{7}}.hex())},
      {"in-an-exchange-that-is-not", query, faulted, act_gap,
       set("/substance/exchange", "00112233445566778899aabbccddeeff")},
      {"in-another-exchange", query, rejected, act_sequence,
       [](Craft& c) { at(c.act, "/substance/exchange") = good(arrival).content.at("substance").at("exchange"); }},
      {"substance-of-a-taken-act", query, rejected, act_replay, draft_of_the_request},
      {"draft-of-zero", request, rejected, act_form, set("/substance/draft", DraftId{}.hex())},
      {"exchange-of-zero", request, rejected, act_form, set("/substance/exchange", ExchangeId{}.hex())},
      {"the-requests-author-accepts", query, rejected, act_illegal,
       both(approver(bfa().officer(0)),
            both(set("/substance/type", "acceptance"), set("/substance/body", acceptance_body())))},
      {"arrival-of-an-item-that-is-not", arrival, rejected, act_illegal,
       set("/substance/body/item", "00112233445566778899aabbccddeeff")},
      {"arrival-of-another-root", arrival, rejected, act_form, set("/substance/body/chunk_root", Digest{{9}}.hex())},
      {"arrival-of-a-delivery-that-is-not", arrival, rejected, act_illegal,
       set("/substance/body/delivery", Digest{{9}}.hex())},
      {"delivery-under-another-acceptance", delivery, rejected, act_illegal,
       set("/substance/body/acceptance", Digest{{9}}.hex())},
      {"refusal-after-a-consultation-that-was-not", refusal, rejected, act_illegal,
       both(set("/substance/body/consultation", Digest{{9}}.hex()), set("/substance/body/consultation_impossible",
        Json()))},
      {"refusal-without-a-word-on-consultation", refusal, rejected, act_form,
       set("/substance/body/consultation_impossible", Json())},
      {"refusal-on-no-ground", refusal, rejected, act_form, set("/substance/body/grounds", Json::array())},
  };
}

std::vector<Forgery> lives() {
  return {
      {"notice-of-an-unknown-kind", consultation, rejected, act_form, turned_into("notice", notice_body("gossip"))},
      {"notice-without-its-date", consultation, rejected, act_form, turned_into("notice", notice_body("delay"))},
      {"notice-that-is-the-other-states", consultation, rejected, act_illegal,
       both(drafter(kgz().officer(0)), turned_into("notice", notice_body("use-report")))},
      {"notice-that-a-preservation-ends-where-none-is", consultation, rejected, act_illegal,
       both(drafter(kgz().officer(0)), both(turned_into("notice", notice_body("preservation-ending")),
                                            set("/substance/body/until", time_in(60))))},
      {"proposal-that-is-the-other-states", consultation, rejected, act_illegal,
       both(turned_into("proposal", proposal_body("other-use")), set("/substance/body/proceeding", "Case 9/2026"))},
      {"proposal-of-securing-what-is-not-preserved", consultation, rejected, act_illegal,
       turned_into("proposal", proposal_body("securing"))},
      {"proposal-to-hand-on-to-no-state", consultation, rejected, act_form,
       turned_into("proposal", proposal_body("onward-transfer"))},
      {"reply-to-nothing", query, rejected, act_illegal,
       both(approver(bfa().officer(0)),
            turned_into("reply", Json::object({{"agrees", true}, {"to", Digest{{9}}.hex()}})))},
      {"resumption-of-what-was-not-put-off", consultation, rejected, act_illegal,
       turned_into("resumption", Json::object({{"postponement", Digest{{9}}.hex()}}))},
      {"resumption-by-the-requester", query, rejected, act_illegal,
       both(approver(bfa().officer(0)),
            turned_into("resumption", Json::object({{"postponement", Digest{{9}}.hex()}})))},
      {"return-of-nothing-missing", consultation, rejected, act_form,
       turned_into("return", Json::object({{"missing", Json::array()}}))},
      {"postponement-without-consultation", consultation, rejected, act_form,
       turned_into("postponement", Json::object({{"consultation", Json()}, {"consultation_impossible", Json()},
                                                 {"ground", "remedy"}, {"until", time_in(60)}}))},
      {"authorisation-that-ends-before-it-begins", consultation, rejected, act_form,
       turned_into("authorisation", authorisation_body(-1))},
      {"authorisation-of-what-is-not-accepted", consultation, rejected, act_illegal,
       turned_into("authorisation", authorisation_body(60))},
      {"annulment-of-nothing", consultation, rejected, act_form,
       turned_into("annulment", Json::object({{"authorisation", Json()}, {"demand", "destroy"},
                                              {"items", Json::array()}}))},
      {"delivery-under-an-authorisation-that-is-not", delivery, rejected, act_illegal,
       set("/substance/body/authorisation", Digest{{9}}.hex())},
      {"delivery-by-one-in-an-emergency-that-is-none", delivery, rejected, act_officer,
       both(sealed_by({{"approver", &kgz().officer(0)}}), set("/substance/body/emergency", true))},
      {"acceptance-in-part-on-no-ground", acceptance, rejected, act_form,
       set("/substance/body/refused", Json::object({{"consultation", Json()}, {"grounds", Json::array()},
                                                    {"consultation_impossible", "No time (exercise)"}}))},
      {"acceptance-with-retention-without-an-end", acceptance, rejected, act_form,
       set("/substance/body/conditions", Json::array({Json::object({{"code", "retention"}, {"text", "Two years."},
                                                                    {"until", Json()}})}))},
  };
}
// clang-format on

}  // namespace

TEST_P(Forged, IsNotTaken) {
  play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Signers, Forged, testing::ValuesIn(signers()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Addressing, Forged, testing::ValuesIn(addressing()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Times, Forged, testing::ValuesIn(times()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Lives, Forged, testing::ValuesIn(lives()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Sequences, Forged, testing::ValuesIn(sequences()), test_name<Forgery>);

/// What one State signed, in the letter of another: a true act, and not the bearer's.
class Replayed : public testing::TestWithParam<Kind> {};
TEST_P(Replayed, IsNotTakenFromAnybodyElse) {
  const auto& act = good(GetParam());
  const auto letter = letter_of(Json::array({act_json(act.p7m, act.parts)}));
  const auto is_refused = [&](State& reader, State& bearer) {
    const auto before = bytes_of(reader.folder());
    auto answer = must(formats::parse_json(must(hand_over(reader, bearer, letter))));
    EXPECT_EQ(at(answer, "/answers/0/fault/code").text(), "act.signature");
    EXPECT_EQ(bytes_of(reader.folder()), before);
  };
  is_refused(*act.victim, world().cub);  // by a third State to its addressee
  is_refused(world().cub, *act.victim);  // by its addressee to a third State
  is_refused(*act.author, *act.victim);  // back to its author
}
INSTANTIATE_TEST_SUITE_P(All, Replayed,
                         testing::Values(Kind::request, Kind::preservation, Kind::query,
                                         Kind::consultation, Kind::refusal, Kind::acceptance,
                                         Kind::delivery, Kind::arrival));

}  // namespace comity::corpus
