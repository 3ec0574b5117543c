#include "law/practice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "law/sample_test.hpp"

namespace comity::law {
namespace {

using treaty::sample::convention;
using treaty::sample::day;
using treaty::sample::measure;

std::vector<std::string> codes(const std::vector<Advice>& advice) {
  std::vector<std::string> list;
  for (const auto& one : advice) list.push_back(one.code);
  return list;
}

std::vector<Advice> advise(const std::string& of, const Json& changes,
                           std::optional<Instant> until = {}) {
  auto fields = treaty::sample::full_form(measure(of));
  for (const auto& [code, value] : changes.members()) {
    if (value.is_null())
      fields.members().erase(code);
    else
      fields.set(code, value);
  }
  return practice(treaty::sample::treaties().vocabulary, measure(of), fields,
                  {.now = day("2026-03-06"), .preserved_until = until});
}

Json data(const std::string& kind, const std::string& identifier, const std::string& note = "") {
  auto row = Json::object({{"kind", kind}, {"identifier", identifier}});
  if (!note.empty()) row.set("note", note);
  return Json::object({{"data", Json::array({row})}});
}

std::string flaw(std::string_view kind, std::string_view identifier) {
  return identifier_flaw(kind, identifier).value_or("right");
}

}  // namespace

TEST(Practice, HasNoAdviceOnTheExamplesOfTheForms) {
  for (const auto& one : convention().measures)
    EXPECT_THAT(codes(advise(one.code, Json::object())), testing::IsEmpty()) << one.code;
}

TEST(Practice, SeesATimeOfDayWithoutItsZone) {
  const auto facts = [](const std::string& text) {
    return codes(advise("stored-data", Json::object({{"summary_of_facts",
                                                      text + " The account named received it."}})));
  };
  EXPECT_THAT(facts("It was sent at 10:15 on 4 March."), testing::ElementsAre("time-zone"));
  EXPECT_THAT(facts("It was sent at 10:15:07 on 4 March."), testing::ElementsAre("time-zone"));
  for (const auto* text :
       {"At 10:15 UTC.", "At 10:15Z.", "At 2026-03-04T10:15:00Z.", "At 10:15+06:00.",
        "At 10:15 (GMT).", "Scores were 99:99.", "Port 192.0.2.1:44321."})
    EXPECT_THAT(facts(text), testing::IsEmpty()) << text;
}

TEST(Practice, SeesAPeriodThatIsTooWide) {
  const auto period = [](const char* to) {
    return codes(advise(
        "stored-data",
        Json::object({{"period", Json::object({{"from", "2026-01-01T00:00:00Z"}, {"to", to}})}})));
  };
  EXPECT_THAT(period("2026-04-04T00:00:00Z"), testing::IsEmpty());  // 93 days
  EXPECT_THAT(period("2026-04-05T00:00:00Z"), testing::ElementsAre("wide-period"));
}

TEST(Practice, SeesACollectionThatIsTooLong) {
  const auto advice =
      advise("realtime-traffic",
             Json::object({{"collection_period", Json::object({{"from", "2026-01-01T00:00:00Z"},
                                                               {"to", "2026-02-02T00:00:00Z"}})}}));
  EXPECT_THAT(codes(advice), testing::ElementsAre("long-collection"));
  EXPECT_EQ(advice[0].article, "45(3)");
}

TEST(Practice, SeesIdentifiersThatCanNotBeRight) {
  EXPECT_EQ(flaw("ip-address", "198.51.100.7"), "right");
  EXPECT_EQ(flaw("ip-address", "198.51.100.7:44321"), "right");
  EXPECT_EQ(flaw("ip-address", "2001:db8::7"), "right");
  EXPECT_EQ(flaw("ip-address", "[2001:db8::7]:443"), "right");
  EXPECT_THAT(flaw("ip-address", "198.51.100.256"), testing::HasSubstr("no IP address"));
  EXPECT_THAT(flaw("ip-address", "198.51.100"), testing::HasSubstr("no IP address"));
  EXPECT_THAT(flaw("ip-address", "198.51.100.7:99999"), testing::HasSubstr("no port"));
  EXPECT_THAT(flaw("ip-address", "2001:db8:zz::7"), testing::HasSubstr("no IP address"));
  for (const auto* inside : {"10.0.0.1", "192.168.1.5", "172.16.0.9", "172.31.255.1", "127.0.0.1",
                             "169.254.1.1", "100.64.0.1"})
    EXPECT_THAT(flaw("ip-address", inside), testing::HasSubstr("inside a network")) << inside;
  EXPECT_EQ(flaw("ip-address", "172.32.0.1"), "right");
  EXPECT_EQ(flaw("email", "a@b.example"), "right");
  for (const auto* wrong : {"a@b", "a.b.example", "@b.example", "a b@c.example", "a@b@c.example"})
    EXPECT_NE(flaw("email", wrong), "right") << wrong;
  EXPECT_EQ(flaw("telephone", "+996 312 000000"), "right");
  for (const auto* wrong : {"0312 000000", "+12", "+996 call me", "+1234567890123456"})
    EXPECT_NE(flaw("telephone", wrong), "right") << wrong;
  EXPECT_EQ(flaw("url", "https://host.example/page"), "right");
  for (const auto* wrong : {"host.example", "https://", "https://host/page", "https://a b.example"})
    EXPECT_NE(flaw("url", wrong), "right") << wrong;
  EXPECT_EQ(flaw("domain", "mail.example"), "right");
  EXPECT_NE(flaw("domain", "https://mail.example"), "right");
  EXPECT_NE(flaw("domain", "mail"), "right");
  EXPECT_EQ(flaw("account", "user-4711"), "right");
  EXPECT_NE(flaw("account", "user 4711"), "right");
  EXPECT_EQ(flaw("device", "any thing"), "right");
  EXPECT_NE(flaw("other", ""), "right");
  const auto advice = advise("stored-data", data("email", "user-4711 at mail.example"));
  EXPECT_THAT(codes(advice), testing::ElementsAre("identifier"));
  EXPECT_EQ(advice[0].field, "data[0].identifier");
  EXPECT_THAT(advice[0].why, testing::HasSubstr("is no e-mail address"));
}

TEST(Practice, SeesAnAddressOfTheInternetWithoutATime) {
  auto changes = data("ip-address", "198.51.100.7:44321");
  EXPECT_THAT(codes(advise("stored-data", changes)), testing::IsEmpty());  // the period bounds it
  changes.set("period", nullptr);
  EXPECT_THAT(codes(advise("stored-data", changes)), testing::ElementsAre("address-without-time"));
  auto noted = data("ip-address", "198.51.100.7", "on 2026-03-04T10:15:00Z");
  noted.set("period", nullptr);
  EXPECT_THAT(codes(advise("stored-data", noted)), testing::IsEmpty());
}

TEST(Practice, SeesFactsThatAreNotTiedToTheData) {
  const auto changes =
      Json::object({{"summary_of_facts", "Records were copied from a hospital on 3 March 2026."},
                    {"relationship_to_offence", "The evidence is needed to clear the matter up."}});
  EXPECT_THAT(codes(advise("stored-data", changes)), testing::ElementsAre("not-tied"));
  auto named = changes;
  named.set("relationship_to_offence", "The records were sent to USER-4711@mail.example that day.");
  EXPECT_THAT(codes(advise("stored-data", named)), testing::IsEmpty());
}

TEST(Practice, SeesReasonsThatConvinceNobody) {
  EXPECT_THAT(codes(advise("stored-data", Json::object({{"necessity", "Needed."}}))),
              testing::ElementsAre("thin-necessity"));
  EXPECT_THAT(codes(advise("stored-data",
                           Json::object({{"necessity", "该账户是唯一能找到持有人的线索。"}}))),
              testing::IsEmpty());
}

TEST(Practice, SeesUrgencyThatNothingBears) {
  auto changes = Json::object({{"assistance_sought", "Urgent disclosure of the account's records."},
                               {"expedited", nullptr},
                               {"expedited_reason", nullptr},
                               {"deadline", nullptr},
                               {"deadline_reason", nullptr}});
  EXPECT_THAT(codes(advise("stored-data", changes)), testing::ElementsAre("bare-urgency"));
  changes.set("deadline_reason", "The hearing is set for 14 July 2026.");
  EXPECT_THAT(codes(advise("stored-data", changes)), testing::IsEmpty());
}

TEST(Practice, SeesAPreservationThatIsAboutToLapse) {
  EXPECT_THAT(codes(advise("stored-data", Json::object(), day("2026-03-27"))),
              testing::ElementsAre("lapsing"));  // 21 days
  EXPECT_THAT(codes(advise("stored-data", Json::object(), day("2026-03-28"))), testing::IsEmpty());
  const auto late = advise("stored-data", Json::object(), day("2026-03-01"));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_THAT(late[0].why, testing::HasSubstr("It has lapsed"));
  EXPECT_THAT(codes(advise("preservation-extension", Json::object(), day("2026-03-13"))),
              testing::ElementsAre("lapsing-extension"));
}

TEST(Practice, SaysNothingOfWhatIsNoForm) {
  EXPECT_THAT(
      practice(treaty::sample::treaties().vocabulary, measure("stored-data"), Json::array(), {}),
      testing::IsEmpty());
}

TEST(Addressee, ComparesTheDraftWithWhatTheStateHasPublished) {
  auto profile = sample::exercise_profile();
  auto& published = profile.published;
  auto fields = treaty::sample::full_form(measure("stored-data"));
  const auto told = [&] {
    return codes(
        addressee(convention(), measure("stored-data"), fields, published, profile.languages));
  };
  EXPECT_THAT(told(), testing::ElementsAre("dual-criminality"));
  published.dual_criminality = "not-required";
  EXPECT_THAT(told(), testing::IsEmpty());
  fields.set("language", "zh");
  EXPECT_THAT(told(), testing::ElementsAre("language"));
  fields.set("language", "en").set("data_categories", Json::array({"content"}));
  published.data_categories = {"subscriber"};
  EXPECT_THAT(told(), testing::ElementsAre("category"));
  published.data_categories = {"content"};
  published.scopes = {"core"};
  fields.set("offences", Json::array({"theft-or-fraud"}));
  EXPECT_THAT(told(), testing::ElementsAre("scope"));
  fields.set("offences", Json::array({"illegal-access"}));
  published.measures = {"preservation"};
  EXPECT_THAT(told(), testing::ElementsAre("not-offered"));
  published.measures.clear();  // nothing published, nothing concluded
  published.channels = {"diplomatic"};
  published.documents = {"A certified translation of the order"};
  EXPECT_THAT(told(), testing::ElementsAre("channel", "document"));
  published.channels = {"node", "diplomatic"};
  published.documents.clear();
  EXPECT_THAT(told(), testing::ElementsAre("channel"));
  published.channels = {"node"};
  published.dual_criminality = "coercive";
  EXPECT_THAT(told(), testing::ElementsAre("dual-criminality"));
  published.dual_criminality_for = {{"stored-data", "not-required"}};
  EXPECT_THAT(told(), testing::IsEmpty());
}

}  // namespace comity::law
