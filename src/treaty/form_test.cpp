#include "treaty/form.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "treaty/sample_test.hpp"

namespace comity::treaty {
namespace {

using sample::full_form;
using sample::least_form;
using sample::measure;

std::vector<std::string> names(const std::vector<Gap>& gaps) {
  std::vector<std::string> found;
  for (const auto& gap : gaps) found.push_back(gap.field + " " + gap.article);
  return found;
}

Json without(Json fields, const std::string& code) {
  fields.members().erase(code);
  return fields;
}

// The one gap that a preservation form has when `code` holds `value`.
std::string flaw_of(const Measure& of, const std::string& code, Json value) {
  auto form = full_form(of);
  form.set(code, std::move(value));
  const auto found = gaps(of, form);
  return found.size() == 1 ? found[0].field + " " + found[0].why
                           : std::to_string(found.size()) + " gaps";
}

}  // namespace

TEST(PreservationForm, AsksForWhatArticle42Of3AsksForAndNothingMore) {
  EXPECT_THAT(names(gaps(measure("preservation"), Json::object())),
              testing::ElementsAre("requesting_authority 42(3)(a)", "offences 42(3)(b)",
                                   "summary_of_facts 42(3)(b)", "data 42(3)(c)",
                                   "relationship_to_offence 42(3)(c)", "necessity 42(3)(e)",
                                   "intends_request 42(3)(f)"));
  for (const auto& gap : gaps(measure("preservation"), Json::object()))
    EXPECT_EQ(gap.basis, Basis::treaty) << gap.field;
}

TEST(PreservationForm, TakesTheCustodianAsAvailableAndSecrecyAsAppropriate) {
  const auto& form = measure("preservation");
  EXPECT_EQ(form.field("custodian")->requirement, Requirement::where_available);
  EXPECT_EQ(form.field("confidential")->requirement, Requirement::as_appropriate);
  EXPECT_TRUE(gaps(form, least_form(form)).empty());
}

TEST(PreservationForm, WantsTheNeedForSecrecyOnceSecrecyIsAskedFor) {
  const auto& form = measure("preservation");
  auto fields = least_form(form);
  fields.set("confidential", true);
  EXPECT_THAT(names(gaps(form, fields)), testing::ElementsAre("confidentiality_need 42(3)(g)"));
  fields.set("confidential", false);
  EXPECT_TRUE(gaps(form, fields).empty());
}

TEST(PreservationForm, IsNotGivenToAStateThatIntendsNoRequest) {
  EXPECT_EQ(flaw_of(measure("preservation"), "intends_request", false),
            "intends_request must be true");
}

TEST(PreservationForm, GivesNoLessThanTheConventionsDays) {
  const auto& form = measure("preservation");
  EXPECT_EQ(flaw_of(form, "preservation_days", 59),
            "preservation_days must be a number from 60 to 3650");
  EXPECT_EQ(flaw_of(form, "preservation_days", 60), "0 gaps");
}

TEST(StoredDataForm, NamesEveryGapWithItsArticle) {
  EXPECT_THAT(
      names(gaps(measure("stored-data"), Json::object())),
      testing::ElementsAre("requesting_authority 40(15)(a)", "proceeding 40(15)(b)",
                           "subject_matter 40(15)(b)", "conducting_authority 40(15)(b)",
                           "summary_of_facts 40(15)(c)", "assistance_sought 40(15)(d)",
                           "purpose 40(15)(f)", "offences 35(1)", "offence_provision 35(1)",
                           "max_penalty_years 2", "conduct 35(3)", "data 44(1)",
                           "data_categories 24(1)", "period 24(2)", "relationship_to_offence 24(1)",
                           "necessity 24(1)", "proportionality 24(1)", "language 40(14)"));
}

TEST(StoredDataForm, WantsAReasonBesideADeadlineOrSpeedOrSecrecy) {
  const auto& form = measure("stored-data");
  auto fields = least_form(form);
  fields.set("deadline", "2026-06-30T00:00:00Z").set("expedited", true).set("confidential", true);
  EXPECT_THAT(names(gaps(form, fields)),
              testing::ElementsAre("expedited_reason 44(3)", "deadline_reason 40(26)",
                                   "confidentiality_need 40(20)", "confidential_until 40(20)"));
}

TEST(Form, FindsEachMissingFieldAloneAndCarriesALabelAndAnExample) {
  for (const auto* code : {"preservation", "stored-data"})
    for (const auto& field : measure(code).fields) {
      const auto found = gaps(measure(code), without(least_form(measure(code)), field.code));
      if (field.requirement != Requirement::always) {
        EXPECT_TRUE(found.empty()) << field.code;
        continue;
      }
      ASSERT_EQ(found.size(), 1u) << field.code;
      EXPECT_EQ(found[0].field, field.code);
      EXPECT_EQ(found[0].article, field.clause);
      EXPECT_EQ(found[0].why, "is missing");
      EXPECT_FALSE(found[0].label.empty());
      EXPECT_FALSE(found[0].example.empty());
    }
}

TEST(Form, TellsAGapInOneSentence) {
  const auto& form = measure("preservation");
  EXPECT_EQ(to_text(gaps(form, without(least_form(form), "necessity"))),
            "necessity: \"Necessity\" is missing (article 42(3)(e)). "
            "Example: The provider deletes mail logs after 30 days.");
}

TEST(Form, RefusesFieldsThatItDoesNotHave) {
  auto fields = full_form(measure("preservation"));
  fields.set("remote_access", true);
  EXPECT_THAT(to_text(gaps(measure("preservation"), fields)),
              testing::StartsWith("remote_access: this is no field of this form"));
}

TEST(Form, JudgesValuesByTheirKind) {
  const auto& form = measure("stored-data");
  const auto text_max = std::string(k_text_field_bytes_max, 'x');
  EXPECT_EQ(flaw_of(form, "requesting_authority", text_max), "0 gaps");
  EXPECT_EQ(flaw_of(form, "requesting_authority", text_max + "x"),
            "requesting_authority must have at most 1000 bytes");
  EXPECT_EQ(flaw_of(form, "requesting_authority", 7), "requesting_authority must be a text");
  EXPECT_EQ(flaw_of(form, "requesting_authority", nullptr), "requesting_authority must be a text");
  EXPECT_EQ(flaw_of(form, "requesting_authority", "two\nlines"),
            "requesting_authority must be one line");
  EXPECT_EQ(flaw_of(form, "summary_of_facts", "two\nlines"), "0 gaps");
  const auto long_max = std::string(k_long_text_field_bytes_max, 'x');
  EXPECT_EQ(flaw_of(form, "summary_of_facts", long_max), "0 gaps");
  EXPECT_EQ(flaw_of(form, "summary_of_facts", long_max + "x"),
            "summary_of_facts must have at most 20000 bytes");
  EXPECT_EQ(flaw_of(form, "summary_of_facts", " \n "), "summary_of_facts is empty");
  EXPECT_EQ(flaw_of(form, "proceeding", "war"),
            "proceeding must be one of: investigation, prosecution, judicial");
  EXPECT_THAT(flaw_of(form, "offences", Json::array()), testing::StartsWith("offences must be a"));
  EXPECT_THAT(flaw_of(form, "offences", Json::array({"libel"})),
              testing::StartsWith("offences must be one of"));
  EXPECT_EQ(flaw_of(form, "offences", Json::array({"forgery", "forgery"})),
            "offences names a code twice");
  EXPECT_EQ(flaw_of(form, "preservation", "0123"),
            "preservation must be the number of an exchange: 32 hexadecimal digits");
  EXPECT_EQ(flaw_of(form, "max_penalty_years", -1),
            "max_penalty_years must be a number from 0 to 99");
  EXPECT_EQ(flaw_of(form, "confidential", "yes"), "confidential must be true or false");
  EXPECT_EQ(flaw_of(form, "deadline", "2026-06-30"),
            "deadline must be a time in UTC as 2026-01-31T23:59:59Z");
}

TEST(Form, TakesAPeriodInUtcOnlySoThatNoTimeZoneIsInDoubt) {
  const auto& form = measure("stored-data");
  const auto period = [](const char* from, const char* to) {
    return Json::object({{"from", from}, {"to", to}});
  };
  EXPECT_THAT(flaw_of(form, "period", period("2026-03-01T00:00:00+02:00", "2026-03-08T00:00:00Z")),
              testing::HasSubstr("each in UTC"));
  EXPECT_EQ(flaw_of(form, "period", period("2026-03-08T00:00:00Z", "2026-03-08T00:00:00Z")),
            "period must begin before it ends");
  EXPECT_THAT(flaw_of(form, "period", Json::object({{"from", "2026-03-01T00:00:00Z"}})),
              testing::HasSubstr("each in UTC"));
}

TEST(Form, JudgesRowsAndSaysWhichOne) {
  const auto& form = measure("stored-data");
  const auto row = Json::object({{"kind", "email"}, {"identifier", "a@b.example"}});
  auto odd = row;
  odd.set("password", "x");
  EXPECT_EQ(flaw_of(form, "data", Json::array({row, odd})),
            "data[1].password is no column of this form");
  EXPECT_EQ(flaw_of(form, "data", Json::array({Json::object({{"kind", "email"}})})),
            "data[0].identifier is missing");
  EXPECT_THAT(flaw_of(form, "data", Json::array()), testing::HasSubstr("at least one row"));
  EXPECT_EQ(flaw_of(form, "data", Json(Json::Array(k_rows_max, row))), "0 gaps");
  EXPECT_EQ(flaw_of(form, "data", Json(Json::Array(k_rows_max + 1, row))),
            "data must have at most 200 rows");
  EXPECT_EQ(flaw_of(form, "persons",
                    Json::array({Json::object({{"name", "A"}, {"nationality", "Kgz"}})})),
            "persons[0].nationality must be a State's code of three capital letters");
}

TEST(Form, HidesNothingFromItsReader) {
  const auto& form = measure("preservation");
  for (const auto* text : {"pay \u202Eeb ot", "zero\u2066width", "line\u2028separator", "a\u0085b",
                           "\uFEFFmark", "tag\U000E0041", "bell\a", "\x7f", "bad\xC3"})
    EXPECT_NE(flaw_of(form, "requesting_authority", text), "0 gaps") << text;
  for (const auto* text : {"Ministère de la Justice", "وزارة العدل", "司法部", "می\u200Cخواهم"})
    EXPECT_EQ(flaw_of(form, "requesting_authority", text), "0 gaps") << text;
}

TEST(Form, IsNotReadFromAnythingButAnObject) {
  EXPECT_EQ(gaps(measure("preservation"), Json::array()).size(), 7u);
  EXPECT_EQ(gaps(measure("preservation"), nullptr).size(), 7u);
}

TEST(Split, KeepsFactsPersonsAndReasonsOutOfTheAct) {
  const auto& form = measure("stored-data");
  const auto halves = split(form, full_form(form));
  ASSERT_TRUE(halves);
  for (const auto* code : {"summary_of_facts", "persons", "data", "necessity", "conduct"})
    EXPECT_EQ(halves->body.find(code), nullptr) << code;
  EXPECT_NE(halves->body.find("purpose"), nullptr);
  EXPECT_EQ(halves->parts[0].name, "subject_matter");
  EXPECT_EQ(halves->parts[0].media_type, "text/plain; charset=utf-8");
  const auto persons = std::ranges::find(halves->parts, "persons", &PartValue::name);
  EXPECT_EQ(persons->media_type, "application/json");
}

TEST(Split, RefusesAFormWithAGapAndNamesIt) {
  const auto halves =
      split(measure("preservation"), without(least_form(measure("preservation")), "data"));
  ASSERT_FALSE(halves);
  EXPECT_EQ(halves.error().code, FaultCode::act_incomplete);
  EXPECT_THAT(halves.error().detail, testing::HasSubstr("article 42(3)(c)"));
}

TEST(Join, MakesTheFormAgainAndLeavesWithheldPartsAbsent) {
  for (const auto* code : {"preservation", "stored-data"}) {
    const auto form = full_form(measure(code));
    auto halves = *split(measure(code), form);
    EXPECT_EQ(*join(measure(code), halves.body, halves.parts), form);
    const auto withheld = halves.parts.back().name;
    halves.parts.pop_back();
    EXPECT_EQ(*join(measure(code), halves.body, halves.parts), without(form, withheld));
  }
}

TEST(Join, RefusesWhatSplitWouldNotHaveMade) {
  const auto& form = measure("preservation");
  const auto halves = *split(form, full_form(form));
  auto body = halves.body;
  body.set("summary_of_facts", "in the body");
  EXPECT_EQ(join(form, body, halves.parts).error().code, FaultCode::act_form);
  body = halves.body;
  body.set("unknown", 1);
  EXPECT_EQ(join(form, body, halves.parts).error().code, FaultCode::act_form);
  EXPECT_EQ(join(form, nullptr, {}).error().code, FaultCode::act_form);

  auto parts = halves.parts;
  parts.push_back(parts[0]);
  EXPECT_EQ(join(form, halves.body, parts).error().code, FaultCode::act_part);
  EXPECT_EQ(
      join(form, halves.body, {{"offences", "application/json", to_bytes("[]")}}).error().code,
      FaultCode::act_part);
  EXPECT_EQ(join(form, halves.body, {{"data", "text/html", to_bytes("[]")}}).error().code,
            FaultCode::act_part);
  EXPECT_EQ(join(form, halves.body, {{"data", "application/json", to_bytes("[ ]")}}).error().code,
            FaultCode::act_part);
}

RC_GTEST_PROP(Form, SplitAndJoinComeBack, ()) {
  const auto& form = **rc::gen::element(&measure("preservation"), &measure("stored-data"));
  Json fields = least_form(form);
  for (const auto& field : form.fields)
    if (*rc::gen::arbitrary<bool>()) fields.set(field.code, field.example);
  for (const auto& field : form.fields)  // what the choice has made necessary
    if (is_required(field, fields)) fields.set(field.code, field.example);
  const auto halves = split(form, fields);
  RC_ASSERT(halves.has_value());
  RC_ASSERT(*join(form, halves->body, halves->parts) == fields);
}

TEST(CarriedOver, BeginsARequestWithWhatAPreservationHolds) {
  const auto& before = measure("preservation");
  const auto& after = measure("stored-data");
  const std::string exchange = "0123456789abcdef0123456789abcdef";
  const auto begun = carried_over(before, full_form(before), after, exchange);
  EXPECT_EQ(begun.at("summary_of_facts"), before.field("summary_of_facts")->example);
  EXPECT_EQ(begun.at("data"), before.field("data")->example);
  EXPECT_EQ(begun.at("preservation").text(), exchange);
  EXPECT_EQ(begun.find("purpose"), nullptr);
  EXPECT_EQ(begun.find("intends_request"), nullptr);
  for (const auto& gap : gaps(after, begun)) EXPECT_EQ(gap.why, "is missing") << gap.field;
}

TEST(CarriedOver, BeginsAnExtensionThatStillLacksItsReasons) {
  const auto& before = measure("preservation");
  const auto& after = measure("preservation-extension");
  const auto begun = carried_over(before, full_form(before), after, std::string(32, 'a'));
  EXPECT_THAT(names(gaps(after, begun)), testing::ElementsAre("renewal_reasons 42(9)"));
  EXPECT_EQ(begun.at("extends").text(), std::string(32, 'a'));
}

TEST(Schema, OfPreservedTrafficDataHasNoRoomForContent) {
  for (const auto& schema : {schema_of(measure("traffic-disclosure")),
                             schema_of_answer(measure("traffic-disclosure"))}) {
    EXPECT_EQ(schema.at("additionalProperties"), Json(false));
    EXPECT_EQ(schema.at("properties").at("minimised").at("const"), Json(true));
    EXPECT_EQ(schema.at("properties").find("content"), nullptr);
    EXPECT_EQ(schema.at("properties").find("data_categories"), nullptr);
  }
}

TEST(Schema, SaysTheSameAsTheForm) {
  const auto schema = schema_of(measure("preservation"));
  EXPECT_EQ(schema.at("$schema").text(), "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(schema.at("additionalProperties"), Json(false));
  EXPECT_EQ(schema.at("required").size(), 7u);
  EXPECT_EQ(schema.at("properties").size(), measure("preservation").fields.size());
  EXPECT_EQ(schema.at("properties").at("preservation_days").at("minimum").integer(), 60);
  EXPECT_EQ(schema.at("properties").at("intends_request").at("const"), Json(true));
  EXPECT_EQ(formats::canonical(schema.at("allOf")),
            R"([{"if":{"properties":{"confidential":{"anyOf":[{"enum":[true]},)"
            R"({"contains":{"enum":[true]},"type":"array"}]}},"required":["confidential"]},)"
            R"("then":{"required":["confidentiality_need"]}}])");
}

}  // namespace comity::treaty
