#include "node/authorisation.hpp"

#include <array>

#include "crypto/digest.hpp"
#include "treaty/texts.hpp"

namespace comity::node {
namespace {

/// What a court has to have said (24(2)); none may be left out.
constexpr std::array<std::string_view, 7> k_reasoned{
    "legal_basis", "grounds", "necessity", "proportionality", "scope", "third_parties", "remedy"};

}  // namespace

Result<Authorisation> read_authorisation(formats::Fields& fields) {
  Authorisation authorisation;
  auto& told = authorisation.told;
  TRY_LET(const auto type, fields.choice("authority_type", exchange::k_authority_types));
  told.authority_type = static_cast<exchange::AuthorityType>(type);
  TRY_LET(told.authority, fields.text("authority", exchange::k_reference_bytes_max));
  TRY_LET(told.reference, fields.text("reference", exchange::k_reference_bytes_max));
  TRY_LET(told.issued_at, fields.instant("issued_at"));
  TRY_LET(told.valid_from, fields.instant("valid_from"));
  TRY_LET(told.valid_to, fields.instant("valid_to"));
  TRY_LET(told.data_categories, fields.texts("data_categories", exchange::k_categories_max, 64));
  TRY_LET(told.remedy_until, fields.optional_instant("remedy_until"));
  Json record = exchange::to_json(exchange::Body(told));
  record.members().erase("record");
  for (const auto key : k_reasoned) {
    TRY_LET(auto words, fields.text(key, k_authorisation_text_bytes_max));
    if (const auto flaw = treaty::text_flaw(words, true)) return fields.refuse(key, *flaw);
    record.set(std::string(key), std::move(words));
  }
  authorisation.record = formats::canonical(record);
  told.record = crypto::sha256(as_bytes(authorisation.record));
  return authorisation;
}

}  // namespace comity::node
