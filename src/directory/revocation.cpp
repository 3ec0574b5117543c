#include "directory/revocation.hpp"

#include <algorithm>

#include "crypto/cms.hpp"
#include "formats/fields.hpp"

namespace comity::directory {
namespace {

using crypto::Certificate;
using formats::Fields;
using formats::Json;

constexpr std::string_view k_content_format = "comity-revocation/1";
constexpr std::string_view k_file_format = "comity-signed-revocation/1";
constexpr std::string_view k_officer_role = "officer:approver";
constexpr std::size_t k_reason_bytes_max = 500;
constexpr std::size_t k_content_bytes_max = 4096;
constexpr std::size_t k_signatures_max = 2;

Result<Instant> second(Fields& fields, std::string_view key) {
  TRY_LET(const Instant at, fields.instant(key));
  if (at.ms % 1000 != 0) return fields.refuse(key, "must be a whole second");
  return at;
}

Result<Revocation> from_json(const Json& json) {
  Fields fields(json, "");
  Revocation revocation;
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_content_format)
    return fields.refuse("format", "must be " + std::string(k_content_format));
  TRY_LET(revocation.state, fields.state("state"));
  TRY_LET(revocation.exercise, fields.boolean("exercise"));
  TRY_LET(revocation.serial, fields.integer("serial", 1));
  TRY_LET(revocation.certificate, fields.optional_digest("certificate"));
  TRY_LET(revocation.revoked_from, second(fields, "revoked_from"));
  TRY_LET(revocation.made_at, second(fields, "made_at"));
  if (revocation.revoked_from > revocation.made_at)
    return fields.refuse("revoked_from", "must not come after made_at");
  TRY_LET(revocation.reason, fields.text("reason", k_reason_bytes_max));
  if (const auto flaw = treaty::text_flaw(revocation.reason, false))
    return fields.refuse("reason", *flaw);
  TRY(fields.end());
  return revocation;
}

struct File {
  Bytes content;
  std::vector<Bytes> signatures;
};

Result<File> read_file(View bytes) {
  if (bytes.size() > k_revocation_bytes_max)
    return fault(FaultCode::limit_size, "a revocation has at most 128 KiB");
  TRY_LET(const Json json, formats::parse_canonical(bytes));
  Fields fields(json, "");
  File file;
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_file_format)
    return fields.refuse("format", "must be " + std::string(k_file_format));
  TRY_LET(file.content, fields.bytes_base64("content", k_content_bytes_max));
  TRY_LET(const auto signatures, fields.texts("signatures", k_signatures_max,
                                              crypto::k_cms_detached_bytes_max * 4 / 3 + 4));
  for (const auto& text : signatures) {
    TRY_LET(Bytes signature, from_base64(text));
    file.signatures.push_back(std::move(signature));
  }
  TRY(fields.end());
  return file;
}

// Whether the signers are the root alone, or two officers under it.
Result<void> check_signers(const std::vector<Certificate>& signers, const Accepted& accepted,
                           Instant now) {
  if (signers.size() == 1 && signers[0] == accepted.entry.root)
    return crypto::verify_root(accepted.entry.root, now);
  if (signers.size() != 2)
    return fault(FaultCode::officer_two, "the root, or two officers, must sign a revocation");
  for (const auto& signer : signers) {
    // A revoked entry can still be revoked further; only the officer's own certificate matters.
    Accepted as_in_force = accepted;
    as_in_force.status = EntryStatus::in_force;
    TRY(usable_at(as_in_force, signer, crypto::Usage::officer, now));
    const auto& roles = signer.subject().roles;
    if (std::ranges::find(roles, k_officer_role) == roles.end())
      return fault(FaultCode::directory_role, signer.subject().common_name + " is no approver");
  }
  if (signers[0].public_spki() == signers[1].public_spki() ||
      signers[0].subject().common_name == signers[1].subject().common_name)
    return fault(FaultCode::officer_two, "one officer signed twice");
  return {};
}

Result<void> check_against(const Revocation& revocation, const Accepted& accepted, Instant now) {
  const auto& entry = accepted.entry;
  if (revocation.state != entry.state)
    return fault(FaultCode::directory_entry, "the revocation is of " + revocation.state.text());
  if (revocation.exercise != entry.exercise)
    return fault(FaultCode::directory_exercise, "the revocation is of the other kind");
  if (revocation.serial < entry.serial)
    return fault(FaultCode::directory_serial,
                 "the State's root has signed a newer entry since this revocation");
  if (revocation.made_at > now.plus_s(k_hour_s))
    return fault(FaultCode::directory_entry, "made_at: lies in the future");
  return {};
}

}  // namespace

Bytes revocation_content(const Revocation& revocation) {
  auto json = Json::object({{"format", k_content_format},
                            {"state", revocation.state.text()},
                            {"exercise", revocation.exercise},
                            {"serial", revocation.serial},
                            {"revoked_from", to_text(revocation.revoked_from)},
                            {"made_at", to_text(revocation.made_at)},
                            {"reason", revocation.reason}});
  if (revocation.certificate) json.set("certificate", revocation.certificate->hex());
  return to_bytes(formats::canonical(json));
}

Result<Revocation> read_revocation(View content) {
  const auto json = formats::parse_canonical(content);
  if (!json) return fault(FaultCode::directory_entry, json.error().detail);
  auto revocation = from_json(*json);
  if (!revocation) return fault(FaultCode::directory_entry, revocation.error().detail);
  return revocation;
}

Bytes revocation_file(View content, const std::vector<Bytes>& signatures) {
  Json texts = Json::array();
  for (const auto& signature : signatures) texts.push_back(base64(signature));
  return to_bytes(formats::canonical(Json::object(
      {{"format", k_file_format}, {"content", base64(content)}, {"signatures", texts}})));
}

Result<Revocation> revocation_in(View bytes) {
  const auto file = read_file(bytes);
  if (!file) return fault(FaultCode::directory_entry, file.error().detail);
  return read_revocation(file->content);
}

Result<OpenedRevocation> open_revocation(View bytes, const Accepted& accepted, Instant now) {
  const auto file = read_file(bytes);
  if (!file) return fault(FaultCode::directory_entry, file.error().detail);
  OpenedRevocation opened;
  TRY_LET(opened.revocation, read_revocation(file->content));
  TRY(check_against(opened.revocation, accepted, now));
  for (const auto& signature : file->signatures) {
    TRY_LET(crypto::CmsSigned signed_by, crypto::cms_open_detached(signature, file->content));
    opened.signers.push_back(std::move(signed_by.signer));
  }
  TRY(check_signers(opened.signers, accepted, now));
  return opened;
}

Accepted revoke(Accepted accepted, const Revocation& revocation) {
  const auto from = revocation.revoked_from;
  if (!revocation.certificate) {
    accepted.status = EntryStatus::revoked;
    accepted.revoked_from = std::min(accepted.revoked_from.value_or(from), from);
    return accepted;
  }
  auto& list = accepted.revoked_since;
  const auto known = std::ranges::find(list, *revocation.certificate, &Revoked::certificate);
  if (known == list.end())
    list.push_back({*revocation.certificate, from, revocation.reason});
  else if (from < known->revoked_from)
    *known = {*revocation.certificate, from, revocation.reason};
  return accepted;
}

}  // namespace comity::directory
