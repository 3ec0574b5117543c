#include "exchange/act.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <fstream>

#include "exchange/sample_test.hpp"
#include "formats/json_gen.hpp"

namespace comity::exchange {
namespace {

using formats::Json;
using testing::HasSubstr;

Act request() {
  return sample::acts()[0];
}

Json json_of(const Act& act) {
  return *formats::parse_canonical(act_content(act));
}

/// Why the canonical form of `json` is no act.
std::string refusal(const Json& json) {
  const auto act = read_act(as_bytes(formats::canonical(json)));
  if (act) return "accepted";
  EXPECT_EQ(act.error().code, FaultCode::act_form);
  return act.error().detail;
}
std::string refusal(const Act& act) {
  return refusal(json_of(act));
}

/// Calls `see` with each object inside `json`, which it may change.
void for_each_object(Json& json, const std::function<void(Json&)>& see) {
  if (json.is_object()) {
    see(json);
    for (auto& [key, value] : json.members()) for_each_object(value, see);
  } else if (json.is_array()) {
    for (auto& value : json.items()) for_each_object(value, see);
  }
}

}  // namespace

TEST(Act, ComesBackFromItsBytes) {
  for (const auto& act : sample::acts()) {
    const auto content = act_content(act);
    const auto again = read_act(content);
    ASSERT_TRUE(again) << name_of(act.substance.type) << ": " << again.error().detail;
    EXPECT_EQ(*again, act);
    EXPECT_EQ(act_content(*again), content);
    EXPECT_EQ(*read_substance(substance_content(act.substance)), act.substance);
  }
}

TEST(Act, KeepsItsTimesToTheMillisecond) {
  auto act = request();
  act.order.made_at = Instant{1'772'366'400'000};
  EXPECT_EQ(read_act(act_content(act))->order.made_at.ms, 1'772'366'400'000);
  auto json = json_of(act);
  json["order"].set("made_at", "2026-03-01T12:00:00Z");  // the same time, another text
  EXPECT_THAT(refusal(json), HasSubstr("one form"));
}

TEST(Act, IsRefusedWithoutAnyOfItsMembersAndWithAnyOther) {
  for (const auto& act : sample::acts()) {
    auto json = json_of(act);
    for_each_object(json, [&](Json& object) {
      const auto whole = object;
      for (const auto& [key, value] : whole.members()) {
        if (key == "recipient" || key == "without_treaty" || whole.find("offences") != nullptr)
          continue;
        object.members().erase(key);
        EXPECT_NE(refusal(json), "accepted") << key;
        object = whole;
        object.set(key, Json::array());  // nowhere is an empty list right but for lists
        if (!value.is_array()) {
          EXPECT_NE(refusal(json), "accepted") << key;
        }
        object = whole;
      }
      if (whole.find("offences") != nullptr) return;  // the form is judged by its measure
      object.set("note", "x");
      EXPECT_NE(refusal(json), "accepted");
      object = whole;
    });
    EXPECT_EQ(refusal(json), "accepted");
  }
}

TEST(Act, IsRefusedWhenItsBytesAreNotTheCanonicalOnes) {
  const auto content = act_content(request());
  auto text = std::string(as_text(content));
  EXPECT_FALSE(read_act(as_bytes(text + "\n")));
  EXPECT_FALSE(read_act(as_bytes(" " + text)));
  EXPECT_FALSE(read_act(as_bytes(formats::pretty(json_of(request())))));
  EXPECT_FALSE(read_act({}));
}

TEST(Act, IsRefusedUnderAnotherVersion) {
  for (const auto* version : {"act/2", "comity", "substance/1"}) {
    auto json = json_of(request());
    json.set("comity", version);
    EXPECT_THAT(refusal(json), HasSubstr("act/1"));
  }
}

TEST(Act, IsBetweenTwoStates) {
  auto act = request();
  act.substance.to = act.substance.from;
  EXPECT_THAT(refusal(act), HasSubstr("another State"));
}

TEST(Act, SaysAFirstActByItsNumberAndByItsLink) {
  auto act = request();
  act.order.previous = sample::id<Digest>(9);
  EXPECT_THAT(refusal(act), HasSubstr("previous"));
  act.order.sequence = 2;
  EXPECT_EQ(refusal(act), "accepted");
  act.order.previous = {};
  EXPECT_THAT(refusal(act), HasSubstr("previous"));
  auto json = json_of(act);
  json["order"].set("previous", Digest{}.hex());  // zero is nothing in memory, so not on paper
  EXPECT_THAT(refusal(json), HasSubstr("zero"));
}

TEST(Act, EndsAfterItWasMade) {
  auto act = request();
  act.order.expires_at = act.order.made_at;
  EXPECT_THAT(refusal(act), HasSubstr("expires_at"));
  act.order.expires_at = act.order.made_at.plus_ms(1);
  EXPECT_EQ(refusal(act), "accepted");
}

TEST(Act, NamesEachPartOnceAndPlainly) {
  auto act = request();
  auto& name = act.substance.parts[0].name;
  for (const auto* bad :
       {"", ".", "..", ".hidden", "-rf", "a/b", "A", "a b", "\xc3\xa9", "reasons"}) {
    name = bad;
    EXPECT_NE(refusal(act), "accepted") << bad;
  }
  for (const auto* good : {"a", "0", "_x", "facts.txt", "a-b_c.d"}) {
    name = good;
    EXPECT_EQ(refusal(act), "accepted") << good;
  }
  name = std::string(64, 'a');
  EXPECT_EQ(refusal(act), "accepted");
  name = std::string(65, 'a');
  EXPECT_NE(refusal(act), "accepted");
}

TEST(Act, NamesAMediaType) {
  auto act = request();
  auto& type = act.substance.parts[0].media_type;
  for (const auto* bad : {"", "text", "/plain", "text/", "a/b/c", "Text/Plain", "text/plain\n"}) {
    type = bad;
    EXPECT_NE(refusal(act), "accepted") << bad;
  }
  type = "application/vnd.example+json; charset=utf-8";
  EXPECT_EQ(refusal(act), "accepted");
}

TEST(Act, HoldsItsLimits) {
  auto act = request();
  const auto binding = act.substance.parts[0];
  while (act.substance.parts.size() < k_parts_max) {
    auto more = binding;
    more.name = "part-" + std::to_string(act.substance.parts.size());
    act.substance.parts.push_back(more);
  }
  EXPECT_EQ(refusal(act), "accepted");
  act.substance.parts.push_back(binding);
  act.substance.parts.back().name = "one-more";
  EXPECT_THAT(refusal(act), HasSubstr("at most 32"));

  act = request();
  act.substance.parts[0].size = k_part_bytes_max;
  EXPECT_EQ(refusal(act), "accepted");
  ++act.substance.parts[0].size;
  EXPECT_THAT(refusal(act), HasSubstr("size"));

  act = request();
  act.officers.clear();
  for (std::size_t i = 0; i < k_officers_max; ++i)
    act.officers.push_back({"duty-" + std::to_string(i), Bytes(16 * 1024, 1)});
  EXPECT_EQ(refusal(act), "accepted");
  act.officers[0].signature.push_back(1);
  EXPECT_THAT(refusal(act), HasSubstr("signature"));
  act.officers[0].signature.resize(1);
  act.officers.push_back({"one-more", {1}});
  EXPECT_THAT(refusal(act), HasSubstr("at most 4"));
}

TEST(Act, HoldsTheLimitOfItsContent) {
  auto act = request();
  const auto grow_to = [&](std::size_t size) {
    act.substance.body["fields"].set("facts", "");
    const auto bare = act_content(act).size();
    act.substance.body["fields"].set("facts", std::string(size - bare, 'x'));
    EXPECT_EQ(act_content(act).size(), size);
    return read_act(act_content(act)).has_value();
  };
  EXPECT_TRUE(grow_to(k_content_bytes_max));
  EXPECT_FALSE(grow_to(k_content_bytes_max + 1));
}

TEST(Act, NamesADutyOnce) {
  auto act = request();
  act.officers.push_back(act.officers[0]);
  EXPECT_THAT(refusal(act), HasSubstr("twice"));
  act.officers[1].duty = "executor";
  EXPECT_EQ(refusal(act), "accepted");
  act.officers[1].signature.clear();
  EXPECT_THAT(refusal(act), HasSubstr("signature"));
}

TEST(Act, GivesStockToolsWhatItsOfficersSigned) {
  for (const auto& act : sample::acts()) {
    const auto stem = testing::TempDir() + "act-" + std::string(name_of(act.substance.type));
    std::ofstream(stem + ".json", std::ios::binary) << as_text(act_content(act));
    const auto command = "jq -cSj .substance '" + stem + ".json' > '" + stem + ".signed'";
    ASSERT_EQ(std::system(command.c_str()), 0) << "jq is needed for this check";
    std::ifstream file(stem + ".signed", std::ios::binary);
    const std::string signed_text(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(signed_text, as_text(substance_content(act.substance)));
    std::remove((stem + ".json").c_str());
    std::remove((stem + ".signed").c_str());
  }
}

RC_GTEST_PROP(Act, IsAnotherActAfterAnyChangeOfAByte, ()) {
  const auto acts = sample::acts();
  const auto& act = acts[*rc::gen::inRange<std::size_t>(0, acts.size())];
  auto content = act_content(act);
  const auto at = *rc::gen::inRange<std::size_t>(0, content.size());
  content[at] = static_cast<std::uint8_t>(content[at] ^ *rc::gen::inRange(1, 256));
  const auto changed = read_act(content);
  if (changed) RC_ASSERT(*changed != act);
}

RC_GTEST_PROP(Act, CarriesAnyFormFieldsThroughItsBytes, ()) {
  auto act = request();
  RequestBody body;
  body.fields = Json::object();
  body.fields.set("facts", *formats::any_json(2));
  body.fields.set("more", *formats::any_plain_text());
  act.substance.body = to_json(body);
  act.substance.parts.clear();
  const auto again = read_act(act_content(act));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == act);
  RC_ASSERT(*body_as<RequestBody>(again->substance) == body);
}

TEST(Parts, MustBeThoseThatTheActBinds) {
  const auto a = sample::part("a", "one"), b = sample::part("b", "two");
  const std::vector bindings = {a.binding(), b.binding()};
  EXPECT_TRUE(check_parts(bindings, {a, b}));
  EXPECT_TRUE(check_parts(bindings, {b, a})) << "in any order";
  EXPECT_TRUE(check_parts({}, {}));
  const auto wrong = [&](const std::vector<Part>& parts) {
    const auto checked = check_parts(bindings, parts);
    return !checked && checked.error().code == FaultCode::act_part ? checked.error().detail : "";
  };
  EXPECT_EQ(wrong({a}), "part 'b' is missing");
  EXPECT_EQ(wrong({a, b, sample::part("c", "")}), "part 'c' is not bound by the act");
  EXPECT_EQ(wrong({a, b, b}), "a part comes more than once");
  for (auto change : std::vector<std::function<void(Part&)>>{
           [](Part& part) { part.bytes[0] ^= 1; }, [](Part& part) { part.bytes.pop_back(); },
           [](Part& part) { part.salt[15] ^= 1; }, [](Part& part) { part.media_type = "a/b"; }}) {
    auto other = b;
    change(other);
    EXPECT_EQ(wrong({a, other}), "part 'b' is not the one that was signed");
  }
}

TEST(Parts, MayBeOneMebibyteAndNotMore) {
  auto part = sample::part("a", "");
  part.bytes.resize(k_part_bytes_max);
  EXPECT_TRUE(check_parts({part.binding()}, {part}));
  part.bytes.push_back(0);
  EXPECT_FALSE(check_parts({part.binding()}, {part}));
}

TEST(Parts, AreBoundWithTheirSaltSoThatNobodyGuessesThem) {
  auto a = sample::part("a", "yes");
  auto b = a;
  b.salt[0] ^= 1;
  EXPECT_NE(a.binding().digest, b.binding().digest);
}

TEST(Rejection, ComesBackFromItsBytes) {
  Rejection rejection{.exercise = true,
                      .act = sample::id<Digest>(1),
                      .exchange = sample::id<ExchangeId>(2),
                      .from = sample::state("KGZ"),
                      .to = sample::state("BFA"),
                      .code = FaultCode::act_expired,
                      .detail = "It lapsed yesterday.",
                      .made_at = sample::k_made_at};
  EXPECT_EQ(*read_rejection(rejection_content(rejection)), rejection);
  rejection.detail.clear();
  rejection.exchange = {};  // the content could not be read that far
  EXPECT_EQ(*read_rejection(rejection_content(rejection)), rejection);
  rejection.detail = "\xe2\x80\xae";  // turns the direction of writing
  EXPECT_FALSE(read_rejection(rejection_content(rejection)));
  rejection.detail = std::string(4097, 'x');
  EXPECT_FALSE(read_rejection(rejection_content(rejection)));
  rejection.detail = "x";
  rejection.to = rejection.from;
  EXPECT_EQ(read_rejection(rejection_content(rejection)).error().code, FaultCode::act_form);
}

TEST(Rejection, NamesAFaultOfTheCatalogue) {
  const std::string text =
      R"({"act":")" + sample::id<Digest>(1).hex() +
      R"(","code":"act.whim","comity":"rejection/1",)" +
      R"("detail":"","exchange":null,"exercise":true,"from":"KGZ","made_at":"2026-03-01T12:00:00.000Z","to":"BFA"})";
  EXPECT_THAT(read_rejection(as_bytes(text)).error().detail, HasSubstr("catalogue"));
}

}  // namespace comity::exchange
