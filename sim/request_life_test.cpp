// The whole life of a request between two States, step by step: what is returned, put off,
// authorised, asked of the other State, told, annulled and deleted; what may be done with what
// came; and who has to sign what.
#include <gmock/gmock.h>

#include "crypto/digest.hpp"
#include "node/authorisation.hpp"
#include "sim/pair_test.hpp"

namespace comity::sim {
namespace {

using testing::HasSubstr;

struct RequestLife : testing::Test, Pair {
  Json about(const ExchangeId& id, std::string_view type) {
    return Json::object({{"type", type}, {"exchange", id.hex()}});
  }
  Result<Json> act(Member& at, const Json& input) {
    auto sent = decide(at, approver(at), input);
    carry_all();
    return sent;
  }
  void done(Member& at, const Json& input) { expect(act(at, input)); }
  static std::string refusal(const Result<Json>& result) {
    return result ? "done"
                  : std::string(row_of(result.error().code).name) + ": " + result.error().detail;
  }
  std::string phase(Member& at, const ExchangeId& id) { return (*at.rows().exchange(id))->phase; }
  Json shown(Member& at, const ExchangeId& id) {
    const auto who = approver(at);
    return expect(ask(at, [=](node::Desk& desk) { return desk.exchange(who, id); }));
  }
  /// The latest act of a type, by its id.
  std::string latest(Member& at, const ExchangeId& id, std::string_view type) {
    std::string found;
    const auto page = shown(at, id);
    for (const auto& one : page.at("acts").items())
      if (one.at("type").text() == type) found = one.at("id").text();
    return found;
  }
  Json tell(const ExchangeId& id, std::string_view kind, std::optional<Instant> until = {}) {
    auto input = about(id, "notice").set("kind", kind).set("text", "As on file (exercise)");
    if (until) input.set("until", to_text(*until));
    return input;
  }
  Json put_off(const ExchangeId& id, std::string_view ground) {
    return about(id, "postponement")
        .set("ground", ground)
        .set("until", to_text(now.plus_s(20 * k_day_s)))
        .set("reasons", "A case at home (exercise)")
        .set("consultation_impossible", "The court ordered it (exercise)");
  }
  Instant preserved_until(const ExchangeId& id) {
    const auto page = shown(answering, id);
    return *instant_from_text(
        page.at("acts").items().back().at("body").at("preserve_until").text());
  }
  /// One more officer of the State that answers.
  const KeyPair& hired(const std::string& name, const std::string& role) {
    const auto& officer = answering.identity().another(name, {role});
    expect(decide(answering, approver(answering),
                  statement("officer.add").set("certificate", officer.certificate.pem())));
    return officer;
  }
  /// Drafted by whoever, and signed by this officer alone.
  Result<Json> signed_by(const KeyPair& officer, const Json& input, const char* duty = "approver") {
    const auto who = approver(answering);
    TRY_LET(const Json draft,
            ask(answering, [=](node::Desk& desk) { return desk.make_draft(who, input); }));
    const auto id = *DraftId::from_hex(draft.at("draft").text());
    const auto content = *from_base64(draft.at("content").text());
    const auto signature = signatures.sign(content, officer, now, crypto::CmsForm::detached);
    TRY(ask(answering, [&](node::Desk& desk) {
      return desk.sign(as_caller(officer), id,
                       Json::object({{"duty", duty}, {"signature", base64(signature)}}));
    }));
    return ask(answering, [=](node::Desk& desk) { return desk.send(who, id); });
  }
  Json acceptance_of(const ExchangeId& id) {
    return about(id, "acceptance").set("answers", answers_to(id));
  }
  ItemId arrived_item(const ExchangeId& id) {
    const auto item = sealed_item(id);
    expect(release(id, item));
    carry_all();
    arrive(item);
    carry_all();
    return item;
  }
  Result<Json> open(Member& at, const ItemId& item, const node::Use& use = {}) {
    const auto who = approver(at);
    return ask(at, [=](node::Desk& desk) -> Result<Json> {
      TRY(desk.open_item(who, item, false, use));
      return Json();
    });
  }
  bool is_served(const ItemId& item) {
    const auto served = ask(answering, [=, this](node::Desk& desk) -> Result<Json> {
      TRY(desk.serve_item(asking.state(), item));
      return Json();
    });
    return served.has_value();
  }
  /// "clock nearness", by date.
  std::string due(Member& at) {
    const auto who = approver(at);
    const auto page = expect(ask(at, [=](node::Desk& desk) { return desk.due(who); }));
    std::string text;
    for (const auto& one : page.at("due").items())
      text += (text.empty() ? "" : ", ") + one.at("clock").text() + " " +
              one.at("nearness").text() + (one.at("held") == Json(true) ? " held" : "");
    return text;
  }
  Json order(const ExchangeId& id) {
    auto input = about(id, "authorisation");
    auto categories = Json::array();
    categories.push_back("subscriber");
    input.set("authority_type", "court")
        .set("authority", "Example Court (exercise)")
        .set("reference", "12/2026")
        .set("issued_at", to_text(now))
        .set("valid_from", to_text(now))
        .set("valid_to", to_text(now.plus_s(10 * k_day_s)))
        .set("data_categories", std::move(categories));
    for (const auto* reasoned : {"legal_basis", "grounds", "necessity", "proportionality", "scope",
                                 "third_parties", "remedy"})
      input.set(reasoned, "As the court wrote (exercise)");
    return input;
  }
};

TEST_F(RequestLife, IsReturnedCompletedPutOffAndAccepted) {
  const auto id = sent_request();
  auto missing = Json::array();
  missing.push_back("period");
  done(answering, about(id, "return").set("missing", missing).set("text", "From when to when?"));
  EXPECT_EQ(phase(asking, id), "returned");
  EXPECT_THAT(due(asking), HasSubstr("completion"));
  done(asking, about(id, "supplement")
                   .set("answers", latest(asking, id, "return"))
                   .set("text", "From 1 to 8 March (exercise)"));
  EXPECT_EQ(phase(answering, id), "open");
  done(answering, put_off(id, "ongoing-case"));
  EXPECT_EQ(phase(asking, id), "postponed");
  EXPECT_THAT(due(answering), HasSubstr("postponement three-weeks"));
  done(answering, about(id, "resumption"));
  accept(id);
  EXPECT_EQ(phase(asking, id), "accepted");
}

TEST_F(RequestLife, IsTranslatedByPartsThatTheirMakersSign) {
  const auto id = sent_request();
  const auto translation = [&](const char* of, const char* language) {
    return about(id, "supplement")
        .set("translations", Json::array().push_back(Json::object(
                                 {{"of", of}, {"language", language}, {"text", "Les faits."}})));
  };
  EXPECT_THAT(refusal(act(asking, translation("summary_of_dreams", "fr"))),
              HasSubstr("names no text in this exchange"));
  EXPECT_THAT(refusal(act(asking, translation("summary_of_facts", "xx"))),
              HasSubstr("must be one of the six"));
  EXPECT_THAT(refusal(act(asking, about(id, "supplement"))), HasSubstr("one at least"));
  done(asking, translation("summary_of_facts", "fr"));
  const auto page = shown(answering, id);
  const auto& last = page.at("acts").items().back();
  EXPECT_EQ(last.at("parts").items()[0].at("name"), Json("fr.summary_of_facts"));
  EXPECT_EQ(last.at("parts").items()[0].at("text"), Json("Les faits."));
  EXPECT_EQ(last.at("officers").size(), 1U) << "who made it answers for it";
}

TEST_F(RequestLife, IsReturnedOnlyForFieldsThatItsFormHas) {
  const auto id = sent_request();
  auto missing = Json::array();
  missing.push_back("shoe_size");
  EXPECT_THAT(
      refusal(act(answering, about(id, "return").set("missing", missing).set("text", "Which?"))),
      HasSubstr("shoe_size, which the form does not have"));
}

TEST_F(RequestLife, LetsNobodyDraftWhatIsNoAct) {
  const auto id = sent_request();
  for (const auto& [input, why] : std::vector<std::pair<Json, std::string>>{
           {about(id, "resumption"), "postponement"},
           {about(id, "reply").set("to", std::string(64, '0')).set("agrees", true), "to"},
           {about(id, "annulment").set("reasons", "As said (exercise)"), "authorisation"},
           {tell(id, "delay"), "until"},
           {about(id, "proposal").set("kind", "other-use").set("text", "Why not"), "proceeding"},
           {about(id, "proposal").set("kind", "marriage").set("text", "Why not"), "marriage"}})
    EXPECT_THAT(refusal(act(answering, input)), HasSubstr(why));
  EXPECT_EQ(phase(answering, id), "open");
}

TEST_F(RequestLife, IsNotPutOffWithoutConsultationOrAReasonForNone) {
  const auto id = sent_request();
  auto input = put_off(id, "ongoing-case");
  input.members().erase("consultation_impossible");
  EXPECT_THAT(refusal(act(answering, input)), HasSubstr("decision.consultation"));
  done(answering,
       about(id, "consultation").set("about", "ongoing-case").set("text", "Could it wait?"));
  done(answering, input);
  EXPECT_EQ(phase(answering, id), "postponed");
  input.set("until", to_text(now));
  EXPECT_THAT(refusal(act(answering, input)), HasSubstr("must lie ahead"));
}

TEST_F(RequestLife, IsAcceptedInPartOnAGroundAndWithReasons) {
  const auto id = sent_request();
  const auto who = approver(answering);
  const auto assessment =
      expect(ask(answering, [=](node::Desk& desk) { return desk.assessment(who, id); }));
  const auto ground = assessment.at("refusal_grounds").items().front().text();
  const auto part = [&](const std::string& code) {
    auto grounds = Json::array();
    grounds.push_back(code);
    return Json::object(
        {{"refused", Json::object({{"grounds", std::move(grounds)},
                                   {"reasons", "The content is not given (exercise)"},
                                   {"consultation_impossible", "No time (exercise)"}})}});
  };
  accept(id, part(ground));
  EXPECT_EQ(phase(asking, id), "accepted");
  const auto page = shown(asking, id);
  EXPECT_EQ(page.at("acts").items().back().at("body").at("refused").at("grounds").items()[0],
            Json(ground));
}

TEST_F(RequestLife, HasItsConditionsDeclinedAndIsOpenAgain) {
  auto conditions = Json::array();
  conditions.push_back(Json::object({{"code", "use"}, {"text", "For this case alone."}}));
  const auto id =
      accepted_request("stored-data", Json::object({{"conditions", std::move(conditions)}}));
  EXPECT_THAT(due(asking), HasSubstr("reply week"));
  done(asking, about(id, "reply").set("agrees", false).set("text", "We can not (exercise)"));
  EXPECT_EQ(phase(answering, id), "open");
  EXPECT_EQ(phase(asking, id), "open");
}

TEST_F(RequestLife, GivesNothingWhileSecrecyIsNotAgreedOn) {
  const auto id = accepted_request();
  const auto item = sealed_item(id);
  done(answering, about(id, "proposal")
                      .set("kind", "secrecy")
                      .set("text", "The provider must tell its user (exercise)"));
  EXPECT_THAT(refusal(release(id, item)), HasSubstr("has not agreed on secrecy"));
  done(asking, about(id, "reply").set("agrees", true));
  expect(release(id, item));
}

TEST_F(RequestLife, RecordsWhatACourtAllowedAndDeliversWithinItsDates) {
  const auto id = accepted_request();
  auto wide = order(id);
  auto categories = Json::array();
  categories.push_back("real-time-content");
  wide.set("data_categories", std::move(categories));
  EXPECT_THAT(refusal(act(answering, wide)), HasSubstr("was not asked for"));
  auto unreasoned = order(id);
  unreasoned.members().erase("proportionality");
  EXPECT_THAT(refusal(act(answering, unreasoned)), HasSubstr("proportionality"));
  done(answering, order(id));
  const auto authorisation = latest(answering, id, "authorisation");
  const auto told = shown(asking, id).at("acts").items().back().at("body");
  EXPECT_EQ(told.find("grounds"), nullptr) << "the other State is told what it may know";
  EXPECT_TRUE(*answering.rows().setting("authorisation/" + told.at("record").text()));

  const auto item = sealed_item(id);
  const auto deliver = [&] {
    return decide(
        answering, executor(answering),
        about(id, "delivery").set("item", item.hex()).set("authorisation", authorisation));
  };
  now = now.plus_s(11 * k_day_s);
  EXPECT_THAT(refusal(deliver()), HasSubstr("decision.authorisation"));
  EXPECT_THAT(due(answering), HasSubstr("authorisation overdue"));
  now = now.plus_s(-11 * k_day_s);
  expect(deliver());
}

TEST_F(RequestLife, StopsTheBytesWhileARemedyIsPending) {
  const auto id = accepted_request();
  const auto item = sealed_item(id);
  expect(release(id, item));
  carry_all();
  EXPECT_TRUE(is_served(item));
  done(answering, put_off(id, "remedy"));
  EXPECT_FALSE(is_served(item));
  EXPECT_THAT(refusal(release(id, sealed_item(id))), HasSubstr("transfer is suspended"));
  done(answering, about(id, "resumption"));
  EXPECT_TRUE(is_served(item));
  arrive(item);
  carry_all();
  expect(open(asking, item));
  done(answering, put_off(id, "remedy"));
  EXPECT_THAT(refusal(open(asking, item)), HasSubstr("evidence.use"));
  done(answering, about(id, "resumption"));
  expect(open(asking, item));
}

TEST_F(RequestLife, OpensForAnotherProceedingOnlyWithTheSendersConsent) {
  const auto id = accepted_request();
  const auto item = arrived_item(id);
  expect(open(asking, item));
  const node::Use other{.proceeding = "Case 9/2026"};
  EXPECT_THAT(refusal(open(asking, item, other)), HasSubstr("no consent names the proceeding"));
  done(asking, about(id, "proposal")
                   .set("kind", "other-use")
                   .set("proceeding", "Case 9/2026")
                   .set("text", "The records bear on it (exercise)"));
  EXPECT_THAT(refusal(open(asking, item, other)), HasSubstr("evidence.use"))
      << "asked is not given";
  EXPECT_THAT(due(answering), HasSubstr("reply week"));
  done(answering, about(id, "reply").set("agrees", true));
  expect(open(asking, item, other));
  EXPECT_THAT(refusal(open(asking, item, {.proceeding = "Case 10/2026"})),
              HasSubstr("evidence.use"));
  const node::Use onward{.onward = *StateCode::from_text("LAO")};
  EXPECT_THAT(refusal(open(asking, item, onward)), HasSubstr("hand it on to LAO"));
  expect(open(answering, item));  // its own item is its own
}

TEST_F(RequestLife, OpensNothingAfterRetentionEnded) {
  auto conditions = Json::array();
  conditions.push_back(Json::object({{"code", "retention"},
                                     {"text", "Thirty days."},
                                     {"until", to_text(now.plus_s(30 * k_day_s))}}));
  const auto id =
      accepted_request("stored-data", Json::object({{"conditions", std::move(conditions)}}));
  done(asking, about(id, "reply").set("agrees", true));
  const auto item = arrived_item(id);
  EXPECT_THAT(due(asking), HasSubstr("retention later"));
  expect(open(asking, item));
  now = now.plus_s(30 * k_day_s);
  EXPECT_THAT(refusal(open(asking, item)), HasSubstr("its retention ended"));
  EXPECT_THAT(due(asking), HasSubstr("retention overdue"));
  EXPECT_EQ(state_of(asking, item), "arrived") << "the node destroys nothing by itself";
  done(asking, about(id, "proposal")
                   .set("kind", "retention")
                   .set("until", to_text(now.plus_s(30 * k_day_s)))
                   .set("text", "The trial is adjourned (exercise)"));
  done(answering, about(id, "reply").set("agrees", true));
  expect(open(asking, item));
}

TEST_F(RequestLife, TakesBackWhatWasDeliveredAndHearsThatItIsGone) {
  const auto id = accepted_request();
  const auto item = arrived_item(id);
  const auto other = arrived_item(id);
  auto items = Json::array();
  items.push_back(item.hex());
  done(
      answering,
      about(id, "annulment").set("items", items).set("reasons", "The court quashed it (exercise)"));
  EXPECT_THAT(refusal(open(asking, item)), HasSubstr("annulled its delivery"));
  expect(open(asking, other));
  EXPECT_FALSE(is_served(item));
  EXPECT_THAT(due(asking), HasSubstr("destruction week"));
  auto deletion = tell(id, "deletion").set("items", items);
  EXPECT_THAT(refusal(act(asking, deletion)), HasSubstr("destroy it with"));
  expect(destroy(asking, item));
  EXPECT_EQ(state_of(asking, item), "destroyed");
  EXPECT_EQ(state_of(asking, other), "arrived");
  expect(open(asking, other));  // its key is still there
  done(asking, deletion);
  EXPECT_THAT(due(asking), testing::Not(HasSubstr("destruction")));
  const auto page = shown(answering, id);
  EXPECT_EQ(page.at("situation").at("deliveries").items()[0].at("state"), Json("deleted"));
}

TEST_F(RequestLife, ReleasesAPreservationOnlyAfterTellingAndNeverUnderARequestForTheData) {
  const auto id = accepted_request("preservation");
  const auto close = about(id, "closure");
  EXPECT_THAT(refusal(act(answering, close)), HasSubstr("was not told when it ends"));
  now = preserved_until(id).plus_s(-10 * k_day_s);
  EXPECT_THAT(due(answering), HasSubstr("preservation two-weeks"));
  EXPECT_THAT(due(asking), HasSubstr("preservation two-weeks")) << "both are warned";
  EXPECT_THAT(refusal(act(answering, tell(id, "preservation-ending", now.plus_s(k_day_s)))),
              HasSubstr("which was promised"));
  done(answering, tell(id, "preservation-ending", now.plus_s(15 * k_day_s)));
  EXPECT_THAT(refusal(act(answering, close)), HasSubstr("it was told to end on"));
  // A request for the same data comes, by a way that nobody linked.
  const auto request = sent_request();
  now = now.plus_s(16 * k_day_s);
  EXPECT_THAT(due(answering), HasSubstr("preservation overdue held"));
  EXPECT_THAT(refusal(act(answering, close)), HasSubstr("is not decided and carried out"));
  auto missing = Json::array();
  missing.push_back("period");
  done(answering,
       about(request, "return").set("missing", missing).set("text", "From when? (exercise)"));
  EXPECT_THAT(refusal(act(answering, close)), HasSubstr("decision.held"))
      << "returned is undecided";
  done(asking, about(request, "withdrawal"));
  done(answering, close);
  EXPECT_EQ(phase(asking, id), "closed");
}

TEST_F(RequestLife, HoldsAPreservationUntilTheEndOfItsExtension) {
  const auto id = accepted_request("preservation");
  const auto first = preserved_until(id);
  done(answering, tell(id, "preservation-ending", first));
  now = first.plus_s(-5 * k_day_s);
  const auto& measure = treaty::sample::measure("preservation-extension");
  const auto sent = expect(
      act(asking,
          Json::object({{"type", "request"},
                        {"to", answering.state().text()},
                        {"measure", measure.code},
                        {"fields", treaty::sample::full_form(measure).set("extends", id.hex())}})));
  const auto extension = *ExchangeId::from_hex(sent.at("exchange").text());
  EXPECT_THAT(due(answering), HasSubstr("preservation week held")) << "undecided, it holds";
  accept(extension);
  EXPECT_THAT(due(answering), testing::Not(HasSubstr("preservation week")));
  EXPECT_THAT(due(asking), testing::Not(HasSubstr("preservation week")));
  now = first.plus_s(k_day_s);
  EXPECT_THAT(refusal(act(answering, about(id, "closure"))), HasSubstr("it was extended to"));
  now = preserved_until(extension).plus_s(k_day_s);
  EXPECT_THAT(due(answering), HasSubstr("preservation overdue"));
  done(answering, about(id, "closure"));
}

TEST_F(RequestLife, TellsOversightOnceOfWhatPassedItsDate) {
  const auto id = accepted_request("preservation");
  const auto first = now, end = preserved_until(id);
  now = end;
  for (int i = 0; i < 3; ++i) (void)due(answering);
  const auto told = entries(answering, "internal", "clock.overdue");
  EXPECT_GE(told, 1U);
  now = first;  // the clock was wrong
  EXPECT_THAT(due(answering), HasSubstr("preservation later"));
  now = end;
  answering.die(false);
  CHECK(answering.start(now));
  EXPECT_THAT(due(answering), HasSubstr("preservation overdue")) << "a restart forgets nothing";
  EXPECT_EQ(entries(answering, "internal", "clock.overdue"), told);
  EXPECT_EQ(phase(answering, id), "accepted") << "and releases nothing";
}

TEST_F(RequestLife, IsApprovedByAnotherOfficerThanItsDrafter) {
  const auto& measure = treaty::sample::measure("stored-data");
  const auto who = approver(asking);  // drafter and approver by his roles
  const auto draft = expect(ask(asking, [&](node::Desk& desk) {
    return desk.make_draft(who, Json::object({{"type", "request"},
                                              {"to", answering.state().text()},
                                              {"measure", measure.code},
                                              {"fields", treaty::sample::full_form(measure)}}));
  }));
  EXPECT_EQ(draft.at("not_by"), Json(who.fingerprint.hex()));
  const auto id = *DraftId::from_hex(draft.at("draft").text());
  const auto content = *from_base64(draft.at("content").text());
  const auto sign = [&](const KeyPair& officer) {
    const auto signature = signatures.sign(content, officer, now, crypto::CmsForm::detached);
    return ask(asking, [&](node::Desk& desk) {
      return desk.sign(as_caller(officer), id,
                       Json::object({{"duty", "approver"}, {"signature", base64(signature)}}));
    });
  };
  EXPECT_THAT(refusal(sign(*asking.officers()[0])), HasSubstr("officer.two"));
  expect(sign(*asking.officers()[1]));
  expect(ask(asking, [&](node::Desk& desk) { return desk.send(who, id); }));
}

TEST_F(RequestLife, IsDecidedByTwoWhenWhatItRestsOnCanNotBeRead) {
  const auto id = sent_request();
  const auto who = approver(answering);
  const auto input = acceptance_of(id);
  const auto draft =
      expect(ask(answering, [&](node::Desk& desk) { return desk.make_draft(who, input); }));
  const auto content = formats::parse_json(*from_base64(draft.at("content").text()));
  const auto named = content->at("body").at("assessment").text();
  expect(ask(answering, [&](node::Desk&) -> Result<Json> {
    TRY(answering.rows().put_setting("decision/" + named, "{}"));
    return Json();
  }));
  const auto sent = finish(answering, draft);
  EXPECT_THAT(refusal(sent), HasSubstr("signatures are missing: reviewer"));
}

TEST_F(RequestLife, LetsTheOfficerOnCallSecureDataAloneAndHasItReviewed) {
  const auto& on_call = hired("Officer on call", "officer:duty");
  const auto request = sent_request();
  EXPECT_THAT(refusal(signed_by(on_call, acceptance_of(request))), HasSubstr("officer.role"))
      << "evidence is not his to promise";
  const auto id = sent_request("preservation");
  expect(signed_by(on_call, acceptance_of(id)));
  carry_all();
  EXPECT_EQ(phase(asking, id), "accepted") << "the other State takes it";
  EXPECT_THAT(due(answering), HasSubstr("duty-review week"));
  const auto review = statement("act.review")
                          .set("act", latest(answering, id, "acceptance"))
                          .set("agrees", true)
                          .set("reason", "As the file shows (exercise)");
  EXPECT_THAT(refusal(signed_by(on_call, review, "reviewer")), HasSubstr("officer.role"));
  expect(signed_by(*answering.officers()[1], review, "reviewer"));
  EXPECT_THAT(due(answering), testing::Not(HasSubstr("duty-review")));
  EXPECT_THAT(refusal(signed_by(*answering.officers()[1], review, "reviewer")),
              HasSubstr("it was reviewed"));
  EXPECT_EQ(entries(answering, "internal", "act.reviewed"), 1U);
}

TEST_F(RequestLife, LetsADeputySignBetweenTheDatesOfTheAppointmentAlone) {
  const auto& deputy = hired("Deputy", "officer:deputy");
  const auto id = sent_request();
  EXPECT_THAT(refusal(signed_by(deputy, acceptance_of(id))), HasSubstr("not appointed as deputy"));
  const auto appoint = [&](const KeyPair& officer) {
    return decide(answering, approver(answering),
                  statement("deputy.appoint")
                      .set("officer", officer.certificate.fingerprint().hex())
                      .set("from", to_text(now.plus_s(k_day_s)))
                      .set("to", to_text(now.plus_s(8 * k_day_s)))
                      .set("reason", "Leave of officer one (exercise)"));
  };
  EXPECT_THAT(refusal(appoint(*answering.officers()[2])), HasSubstr("no certificate as deputy"));
  expect(appoint(deputy));
  EXPECT_THAT(refusal(signed_by(deputy, acceptance_of(id))), HasSubstr("not appointed"))
      << "from tomorrow on";
  now = now.plus_s(2 * k_day_s);
  expect(signed_by(deputy, acceptance_of(id)));
  carry_all();
  EXPECT_EQ(phase(asking, id), "accepted");
  // Whoever writes the rows appoints nobody, nor for longer.
  const auto row = "deputy/" + deputy.certificate.fingerprint().hex();
  const auto truth = **answering.rows().setting(row);
  expect(ask(answering, [&](node::Desk&) -> Result<Json> {
    TRY(answering.rows().put_setting(row, DraftId{{7}}.hex()));
    return Json();
  }));
  EXPECT_THAT(refusal(signed_by(deputy, acceptance_of(sent_request()))),
              HasSubstr("store.corrupt"));
  expect(ask(answering, [&](node::Desk&) -> Result<Json> {
    TRY(answering.rows().put_setting(row, truth));
    return Json();
  }));
  now = now.plus_s(7 * k_day_s);
  EXPECT_THAT(refusal(signed_by(deputy, about(sent_request(), "consultation")
                                            .set("about", "R21B")
                                            .set("text", "Otherwise? (exercise)"))),
              HasSubstr("not appointed"))
      << "no longer";
}

TEST_F(RequestLife, CountsWhatHappened) {
  const auto id = accepted_request();
  const auto who = approver(answering);
  const auto count = [&](bool is_published) {
    const auto page = expect(ask(answering, [&](node::Desk& desk) {
      return desk.statistics(who, is_published, Instant{0}, now.plus_s(k_day_s));
    }));
    for (const auto& one : page.at("counts").items())
      if (one.at("what") == Json("accepted") && one.at("by") == Json("state"))
        return one.at("number");
    return Json("not counted");
  };
  EXPECT_EQ(count(false), Json(1));
  EXPECT_EQ(count(true), Json()) << "one case can be told from one number";
  EXPECT_EQ(phase(answering, id), "accepted");
}

}  // namespace
}  // namespace comity::sim
