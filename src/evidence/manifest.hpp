// The manifest of a sealed item: what its sender signs and logs, and what everyone later checks
// bytes against. age alone proves no sender and lets nobody without the key check anything; the
// numbers here do (chunk root, prefix hash, lengths), and the words say where the bytes came from.
// It must never hold a key, and never leave an omission or a transformation unsaid.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "formats/age_stream.hpp"
#include "formats/json.hpp"
#include "formats/survey.hpp"

namespace comity::evidence {

/// The suite: chunk size, sealing and key wrap in one name. Another suite is another name.
inline constexpr std::string_view k_suite = "age-v1+rfc9162-sha256/65552";
inline constexpr std::string_view k_manifest_format = "comity-manifest/1";

/// Limits of what is read; one past is refused.
inline constexpr std::size_t k_manifest_bytes_max = 1 << 20;
inline constexpr std::size_t k_manifest_remarks_max = 1000;  // omissions; transformations
inline constexpr std::size_t k_manifest_text_max = 1024;     // bytes of one text
inline constexpr std::size_t k_item_name_max = 255;          // bytes
/// The largest item, in bytes of plaintext: 16 TiB. Its bitmap and upper tiles take 96 MiB.
inline constexpr std::uint64_t k_item_size_max = std::uint64_t{1} << 44;
inline constexpr std::int64_t k_clock_offset_max_s = 3660 * k_day_s;

/// Where the plaintext can be cut so that a run of it is proven alone (parts.hpp): how many cuts,
/// and the RFC 9162 root over their leaves.
struct PartTree {
  std::uint64_t count = 0;
  Digest root;

  bool operator==(const PartTree&) const = default;
};

/// The numbers of sealed bytes: all that a keyless holder needs to check them. A value.
struct SealedShape {
  std::uint64_t prefix_size = 0;  // bytes: age header and payload nonce
  Digest prefix_sha256;
  std::uint64_t plaintext_size = 0;  // bytes
  Digest plaintext_sha256;
  Digest chunk_root;              // RFC 9162 root over the sealed chunks, the last one included
  std::optional<PartTree> parts;  // none: sealed without them

  formats::AgeChunking chunking() const { return formats::AgeChunking(plaintext_size); }
  std::uint64_t chunks() const { return chunking().count(); }
  std::uint64_t total_size() const { return prefix_size + chunking().sealed_size(); }
  /// Where sealed chunk `index` begins in the file.
  std::uint64_t offset_of(std::uint64_t index) const {
    return prefix_size + index * formats::k_age_sealed_chunk_size;
  }

  bool operator==(const SealedShape&) const = default;
};

/// What the plaintext is: one file, a tape archive of a folder, or bytes of unknown origin in
/// order.
enum class Media { file, folder_tar, stream };

/// Something left out, or done to the bytes, between the custodian and the seal; and why.
struct Remark {
  std::string what;
  std::string reason;

  bool operator==(const Remark&) const = default;
};

/// Of the records of a live item. What is missing may have come late.
struct LiveCounts {
  std::uint64_t records = 0;
  std::uint64_t gaps = 0;        // places where records were missing
  std::uint64_t missing = 0;     // records that were missing there
  std::uint64_t duplicates = 0;  // stored all the same
  std::uint64_t late = 0;

  bool operator==(const LiveCounts&) const = default;
};

/// What the manifest of a closed live item says of how it came to be.
struct LiveSummary {
  Digest opening;  // SHA-256 of the opening manifest
  LiveCounts counts;
  std::string why;  // it ended: "authorisation", "officer", "source" (of bytes)

  bool operator==(const LiveSummary&) const = default;
};

struct Manifest {
  ItemId item;
  ExchangeId exchange;
  SealedShape sealed;
  std::vector<Digest> recipients;  // AgeRecipient::id of each stanza, in their order; distinct
  std::string name;                // is_safe_name
  Media media = Media::file;
  std::string custodian;  // who held the data
  std::string collector;  // who took it from the custodian
  Instant collected_at;
  std::int64_t clock_offset_s = 0;        // the collecting machine's clock minus UTC
  std::string tool;                       // with its version
  std::optional<Digest> received_sha256;  // of the plaintext, as the custodian stated it
  std::string authorisation;              // the order or decision under which it was collected
  std::vector<Remark> omissions;
  std::vector<Remark> transformations;
  Instant sealed_at;
  std::optional<LiveSummary> live;  // of an item that grew while it was sent
  /// What the node recognised by itself, and nobody's word (spec/survey.md). None: from a node that
  /// does not survey.
  std::optional<formats::Survey> survey;

  bool operator==(const Manifest&) const = default;
};

/// True for a file name that means one entry of one folder on every system and reads as it is:
/// valid UTF-8 of 1 to 255 bytes; no slash, backslash or control; not "." or ".."; no character
/// that changes the direction or the look of what follows.
bool is_safe_name(std::string_view name);

formats::Json to_json(const Manifest& manifest);
/// Faults: format.manifest for what does not agree, format.version for another format or suite,
/// format.field, limit.*.
Result<Manifest> manifest_from_json(const formats::Json& json);

/// The one text of a manifest (RFC 8785), and back. Both ways the faults of manifest_from_json and
/// format.json; bytes that are not that one text are refused.
Result<Bytes> write_manifest(const Manifest& manifest);
Result<Manifest> read_manifest(View bytes);

}  // namespace comity::evidence
