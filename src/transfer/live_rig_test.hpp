// What the tests of live items share: both ends in a folder of their own, a clock that is set, and
// records to give.
#pragma once

#include <gmock/gmock.h>

#include <thread>

#include "evidence/live_gen.hpp"
#include "evidence/opener.hpp"
#include "formats/merkle.hpp"
#include "transfer/fetch.hpp"
#include "transfer/live_follower.hpp"
#include "transfer/live_stream.hpp"
#include "transfer/transfer_gen.hpp"
#include "transfer/verify_sealed.hpp"

namespace comity::transfer {

using evidence::Head;
using evidence::sample::k_live_from;
using evidence::sample::live_sample;
using evidence::sample::LiveSample;
using formats::k_age_chunk_size;
using formats::k_age_sealed_chunk_size;

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
         .has_begun = has_begun,
         .is_bytes = is_bytes});
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
  /// The receiver asks, stream after stream, until it holds what the sender has signed: a stream
  /// breaks off behind a head, and how many heads there are is a matter of how fast the sender was.
  Result<void> pass(const LiveWriter& from, LiveFollower& to) {
    TRY_LET(auto have, to.begin());
    for (;;) {
      const auto before = have;
      const auto written = to.write(stream(from, before));
      TRY_LET(have, to.begin());  // once it is durable
      TRY(written);
      const auto newest = from.head();
      if (have == before || !newest || have >= newest->head.chunks) return {};
    }
  }
  Bytes sent_file(const Path& path) { return *read_file(path, std::size_t{1} << 30); }

  sample::TemporaryDirectory sent, came;
  LiveSample one = live_sample();
  bool is_bytes = false;  // of what is written
  FixedClock clock;
};

}  // namespace comity::transfer
