#include "custody/entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace comity::custody {
namespace {

using formats::Json;
using testing::HasSubstr;

Entry some_entry() {
  const std::string digest(64, 'a');
  return {EntryKind::act_received, *instant_from_text("2026-11-23T20:00:00.123Z"), Salt{1, 2, 3},
          Json::object({{"act", digest},
                        {"p7m", digest},
                        {"exchange", std::string(32, '0')},
                        {"sequence", 3},
                        {"officers", Json::array({"approver", "executor"})}})};
}

Result<Entry> read(std::string_view text) {
  return read_entry(as_bytes(text));
}

}  // namespace

TEST(Entry, HasOneText) {
  const auto bytes = write_entry(some_entry());
  ASSERT_TRUE(bytes) << bytes.error().detail;
  const std::string digest(64, 'a');
  EXPECT_EQ(as_text(*bytes),
            R"({"at":"2026-11-23T20:00:00.123Z","comity":"entry/1","facts":{"act":")" + digest +
                R"(","exchange":"00000000000000000000000000000000",)"
                R"("officers":["approver","executor"],"p7m":")" +
                digest +
                R"(","sequence":3},"kind":"act.received","salt":"AQIDAAAAAAAAAAAAAAAAAA=="})");
  EXPECT_EQ(*read_entry(*bytes), some_entry());
}

TEST(Entry, KindsAreAClosedList) {
  std::set<std::string_view> names;
  for (const auto& row : entry_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(*entry_kind(row.name), row.kind);
    EXPECT_EQ(name_of(row.kind), row.name);
    EXPECT_TRUE(row.records.ends_with('.')) << row.name;
  }
  EXPECT_FALSE(entry_kind("act.forgotten"));
}

TEST(Entry, LacksNothingThatItsKindNeeds) {
  for (const auto* key : {"act", "p7m", "exchange"}) {
    auto entry = some_entry();
    entry.facts.members().erase(key);
    EXPECT_EQ(write_entry(entry).error().detail, std::string("act.received lacks ") + key);
  }
  EXPECT_TRUE(write_entry({EntryKind::node_stopped, {}, {}, Json::object()}));
}

TEST(Entry, HoldsNoTextThatCouldNameSomebody) {
  const auto with = [](std::string_view key, Json value) {
    auto entry = some_entry();
    entry.facts.set(key, std::move(value));
    return write_entry(entry).has_value();
  };
  EXPECT_TRUE(with("code", "act.signature"));
  EXPECT_TRUE(with("until", "2026-11-23T20:00:00Z"));
  EXPECT_TRUE(with("log", "kgz.example/log/BFA"));
  EXPECT_TRUE(with("root", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
  EXPECT_TRUE(with("exercise", true));
  EXPECT_FALSE(with("reason", "two words"));
  EXPECT_FALSE(with("name", "\xd0\x90"));
  EXPECT_FALSE(with("empty", ""));
  EXPECT_FALSE(with("null", nullptr));
  EXPECT_FALSE(with("object", Json::object()));
  EXPECT_FALSE(with("nested", Json::array({Json::array()})));
  EXPECT_FALSE(with("numbers", Json::array({1})));
  EXPECT_FALSE(with("Key", 1));
  EXPECT_FALSE(with("", 1));
}

TEST(Entry, HoldsItsLimits) {
  auto entry = some_entry();
  entry.facts.set(std::string(32, 'k'), std::string(128, 'v'));
  EXPECT_TRUE(write_entry(entry));
  auto other = entry;
  EXPECT_FALSE(write_entry({entry.kind, {}, {}, other.facts.set(std::string(33, 'k'), 1)}));
  other = entry;
  EXPECT_FALSE(write_entry({entry.kind, {}, {}, other.facts.set("k", std::string(129, 'v'))}));

  entry = some_entry();
  for (std::size_t i = entry.facts.size(); i < k_facts_max; ++i)
    entry.facts.set("fact" + std::to_string(i), 1);
  EXPECT_TRUE(write_entry(entry));
  EXPECT_FALSE(write_entry({entry.kind, {}, {}, entry.facts.set("more", 1)}));

  entry = some_entry();
  Json::Array items(k_fact_items_max, Json("x"));
  EXPECT_TRUE(write_entry({entry.kind, {}, {}, entry.facts.set("list", items)}));
  items.emplace_back("x");
  EXPECT_FALSE(write_entry({entry.kind, {}, {}, entry.facts.set("list", items)}));

  // Exactly 1,999 bytes, and one more.
  entry = some_entry();
  while (write_entry(entry)->size() + 128 + 10 < k_entry_bytes_max)
    entry.facts.set("f" + std::to_string(100 + entry.facts.size()), std::string(128, 'v'));
  const auto missing = k_entry_bytes_max - write_entry(entry)->size();
  entry.facts.set("f999", std::string(missing - 10, 'v'));
  ASSERT_EQ(write_entry(entry)->size(), k_entry_bytes_max);
  EXPECT_TRUE(read_entry(*write_entry(entry)));
  entry.facts.set("f999", std::string(missing - 9, 'v'));
  EXPECT_EQ(write_entry(entry).error().code, FaultCode::log_entry);
}

TEST(Entry, RefusesEveryOtherSpelling) {
  const std::string good(as_text(*write_entry(some_entry())));
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = good;
    return changed.replace(changed.find(from), from.size(), to);
  };
  EXPECT_TRUE(read(good));
  for (const auto& wrong :
       {std::string(), std::string("{}"), good + ' ', with("{\"at\"", "{ \"at\""),
        with(".123Z", "Z"), with("act.received", "act.other"), with("AQID", "AQIE").substr(1),
        with("\"salt\":\"AQID", "\"salt\":\""), with("\"sequence\":3", "\"sequence\":3.0"),
        with("\"comity\"", "\"x\":1,\"comity\""), with("\"p7m\"", "\"p8m\""),
        with("received", "\\u0072eceived")})
    EXPECT_FALSE(read(wrong)) << wrong;
  EXPECT_EQ(read(with("entry/1", "entry/2")).error().code, FaultCode::format_version);
}

RC_GTEST_PROP(Entry, ComesBackAndIsNeverWrittenTwiceTheSame, ()) {
  SystemRandom random;
  auto facts = some_entry().facts;
  facts.set("n", *rc::gen::inRange<std::int64_t>(-formats::k_json_integer_max,
                                                 formats::k_json_integer_max));
  const Instant at{*rc::gen::inRange<std::int64_t>(0, 4102444800000)};
  const auto entry = make_entry(EntryKind::act_received, at, random, facts);
  const auto bytes = *write_entry(entry);
  RC_ASSERT(*read_entry(bytes) == entry);
  RC_ASSERT(*write_entry(make_entry(EntryKind::act_received, at, random, facts)) != bytes);
}

}  // namespace comity::custody
