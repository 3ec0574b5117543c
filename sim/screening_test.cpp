// What is privileged is kept from those who investigate: a screener outside the exchange passes the
// bytes, whoever comes upon more puts the item in quarantine, and nobody who takes part opens it
// until a screener and an approver say so.
#include <gmock/gmock.h>

#include "sim/pair_test.hpp"

namespace comity::sim {
namespace {

const Digest k_bytes{{3}}, k_other_bytes{{4}};

struct Screening : testing::Test, Pair {
  const KeyPair& hired(Member& at, const std::string& name, const std::vector<std::string>& roles) {
    const auto& officer = at.identity().another(name, roles);
    expect(decide(at, approver(at),
                  statement("officer.add").set("certificate", officer.certificate.pem())));
    return officer;
  }
  const KeyPair& screener(Member& at) { return hired(at, "Officer seven", {"officer:screener"}); }
  using Duties = std::vector<std::pair<std::string, const KeyPair*>>;
  /// Drafted and sent by the first of them, signed by all.
  Result<Json> said_by(Member& at, const Duties& duties, const Json& input) {
    const auto who = as_caller(*duties.front().second);
    TRY_LET(const Json draft,
            ask(at, [=](node::Desk& desk) { return desk.make_draft(who, input); }));
    const auto id = *DraftId::from_hex(draft.at("draft").text());
    const auto content = *from_base64(draft.at("content").text());
    for (const auto& [duty, officer] : duties) {
      const auto signature =
          signatures.sign(content, *officer, clock(at), crypto::CmsForm::detached);
      const auto given = Json::object({{"duty", duty}, {"signature", base64(signature)}});
      TRY(ask(at, [&](node::Desk& desk) { return desk.sign(as_caller(*officer), id, given); }));
    }
    return ask(at, [=](node::Desk& desk) { return desk.send(who, id); });
  }
  Json screening(const ExchangeId& exchange, const Digest& bytes = k_bytes) {
    return statement("item.screen")
        .set("exchange", exchange.hex())
        .set("sha256", bytes.hex())
        .set("withheld", Json::array({Json::object(
                             {{"what", "12 letters"}, {"reason", "with counsel (exercise)"}})}))
        .set("reason", "Counsel's addresses were searched for (exercise)");
  }
  /// An item of bytes, as an executor describes it.
  Json sent_while_sealed() const {
    return Json::object({{"name", "disk.img"},
                         {"custodian", "Example Mail (exercise)"},
                         {"collector", "Officer four (exercise)"},
                         {"tool", "imager 1.0 (exercise)"},
                         {"authorisation", "Exercise order 7/2026"},
                         {"records", "bytes"},
                         {"source", "Server 4 (exercise)"},
                         {"scope", "The whole disk"},
                         {"from", to_text(now)},
                         {"until", to_text(now.plus_s(k_day_s))}});
  }
  Json about(std::string_view kind, const ItemId& item) {
    return statement(kind).set("item", item.hex()).set("reason", "Letters of counsel (exercise)");
  }
  Result<Json> quarantine(Member& at, const ItemId& item) {
    return said_by(at, {{"finder", at.officers()[3]}}, about("item.quarantine", item));
  }
  Result<Json> clear(Member& at, const KeyPair& who, const ItemId& item) {
    return said_by(at, {{"screener", &who}, {"approver", at.officers()[0]}},
                   about("item.clear", item));
  }
  Result<Json> sealed(const ExchangeId& exchange, const Digest& bytes, ItemId* which = nullptr) {
    const auto item = begin_item(exchange);
    if (which) *which = item;
    const auto outcome = outcome_of(item, bytes);
    const auto who = executor(answering);
    return ask(answering, [=](node::Desk& desk) { return desk.seal_ended(who, item, outcome); });
  }
  Result<Json> open(Member& at, const node::Officer& who, const ItemId& item,
                    bool exporting = false) {
    return ask(at, [=](node::Desk& desk) -> Result<Json> {
      TRY(desk.open_item(who, item, exporting));
      return Json();
    });
  }
  bool is_served(const ItemId& item) {
    return ask(answering,
               [=, this](node::Desk& desk) -> Result<Json> {
                 TRY(desk.serve_item(asking.state(), item));
                 return Json();
               })
        .has_value();
  }
  ItemId arrived_item(const ExchangeId& id) {
    const auto item = sealed_item(id);
    expect(release(id, item));
    carry_all();
    arrive(item);
    carry_all();
    return item;
  }
  static FaultCode code_of(const Result<Json>& result) {
    EXPECT_FALSE(result);
    return result ? FaultCode::crypto_internal : result.error().code;
  }
};

TEST_F(Screening, OnlyWhatAScreenerPassedIsSealedAndTheManifestTellsWhatWasWithheld) {
  const auto id = accepted_request();
  const auto& outsider = screener(answering);
  expect(sealed(id, k_other_bytes));  // nobody has screened yet
  expect(said_by(answering, {{"screener", &outsider}}, screening(id)));
  EXPECT_EQ(code_of(sealed(id, k_other_bytes)), FaultCode::evidence_hash);
  const auto item = expect(sealed(id, k_bytes));
  const auto& omission = item.at("manifest").at("omissions").items().at(0);
  EXPECT_EQ(omission.at("what").text(), "12 letters");
  EXPECT_EQ(omission.at("reason").text(), "with counsel (exercise)");
  EXPECT_EQ(entries(answering, "partner/KGZ", "item.screened"), 1U);
}

TEST_F(Screening, WhatNobodyScreensIsSentWhileItIsSealed) {
  const auto id = accepted_request();
  const auto who = executor(answering);
  const auto input = sent_while_sealed();
  const auto begun =
      expect(ask(answering, [=](node::Desk& desk) { return desk.begin_live(who, id, input); }));
  expect(release(id, *ItemId::from_hex(begun.at("id").text())));
}

TEST_F(Screening, AScreeningHoldsForItsExchangeAlone) {
  const auto screened = accepted_request(), other = accepted_request();
  const auto& outsider = screener(answering);
  expect(said_by(answering, {{"screener", &outsider}}, screening(screened)));
  expect(sealed(other, k_other_bytes));
  EXPECT_EQ(code_of(said_by(answering, {{"screener", &outsider}}, screening(screened))),
            FaultCode::conflict);
}

TEST_F(Screening, WhoTakesPartDoesNotScreen) {
  const auto id = sent_request();
  const auto& both = hired(answering, "Officer eight", {"officer:approver", "officer:screener"});
  expect(said_by(
      answering, {{"approver", &both}},
      Json::object({{"type", "acceptance"}, {"exchange", id.hex()}, {"answers", answers_to(id)}})));
  EXPECT_EQ(code_of(said_by(answering, {{"screener", &both}}, screening(id))),
            FaultCode::officer_two);
  // Under another certificate, as the same person.
  const auto& again = hired(answering, "Officer nine", {"officer:screener"});
  expect(said_by(answering, {{"screener", &again}}, screening(id)));
}

TEST_F(Screening, WhoScreenedTakesNoPart) {
  const auto id = accepted_request();
  const auto& outsider =
      hired(answering, "Officer ten", {"officer:approver", "officer:screener", "officer:executor"});
  expect(said_by(answering, {{"screener", &outsider}}, screening(id)));
  const auto who = as_caller(outsider);
  EXPECT_EQ(code_of(ask(answering,
                        [&](node::Desk& desk) {
                          return desk.begin_item(
                              who, id,
                              Json::object({{"name", "mail.tar"},
                                            {"media", "file"},
                                            {"custodian", "Example Mail (exercise)"},
                                            {"collector", "Officer four (exercise)"},
                                            {"collected_at", to_text(now)},
                                            {"tool", "exporter 3.1 (exercise)"},
                                            {"authorisation", "Exercise order 7/2026"}}));
                        })),
            FaultCode::officer_two);
  const auto begin = [&](const node::Officer& by) {
    return ask(answering, [=, this](node::Desk& desk) {
      return desk.begin_live(by, id, sent_while_sealed());
    });
  };
  EXPECT_EQ(code_of(begin(who)), FaultCode::officer_two);
  EXPECT_EQ(code_of(begin(executor(answering))), FaultCode::forbidden);  // read by nobody before
  ItemId item;
  expect(sealed(id, k_bytes, &item));
  const auto delivery =
      Json::object({{"type", "delivery"}, {"exchange", id.hex()}, {"item", item.hex()}});
  EXPECT_EQ(
      code_of(said_by(answering, {{"executor", answering.officers()[3]}, {"approver", &outsider}},
                      delivery)),
      FaultCode::officer_two);
  expect(release(id, item));
}

TEST_F(Screening, AnItemInQuarantineIsOpenedByNobodyWhoTakesPart) {
  const auto id = accepted_request();
  const auto item = arrived_item(id);
  expect(open(asking, approver(asking), item));
  expect(quarantine(asking, item));
  EXPECT_EQ(code_of(quarantine(asking, item)), FaultCode::conflict);
  EXPECT_EQ(code_of(open(asking, approver(asking), item)), FaultCode::forbidden);
  EXPECT_EQ(code_of(open(asking, executor(asking), item)), FaultCode::forbidden);
  const auto who = executor(asking);
  const auto part = Json::object({{"first", 0}, {"end", 10}, {"sha256", k_bytes.hex()}});
  EXPECT_EQ(
      code_of(ask(asking, [&](node::Desk& desk) { return desk.prove_part(who, item, part); })),
      FaultCode::forbidden);
  // Its sealed bytes neither: another authority's key may open them.
  const auto handed_out = [&] {
    return ask(asking, [&](node::Desk& desk) -> Result<Json> {
      TRY(desk.sealed_item(who, item));
      return Json::object();
    });
  };
  EXPECT_EQ(code_of(handed_out()), FaultCode::forbidden);
  // Who judges it opens it here, and takes it nowhere.
  const auto& outsider = screener(asking);
  expect(open(asking, as_caller(outsider), item));
  EXPECT_EQ(code_of(open(asking, as_caller(outsider), item, true)), FaultCode::officer_role);
  const auto& one_of_us = hired(asking, "Officer one", {"officer:screener"});
  EXPECT_EQ(code_of(open(asking, as_caller(one_of_us), item)), FaultCode::officer_two);
  EXPECT_EQ(code_of(clear(asking, one_of_us, item)), FaultCode::officer_two);

  expect(clear(asking, outsider, item));
  expect(open(asking, approver(asking), item));
  expect(handed_out());
  EXPECT_EQ(code_of(open(asking, as_caller(outsider), item)), FaultCode::officer_role);
  EXPECT_EQ(code_of(clear(asking, outsider, item)), FaultCode::conflict);
  EXPECT_EQ(entries(asking, "partner/BFA", "item.quarantined"), 1U);
  EXPECT_EQ(entries(asking, "partner/BFA", "item.cleared"), 1U);
}

TEST_F(Screening, AnItemInQuarantineIsNeitherReleasedNorServed) {
  const auto id = accepted_request();
  const auto item = sealed_item(id);
  const auto& outsider = screener(answering);
  expect(quarantine(answering, item));
  EXPECT_EQ(code_of(release(id, item)), FaultCode::forbidden);
  expect(clear(answering, outsider, item));
  expect(release(id, item));
  carry_all();
  EXPECT_TRUE(is_served(item));
  expect(quarantine(answering, item));
  EXPECT_FALSE(is_served(item));
  expect(clear(answering, outsider, item));
  EXPECT_TRUE(is_served(item));
}

TEST_F(Screening, ADraftMadeBeforeTheQuarantineReleasesNothing) {
  const auto id = accepted_request();
  const auto item = sealed_item(id);
  const auto who = executor(answering);
  const auto delivery =
      Json::object({{"type", "delivery"}, {"exchange", id.hex()}, {"item", item.hex()}});
  const auto draft =
      expect(ask(answering, [=](node::Desk& desk) { return desk.make_draft(who, delivery); }));
  expect(quarantine(answering, item));
  EXPECT_EQ(code_of(finish(answering, draft)), FaultCode::forbidden);
}

TEST_F(Screening, OneAloneClearsNothing) {
  const auto id = accepted_request();
  const auto item = arrived_item(id);
  expect(quarantine(asking, item));
  const auto& outsider = screener(asking);
  EXPECT_EQ(code_of(said_by(asking, {{"screener", &outsider}}, about("item.clear", item))),
            FaultCode::officer_two);
  EXPECT_EQ(code_of(open(asking, approver(asking), item)), FaultCode::forbidden);
}

TEST_F(Screening, ARowThatNobodySignedClearsNothing) {
  const auto id = accepted_request();
  const auto item = arrived_item(id);
  expect(quarantine(asking, item));
  const auto who = approver(asking);
  const auto draft = expect(ask(asking, [=, this](node::Desk& desk) {
    return desk.make_draft(who, about("item.clear", item));
  }));
  ASSERT_TRUE(asking.rows().put_setting("privilege/" + item.hex(), draft.at("draft").text()));
  EXPECT_EQ(code_of(open(asking, approver(asking), item)), FaultCode::store_corrupt);
}

TEST_F(Screening, WhatIsInQuarantineCanStillBeDestroyed) {
  const auto id = accepted_request();
  const auto item = sealed_item(id);
  expect(quarantine(answering, item));
  expect(destroy(answering, item));
  EXPECT_EQ(state_of(answering, item), "destroyed");
}

}  // namespace
}  // namespace comity::sim
