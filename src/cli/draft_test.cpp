// What an officer signs must be what the officer asked for, whatever a node answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/draft_check.hpp"
#include "cli/draft_text.hpp"
#include "exchange/act.hpp"

namespace comity::cli {
namespace {

using testing::HasSubstr;

const std::string k_exchange(32, 'a'), k_item(32, 'b');

Draft draft_of(std::string_view kind, const Json& content) {
  Draft draft;
  draft.id = std::string(32, 'd');
  draft.kind = kind;
  draft.content = to_bytes(formats::canonical(content));
  draft.json = Json::object();
  return draft;
}

Draft refusal(const std::string& reasons, const std::string& ground) {
  exchange::Part part{"reasons", "text/plain; charset=utf-8", Salt{1, 2, 3}, to_bytes(reasons)};
  exchange::Substance substance{
      .exercise = true,
      .exchange = *ExchangeId::from_hex(k_exchange),
      .draft = DraftId{{7}},
      .type = exchange::ActType::refusal,
      .from = *StateCode::from_text("KGZ"),
      .to = *StateCode::from_text("BFA"),
      .from_authority = "central-authority",
      .to_authority = "central-authority",
      .instrument = "un-cybercrime-2024",
      .measure = "stored-data",
      .body = Json::object({{"assessment", Json()},
                            {"grounds", Json::array({ground})},
                            {"consultation", Json()},
                            {"consultation_impossible", "Nobody answered for a month."}}),
      .parts = {part.binding()}};
  Draft draft;
  draft.kind = "act";
  draft.type = "refusal";
  draft.content = exchange::substance_content(substance);
  draft.json =
      Json::object({{"parts", Json::array({Json::object({{"name", part.name},
                                                         {"media_type", part.media_type},
                                                         {"salt", base64(part.salt)},
                                                         {"bytes", base64(part.bytes)}})})}});
  return draft;
}

Json asked_refusal() {
  return Json::object({{"type", "refusal"},
                       {"exchange", k_exchange},
                       {"grounds", Json::array({"R21B"})},
                       {"reasons", "It would prejudice our security."},
                       {"answers", Json::array()}});
}

}  // namespace

TEST(AskedFor, IsEveryWordOfAStatement) {
  const Json input =
      Json::object({{"type", "statement"}, {"kind", "item.destroy"}, {"item", k_item}});
  Json said = input;
  said.set("comity", "statement/1").set("made_at", "2026-03-01T00:00:00Z");
  EXPECT_TRUE(check_asked(draft_of("statement", said), input));
  said.set("item", std::string(32, 'c'));
  const auto other = check_asked(draft_of("statement", said), input);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, FaultCode::act_form);
  EXPECT_THAT(other.error().detail, HasSubstr("item"));
  EXPECT_FALSE(check_asked(draft_of("statement", Json::object({{"kind", "item.destroy"}})), input));
}

TEST(AskedFor, IsTheStepItsBodyAndItsParts) {
  const auto input = asked_refusal();
  const auto good = check_asked(refusal("It would prejudice our security.", "R21B"), input);
  EXPECT_TRUE(good) << good.error().detail;
  EXPECT_FALSE(check_asked(refusal("It would prejudice our security.", "R22"), input));
  EXPECT_FALSE(check_asked(refusal("We do not like it.", "R21B"), input));
  auto elsewhere = input;
  elsewhere.set("exchange", std::string(32, 'c'));
  EXPECT_FALSE(check_asked(refusal("It would prejudice our security.", "R21B"), elsewhere));
  auto acceptance = input;
  acceptance.set("type", "acceptance");
  EXPECT_FALSE(check_asked(refusal("It would prejudice our security.", "R21B"), acceptance));
}

TEST(AskedFor, IsBoundToTheLastByteOfEachPart) {
  const std::string reasons = "It would prejudice our security.";
  const auto after = [&](const auto& change) {
    auto draft = refusal(reasons, "R21B");
    change(draft.json["parts"]);
    const auto checked = check_asked(draft, asked_refusal());
    return checked ? std::optional<FaultCode>() : checked.error().code;
  };
  EXPECT_EQ(after([](Json&) {}), std::nullopt);
  // The words are right, and the signature would bind others.
  const auto salt = [](std::string text) {
    return [text = std::move(text)](Json& parts) { parts.items()[0].set("salt", text); };
  };
  EXPECT_EQ(after(salt(base64(Salt{1, 2, 4}))), FaultCode::act_part);
  EXPECT_EQ(after(salt("")), FaultCode::act_part);
  EXPECT_EQ(after(salt(base64(Bytes(15)))), FaultCode::act_part);
  EXPECT_EQ(after([](Json& parts) { parts.items()[0].set("media_type", "application/json"); }),
            FaultCode::act_part);
  EXPECT_EQ(after([](Json& parts) { parts.items()[0].members().erase("salt"); }),
            FaultCode::act_part);
  EXPECT_EQ(after([](Json& parts) { parts.items().clear(); }), FaultCode::act_part);
  EXPECT_EQ(after([](Json& parts) { parts.push_back(Json::object({{"name", "text"}})); }),
            FaultCode::act_part);
}

TEST(DraftText, ShowsWhatIsBoundAndNothingElse) {
  auto draft = refusal("It would prejudice our security.", "R21B");
  const auto text = draft_text(draft);
  ASSERT_TRUE(text) << text.error().detail;
  for (const auto* words : {"refusal", "R21B", "part reasons", "It would prejudice our security."})
    EXPECT_THAT(*text, HasSubstr(words));
  auto& part = draft.json["parts"].items()[0];
  part.set("bytes", base64(as_bytes("It would prejudice our securitY.")));
  EXPECT_EQ(draft_text(draft).error().code, FaultCode::act_part);
  part.set("name", "text");
  EXPECT_EQ(draft_text(draft).error().code, FaultCode::act_part);
}

TEST(DraftText, LaysOutAnyValue) {
  EXPECT_EQ(laid_out(Json::object({{"a", 1}, {"list", Json::array({"x", "y"})}}), 0),
            "a                       1\nlist                    x, y\n");
  EXPECT_EQ(laid_out(Json::object({{"rows", Json::array({Json::object({{"k", "v"}})})}}), 0),
            "rows\n  - k                       v\n");
}

}  // namespace comity::cli
