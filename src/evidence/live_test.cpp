#include "evidence/live.hpp"

#include <gmock/gmock.h>

#include "evidence/live_gen.hpp"
#include "evidence/live_lines.hpp"

namespace comity::evidence {
namespace {

using formats::Json;
using testing::ElementsAre;
using testing::HasSubstr;

Head head(std::uint64_t chunks = 3, std::uint64_t records = 10) {
  return {.chunks = chunks,
          .root = Digest{{7}},
          .at = sample::k_live_from.plus_ms(1234),
          .counts = {.records = records, .gaps = 1, .missing = 2, .duplicates = 3, .late = 4},
          .closed = {}};
}

TEST(Openings, AreReadBackAsTheyWereWritten) {
  const auto one = sample::live_sample();
  const auto bytes = write_opening(one.opening);
  ASSERT_TRUE(bytes) << bytes.error().detail;
  EXPECT_EQ(*read_opening(*bytes), one.opening);
  EXPECT_TRUE(is_opening(*bytes));
}

TEST(Openings, ThatDoNotAgreeWithThemselvesAreRefused) {
  const auto refusal = [](const std::function<void(Opening&)>& change) {
    auto opening = sample::live_sample().opening;
    change(opening);
    const auto written = write_opening(opening);
    return written ? std::string("written") : written.error().detail;
  };
  EXPECT_THAT(refusal([](Opening& o) { o.until = o.from; }), HasSubstr("before it begins"));
  EXPECT_THAT(refusal([](Opening& o) { o.prefix.push_back(0); }), HasSubstr("prefix"));
  EXPECT_THAT(refusal([](Opening& o) { o.name = "../x"; }), HasSubstr("name"));
  EXPECT_THAT(refusal([](Opening& o) { o.scope = "a\nb"; }), HasSubstr("scope"));
  EXPECT_THAT(refusal([](Opening& o) { o.segment_ms = 0; }), HasSubstr("segment_ms"));
  EXPECT_EQ(refusal([](Opening& o) { o.segment_ms = k_segment_ms_max; }), "written");
  EXPECT_THAT(refusal([](Opening& o) { o.segment_ms = k_segment_ms_max + 1; }),
              HasSubstr("segment_ms"));
  EXPECT_THAT(refusal([](Opening& o) { o.recipients.clear(); }), HasSubstr("recipient"));
}

TEST(Openings, AnOrdinaryManifestIsNone) {
  const auto item = sample::item(100);
  const auto manifest = *write_manifest(sample::manifest(item.shape, {Digest{{1}}}));
  EXPECT_FALSE(is_opening(manifest));
  EXPECT_FALSE(read_opening(manifest));
  EXPECT_FALSE(read_manifest(*write_opening(sample::live_sample().opening)));
}

TEST(Completions, SayWhatTheOpeningSaidAndNothingElse) {
  const auto one = sample::live_sample();
  const auto bytes = *write_opening(one.opening);
  const SealedShape shape{.prefix_size = one.opening.prefix.size(),
                          .prefix_sha256 = crypto::sha256(one.opening.prefix),
                          .plaintext_size = 4711,
                          .plaintext_sha256 = Digest{{3}},
                          .chunk_root = Digest{{4}}};
  const LiveSummary summary{
      .opening = crypto::sha256(bytes), .counts = {.records = 9}, .why = "officer"};
  const auto good = completed(one.opening, shape, summary, sample::k_live_from.plus_s(60));
  const auto written = write_manifest(good);
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_EQ(*read_manifest(*written), good);
  EXPECT_TRUE(check_completed(good, one.opening, bytes));
  for (const auto& change : std::vector<std::function<void(Manifest&)>>{
           [](Manifest& m) { m.name = "other.jsonl"; },
           [](Manifest& m) { m.authorisation = "Another order"; },
           [](Manifest& m) { m.omissions.push_back({"a", "b"}); },
           [](Manifest& m) { m.live->opening = Digest{{9}}; }, [](Manifest& m) { m.live.reset(); },
           [](Manifest& m) { m.sealed.prefix_sha256 = Digest{{9}}; },
           [](Manifest& m) { m.recipients = {Digest{{9}}}; },
           [](Manifest& m) { m.collected_at = m.collected_at.plus_s(1); }}) {
    auto other = good;
    change(other);
    EXPECT_FALSE(check_completed(other, one.opening, bytes));
  }
}

TEST(Heads, AreCheckpointsThatAnyToolReads) {
  const auto one = sample::live_sample();
  const auto text = head_text(one.origin, head());
  EXPECT_THAT(text, HasSubstr("bfa.example/live/0101"));
  EXPECT_THAT(text, HasSubstr("\nat 2026-03-01T12:00:01.234Z\nrecords 10\ngaps 1\nmissing 2\n"));
  const auto opened = open_head(as_bytes(one.sign(head())), one.verifiers());
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(*opened, head());
  auto last = head();
  last.closed = 2 * formats::k_age_chunk_size + 5;
  EXPECT_EQ(*open_head(as_bytes(one.sign(last)), one.verifiers()), last);
}

TEST(Heads, ThatAreNotInTheirOneFormAreRefused) {
  const auto one = sample::live_sample();
  const auto refusal = [&](const std::string& what, const std::string& with) {
    auto text = head_text(one.origin, head());
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    const auto opened =
        open_head(as_bytes(one.sign(text.replace(at, what.size(), with))), one.verifiers());
    return opened ? std::string("opens") : std::string(row_of(opened.error().code).name);
  };
  EXPECT_EQ(refusal("late 4", "late 04"), "format.head");
  EXPECT_EQ(refusal("late 4\n", ""), "format.head");
  EXPECT_EQ(refusal("late 4\n", "late 4\nmore 1\n"), "format.head");
  EXPECT_EQ(refusal("records 10", "record 10"), "format.head");
  EXPECT_EQ(refusal("records 10", "records -1"), "format.head");
  EXPECT_EQ(refusal("gaps 1\nmissing 2", "missing 2\ngaps 1"), "format.head");
  EXPECT_EQ(refusal("34Z", "34+"), "format.time");
  EXPECT_EQ(refusal("late 4\n", "late 4\nclosed 5\n"), "format.head");  // not of three chunks
  EXPECT_EQ(refusal("late 4\n", "late 4\nclosed 0\n"), "format.head");
}

TEST(Heads, CountOnlyUnderTheKeyOfTheirSender) {
  const auto one = sample::live_sample(), other = sample::live_sample(1, 2);
  EXPECT_EQ(open_head(as_bytes(one.sign(head())), other.verifiers()).error().code,
            FaultCode::crypto_signature);
  // Another item's head, under the same key.
  auto elsewhere =
      formats::make_verifier(head_origin("bfa.example/", ItemId{{9}}), one.key.public_key());
  EXPECT_FALSE(open_head(as_bytes(one.sign(head())), std::span(&elsewhere, 1)));
}

TEST(Heads, HaveALimit) {
  const auto one = sample::live_sample();
  auto note = one.sign(head());
  const std::string more = "— other.example " + base64(Bytes(k_head_bytes_max)) + "\n";
  EXPECT_EQ(open_head(as_bytes(note + more), one.verifiers()).error().code, FaultCode::limit_size);
  EXPECT_EQ(parse_head(head_text(one.origin, head(std::uint64_t{1} << 40))).error().code,
            FaultCode::limit_size);
}

TEST(Heads, NeverGoBack) {
  const auto before = head();
  EXPECT_TRUE(check_follows(before, head(4, 11)));
  EXPECT_TRUE(check_follows(before, before));
  for (const auto& change : std::vector<std::function<void(Head&)>>{
           [](Head& h) { h.chunks = 2; }, [](Head& h) { h.at = h.at.plus_ms(-1); },
           [](Head& h) { h.counts.records = 9; }, [](Head& h) { h.counts.gaps = 0; },
           [](Head& h) { h.counts.missing = 1; }, [](Head& h) { h.counts.duplicates = 2; },
           [](Head& h) { h.counts.late = 3; }}) {
    auto next = head(4, 11);
    change(next);
    EXPECT_EQ(check_follows(before, next).error().code, FaultCode::format_head);
  }
  auto closed = before;
  closed.closed = 1;
  EXPECT_EQ(check_follows(closed, head(4, 11)).error().code, FaultCode::format_head);
}

TEST(Heads, LieWithinTheAuthorisedTime) {
  const auto opening = sample::live_sample().opening;
  auto one = head();
  EXPECT_TRUE(check_within(one, opening));
  one.at = opening.until;
  EXPECT_TRUE(check_within(one, opening));
  one.at = opening.until.plus_ms(1);
  EXPECT_EQ(check_within(one, opening).error().code, FaultCode::evidence_ended);
  one.at = opening.from.plus_ms(-1);
  EXPECT_EQ(check_within(one, opening).error().code, FaultCode::evidence_ended);
}

using Mark = Places::Mark;

TEST(Places, TellWhatIsMissingLateOrThereAlready) {
  Places places;
  const auto take = [&](std::uint64_t number) {
    return places.take({.sequence = number, .time = {}});
  };
  EXPECT_EQ(take(5), Mark());  // the first says where it begins
  EXPECT_EQ(take(6), Mark());
  EXPECT_EQ(take(10), (Mark{.missing = 3}));
  EXPECT_EQ(take(8), (Mark{.late = true}));
  EXPECT_EQ(take(8), (Mark{.duplicate = true}));
  EXPECT_EQ(take(10), (Mark{.duplicate = true}));
  EXPECT_EQ(take(7), (Mark{.late = true}));
  EXPECT_EQ(take(9), (Mark{.late = true}));
  EXPECT_EQ(take(11), Mark());
  EXPECT_EQ(take(2), (Mark{.duplicate = true}));  // before the first
}

TEST(Places, ByTimeAloneARecordIsLateAfterAWhile) {
  Places places;
  const auto take = [&](std::int64_t ms) {
    return places.take({.sequence = {}, .time = Instant{ms}});
  };
  EXPECT_EQ(take(10'000), Mark());
  EXPECT_EQ(take(10'000 - k_late_after_ms), Mark());
  EXPECT_EQ(take(10'000 - k_late_after_ms - 1), (Mark{.late = true}));
}

TEST(Places, GoOnFromTheirText) {
  Places places;
  for (const std::uint64_t number : {1, 2, 9, 20}) places.take({.sequence = number, .time = {}});
  auto again = *Places::from_text(places.to_text());
  EXPECT_EQ(again, places);
  EXPECT_EQ(again.take({.sequence = 5, .time = {}}), (Mark{.late = true}));
  EXPECT_EQ(Places::from_text("{}").error().code, FaultCode::store_corrupt);
}

TEST(Places, RememberSoManyHolesAndNoMore) {
  Places places;
  for (std::uint64_t i = 0; i <= k_holes_max + 1; ++i) places.take({.sequence = 2 * i, .time = {}});
  EXPECT_EQ(places.take({.sequence = 1, .time = {}}), (Mark{.duplicate = true}));  // forgotten
  EXPECT_EQ(places.take({.sequence = 2 * k_holes_max + 1, .time = {}}), (Mark{.late = true}));
}

TEST(Lines, AreJsonThatTellsItsPlace) {
  const auto one = sample::live_sample();
  std::string out;
  LiveLines lines("sequence", "end");
  LiveLines::first(one.opening, out);
  lines.record(sample::k_live_from, R"({"a":1})", {.sequence = 1, .time = {}}, 0, out);
  lines.record(sample::k_live_from, R"({"a":2})", {.sequence = 4, .time = {}}, 5, out);
  lines.closed(sample::k_live_from, "officer", out);
  std::vector<std::string> seen;
  ASSERT_TRUE(each_line(as_bytes(out + "\n\n\n"), [&](std::string_view line) -> Result<void> {
    seen.emplace_back(line);
    const auto json = formats::parse_json(as_bytes(line));
    EXPECT_TRUE(json) << line;
    EXPECT_EQ(formats::canonical(*json), line);
    return {};
  }));
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[1], R"({"at":"2026-03-01T12:00:00.000Z","n":1,"record":{"a":1}})");
  EXPECT_EQ(seen[2], R"({"at":"2026-03-01T12:00:00.000Z","missing":7,"n":2,"record":{"a":2}})");
  EXPECT_THAT(seen[3], HasSubstr(R"("missing":7,"records":2,"why":"officer")"));
}

TEST(Lines, GoOnAfterLinesThatWereWrittenBefore) {
  std::string out;
  LiveLines first("sequence", "");
  for (const std::uint64_t number : {1, 2, 5, 4, 4})
    first.record(sample::k_live_from, "{\"sequence\":" + std::to_string(number) + "}",
                 {.sequence = number, .time = {}}, 0, out);
  LiveLines second("sequence", "");
  ASSERT_TRUE(each_line(as_bytes(out), [&](std::string_view line) -> Result<void> {
    TRY(second.retake(line));
    return {};
  }));
  EXPECT_EQ(second.counts(), first.counts());
  EXPECT_EQ(second.places(), first.places());
  EXPECT_EQ(first.counts(),
            (LiveCounts{.records = 5, .gaps = 1, .missing = 2, .duplicates = 1, .late = 1}));
  EXPECT_EQ(second.retake(R"({"at":"x","n":9,"record":{}})").error().code,
            FaultCode::store_corrupt);
}

}  // namespace
}  // namespace comity::evidence
