// Kinds of records that a live item may be of, as data (data/records): for traffic data, closed
// sets of fields whose shapes leave no room for content. Whether a kind may be sent is the
// measure's word (Measure::live); whether a record is of its kind is judged here. It must never let
// through a member that the kind does not name.
#pragma once

#include "treaty/texts.hpp"

namespace comity::treaty {

using formats::Json;

enum class RecordShape {
  time,     // as in acts: 2026-01-31T23:59:59Z, or with milliseconds
  address,  // IPv4 or IPv6
  integer,  // from 0 to `max`
  digits,   // 1 to 20: a telephone number, an IMSI, an IMEI
  hex,      // 1 to 32 digits, lower case: a MAC address, a cell
  code,     // one of `values`
};
enum class RecordForm {
  fields,          // JSON objects of these fields
  packet_headers,  // captured packets, of which headers alone are kept
  bytes,           // no records: the bytes of one source as they are, sent while they are sealed
};

struct RecordField {
  std::string code;
  RecordShape shape{};
  bool required = false;
  std::int64_t max = 0;             // of integer
  std::vector<std::string> values;  // of code
};

struct RecordKind {
  std::string code, clause;
  RecordForm form{};
  Texts title;
  std::vector<RecordField> fields;  // of RecordForm::fields
  std::string sequence, time;       // which of them tell gaps and lateness; empty: none
};

/// The one kind of the form `bytes`.
inline constexpr std::string_view k_bytes_kind = "bytes";

inline constexpr std::size_t k_record_kinds_max = 100;
inline constexpr std::size_t k_record_fields_max = 64;
inline constexpr std::size_t k_record_digits_max = 20;
inline constexpr std::size_t k_record_hex_max = 32;

/// Reads one file of data/records/, strictly. Fault: format.toml.
Result<std::vector<RecordKind>> load_record_kinds(View toml, const std::string& name);
const RecordKind* find_kind(const std::vector<RecordKind>& kinds, std::string_view code);

/// What a record says of its own place among others.
struct RecordMarks {
  std::optional<std::uint64_t> sequence;
  std::optional<Instant> time;
  bool operator==(const RecordMarks&) const = default;
};

/// That a record is of this kind, whose form is `fields`. Fault: evidence.record, naming the
/// member.
Result<RecordMarks> check_record(const RecordKind& kind, const Json& record);

/// An IPv4 address of four decimal numbers, or an IPv6 address (RFC 4291 §2.2, without a zone).
bool is_address(std::string_view text);

}  // namespace comity::treaty
