// What is said of an item that is still growing (spec/live.md): the opening manifest, which two
// officers release before anything is taken; and the heads, by which its sender signs how far it
// has come. From both and the closed file follows the final manifest, and nothing else does.
#pragma once

#include "evidence/manifest.hpp"
#include "formats/checkpoint.hpp"

namespace comity::evidence {

inline constexpr std::string_view k_live_format = "comity-live/1";
inline constexpr std::int64_t k_segment_ms_max = 600'000;
inline constexpr std::size_t k_head_bytes_max = 4096;  // of a signed head

/// What `comity-live/1` says. A value.
struct Opening {
  ItemId item;
  ExchangeId exchange;
  Bytes prefix;                    // age header and payload nonce
  std::vector<Digest> recipients;  // as in a manifest
  std::string name, custodian, collector, tool, authorisation;
  std::vector<Remark> omissions, transformations;
  std::string records;  // code of a kind of records
  std::string source, scope;
  Instant from, until;  // whole seconds
  std::int64_t segment_ms = 0;
  Instant opened_at;

  bool operator==(const Opening&) const = default;
};

formats::Json to_json(const Opening& opening);
/// Both ways: format.manifest, format.version, format.field, format.json, limit.*.
Result<Bytes> write_opening(const Opening& opening);
Result<Opening> read_opening(View bytes);
/// Whether these bytes claim to be an opening manifest; no more is known of them.
bool is_opening(View manifest);

/// The manifest of the closed file. `summary.opening` and the numbers are given; all words are the
/// opening's. `ended_at` in whole seconds.
Manifest completed(const Opening& opening, const SealedShape& shape, LiveSummary summary,
                   Instant ended_at);
/// That a final manifest says what the opening said, and was made of it. Fault: format.manifest.
Result<void> check_completed(const Manifest& manifest, const Opening& opening, View opening_bytes);

/// How far a live item has come.
struct Head {
  std::uint64_t chunks = 0;
  Digest root;  // RFC 9162, over the sealed chunks
  Instant at;
  LiveCounts counts;
  std::optional<std::uint64_t> closed;  // in the last head alone: bytes of plaintext

  bool operator==(const Head&) const = default;
};

/// "PREFIXlive/ITEM": who signs heads of this item, and is the name of the key.
std::string head_origin(std::string_view origin_prefix, const ItemId& item);
/// The text that is signed.
std::string head_text(const std::string& origin, const Head& head);
/// That text back, whoever signed it. Faults: format.head, limit.size.
Result<Head> parse_head(std::string_view text);
/// A signed head under one of these keys. Faults: format.head, limit.size, crypto.signature.
Result<Head> open_head(View note, std::span<const formats::Verifier> known);
/// That `next` may follow `last` in time and counts; trees are compared where the leaves are.
/// Fault: format.head.
Result<void> check_follows(const Head& last, const Head& next);
/// That a head lies within what was released. Fault: evidence.ended, format.head.
Result<void> check_within(const Head& head, const Opening& opening);

}  // namespace comity::evidence
