#include "evidence/manifest.hpp"

#include <algorithm>
#include <array>

#include "evidence/manifest_fields.hpp"
#include "formats/sight.hpp"

namespace comity::evidence {
namespace {

using formats::Fields;
using formats::Json;

constexpr auto k_endings = std::to_array<std::string_view>({"authorisation", "officer", "source"});
constexpr auto k_media_names = std::to_array<std::string_view>({"file", "folder-tar", "stream"});

/// age's shortest header has one stanza of a type and no body; the longest is the reader's limit.
constexpr std::int64_t k_prefix_min = 64;
constexpr std::int64_t k_prefix_max = formats::k_age_header_max + formats::k_age_nonce_size;

/// A cut is at least a block of the hash after the one before.
constexpr std::int64_t k_part_count_max = std::int64_t{k_item_size_max / 64};

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::format_manifest, std::move(why));
}

std::string text_of(Instant at) {
  return at.ms % 1000 == 0 ? to_text(at) : to_text_ms(at);
}

Result<SealedShape> shape_of(Fields& fields) {
  SealedShape shape;
  TRY_LET(shape.prefix_size, fields.integer("prefix_len", k_prefix_min, k_prefix_max));
  TRY_LET(shape.prefix_sha256, fields.digest("prefix_sha256"));
  TRY_LET(shape.plaintext_size, fields.integer("plaintext_len", 0, k_item_size_max));
  TRY_LET(shape.plaintext_sha256, fields.digest("plaintext_sha256"));
  TRY_LET(shape.chunk_root, fields.digest("chunk_root"));
  TRY_LET(const auto part_root, fields.optional_digest("part_root"));
  TRY_LET(const auto part_count, fields.optional_integer("part_count", 0, k_part_count_max));
  if (part_root.has_value() != part_count.has_value())
    return refuse("part_root and part_count belong together");
  if (part_root)
    shape.parts = PartTree{.count = static_cast<std::uint64_t>(*part_count), .root = *part_root};
  TRY_LET(const std::uint64_t chunks, fields.integer("chunks", 1));
  TRY_LET(const std::uint64_t total, fields.integer("total_len", 1));
  // Redundant on purpose: a reader with only one of them in hand can not be led astray.
  if (chunks != shape.chunks()) return refuse("the number of chunks is not that of the length");
  if (total != shape.total_size()) return refuse("total_len is not prefix_len and its chunks");
  return shape;
}

Json live_to_json(const LiveSummary& live) {
  const auto& counts = live.counts;
  return Json::object({{"opening", live.opening.hex()},
                       {"records", counts.records},
                       {"gaps", counts.gaps},
                       {"missing", counts.missing},
                       {"duplicates", counts.duplicates},
                       {"late", counts.late},
                       {"why", live.why}});
}

Result<std::optional<LiveSummary>> live_of(Fields& fields) {
  TRY_LET(auto inner, fields.optional_object("live"));
  if (!inner) return std::nullopt;
  LiveSummary live;
  TRY_LET(live.opening, inner->digest("opening"));
  TRY_LET(live.counts.records, inner->integer("records"));
  TRY_LET(live.counts.gaps, inner->integer("gaps"));
  TRY_LET(live.counts.missing, inner->integer("missing"));
  TRY_LET(live.counts.duplicates, inner->integer("duplicates"));
  TRY_LET(live.counts.late, inner->integer("late"));
  TRY_LET(const auto why, inner->choice("why", k_endings));
  live.why = k_endings[why];
  TRY(inner->end());
  return live;
}

Result<std::optional<formats::Survey>> survey_of(Fields& fields) {
  TRY_LET(auto inner, fields.optional_object("survey"));
  if (!inner) return std::nullopt;
  TRY_LET(auto survey, formats::read_survey(*inner));
  return survey;
}

Result<void> check_name(const std::string& name) {
  if (!is_safe_name(name)) return refuse("the item's name is not a safe file name");
  return {};
}

}  // namespace

Json remarks_json(const std::vector<Remark>& remarks) {
  auto list = Json::array();
  for (const auto& remark : remarks)
    list.push_back(Json::object({{"what", remark.what}, {"reason", remark.reason}}));
  return list;
}

Result<std::string> read_words(Fields& fields, std::string_view key) {
  TRY_LET(std::string text, fields.text(key, k_manifest_text_max));
  if (const auto flaw = formats::text_flaw(text, false))
    return refuse(fields.path(key) + ' ' + *flaw);
  return text;
}

Result<std::vector<Remark>> read_remarks(Fields& fields, std::string_view key) {
  TRY_LET(const auto items, fields.array(key, k_manifest_remarks_max));
  std::vector<Remark> remarks;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, key, i, items[i]);
    Remark remark;
    TRY_LET(remark.what, read_words(item, "what"));
    TRY_LET(remark.reason, read_words(item, "reason"));
    TRY(item.end());
    remarks.push_back(std::move(remark));
  }
  return remarks;
}

