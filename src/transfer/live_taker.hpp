// A source of records, taken one by one: framed, judged by the kind that was released, and given to
// the writer. What is not of that kind never reaches it (spec/live.md §2).
#pragma once

#include "formats/record_frames.hpp"
#include "node/call.hpp"
#include "transfer/live_writer.hpp"
#include "treaty/record.hpp"

namespace comity::transfer {

enum class SourceFraming { lines, lengths, packets, bytes };
std::string_view name_of(SourceFraming framing);  // "lines", "lengths", "packets", "bytes"
/// Fault: request.usage.
Result<SourceFraming> source_framing(std::string_view name);

/// Takes records until the source ends. Gives how many. Faults: evidence.record, format.records,
/// format.pcap, limit.size with the record's number in this source; those of the source and of the
/// writer. What was taken before a fault stays.
Result<std::uint64_t> take_records(node::Source& source, SourceFraming framing,
                                   const treaty::RecordKind& kind, LiveWriter& writer);

/// Takes the bytes of one source until it ends, and ends the item with it. What an earlier try took
/// is compared and not taken again. Gives how many bytes the source had. Faults: evidence.changed
/// for a source that begins with other bytes than before, or is shorter; those of the source, after
/// which the same source can be given again; those of the writer.
Result<std::uint64_t> take_file(node::Source& source, LiveWriter& writer);

/// A packet as a record: its headers and what is known of it, one line of canonical JSON.
/// Fault: evidence.record for a link type whose header is not known.
Result<std::string> packet_record(std::uint32_t link_type, std::uint32_t interface,
                                  std::int64_t time_us, std::uint32_t length, View bytes);

}  // namespace comity::transfer
