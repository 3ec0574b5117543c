#include "custody/anchor.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "formats/fields.hpp"

namespace comity::custody {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::string_view k_commitment = "commitment";
constexpr std::size_t k_opening_bytes_max = 1 << 20;

Json json_of(const std::vector<LogHead>& heads) {
  auto list = Json::array();
  for (const auto& head : heads)
    list.push_back(
        Json::object({{"origin", head.origin}, {"size", head.size}, {"root", head.root.hex()}}));
  return list;
}

bool in_order(const std::vector<LogHead>& heads) {
  return std::ranges::adjacent_find(heads, [](const auto& a, const auto& b) {
           return a.origin >= b.origin;
         }) == heads.end();
}

}  // namespace

AnchorOpening make_anchor(std::vector<LogHead> heads, Random& random) {
  std::ranges::sort(heads);
  CHECK(in_order(heads) && heads.size() <= k_anchored_logs_max);
  return {random.draw<16>(), std::move(heads)};
}

Digest commitment_of(const AnchorOpening& opening) {
  return crypto::sha256({opening.salt, as_bytes(formats::canonical(json_of(opening.heads)))});
}

Json anchor_facts(const AnchorOpening& opening) {
  return Json::object({{k_commitment, commitment_of(opening).hex()}});
}

Bytes write_opening(const AnchorOpening& opening) {
  return to_bytes(formats::canonical(
      Json::object({{"heads", json_of(opening.heads)}, {"salt", base64(opening.salt)}})));
}

Result<AnchorOpening> read_opening(View bytes) {
  TRY_LET(const auto json, formats::parse_canonical(bytes, {.bytes_max = k_opening_bytes_max}));
  Fields fields(json, "anchor");
  AnchorOpening opening;
  TRY_LET(const auto salt, fields.bytes_base64("salt", opening.salt.size()));
  if (salt.size() != opening.salt.size()) return fields.refuse("salt", "must have 16 bytes");
  std::ranges::copy(salt, opening.salt.begin());
  TRY_LET(const auto heads, fields.array("heads", k_anchored_logs_max));
  for (std::size_t i = 0; i < heads.size(); ++i) {
    auto each = formats::item_fields(fields, "heads", i, heads[i]);
    LogHead head;
    TRY_LET(head.origin, each.text("origin", formats::k_note_name_bytes_max));
    TRY_LET(const auto size, each.integer("size"));
    head.size = static_cast<std::uint64_t>(size);
    TRY_LET(head.root, each.digest("root"));
    TRY(each.end());
    opening.heads.push_back(std::move(head));
  }
  TRY(fields.end());
  if (!in_order(opening.heads)) return fields.refuse("heads", "must be sorted, each origin once");
  return opening;
}

Result<void> check_anchor(const Entry& entry, const AnchorOpening& opening) {
  const auto* fact = entry.facts.find(k_commitment);
  if (entry.kind != EntryKind::logs_anchored || fact == nullptr || !fact->is_text() ||
      fact->text() != commitment_of(opening).hex())
    return fault(FaultCode::log_proof, "the entry does not commit to this opening");
  return {};
}

Result<void> check_anchored(const AnchorOpening& opening, const formats::Checkpoint& checkpoint) {
  const LogHead head{checkpoint.origin, checkpoint.size, checkpoint.root};
  if (!std::ranges::binary_search(opening.heads, head))
    return fault(FaultCode::log_proof, "the anchor does not list that checkpoint");
  return {};
}

}  // namespace comity::custody
