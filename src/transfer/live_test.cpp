// Both ends of a live item: what the sender takes, the receiver holds, verified and durable; what
// breaks off goes on.
#include "transfer/live_reader.hpp"
#include "transfer/live_rig_test.hpp"

namespace comity::transfer {
namespace {

using testing::HasSubstr;

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
  std::uint64_t held = 0;
  {
    const auto from = writer();
    const auto to = follower();
    give_many(*from, 1, 1000);
    sealed(*from, 1000);
    ASSERT_TRUE(pass(*from, *to));
    give_many(*from, 1001, 1000);
    shape = from->finish("authorisation")->shape;
    held = to->chunks();
    EXPECT_LT(held, shape.chunks());
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
  EXPECT_LE(asked, (shape.chunks() - held) * k_age_sealed_chunk_size);
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
    const auto bytes = stream(*from, *to->begin());
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
  int streams = 0;
  for (auto have = *to->begin(); have < newest.head.chunks; ++streams) {
    const auto before = have;
    const auto passed = to->write(stream(*from, before));
    ASSERT_TRUE(passed) << passed.error().detail;
    have = *to->begin();
    ASSERT_GT(have, before);
  }
  EXPECT_GT(streams, 1);
  EXPECT_EQ(to->head()->head.root, newest.head.root);
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
