// A sender that lies, under its own signature or without it: nothing of it is kept, and what proves
// it is.
#include "transfer/live_rig_test.hpp"

namespace comity::transfer {
namespace {

using testing::HasSubstr;

/// As spec/live.md §5 has it: a length, a signed head of that length, sealed chunks.
Bytes frame(std::string_view note, View chunks) {
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
    TRY(to->begin());
    const auto written = to->write(frame(one.sign(head), chunks));
    TRY(to->begin());  // once it is durable
    return written;
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
  ASSERT_TRUE(to->begin());
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
  ASSERT_TRUE(to->begin());
  Bytes length{0, 0, static_cast<std::uint8_t>(evidence::k_head_bytes_max >> 8), 0};
  EXPECT_TRUE(to->write(length));
  ASSERT_TRUE(to->begin());
  length[3] = 1;
  expect_refused(to->write(length), FaultCode::limit_size);
}

TEST_F(LyingSender, BytesThatAreNoHead) {
  ASSERT_TRUE(to->begin());
  expect_refused(to->write(frame("hello", {})), FaultCode::format_note);
  ASSERT_TRUE(to->begin());
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

}  // namespace
}  // namespace comity::transfer
