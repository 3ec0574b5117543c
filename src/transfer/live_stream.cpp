#include "transfer/live_stream.hpp"

namespace comity::transfer {
namespace {

static_assert(k_head_every_chunks - 1 + k_commit_chunks_max <= k_frame_chunks_max);

Result<void> write_length(node::Sink& sink, std::size_t length) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(length >> shift));
  return sink.write(bytes);
}

}  // namespace

Result<void> send_live(const LiveWriter& writer, std::uint64_t from, node::Sink& sink,
                       std::int64_t heartbeat_ms, const std::function<bool()>& goes_on) {
  auto sent = from;
  bool has_told = false;  // the head that the receiver holds is shown once more: do we agree?
  for (;;) {
    TRY(writer.health());
    if (!goes_on()) return fault(FaultCode::evidence_ended, "its delivery does not stand");
    const auto newest = writer.head();
    if (newest && newest->head.chunks < sent)
      return fault(FaultCode::log_rolled_back, "a live item: the other State holds more of it");
    if (!newest && sent > 0)
      return fault(FaultCode::log_rolled_back, "a live item: the other State holds some of it");
    const bool is_news = newest && (newest->head.chunks > sent || !has_told);
    if (!is_news) {
      if (newest && newest->head.closed) return {};
      const auto seen = writer.wait_past(sent, heartbeat_ms);
      if (!seen || seen->head.chunks <= sent) {
        // The end without a head: the node stops, or the disk broke.
        if (seen && seen->head.closed) continue;
        TRY(write_length(sink, 0));
      }
      continue;
    }
    std::optional<SignedHead> next = newest;
    if (newest->head.chunks > sent) {
      TRY_LET(next, writer.next_head(sent));
    }
    TRY(write_length(sink, next->note.size()));
    TRY(sink.write(as_bytes(next->note)));
    TRY(writer.read_chunks(sent, next->head.chunks,
                           [&](View sealed) { return sink.write(sealed); }));
    sent = next->head.chunks;
    has_told = true;
  }
}

}  // namespace comity::transfer
