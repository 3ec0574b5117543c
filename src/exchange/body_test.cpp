#include "exchange/body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/sample_test.hpp"

namespace comity::exchange {
namespace {

using formats::Json;
using testing::HasSubstr;

std::string refusal(ActType type, const Json& json) {
  const auto body = read_body(type, json);
  if (body) return "accepted";
  EXPECT_EQ(body.error().code, FaultCode::act_form);
  return body.error().detail;
}

std::string refusal(const Body& body) {
  return refusal(type_of(body), to_json(body));
}

/// Why a substance with this body and these parts is refused.
std::string refusal(const Body& body, const std::vector<std::string>& parts) {
  auto substance = sample::act(body, Side::requested).substance;
  substance.parts.clear();
  for (const auto& name : parts) substance.parts.push_back(sample::part(name, "x").binding());
  const auto read = read_substance(substance_content(substance));
  return read ? "accepted" : read.error().detail;
}

}  // namespace

TEST(Body, ComesBackFromItsJson) {
  for (const auto& body : sample::bodies()) {
    const auto again = read_body(type_of(body), to_json(body));
    ASSERT_TRUE(again) << name_of(type_of(body)) << ": " << again.error().detail;
    EXPECT_EQ(*again, body);
  }
  for (const Body& bare : {Body(RequestBody{}), Body(SupplementBody{}), Body(AcceptanceBody{}),
                           Body(RefusalBody{{"R06"}, std::nullopt, "The court sits tomorrow."})})
    EXPECT_EQ(*read_body(type_of(bare), to_json(bare)), bare);
}

TEST(Body, IsNotTakenForThatOfAnotherType) {
  for (const auto& body : sample::bodies())
    for (const auto& other : sample::bodies()) {
      if (body.index() != other.index()) {
        EXPECT_NE(refusal(type_of(other), to_json(body)), "accepted")
            << name_of(type_of(body)) << " as " << name_of(type_of(other));
      }
    }
}

TEST(Body, NeedsEveryMemberAndNoOther) {
  for (const auto& body : sample::bodies()) {
    const auto whole = to_json(body);
    for (const auto& [key, value] : whole.members()) {
      auto json = whole;
      json.members().erase(key);
      if (key != "recipient" && key != "without_treaty") {
        EXPECT_THAT(refusal(type_of(body), json), HasSubstr(key));
      }
    }
    auto json = whole;
    json.set("note", "x");
    EXPECT_THAT(refusal(type_of(body), json), HasSubstr("note"));
  }
}

TEST(Body, OfARequestTakesOnlyARealRecipient) {
  RequestBody body;
  body.recipient = std::string(sample::k_recipient);
  EXPECT_EQ(refusal(body), "accepted");
  body.recipient->back() = 'q';
  EXPECT_THAT(refusal(body), HasSubstr("recipient"));
  body.recipient = "age1" + std::string(200, 'q');
  EXPECT_THAT(refusal(body), HasSubstr("recipient"));
  auto json = to_json(RequestBody{});
  json.set("recipient", nullptr);
  EXPECT_THAT(refusal(ActType::request, json), HasSubstr("recipient")) << "absent, never null";
}

TEST(Body, OfARequestWithoutATreatySaysSoInACode) {
  RequestBody body{.without_treaty = "reciprocity"};
  EXPECT_EQ(refusal(body), "accepted");
  body.without_treaty = "because we are friends";
  EXPECT_THAT(refusal(body), HasSubstr("without_treaty"));
  auto json = to_json(RequestBody{});
  json.set("without_treaty", nullptr);
  EXPECT_THAT(refusal(ActType::request, json), HasSubstr("without_treaty")) << "absent, never null";
}

TEST(Body, OfARefusalNamesGroundsAndEitherConsultationOrWhyThereWasNone) {
  RefusalBody body{{"R21B"}, sample::id<Digest>(1), std::nullopt};
  EXPECT_EQ(refusal(body), "accepted");
  body.consultation_impossible = "Nobody answers.";
  EXPECT_THAT(refusal(body), HasSubstr("not both"));
  body.consultation.reset();
  EXPECT_EQ(refusal(body), "accepted");
  body.consultation_impossible.reset();
  EXPECT_THAT(refusal(body), HasSubstr("consultation comes first"));
  body.consultation = sample::id<Digest>(1);
  body.grounds.clear();
  EXPECT_THAT(refusal(body), HasSubstr("one at least"));
  body.grounds = {"R21B", "R21B"};
  EXPECT_THAT(refusal(body), HasSubstr("twice"));
  body.grounds = {"because I say so"};
  EXPECT_THAT(refusal(body), HasSubstr("codes"));
  body.grounds.clear();
  for (std::size_t i = 0; i < k_grounds_max; ++i) body.grounds.push_back("G" + std::to_string(i));
  EXPECT_EQ(refusal(body), "accepted");
  body.grounds.push_back("one-more");
  EXPECT_THAT(refusal(body), HasSubstr("at most 20"));
}

TEST(Body, HasTextsThatHideNothing) {
  AcceptanceBody body;
  body.conditions = {{"use", "Only for\nthis case."}};
  EXPECT_EQ(refusal(body), "accepted");
  body.conditions[0].text = "Only for \xe2\x80\xae this case.";
  EXPECT_THAT(refusal(body), HasSubstr("direction-overriding"));
  body.conditions[0].text = std::string(k_statement_bytes_max, 'x');
  EXPECT_EQ(refusal(body), "accepted");
  body.conditions[0].text += 'x';
  EXPECT_THAT(refusal(body), HasSubstr("at most"));
  body.conditions.assign(k_conditions_max, {"use", "x"});
  EXPECT_EQ(refusal(body), "accepted");
  body.conditions.push_back({"use", "x"});
  EXPECT_THAT(refusal(body), HasSubstr("at most 20"));
}

TEST(Body, NeedsThePartsThatItsTypeNeeds) {
  EXPECT_THAT(refusal(QueryBody{QueryKind::information}, {}), HasSubstr("'text'"));
  EXPECT_EQ(refusal(QueryBody{QueryKind::information}, {"text"}), "accepted");
  EXPECT_EQ(refusal(QueryBody{QueryKind::status}, {}), "accepted");
  EXPECT_THAT(refusal(ConsultationBody{"R21B"}, {"reasons"}), HasSubstr("'text'"));
  EXPECT_THAT(refusal(RefusalBody{{"R06"}, sample::id<Digest>(1), std::nullopt}, {"text"}),
              HasSubstr("'reasons'"));
  const DeliveryBody delivery{sample::id<Digest>(1), sample::id<ItemId>(1), "manifest.json"};
  EXPECT_THAT(refusal(delivery, {"manifest"}), HasSubstr("'manifest.json'"));
  EXPECT_EQ(refusal(delivery, {"manifest.json"}), "accepted");
  EXPECT_THAT(refusal(SupplementBody{}, {}), HasSubstr("one at least"));
  EXPECT_THAT(refusal(SupplementBody{sample::id<Digest>(1)}, {}), HasSubstr("one at least"));
  EXPECT_EQ(refusal(SupplementBody{}, {"passport"}), "accepted");
  EXPECT_THAT(refusal(ReturnBody{{"period"}}, {}), HasSubstr("'text'"));
  EXPECT_THAT(
      refusal(PostponementBody{"ongoing-case", Instant{1000}, sample::id<Digest>(1), {}}, {"text"}),
      HasSubstr("'reasons'"));
  EXPECT_THAT(refusal(ProposalBody{.kind = ProposalKind::costs}, {}), HasSubstr("'text'"));
  EXPECT_THAT(refusal(NoticeBody{.kind = NoticeKind::complaint}, {}), HasSubstr("'text'"));
  EXPECT_THAT(refusal(ReplyBody{sample::id<Digest>(1), false}, {}), HasSubstr("'text'"));
  EXPECT_EQ(refusal(ReplyBody{sample::id<Digest>(1), true}, {}), "accepted");
  EXPECT_THAT(refusal(AnnulmentBody{sample::id<Digest>(1), {}, Demand::destroy}, {}),
              HasSubstr("'reasons'"));
  AcceptanceBody in_part;
  EXPECT_EQ(refusal(in_part, {}), "accepted");
  in_part.refused = RefusedPart{{"R06"}, sample::id<Digest>(1), {}};
  EXPECT_THAT(refusal(in_part, {}), HasSubstr("'reasons'"));
}

TEST(Body, OfAPartOfARequestRefusedIsHeldAsARefusal) {
  AcceptanceBody body;
  body.refused = RefusedPart{{"R21B"}, sample::id<Digest>(1), std::nullopt};
  EXPECT_EQ(refusal(body), "accepted");
  body.refused->grounds.clear();
  EXPECT_THAT(refusal(body), HasSubstr("refused.grounds"));
  body.refused->grounds = {"R21B"};
  body.refused->consultation.reset();
  EXPECT_THAT(refusal(body), HasSubstr("consultation comes first"));
}

TEST(Body, OfAnAcceptanceSaysWhenRetentionEnds) {
  AcceptanceBody body;
  body.conditions = {{"use", "For this case alone."}};
  EXPECT_EQ(refusal(body), "accepted");
  body.conditions = {{std::string(k_retention), "Two years."}};
  EXPECT_THAT(refusal(body), HasSubstr("when retention ends"));
  body.conditions[0].until = Instant{1000};
  EXPECT_EQ(refusal(body), "accepted");
}

TEST(Body, OfAReturnNamesEachMissingFieldOnce) {
  ReturnBody body;
  EXPECT_THAT(refusal(body), HasSubstr("one at least"));
  body.missing = {"period", "period"};
  EXPECT_THAT(refusal(body), HasSubstr("twice"));
  body.missing.clear();
  for (std::size_t i = 0; i < k_missing_max; ++i) body.missing.push_back("f" + std::to_string(i));
  EXPECT_EQ(refusal(body), "accepted");
  body.missing.push_back("one-more");
  EXPECT_THAT(refusal(body), HasSubstr("at most 100"));
}

TEST(Body, OfAnAuthorisationEndsAfterItBegins) {
  AuthorisationBody body;
  for (const auto& one : sample::bodies())
    if (const auto* allowed = std::get_if<AuthorisationBody>(&one)) body = *allowed;
  EXPECT_EQ(refusal(body), "accepted");
  body.valid_to = body.valid_from;
  EXPECT_THAT(refusal(body), HasSubstr("later than valid_from"));
  body.valid_to = body.valid_from.plus_s(1);
  body.reference = std::string(k_reference_bytes_max, 'x');
  EXPECT_EQ(refusal(body), "accepted");
  body.reference += 'x';
  EXPECT_THAT(refusal(body), HasSubstr("at most 200"));
  body.reference = "two\nlines";
  EXPECT_THAT(refusal(body), HasSubstr("reference"));
  body.reference = "12/2026";
  body.data_categories.assign(k_categories_max, "c");
  for (std::size_t i = 0; i < k_categories_max; ++i) body.data_categories[i] += std::to_string(i);
  EXPECT_EQ(refusal(body), "accepted");
  body.data_categories.push_back("one-more");
  EXPECT_THAT(refusal(body), HasSubstr("at most 20"));
}

TEST(Body, OfAnAnnulmentNamesWhatFalls) {
  AnnulmentBody body;
  EXPECT_THAT(refusal(body), HasSubstr("or an authorisation"));
  body.authorisation = sample::id<Digest>(1);
  EXPECT_EQ(refusal(body), "accepted");
  body.authorisation.reset();
  body.items = {sample::id<ItemId>(1), sample::id<ItemId>(1)};
  EXPECT_THAT(refusal(body), HasSubstr("twice"));
  body.items.clear();
  for (std::size_t i = 0; i < k_act_items_max; ++i)
    body.items.push_back(sample::id<ItemId>(static_cast<std::uint8_t>(i + 1)));
  EXPECT_EQ(refusal(body), "accepted");
  body.items.push_back(sample::id<ItemId>(200));
  EXPECT_THAT(refusal(body), HasSubstr("at most 32"));
}

TEST(Body, IsReadAsTheTypeThatTheActSays) {
  const auto substance = sample::acts()[0].substance;
  EXPECT_EQ(body_as<RequestBody>(substance)->linked, sample::id<ExchangeId>(2));
  EXPECT_EQ(body_as<RefusalBody>(substance).error().code, FaultCode::act_form);
}

TEST(ActType, HasANameThatFindsItAgain) {
  for (const auto& body : sample::bodies())
    EXPECT_EQ(*act_type(name_of(type_of(body))), type_of(body));
  EXPECT_EQ(act_type("").error().code, FaultCode::act_form);
  EXPECT_EQ(act_type("promise").error().code, FaultCode::act_form);
}

}  // namespace comity::exchange
