#include "evidence/live.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "evidence/manifest_fields.hpp"

namespace comity::evidence {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::size_t k_prefix_bytes_max = formats::k_age_header_max + formats::k_age_nonce_size;
constexpr std::size_t k_kind_bytes_max = 64;

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::format_manifest, std::move(why));
}

std::unexpected<Fault> bad_head(std::string why) {
  return fault(FaultCode::format_head, std::move(why));
}

Result<Opening> opening_from_json(const Json& json) {
  Fields fields(json, "manifest");
  TRY_LET(const auto format, fields.text("format"));
  TRY_LET(const auto suite, fields.text("alg"));
  if (format != k_live_format) return fault(FaultCode::format_version, "manifest");
  if (suite != k_suite) return fault(FaultCode::format_version, "the manifest's alg");
  Opening o;
  TRY_LET(o.item, fields.id<ItemId>("item"));
  TRY_LET(o.exchange, fields.id<ExchangeId>("exchange"));
  TRY_LET(o.prefix, fields.bytes_base64("prefix", k_prefix_bytes_max));
  TRY_LET(o.recipients, read_recipients(fields));
  TRY_LET(o.name, fields.text("name", k_item_name_max));
  if (!is_safe_name(o.name)) return refuse("the item's name is not a safe file name");
  TRY_LET(o.custodian, read_words(fields, "custodian"));
  TRY_LET(o.collector, read_words(fields, "collector"));
  TRY_LET(o.tool, read_words(fields, "tool"));
  TRY_LET(o.authorisation, read_words(fields, "authorisation"));
  TRY_LET(o.omissions, read_remarks(fields, "omissions"));
  TRY_LET(o.transformations, read_remarks(fields, "transformations"));
  TRY_LET(o.records, fields.text("records", k_kind_bytes_max));
  TRY_LET(o.source, read_words(fields, "source"));
  TRY_LET(o.scope, read_words(fields, "scope"));
  TRY_LET(o.from, fields.instant("from"));
  TRY_LET(o.until, fields.instant("until"));
  TRY_LET(o.segment_ms, fields.integer("segment_ms", 1, k_segment_ms_max));
  TRY_LET(o.opened_at, fields.instant("opened_at"));
  TRY(fields.end());
  if (o.until <= o.from) return refuse("it ends before it begins");
  TRY_LET(const auto header, formats::read_age_header(o.prefix));
  if (header.size + formats::k_age_nonce_size != o.prefix.size())
    return refuse("the prefix is not an age header and a nonce");
  return o;
}

/// "records 17" as its number.
Result<std::uint64_t> counted(const std::string& line, std::string_view name) {
  if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ' ')
    return bad_head("a line is not \"" + std::string(name) + "\"");
  return formats::decimal(std::string_view(line).substr(name.size() + 1), FaultCode::format_head);
}

}  // namespace

Json to_json(const Opening& o) {
  auto recipients = Json::array();
  for (const auto& id : o.recipients) recipients.push_back(id.hex());
  return Json::object({{"format", k_live_format},
                       {"alg", k_suite},
                       {"item", o.item.hex()},
                       {"exchange", o.exchange.hex()},
                       {"prefix", base64(o.prefix)},
                       {"recipients", std::move(recipients)},
                       {"name", o.name},
                       {"custodian", o.custodian},
                       {"collector", o.collector},
                       {"tool", o.tool},
                       {"authorisation", o.authorisation},
                       {"omissions", remarks_json(o.omissions)},
                       {"transformations", remarks_json(o.transformations)},
                       {"records", o.records},
                       {"source", o.source},
                       {"scope", o.scope},
                       {"from", to_text(o.from)},
                       {"until", to_text(o.until)},
                       {"segment_ms", o.segment_ms},
                       {"opened_at", to_text(o.opened_at)}});
}

Result<Bytes> write_opening(const Opening& opening) {
  auto bytes = to_bytes(formats::canonical(to_json(opening)));
  // What a person typed becomes signed bytes here: it must pass as if it came from outside.
  TRY(read_opening(bytes));
  return bytes;
}

Result<Opening> read_opening(View bytes) {
  TRY_LET(const Json json,
          formats::parse_canonical(bytes, {.bytes_max = k_manifest_bytes_max, .depth_max = 4}));
  TRY_LET(Opening opening, opening_from_json(json));
  if (formats::canonical(to_json(opening)) != as_text(bytes))
    return refuse("a time is not in whole seconds");
  return opening;
}

bool is_opening(View manifest) {
  const auto json =
      formats::parse_json(manifest, {.bytes_max = k_manifest_bytes_max, .depth_max = 4});
  const auto* format = json ? json->find("format") : nullptr;
  return format && format->is_text() && format->text() == k_live_format;
}

