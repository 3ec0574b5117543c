#include "transfer/live_taker.hpp"

#include <array>

#include "formats/packet_headers.hpp"
#include "formats/pcap.hpp"

namespace comity::transfer {
namespace {

constexpr auto k_names = std::to_array<std::string_view>({"lines", "lengths", "packets", "bytes"});
constexpr std::size_t k_read_bytes = std::size_t{64} * 1024;
constexpr formats::JsonLimits k_record_limits{.bytes_max = formats::k_record_bytes_max,
                                              .depth_max = 4};

class Taker {
 public:
  Taker(const treaty::RecordKind& kind, LiveWriter& writer) : kind_(kind), writer_(writer) {}

  Result<void> json(View record) {
    ++number_;
    const auto taken = [&]() -> Result<void> {
      const auto text = as_text(record);
      if (text.find('\n') != std::string_view::npos)
        return fault(FaultCode::evidence_record, "it has a line feed");
      TRY_LET(const auto value, formats::parse_json(record, k_record_limits));
      TRY_LET(const auto marks, treaty::check_record(kind_, value));
      return writer_.take(text, {.sequence = marks.sequence, .time = marks.time});
    }();
    return numbered(taken);
  }

  Result<void> packet(const formats::Packet& packet, std::uint64_t dropped) {
    ++number_;
    const auto taken = [&]() -> Result<void> {
      TRY_LET(const auto record, packet_record(packet.link_type, packet.interface, packet.time_us,
                                               packet.length, packet.bytes));
      const auto lost = dropped - std::exchange(dropped_, dropped);
      return writer_.take(record, {.sequence = {}, .time = Instant{packet.time_us / 1000}}, lost);
    }();
    return numbered(taken);
  }

  std::uint64_t taken() const { return number_; }
  Result<void> numbered(const Result<void>& done) const {
    if (done) return {};
    return fault(done.error().code,
                 "record " + std::to_string(number_) + ": " + done.error().detail);
  }

 private:
  const treaty::RecordKind& kind_;
  LiveWriter& writer_;
  std::uint64_t number_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace

std::string_view name_of(SourceFraming framing) {
  return k_names[static_cast<std::size_t>(framing)];
}

Result<SourceFraming> source_framing(std::string_view name) {
  for (std::size_t i = 0; i < k_names.size(); ++i)
    if (k_names[i] == name) return static_cast<SourceFraming>(i);
  return fault(FaultCode::bad_usage, "framing is lines, lengths or packets");
}

Result<std::string> packet_record(std::uint32_t link_type, std::uint32_t interface,
                                  std::int64_t time_us, std::uint32_t length, View bytes) {
  if (!formats::is_known_link(link_type))
    return fault(FaultCode::evidence_record,
                 "link type " + std::to_string(link_type) + " has a header that is not known");
  const auto headers = formats::cut_to_headers(link_type, bytes);
  auto at = to_text_ms(Instant{time_us / 1000});
  at.pop_back();  // the Z; three more digits come first
  const auto rest = std::to_string(1000 + time_us % 1000).substr(1);
  return "{\"bytes\":\"" + hex(headers) + "\",\"captured\":" + std::to_string(bytes.size()) +
         ",\"interface\":" + std::to_string(interface) + ",\"length\":" + std::to_string(length) +
         ",\"link_type\":" + std::to_string(link_type) + ",\"time\":\"" + at + rest + "Z\"}";
}

Result<std::uint64_t> take_records(node::Source& source, SourceFraming framing,
                                   const treaty::RecordKind& kind, LiveWriter& writer) {
  const bool is_packets = framing == SourceFraming::packets;
  if (is_packets != (kind.form == treaty::RecordForm::packet_headers))
    return fault(FaultCode::evidence_record, "records of the kind " + kind.code + " come " +
                                                 (is_packets ? "as JSON" : "as packets"));
  TRY(writer.take_source(name_of(framing)));
  Taker taker(kind, writer);
  formats::RecordFrames frames(framing == SourceFraming::lengths ? formats::Framing::lengths
                                                                 : formats::Framing::lines);
  formats::PacketReader packets;
  const auto take_json = [&](View record) { return taker.json(record); };
  const auto take_packet = [&](const formats::Packet& packet) {
    return taker.packet(packet, packets.dropped());
  };
  Bytes piece(k_read_bytes);
  for (;;) {
    TRY_LET(const auto got, source.read(piece));
    if (got == 0) break;
    const auto bytes = View(piece).first(got);
    TRY(is_packets ? packets.push(bytes, take_packet) : frames.push(bytes, take_json));
  }
  TRY(is_packets ? packets.finish() : frames.finish(take_json));
  return taker.taken();
}

namespace {

/// As much as there is, up to all of `into`.
Result<std::size_t> fill(node::Source& source, std::span<std::uint8_t> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    TRY_LET(const auto got, source.read(into.subspan(done)));
    if (got == 0) break;
    done += got;
  }
  return done;
}

}  // namespace

Result<std::uint64_t> take_file(node::Source& source, LiveWriter& writer) {
  TRY_LET(const auto known, writer.begin_bytes());
  Bytes piece(formats::k_age_chunk_size);
  std::uint64_t at = 0;
  while (at < known) {
    const auto wanted = std::min<std::uint64_t>(piece.size(), known - at);
    TRY_LET(const auto got, fill(source, std::span(piece).first(wanted)));
    if (got < wanted)
      return fault(FaultCode::evidence_changed,
                   "the source ends at byte " + std::to_string(at + got) + "; it had more before");
    TRY(writer.check_bytes(at, View(piece).first(got)));
    at += got;
  }
  for (;;) {
    TRY_LET(const auto got, source.read(piece));
    if (got == 0) break;
    TRY(writer.take_bytes(View(piece).first(got)));
    at += got;
  }
  TRY(writer.finish(k_source_ended));
  return at;
}

}  // namespace comity::transfer
