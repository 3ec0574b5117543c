#include "court/part_statement.hpp"

#include "formats/fields.hpp"

namespace comity::court {
namespace {

using evidence::Mark;
using evidence::ProvenCut;
using formats::Fields;
using formats::Json;

constexpr auto k_kinds = std::to_array<std::string_view>({"range", "entry"});
constexpr auto k_marks = std::to_array<std::string_view>({"block", "entry"});

Json to_json(const ProvenCut& end) {
  auto proof = Json::array();
  for (const auto& hash : end.proof) proof.push_back(hash.hex());
  return Json::object({{"index", end.index},
                       {"mark", k_marks[static_cast<std::size_t>(end.cut.mark)]},
                       {"offset", end.cut.offset},
                       {"proof", std::move(proof)},
                       {"salt", hex(end.salt)},
                       {"state", end.cut.state.hex()}});
}

Result<Salt> salt_of(Fields& fields, std::string_view key) {
  TRY_LET(const auto text, fields.text(key, 32));
  TRY_LET(const auto bytes, from_hex(text));
  Salt salt;
  if (bytes.size() != salt.size()) return fields.refuse(key, "has 16 bytes");
  std::copy(bytes.begin(), bytes.end(), salt.begin());
  return salt;
}

Result<std::optional<ProvenCut>> end_of(Fields& outer, std::string_view key) {
  const auto* json = outer.optional_value(key);
  if (json == nullptr) return std::nullopt;
  if (!json->is_object()) return outer.refuse(key, "not an object");
  Fields fields(*json, std::string(key));
  ProvenCut end;
  TRY_LET(end.index, fields.integer("index"));
  TRY_LET(const auto mark, fields.choice("mark", k_marks));
  end.cut.mark = static_cast<Mark>(mark);
  TRY_LET(end.cut.offset, fields.integer("offset"));
  TRY_LET(end.salt, salt_of(fields, "salt"));
  TRY_LET(end.cut.state, fields.digest("state"));
  TRY_LET(const auto proof, fields.array("proof", formats::k_proof_hashes_max));
  for (const auto& hash : proof) {
    if (!hash.is_text()) return fields.refuse("proof", "must be hashes");
    TRY_LET(const Digest digest, Digest::from_hex(hash.text()));
    end.proof.push_back(digest);
  }
  TRY(fields.end());
  return end;
}

}  // namespace

std::string_view name_of(PartKind kind) {
  return k_kinds[static_cast<std::size_t>(kind)];
}

Bytes write_part_statement(const PartStatement& statement) {
  auto json = Json::object({{"format", k_part_format},
                            {"item", statement.item.hex()},
                            {"kind", name_of(statement.kind)},
                            {"manifest_salt", hex(statement.manifest_salt)}});
  if (statement.from) json.set("from", to_json(*statement.from));
  if (statement.to) json.set("to", to_json(*statement.to));
  return to_bytes(formats::canonical(json));
}

Result<PartStatement> read_part_statement(View bytes) {
  TRY_LET(const Json json, formats::parse_canonical(
                               bytes, {.bytes_max = k_part_statement_bytes_max, .depth_max = 4}));
  if (!json.is_object()) return fault(FaultCode::format_field, "part: not an object");
  Fields fields(json, "part");
  TRY_LET(const auto format, fields.text("format"));
  if (format != k_part_format) return fault(FaultCode::format_version, "part.json");
  PartStatement statement;
  TRY_LET(statement.item, fields.id<ItemId>("item"));
  TRY_LET(const auto kind, fields.choice("kind", k_kinds));
  statement.kind = static_cast<PartKind>(kind);
  TRY_LET(statement.manifest_salt, salt_of(fields, "manifest_salt"));
  TRY_LET(statement.from, end_of(fields, "from"));
  TRY_LET(statement.to, end_of(fields, "to"));
  TRY(fields.end());
  return statement;
}

}  // namespace comity::court
