// Both ends of a live item: what the sender takes, the receiver holds, verified and durable; what
// breaks off goes on; what lies is caught.
#include <gmock/gmock.h>

#include <thread>

#include "evidence/live_gen.hpp"
#include "formats/merkle.hpp"
#include "transfer/fetch.hpp"
#include "transfer/live_follower.hpp"
#include "transfer/live_reader.hpp"
#include "transfer/live_stream.hpp"
#include "transfer/transfer_gen.hpp"
#include "transfer/verify_sealed.hpp"

namespace comity::transfer {
namespace {

using evidence::Head;
using evidence::sample::k_live_from;
using evidence::sample::live_sample;
using evidence::sample::LiveSample;
using formats::k_age_chunk_size;
using formats::k_age_sealed_chunk_size;
using testing::HasSubstr;

constexpr std::int64_t k_soon_ms = 20'000;

class FixedClock final : public Clock {
 public:
  Instant now() override { return {now_ms_.load()}; }
  void set(Instant at) { now_ms_ = at.ms; }

 private:
  std::atomic<std::int64_t> now_ms_ = k_live_from.ms;
};

class Live : public testing::Test {
 protected:
  std::unique_ptr<LiveWriter> writer(bool has_begun = false) {
    auto opened = try_writer(has_begun);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  Result<std::unique_ptr<LiveWriter>> try_writer(bool has_begun = false) {
    return LiveWriter::open(
        {.directory = sent,
         .opening = one.opening,
         .payload_key = one.payload_key.clone(),
         .origin = one.origin,
         .sequence = "sequence",
         .time = "",
         .sign = [this](const std::string& text) -> Result<std::string> { return one.sign(text); },
         .clock = &clock,
         .has_room = {},
         .has_begun = has_begun});
  }
  std::unique_ptr<LiveFollower> follower() {
    auto opened = LiveFollower::open(
        {.directory = came, .opening = one.opening, .verifiers = one.verifiers(), .has_room = {}});
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  static Result<void> give(LiveWriter& to, std::uint64_t number, std::size_t padding = 100) {
    const auto record = "{\"sequence\":" + std::to_string(number) + ",\"pad\":\"" +
                        std::string(padding, 'x') + "\"}";
    return to.take(record, {.sequence = number, .time = {}});
  }
  void give_many(LiveWriter& to, std::uint64_t from, std::uint64_t count) {
    for (auto i = from; i < from + count; ++i) ASSERT_TRUE(give(to, i));
  }
  /// Waits until so many records are sealed and durable at the sender.
  static SignedHead sealed(const LiveWriter& at, std::uint64_t records) {
    std::optional<SignedHead> head;
    for (std::uint64_t chunks = 0;;) {
      head = at.wait_past(chunks, k_soon_ms);
      CHECK(head && head->head.chunks > chunks);
      if (head->head.counts.records >= records) return *head;
      chunks = head->head.chunks;
    }
  }
  /// What a receiver that asks from there is sent now, up to a silence or the end.
  static Bytes stream(const LiveWriter& from_writer, std::uint64_t from) {
    sample::BytesSink sink;
    bool is_first = true;
    std::ignore = send_live(from_writer, from, sink, 1, [&] {
      const auto head = from_writer.head();
      const bool more = is_first || (head && sink.bytes().empty());
      is_first = false;
      return more;
    });
    return sink.bytes();
  }
  Result<void> pass(const LiveWriter& from, LiveFollower& to) {
    to.begin();
    return to.write(stream(from, to.chunks()));
  }
  Bytes sent_file(const Path& path) { return *read_file(path, std::size_t{1} << 30); }

  sample::TemporaryDirectory sent, came;
  LiveSample one = live_sample();
  FixedClock clock;
};

TEST_F(Live, WhatIsTakenIsAtTheOtherStateVerifiedAndDurable) {
  const auto from = writer();
  const auto to = follower();
  give_many(*from, 1, 3);
  const auto head = sealed(*from, 3);
  EXPECT_EQ(head.head.counts.records, 3U);
  ASSERT_TRUE(pass(*from, *to));
  EXPECT_EQ(to->head()->note, head.note);
  EXPECT_TRUE(from->acknowledge(to->head()->head));
  EXPECT_EQ(from->acknowledged()->counts.records, 3U);
}

TEST_F(Live, OnceClosedItIsAnItemLikeAnyOther) {
  std::uint64_t plaintext_size = 0;
  evidence::SealedShape shape;
  {
    const auto from = writer();
    const auto to = follower();
    give_many(*from, 1, 2000);  // several chunks
    sealed(*from, 2000);
    ASSERT_TRUE(pass(*from, *to));
    give_many(*from, 2001, 10);
    const auto ended = from->finish("officer");
    ASSERT_TRUE(ended) << ended.error().detail;
    shape = ended->shape;
    plaintext_size = shape.plaintext_size;
    EXPECT_EQ(ended->counts.records, 2010U);
    EXPECT_EQ(from->finish("authorisation")->why, "officer");  // again: the same
    ASSERT_TRUE(pass(*from, *to));
    EXPECT_TRUE(to->is_closed());
    EXPECT_EQ(give(*from, 2011).error().code, FaultCode::evidence_ended);
  }
  EXPECT_TRUE(verify_sealed(sent, shape));
  const auto file = sent_file(ItemFiles{sent}.sealed());
  const auto plain = evidence::open_item(shape, file, one.identity);
  ASSERT_TRUE(plain) << plain.error().detail;
  EXPECT_EQ(plain->size(), plaintext_size);
  std::size_t lines = 0;
  EXPECT_TRUE(evidence::each_line(*plain, [&](std::string_view line) -> Result<void> {
    EXPECT_TRUE(formats::parse_json(as_bytes(line))) << line;
    ++lines;
    return {};
  }));
  EXPECT_EQ(lines, 2010U + 2);  // the first and the last

  // The other State asks for nothing more: all of it came.
  ASSERT_TRUE(hand_over(came, shape));
  const FetchPorts nothing{
      .range = [](auto, auto, auto&) -> Result<void> { return fault(FaultCode::peer_unreachable); },
      .tile = [](const auto&) -> Result<Bytes> { return fault(FaultCode::peer_unreachable); }};
  const auto fetched = fetch_item(shape, came, nothing);
  ASSERT_TRUE(fetched) << fetched.error().detail;
  EXPECT_EQ(sent_file(ItemFiles{came}.sealed()), file);
  EXPECT_TRUE(verify_sealed(came, shape));
}

TEST_F(Live, ALateReceiverFetchesTheRest) {
  evidence::SealedShape shape;
  {
    const auto from = writer();
    const auto to = follower();
    give_many(*from, 1, 1000);
    sealed(*from, 1000);
    ASSERT_TRUE(pass(*from, *to));
    give_many(*from, 1001, 1000);
    shape = from->finish("authorisation")->shape;
    EXPECT_LT(to->chunks(), shape.chunks());
  }
  ASSERT_TRUE(hand_over(came, shape));
  const auto file = sent_file(ItemFiles{sent}.sealed());
  std::uint64_t asked = 0;
  const FetchPorts ports{
      .range = [&](std::uint64_t offset, std::uint64_t length, node::Sink& sink) -> Result<void> {
        asked += length;
        return sink.write(View(file).subspan(offset, length));
      },
      .tile = tile_source(ItemFiles{sent}.tiles())};
  ASSERT_TRUE(fetch_item(shape, came, ports));
  EXPECT_LT(asked, file.size() / 2 + 2 * k_age_sealed_chunk_size);
  EXPECT_EQ(sent_file(ItemFiles{came}.sealed()), file);
}

TEST_F(Live, AnEmptyItemIsClosedToo) {
  const auto ended = writer()->finish("authorisation");
  ASSERT_TRUE(ended) << ended.error().detail;
  EXPECT_EQ(ended->shape.chunks(), 1U);
  EXPECT_EQ(ended->counts.records, 0U);
  EXPECT_TRUE(verify_sealed(sent, ended->shape));
}

TEST_F(Live, NothingIsTakenOutsideTheAuthorisedTime) {
  const auto from = writer();
  clock.set(one.opening.from.plus_ms(-1));
  EXPECT_EQ(give(*from, 1).error().code, FaultCode::evidence_ended);
  clock.set(one.opening.until.plus_ms(-1));
  EXPECT_TRUE(give(*from, 1));
  clock.set(one.opening.until);
  EXPECT_EQ(give(*from, 2).error().code, FaultCode::evidence_ended);
  EXPECT_EQ(sealed(*from, 1).head.at, one.opening.until);  // sealed late, and no later in its word
  const auto to = follower();
  EXPECT_TRUE(pass(*from, *to));
}

TEST_F(Live, AClockThatGoesBackMakesNoHeadGoBack) {
  const auto from = writer();
  const auto to = follower();
  clock.set(k_live_from.plus_s(100));
  give_many(*from, 1, 1);
  const auto first = sealed(*from, 1);
  ASSERT_TRUE(pass(*from, *to));
  clock.set(k_live_from.plus_s(10));
  give_many(*from, 2, 1);
  EXPECT_EQ(sealed(*from, 2).head.at, first.head.at);
  EXPECT_TRUE(pass(*from, *to));
}

TEST_F(Live, GapsDuplicatesAndLateRecordsStandInTheHead) {
  const auto from = writer();
  for (const std::uint64_t number : {1, 2, 5, 4, 4}) ASSERT_TRUE(give(*from, number));
  EXPECT_EQ(
      sealed(*from, 5).head.counts,
      (evidence::LiveCounts{.records = 5, .gaps = 1, .missing = 2, .duplicates = 1, .late = 1}));
}

// --- Breaking off
// ---------------------------------------------------------------------------------

TEST_F(Live, ASenderThatDiesGoesOnFromWhatIsDurable) {
  const auto to = follower();
  std::uint64_t next = 1;
  for (int life = 0; life < 5; ++life) {
    const auto from = writer(life > 0);
    ASSERT_NE(from, nullptr);
    // What was not durable is sent again by the source: it asks how far the node has come.
    next = from->taken() + 1;
    give_many(*from, next, 700);
    sealed(*from, next + 300);
    const auto passed = pass(*from, *to);
    ASSERT_TRUE(passed) << passed.error().detail;
  }
  const auto from = writer(true);
  give_many(*from, from->taken() + 1, 1);
  const auto ended = from->finish("officer");
  ASSERT_TRUE(ended) << ended.error().detail;
  ASSERT_TRUE(pass(*from, *to));
  EXPECT_EQ(ended->counts.gaps + ended->counts.duplicates, 0U);  // nothing lost, nothing doubled
  EXPECT_TRUE(verify_sealed(sent, ended->shape));
  const auto plain =
      evidence::open_item(ended->shape, sent_file(ItemFiles{sent}.sealed()), one.identity);
  EXPECT_TRUE(plain);
}

TEST_F(Live, WhateverADiskLosesOfTheRestFollowsFromTheChunks) {
  std::string note;
  {
    const auto from = writer();
    give_many(*from, 1, 1500);
    note = sealed(*from, 1500).note;
  }
  const LiveFiles files{{sent}};
  const auto state = sent_file(files.state()), leaves = sent_file(files.leaves());
  const auto chunks = sent_file(files.chunks());
  for (const bool keeps_state : {true, false})
    for (const std::size_t leaves_kept : {std::size_t{0}, std::size_t{40}, leaves.size()}) {
      ASSERT_TRUE(write_file(files.chunks(), chunks));
      ASSERT_TRUE(remove_tree(files.heads()));
      ASSERT_TRUE(remove_tree(files.state()));
      ASSERT_TRUE(remove_tree(files.leaves()));
      if (keeps_state) ASSERT_TRUE(write_file(files.state(), state));
      ASSERT_TRUE(write_file(files.leaves(), View(leaves).first(leaves_kept)));
      const auto from = writer(true);
      ASSERT_NE(from, nullptr);
      ASSERT_TRUE(from->head());
      const auto head = from->head()->head;
      EXPECT_EQ(head.counts.records, 1500U);
      EXPECT_EQ(head.root, evidence::open_head(as_bytes(note), one.verifiers())->root);
      give_many(*from, 1501, 1);
      EXPECT_EQ(sealed(*from, 1501).head.counts.gaps, 0U);
    }
}

TEST_F(Live, ATornChunkIsOverwrittenAndNoSignedOneIs) {
  SignedHead last;
  {
    const auto from = writer();
    give_many(*from, 1, 1500);
    last = sealed(*from, 1500);
  }
  const LiveFiles files{{sent}};
  auto chunks = sent_file(files.chunks());
  auto torn = chunks;
  torn.resize(torn.size() + 30'000, 0x55);  // of a chunk that was being written
  ASSERT_TRUE(write_file(files.chunks(), torn));
  {
    const auto from = writer(true);
    EXPECT_EQ(from->head()->note, last.note);
    give_many(*from, 1501, 1);
    sealed(*from, 1501);
    const auto to = follower();
    EXPECT_TRUE(pass(*from, *to));
  }
  chunks[chunks.size() - 100] ^= 1;  // within what was signed
  ASSERT_TRUE(write_file(files.chunks(), chunks));
  ASSERT_TRUE(remove_tree(files.leaves()));
  EXPECT_EQ(try_writer(true).error().code, FaultCode::store_corrupt);
}

TEST_F(Live, AnItemWhoseChunksAreGoneDoesNotBeginAnew) {
  {
    const auto from = writer();
    give_many(*from, 1, 1);
    sealed(*from, 1);
  }
  const LiveFiles files{{sent}};
  for (const auto& path : {files.chunks(), files.state(), files.leaves(), files.heads()})
    ASSERT_TRUE(remove_tree(path));
  EXPECT_EQ(try_writer(true).error().code, FaultCode::store_corrupt);
}

TEST_F(Live, AClosedItemIsFinishedAfterADeathInBetween) {
  evidence::SealedShape shape;
  {
    const auto from = writer();
    give_many(*from, 1, 1000);
    shape = from->finish("authorisation")->shape;
  }
  const LiveFiles files{{sent}};
  // As if it had died before the file got its final name, and before its state was kept.
  ASSERT_TRUE(rename_path(files.item.sealed(), files.chunks()));
  ASSERT_TRUE(remove_tree(files.item.tiles()));
  ASSERT_TRUE(remove_tree(files.state()));
  const auto from = writer(true);
  ASSERT_TRUE(from->is_closed());
  const auto again = from->finish("officer");
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->shape, shape);
  EXPECT_EQ(again->why, "authorisation");
  EXPECT_TRUE(verify_sealed(sent, shape));
}

TEST_F(Live, AReceiverThatDiesGoesOnFromWhatItHolds) {
  const auto from = writer();
  const LiveFiles files{{came}};
  for (int life = 0; life < 6; ++life) {
    const auto to = follower();
    give_many(*from, from->taken() + 1, 600);
    sealed(*from, from->taken());
    auto bytes = stream(*from, to->chunks());
    to->begin();
    // Cut somewhere within, differently each time.
    const auto cut = bytes.size() * static_cast<std::size_t>(life) / 6;
    ASSERT_TRUE(to->write(View(bytes).first(cut)));
    if (life == 3) ASSERT_TRUE(remove_tree(files.leaves()));
    if (life == 4) ASSERT_TRUE(remove_tree(files.state()));
  }
  const auto to = follower();
  const auto ended = from->finish("officer");
  ASSERT_TRUE(pass(*from, *to));
  EXPECT_EQ(to->chunks(), ended->shape.chunks());
  EXPECT_EQ(to->head()->head.root, ended->shape.chunk_root);
}

TEST_F(Live, WhoIsFarBehindGetsHeadsInPieces) {
  const auto from = writer();
  give_many(*from, 1, 200'000);  // more than one frame may hold
  const auto newest = sealed(*from, 200'000);
  ASSERT_GT(newest.head.chunks, k_frame_chunks_max);
  const auto to = follower();
  while (to->chunks() < newest.head.chunks) {
    const auto before = to->chunks();
    const auto passed = pass(*from, *to);
    ASSERT_TRUE(passed) << passed.error().detail;
    ASSERT_GT(to->chunks(), before);
  }
  EXPECT_EQ(to->head()->head.root, newest.head.root);
}

// --- Lies
// -----------------------------------------------------------------------------------------

Bytes frame(const std::string& note, View chunks) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(note.size() >> shift));
  append(bytes, as_bytes(note));
  append(bytes, chunks);
  return bytes;
}

class LyingSender : public Live {
 protected:
  LyingSender() : to(follower()), first(k_age_sealed_chunk_size, 0x11) {
    good = {.chunks = 1,
            .root = root({first}),
            .at = k_live_from.plus_s(1),
            .counts = {.records = 5},
            .closed = {}};
  }
  static Digest root(const std::vector<Bytes>& chunks) {
    formats::Edge edge;
    for (const auto& chunk : chunks) edge.append(formats::leaf_hash(chunk));
    return edge.root();
  }
  Result<void> send(const Head& head, View chunks) {
    to->begin();
    return to->write(frame(one.sign(head), chunks));
  }
  /// It was refused so, and nothing of it was kept.
  void expect_refused(const Result<void>& sent_so, FaultCode why) {
    const auto before = to->chunks();
    ASSERT_FALSE(sent_so);
    EXPECT_EQ(sent_so.error().code, why) << sent_so.error().detail;
    EXPECT_EQ(to->chunks(), before);
    const auto size = std::filesystem::file_size(LiveFiles{{came}}.chunks());
    EXPECT_EQ(size, one.opening.prefix.size() + before * k_age_sealed_chunk_size);
  }

  std::unique_ptr<LiveFollower> to;
  Bytes first;
  Head good;
};

TEST_F(LyingSender, IsBelievedWhileItDoesNotLie) {
  EXPECT_TRUE(send(good, first));
  EXPECT_EQ(to->chunks(), 1U);
}

TEST_F(LyingSender, OtherBytesThanWereSigned) {
  auto other = first;
  other[17] ^= 1;
  expect_refused(send(good, other), FaultCode::evidence_chunk);
}

TEST_F(LyingSender, ChunksInAnotherOrder) {
  Bytes second(k_age_sealed_chunk_size, 0x22), swapped = second;
  append(swapped, first);
  auto two = good;
  two.chunks = 2;
  two.root = root({first, second});
  expect_refused(send(two, swapped), FaultCode::evidence_chunk);
}

TEST_F(LyingSender, ARootOfNothingThatItSent) {
  auto lying = good;
  lying.root = Digest{{9}};
  expect_refused(send(lying, first), FaultCode::evidence_chunk);
}

TEST_F(LyingSender, TwoHeadsOfOneSizeAreKeptAsProof) {
  ASSERT_TRUE(send(good, first));
  auto forked = good;
  forked.root = Digest{{9}};
  expect_refused(send(forked, {}), FaultCode::evidence_fork);
  const auto both = to_bytes(*read_file(came.path() / "live.fork", 1 << 20));
  EXPECT_THAT(std::string(as_text(both)), HasSubstr(one.sign(good)));
  EXPECT_THAT(std::string(as_text(both)), HasSubstr(one.sign(forked)));
}

TEST_F(LyingSender, AHeadThatGoesBack) {
  ASSERT_TRUE(send(good, first));
  const Bytes second(k_age_sealed_chunk_size, 0x22);
  auto next = good;
  next.chunks = 2;
  next.root = root({first, second});
  for (const auto& change : std::vector<std::function<void(Head&)>>{
           [](Head& h) { h.counts.records = 4; }, [](Head& h) { h.at = k_live_from; }}) {
    auto lying = next;
    change(lying);
    expect_refused(send(lying, second), FaultCode::format_head);
  }
  EXPECT_TRUE(send(next, second));
}

TEST_F(LyingSender, TimesOutsideTheAuthorisation) {
  auto late = good;
  late.at = one.opening.until.plus_ms(1);
  expect_refused(send(late, first), FaultCode::evidence_ended);
  auto early = good;
  early.at = one.opening.from.plus_ms(-1);
  expect_refused(send(early, first), FaultCode::evidence_ended);
}

TEST_F(LyingSender, AKeyThatIsNotItsOwn) {
  const auto other = live_sample(1, 7);
  to->begin();
  expect_refused(to->write(frame(*formats::sign_note(evidence::head_text(one.origin, good),
                                                     one.origin, other.key),
                                 first)),
                 FaultCode::crypto_signature);
}

TEST_F(LyingSender, MoreThanFitsBetweenTwoHeads) {
  auto endless = good;
  endless.chunks = k_frame_chunks_max + 1;
  expect_refused(send(endless, first), FaultCode::limit_count);
  auto most = good;
  most.chunks = k_frame_chunks_max;
  EXPECT_TRUE(send(most, first));  // and waits for the rest
}

TEST_F(LyingSender, AHeadWithoutEnd) {
  to->begin();
  Bytes length{0, 0, static_cast<std::uint8_t>(evidence::k_head_bytes_max >> 8), 0};
  EXPECT_TRUE(to->write(length));
  to->begin();
  length[3] = 1;
  expect_refused(to->write(length), FaultCode::limit_size);
}

TEST_F(LyingSender, BytesThatAreNoHead) {
  to->begin();
  expect_refused(to->write(frame("hello", {})), FaultCode::format_note);
  to->begin();
  expect_refused(
      to->write(frame(one.sign(one.origin + "\n1\n" + base64(good.root.view()) + "\n"), first)),
      FaultCode::format_head);
}

TEST_F(LyingSender, ALastChunkHeldBackIsNoEnd) {
  auto closed = good;
  closed.chunks = 2;
  closed.closed = k_age_chunk_size + 10;
  const Bytes last(26, 0x33);
  closed.root = root({first, last});
  ASSERT_TRUE(send(closed, first));
  EXPECT_FALSE(to->is_closed());
  EXPECT_EQ(to->chunks(), 0U);
  auto all = first;
  append(all, last);
  ASSERT_TRUE(send(closed, all));
  EXPECT_TRUE(to->is_closed());
}

TEST_F(Live, AReceiverThatHoldsMoreThanWasSealedIsTold) {
  const auto from = writer();
  sample::BytesSink sink;
  EXPECT_EQ(send_live(*from, 1, sink, 1, [] { return true; }).error().code,
            FaultCode::log_rolled_back);
  give_many(*from, 1, 1);
  sealed(*from, 1);
  EXPECT_EQ(send_live(*from, 99, sink, 1, [] { return true; }).error().code,
            FaultCode::log_rolled_back);
}

TEST_F(Live, AnAcknowledgementOfSomethingElseDoesNotCount) {
  const auto from = writer();
  give_many(*from, 1, 1);
  auto theirs = sealed(*from, 1).head;
  theirs.root = Digest{{9}};
  EXPECT_EQ(from->acknowledge(theirs).error().code, FaultCode::evidence_fork);
  theirs.chunks = 77;
  EXPECT_EQ(from->acknowledge(theirs).error().code, FaultCode::format_head);
  EXPECT_FALSE(from->acknowledged());
}

// --- Reading while it grows
// -----------------------------------------------------------------------

TEST_F(Live, RecordsAreReadAsTheyAreVerified) {
  const auto from = writer();
  const auto to = follower();
  give_many(*from, 1, 3000);
  const auto newest = sealed(*from, 3000);
  ASSERT_TRUE(pass(*from, *to));
  for (const std::uint64_t first : {1, 2, 1500, 3000, 3001}) {
    std::vector<std::string> seen;
    bool is_quiet = false;
    const LiveView view{.directory = came,
                        .prefix_size = one.opening.prefix.size(),
                        .payload_key = one.payload_key.clone(),
                        .wait = [&](std::uint64_t) { return to->head(); },
                        .goes_on = [&] { return !is_quiet; }};
    ASSERT_TRUE(read_lines(
        view, first,
        [&](std::string_view line) -> Result<void> {
          if (line.starts_with("{\"at\"")) seen.emplace_back(line);
          return {};
        },
        [&]() -> Result<void> {
          is_quiet = true;
          return {};
        }));
    ASSERT_EQ(seen.size(), 3001 - first);
    if (!seen.empty())
      EXPECT_THAT(seen.front(), HasSubstr(",\"n\":" + std::to_string(first) + ","));
  }
}

TEST_F(Live, EachChunkIsReadAlone) {
  const auto from = writer();
  give_many(*from, 1, 1000);
  const auto newest = sealed(*from, 1000);
  std::uint64_t index = 0;
  formats::AgeChunkCipher cipher(one.payload_key);
  Bytes plain(k_age_chunk_size);
  ASSERT_TRUE(from->read_chunks(0, newest.head.chunks, [&](View chunk) -> Result<void> {
    TRY(cipher.open(index++, false, chunk, plain));
    return evidence::each_line(plain, [](std::string_view line) -> Result<void> {
      TRY(formats::parse_json(as_bytes(line)));
      return {};
    });
  }));
}

}  // namespace
}  // namespace comity::transfer