Result<std::vector<Digest>> read_recipients(Fields& fields) {
  TRY_LET(const auto items, fields.array("recipients", formats::k_age_stanzas_max));
  if (items.empty()) return refuse("an item has at least one recipient");
  std::vector<Digest> recipients;
  for (const auto& item : items) {
    if (!item.is_text()) return fields.refuse("recipients", "must be key ids");
    TRY_LET(const Digest id, Digest::from_hex(item.text()));
    if (std::ranges::find(recipients, id) != recipients.end())
      return refuse("a recipient is named twice");
    recipients.push_back(id);
  }
  return recipients;
}

bool is_safe_name(std::string_view name) {
  if (name.empty() || name.size() > k_item_name_max || name == "." || name == "..") return false;
  return name.find_first_of("/\\") == std::string_view::npos && !formats::name_flaw(name);
}

Json to_json(const Manifest& m) {
  auto recipients = Json::array();
  for (const auto& id : m.recipients) recipients.push_back(id.hex());
  auto json = Json::object({
      {"format", k_manifest_format},
      {"alg", k_suite},
      {"item", m.item.hex()},
      {"exchange", m.exchange.hex()},
      {"total_len", m.sealed.total_size()},
      {"prefix_len", m.sealed.prefix_size},
      {"prefix_sha256", m.sealed.prefix_sha256.hex()},
      {"chunks", m.sealed.chunks()},
      {"chunk_root", m.sealed.chunk_root.hex()},
      {"plaintext_len", m.sealed.plaintext_size},
      {"plaintext_sha256", m.sealed.plaintext_sha256.hex()},
      {"recipients", std::move(recipients)},
      {"name", m.name},
      {"media", k_media_names[static_cast<std::size_t>(m.media)]},
      {"custodian", m.custodian},
      {"collector", m.collector},
      {"collected_at", text_of(m.collected_at)},
      {"clock_offset_s", m.clock_offset_s},
      {"tool", m.tool},
      {"authorisation", m.authorisation},
      {"omissions", remarks_json(m.omissions)},
      {"transformations", remarks_json(m.transformations)},
      {"sealed_at", text_of(m.sealed_at)},
  });
  if (m.sealed.parts) {
    json.set("part_count", m.sealed.parts->count);
    json.set("part_root", m.sealed.parts->root.hex());
  }
  if (m.live) json.set("live", live_to_json(*m.live));
  if (m.survey) json.set("survey", formats::to_json(*m.survey));
  if (m.received_sha256) json.set("received_sha256", m.received_sha256->hex());
  return json;
}

Result<Manifest> manifest_from_json(const Json& json) {
  Fields fields(json, "manifest");
  TRY_LET(const std::string format, fields.text("format"));
  TRY_LET(const std::string suite, fields.text("alg"));
  if (format != k_manifest_format) return fault(FaultCode::format_version, "manifest");
  if (suite != k_suite) return fault(FaultCode::format_version, "the manifest's alg");
  Manifest m;
  TRY_LET(m.item, fields.id<ItemId>("item"));
  TRY_LET(m.exchange, fields.id<ExchangeId>("exchange"));
  TRY_LET(m.sealed, shape_of(fields));
  TRY_LET(m.recipients, read_recipients(fields));
  TRY_LET(m.name, fields.text("name", k_item_name_max));
  TRY(check_name(m.name));
  TRY_LET(const std::size_t media, fields.choice("media", k_media_names));
  m.media = static_cast<Media>(media);
  TRY_LET(m.custodian, read_words(fields, "custodian"));
  TRY_LET(m.collector, read_words(fields, "collector"));
  TRY_LET(m.collected_at, fields.instant("collected_at"));
  TRY_LET(m.clock_offset_s,
          fields.integer("clock_offset_s", -k_clock_offset_max_s, k_clock_offset_max_s));
  TRY_LET(m.tool, read_words(fields, "tool"));
  TRY_LET(m.received_sha256, fields.optional_digest("received_sha256"));
  TRY_LET(m.authorisation, read_words(fields, "authorisation"));
  TRY_LET(m.omissions, read_remarks(fields, "omissions"));
  TRY_LET(m.transformations, read_remarks(fields, "transformations"));
  TRY_LET(m.sealed_at, fields.instant("sealed_at"));
  TRY_LET(m.live, live_of(fields));
  TRY_LET(m.survey, survey_of(fields));
  TRY(fields.end());
  return m;
}

Result<Bytes> write_manifest(const Manifest& manifest) {
  auto bytes = to_bytes(formats::canonical(to_json(manifest)));
  // What a person typed becomes signed bytes here: it must pass as if it came from outside.
  TRY(read_manifest(bytes));
  return bytes;
}

Result<Manifest> read_manifest(View bytes) {
  TRY_LET(const Json json,
          formats::parse_canonical(bytes, {.bytes_max = k_manifest_bytes_max, .depth_max = 4}));
  TRY_LET(Manifest manifest, manifest_from_json(json));
  // Times have two spellings; the writer's is the one that is signed.
  if (formats::canonical(to_json(manifest)) != as_text(bytes))
    return refuse("a time is not in its shortest form");
  return manifest;
}

}  // namespace comity::evidence
