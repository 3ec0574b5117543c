// What `comity doctor` makes of what it sees: quiet while all is well, early about what ends, plain
// about what is broken.
#include "cli/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comity::cli {
namespace {

using formats::Json;
using testing::HasSubstr;

const Instant k_now = instant_from_text("2026-11-24T00:00:00Z").value();

Instant in_days(std::int64_t days) {
  return k_now.plus_s(days * k_day_s);
}

Json healthy() {
  return Json::object(
      {{"outbox", 0},
       {"backup", Json::object({{"made_at", to_text(in_days(-1))}, {"file", "/b.age"}})},
       {"halted", Json()},
       {"unsettled", Json::array()},
       {"unvouched", Json::array()},
       {"damaged", Json::array()},
       {"entries",
        Json::array({Json::object({{"state", "KGZ"},
                                   {"own", true},
                                   {"status", "in_force"},
                                   {"valid_to", to_text(in_days(300))},
                                   {"root", to_text(in_days(3000))},
                                   {"tls", Json::array({Json(to_text(in_days(330)))})},
                                   {"authorities", Json::array({Json(to_text(in_days(330)))})}})})},
       {"officers",
        Json::array({Json::object({{"name", "A"}, {"valid_to", to_text(in_days(200))}})})},
       {"contacts",
        Json::array({Json::object(
            {{"log", "partner/BFA"}, {"last_at", to_text_ms(in_days(-1))}, {"clock_ms", 120}})})}});
}

std::string said(const Findings& findings) {
  return page_of(findings);
}

TEST(Findings, NothingWrongIsExitCodeZero) {
  const auto findings = judge_health(healthy(), k_now);
  EXPECT_EQ(exit_code(findings), 0) << said(findings);
  EXPECT_EQ(exit_code({}), 0);
}

TEST(Findings, TheWorstDecides) {
  EXPECT_EQ(exit_code({{"a", Severity::ok, "", ""}, {"b", Severity::note, "", ""}}), 0);
  EXPECT_EQ(exit_code({{"a", Severity::attention, "", ""}, {"b", Severity::note, "", ""}}), 1);
  EXPECT_EQ(exit_code({{"a", Severity::broken, "", ""}, {"b", Severity::attention, "", ""}}), 2);
}

TEST(Findings, WarnsEarlyOfWhatEndsFirst) {
  auto health = healthy();
  health["entries"].items()[0].set("tls", Json::array({Json(to_text(in_days(10)))}));
  const auto findings = judge_health(health, k_now);
  EXPECT_EQ(exit_code(findings), 1);
  EXPECT_THAT(said(findings), HasSubstr("our own TLS certificate ends in 10 days"));
}

TEST(Findings, WhateverEndsFirstIsNamed) {
  const auto judged = [](std::string_view what, const Json& ends, bool own) {
    Json health = healthy();
    auto& entry = health["entries"].items()[0];
    entry.set(std::string(what), ends);
    entry.set("own", own);
    return judge_health(health, k_now);
  };
  const auto told = [&](std::string_view what, const Json& ends, bool own, const char* words) {
    const auto findings = judged(what, ends, own);
    EXPECT_EQ(exit_code(findings), 1) << what;
    EXPECT_THAT(said(findings), HasSubstr(words));
  };
  const auto soon = Json(to_text(in_days(20)));
  told("valid_to", soon, true, "our own directory entry ends in 20 days");
  told("root", soon, true, "our own root certificate ends in 20 days");
  told("authorities", Json::array({soon}), true, "our own authority certificate ends in 20 days");
  told("tls", Json::array({Json(to_text(in_days(300))), soon}), true, "our own TLS certificate");
  told("valid_to", soon, false, "Ask that State for its renewed entry");
  EXPECT_EQ(exit_code(judged("valid_to", Json(to_text(in_days(-1))), true)), 2);
}

TEST(Findings, ExpiryByDays) {
  const auto severity = [](std::int64_t days) {
    return judge_expiry("it", in_days(days), k_now, true).severity;
  };
  EXPECT_EQ(severity(60), Severity::ok);
  EXPECT_EQ(severity(59), Severity::note);
  EXPECT_EQ(severity(30), Severity::note);
  EXPECT_EQ(severity(29), Severity::attention);
  EXPECT_EQ(severity(0), Severity::broken);
  EXPECT_EQ(judge_expiry("it", in_days(-1), k_now, false).severity, Severity::attention);
}

TEST(Findings, ClockBySeconds) {
  EXPECT_EQ(judge_clock("x", 29'999).severity, Severity::ok);
  EXPECT_EQ(judge_clock("x", -30'000).severity, Severity::attention);
  EXPECT_EQ(judge_clock("x", 299'999).severity, Severity::attention);
  EXPECT_EQ(judge_clock("x", -300'000).severity, Severity::broken);
  EXPECT_THAT(judge_clock("x", -300'000).words, HasSubstr("300.0 s behind"));
}

TEST(Findings, SpaceByBytes) {
  constexpr std::uint64_t gib = std::uint64_t{1} << 30;
  EXPECT_EQ(judge_space(100 * gib, 200 * gib).severity, Severity::ok);
  EXPECT_EQ(judge_space(9 * gib, 200 * gib).severity, Severity::attention);
  EXPECT_EQ(judge_space(gib, 4 * gib).severity, Severity::attention);
  EXPECT_EQ(judge_space(gib / 8, 4 * gib).severity, Severity::broken);
}

TEST(Findings, ABackupGrowsOld) {
  EXPECT_EQ(judge_backup(Json(), k_now).severity, Severity::attention);
  const auto made = [](std::int64_t days) {
    return Json::object({{"made_at", to_text(in_days(days))}, {"file", "/b.age"}});
  };
  EXPECT_EQ(judge_backup(made(-1), k_now).severity, Severity::ok);
  EXPECT_EQ(judge_backup(made(-2), k_now).severity, Severity::attention);
}

TEST(Findings, AHaltAndARestoreAreSaid) {
  auto health = healthy();
  health.set("halted", "BFA: the partner shows more");
  health.set("unsettled", Json::array({Json("BFA")}));
  const auto findings = judge_health(health, k_now);
  EXPECT_EQ(exit_code(findings), 2);
  EXPECT_THAT(said(findings), HasSubstr("stopped for good: BFA"));
  EXPECT_THAT(said(findings), HasSubstr("BFA was not settled with since the restore"));
}

TEST(Findings, APartnerWhomNobodyVouchesForIsSaid) {
  auto health = healthy();
  health.set("unvouched", Json::array({Json("BFA")}));
  const auto findings = judge_health(health, k_now);
  EXPECT_EQ(exit_code(findings), 2);
  EXPECT_THAT(said(findings), HasSubstr("BFA was accepted by officers who left"));
}

TEST(Findings, AnEntryFromTheFutureIsAClockSetBack) {
  auto health = healthy();
  health["contacts"].items()[0].set("last_at", to_text_ms(k_now.plus_s(301)));
  const auto findings = judge_health(health, k_now);
  EXPECT_EQ(exit_code(findings), 2);
  EXPECT_THAT(said(findings), HasSubstr("which is still to come"));
}

TEST(Findings, JsonSaysTheSame) {
  const auto json = to_json({{"disk", Severity::attention, "little room", "Make room"}});
  EXPECT_EQ(json.at("exit_code").integer(), 1);
  EXPECT_EQ(json.at("findings").items()[0].at("severity").text(), "attention");
}

}  // namespace
TEST(Health, NamesAnItemThatIsNotWhatWasSigned) {
  auto health = healthy();
  health.set("damaged", Json::array({Json::object({{"item", std::string(32, 'a')},
                                                   {"code", "evidence.chunk"},
                                                   {"detail", "chunk 17"},
                                                   {"found_at", to_text_ms(k_now)}})}));
  const auto findings = judge_health(health, k_now);
  EXPECT_EQ(exit_code(findings), 2);
  EXPECT_NE(said(findings).find(std::string(32, 'a')), std::string::npos);
  EXPECT_NE(said(findings).find("evidence.chunk, chunk 17"), std::string::npos);
  EXPECT_NE(said(findings).find("comity evidence refetch"), std::string::npos);
}

}  // namespace comity::cli
