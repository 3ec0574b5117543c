#include "treaty/record.hpp"

#include <gmock/gmock.h>

#include "treaty/sample_test.hpp"

namespace comity::treaty {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<RecordKind>& kinds() {
  return sample::record_kinds();
}

Json flow() {
  return Json::object({{"sequence", 7},
                       {"start", "2026-03-01T12:00:00Z"},
                       {"end", "2026-03-01T12:00:01.250Z"},
                       {"source", "192.0.2.7"},
                       {"destination", "2001:db8::1"},
                       {"protocol", 6},
                       {"bytes", 4711}});
}

Result<RecordMarks> check(const Json& record, std::string_view kind = "flow") {
  return check_record(*find_kind(kinds(), kind), record);
}

std::string refusal(const Json& record) {
  const auto checked = check(record);
  if (checked) return "passes";
  EXPECT_EQ(checked.error().code, FaultCode::evidence_record);
  return checked.error().detail;
}

TEST(RecordKinds, AFlowPassesAndTellsItsPlace) {
  const auto marks = check(flow());
  ASSERT_TRUE(marks);
  EXPECT_EQ(marks->sequence, 7U);
  EXPECT_EQ(to_text_ms(*marks->time), "2026-03-01T12:00:01.250Z");
}

TEST(RecordKinds, AMemberThatTheKindDoesNotKnowDoesNotPassAndIsNotNamed) {
  const auto said = refusal(flow().set("subject_of_the_mail", "hello"));
  EXPECT_THAT(said, HasSubstr("does not know"));
  EXPECT_THAT(said, Not(HasSubstr("mail")));
}

TEST(RecordKinds, ContentFitsInNoField) {
  for (const auto& field : find_kind(kinds(), "flow")->fields)
    for (const Json& content :
         {Json("Meet me at eight"), Json(Json::array({"a"})), Json(flow()), Json(true), Json()})
      EXPECT_THAT(refusal(flow().set(field.code, content)), HasSubstr(field.code));
}

TEST(RecordKinds, NoKindOfTrafficDataHasAFieldForText) {
  for (const auto& kind : kinds())
    for (const auto& field : kind.fields) {
      if (field.shape == RecordShape::code) EXPECT_LE(field.values.size(), 10U) << field.code;
    }
}

TEST(RecordKinds, WhatIsRequiredMustBeThereAndNumbersStayWithinTheirLimits) {
  auto record = flow();
  record.members().erase("source");
  EXPECT_THAT(refusal(record), HasSubstr("source"));
  EXPECT_EQ(refusal(flow().set("source_port", 65535)), "passes");
  EXPECT_THAT(refusal(flow().set("source_port", 65536)), HasSubstr("source_port"));
  EXPECT_THAT(refusal(flow().set("source_port", -1)), HasSubstr("source_port"));
  EXPECT_THAT(refusal(Json::array()), HasSubstr("object"));
}

TEST(RecordKinds, ASessionTakesDigitsAndCodesOnly) {
  auto session = Json::object({{"at", "2026-03-01T12:00:00Z"},
                               {"event", "start"},
                               {"service", "internet"},
                               {"line", std::string(k_record_digits_max, '4')},
                               {"device_address", std::string(k_record_hex_max, 'a')}});
  EXPECT_TRUE(check(session, "session"));
  auto longer = session;
  EXPECT_FALSE(check(longer.set("line", std::string(k_record_digits_max + 1, '4')), "session"));
  longer = session;
  EXPECT_FALSE(
      check(longer.set("device_address", std::string(k_record_hex_max + 1, 'a')), "session"));
  longer = session;
  EXPECT_FALSE(check(longer.set("event", "hello"), "session"));
}

TEST(RecordKinds, Addresses) {
  for (const auto* good : {"192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1",
                           "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "1::8", "1:2:3:4:5:6:192.0.2.1"})
    EXPECT_TRUE(is_address(good)) << good;
  for (const auto* bad :
       {"", "192.0.2", "192.0.2.256", "192.0.02.1", "192.0.2.1.", "192.0.2.1 ", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1::2::3", ":1", "12345::", "fe80::1%eth0", "::1\n", "host.example",
        "1:2:3:4:5:6:7::8", "192.0.2.1:80", ":::"})
    EXPECT_FALSE(is_address(bad)) << bad;
}

TEST(RecordKinds, AFileThatIsNotWholeIsRefused) {
  const auto text = sample::file("records/traffic.toml");
  const auto fails = [&](const std::string& what, const std::string& with) {
    const auto loaded =
        load_record_kinds(as_bytes(sample::edited(text, what, with)), "traffic.toml");
    return loaded ? std::string("loads") : loaded.error().detail;
  };
  EXPECT_THAT(fails("time = \"end\"", "time = \"bytes\""), HasSubstr("names no field"));
  EXPECT_THAT(fails("shape = \"address\"", "shape = \"text\""), HasSubstr("shape"));
  EXPECT_THAT(fails("code = \"session\"", "code = \"flow\""), HasSubstr("comes twice"));
  EXPECT_THAT(fails("code = \"start\"", "code = \"end\""), HasSubstr("comes twice"));
  EXPECT_THAT(fails("comity-records/1", "comity-records/2"), HasSubstr("format"));
}

}  // namespace
}  // namespace comity::treaty