Manifest completed(const Opening& o, const SealedShape& shape, LiveSummary summary,
                   Instant ended_at) {
  Manifest m;
  m.item = o.item;
  m.exchange = o.exchange;
  m.sealed = shape;
  m.recipients = o.recipients;
  m.name = o.name;
  m.media = Media::stream;
  m.custodian = o.custodian;
  m.collector = o.collector;
  m.collected_at = o.from;
  m.tool = o.tool;
  m.authorisation = o.authorisation;
  m.omissions = o.omissions;
  m.transformations = o.transformations;
  m.sealed_at = ended_at;
  m.live = std::move(summary);
  return m;
}

Result<void> check_completed(const Manifest& manifest, const Opening& opening, View opening_bytes) {
  if (!manifest.live || manifest.live->opening != crypto::sha256(opening_bytes))
    return refuse("it does not name the opening that was released");
  if (manifest.sealed.prefix_size != opening.prefix.size() ||
      manifest.sealed.prefix_sha256 != crypto::sha256(opening.prefix))
    return refuse("it has another age header than was released");
  if (manifest != completed(opening, manifest.sealed, *manifest.live, manifest.sealed_at))
    return refuse("it says something else than the opening did");
  return {};
}

std::string head_origin(std::string_view origin_prefix, const ItemId& item) {
  return std::string(origin_prefix) + "live/" + item.hex();
}

std::string head_text(const std::string& origin, const Head& head) {
  const auto& counts = head.counts;
  formats::Checkpoint checkpoint{.origin = origin, .size = head.chunks, .root = head.root};
  checkpoint.extensions = {"at " + to_text_ms(head.at),
                           "records " + std::to_string(counts.records),
                           "gaps " + std::to_string(counts.gaps),
                           "missing " + std::to_string(counts.missing),
                           "duplicates " + std::to_string(counts.duplicates),
                           "late " + std::to_string(counts.late)};
  if (head.closed) checkpoint.extensions.push_back("closed " + std::to_string(*head.closed));
  return formats::to_text(checkpoint);
}

Result<Head> open_head(View note, std::span<const formats::Verifier> known) {
  if (note.size() > k_head_bytes_max) return fault(FaultCode::limit_size, "a head");
  TRY_LET(const auto checkpoint, formats::open_checkpoint(note, known));
  return parse_head(formats::to_text(checkpoint));
}

Result<Head> parse_head(std::string_view text) {
  TRY_LET(const auto checkpoint, formats::parse_checkpoint(text));
  const auto& lines = checkpoint.extensions;
  if (lines.size() != 6 && lines.size() != 7) return bad_head("it has other lines than a head");
  Head head{.chunks = checkpoint.size, .root = checkpoint.root};
  if (!lines[0].starts_with("at ")) return bad_head("its time is missing");
  TRY_LET(head.at, instant_from_text(lines[0].substr(3)));
  TRY_LET(head.counts.records, counted(lines[1], "records"));
  TRY_LET(head.counts.gaps, counted(lines[2], "gaps"));
  TRY_LET(head.counts.missing, counted(lines[3], "missing"));
  TRY_LET(head.counts.duplicates, counted(lines[4], "duplicates"));
  TRY_LET(head.counts.late, counted(lines[5], "late"));
  if (lines.size() == 7) {
    TRY_LET(head.closed, counted(lines[6], "closed"));
    if (*head.closed > k_item_size_max ||
        formats::AgeChunking(*head.closed).count() != head.chunks)
      return bad_head("its length is not that of its chunks");
  }
  if (head.chunks > formats::AgeChunking(k_item_size_max).count())
    return fault(FaultCode::limit_size, "the item");
  // One text for one head: what two States sign must be the same to the byte.
  if (head_text(checkpoint.origin, head) != text) return bad_head("it is not in its one form");
  return head;
}

Result<void> check_follows(const Head& last, const Head& next) {
  const auto& a = last.counts;
  const auto& b = next.counts;
  if (next.at < last.at || next.chunks < last.chunks || b.records < a.records || b.gaps < a.gaps ||
      b.missing < a.missing || b.duplicates < a.duplicates || b.late < a.late)
    return bad_head("it goes back behind the one before");
  if (last.closed) return bad_head("the item was closed before");
  return {};
}

Result<void> check_within(const Head& head, const Opening& opening) {
  // The last head is signed once the last record is sealed: that may be a little after the end.
  if (head.at < opening.from || (!head.closed && head.at > opening.until))
    return fault(FaultCode::evidence_ended, "a head of " + to_text_ms(head.at));
  return {};
}

}  // namespace comity::evidence
