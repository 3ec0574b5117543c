#include "node/statement_text.hpp"

#include <array>

#include "crypto/digest.hpp"
#include "directory/revocation.hpp"
#include "node/item_words.hpp"
#include "treaty/texts.hpp"

namespace comity::node {
namespace {

using formats::Fields;

constexpr std::size_t k_words_bytes_max = 2000;
constexpr std::size_t k_origin_bytes_max = 512;
constexpr std::size_t k_checkpoint_note_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t k_recipients_max = 16;
constexpr std::size_t k_certificate_bytes_max = std::size_t{32} * 1024;  // as PEM
constexpr std::size_t k_officers_max = 64;                               // renewed with an entry
// The document, and the signature and certificates around it.
constexpr std::size_t k_entry_file_bytes_max = 2 * directory::k_entry_bytes_max;
constexpr std::size_t k_revocation_file_bytes_max = 2 * directory::k_revocation_bytes_max;

/// What an officer says to those who read the log in years to come.
Result<std::string> read_words(Fields& fields, std::string_view key) {
  TRY_LET(auto words, fields.text(key, k_words_bytes_max));
  if (const auto flaw = treaty::text_flaw(words, true)) return fields.refuse(key, *flaw);
  return words;
}

Result<EntryOffer> read_offer(Fields& fields) {
  EntryOffer offer;
  TRY_LET(offer.p7m, fields.bytes_base64("p7m", k_entry_file_bytes_max));
  TRY_LET(offer.fingerprint, fields.optional_digest("fingerprint"));
  return offer;
}

Result<Statement> officer_add(Fields& fields) {
  TRY_LET(const auto pem, fields.text("certificate", k_certificate_bytes_max));
  TRY_LET(auto certificate, crypto::Certificate::from_pem(pem));
  return OfficerAdd{std::move(certificate)};
}

Result<Statement> officer_revoke(Fields& fields) {
  OfficerRevoke said;
  TRY_LET(said.certificate, fields.digest("certificate"));
  TRY_LET(said.reason, read_words(fields, "reason"));
  TRY_LET(said.revoked_from, fields.optional_instant("revoked_from"));
  return said;
}

Result<Statement> entry_accept(Fields& fields) {
  EntryAccept said;
  TRY_LET(said.offer, read_offer(fields));
  TRY_LET(said.how, read_words(fields, "how"));
  return said;
}

Result<Statement> entry_revoke(Fields& fields) {
  TRY_LET(auto file, fields.bytes_base64("file", k_revocation_file_bytes_max));
  return EntryRevoke{std::move(file)};
}

Result<Statement> callback_record(Fields& fields) {
  TRY_LET(const auto state, fields.state("state"));
  TRY_LET(auto words, read_words(fields, "words"));
  return CallbackRecord{state, std::move(words), {}};
}

Result<Statement> item_destroy(Fields& fields) {
  TRY_LET(const auto item, fields.id<ItemId>("item"));
  TRY_LET(auto remains, read_words(fields, "remains"));
  const auto* items = fields.optional_value("items");
  return ItemDestroy{
      item, std::move(remains), items ? std::optional(*items) : std::nullopt, {}, {}};
}

Result<Statement> entry_renew(Fields& fields) {
  EntryRenew said;
  TRY_LET(said.offer, read_offer(fields));
  TRY_LET(const auto officers,
          fields.optional_texts("officers", k_officers_max, k_certificate_bytes_max));
  for (const auto& pem : officers) {
    TRY_LET(auto certificate, crypto::Certificate::from_pem(pem));
    said.officers.push_back(std::move(certificate));
  }
  return said;
}

Result<Statement> log_origin(Fields& fields) {
  LogOrigin said;
  TRY_LET(said.partner, fields.state("partner"));
  TRY_LET(said.reason, read_words(fields, "reason"));
  TRY_LET(said.previous, fields.optional_text("previous", k_origin_bytes_max));
  TRY_LET(said.origin, fields.optional_text("origin", k_origin_bytes_max));
  TRY_LET(said.last_known, fields.optional_text("last_known", k_checkpoint_note_bytes_max));
  return said;
}

Result<Statement> backup_evidence_keys(Fields& fields) {
  BackupEvidenceKeys said;
  TRY_LET(said.recipients, fields.texts("recipients", k_recipients_max, 128));
  TRY_LET(said.reason, read_words(fields, "reason"));
  return said;
}

Result<Statement> item_share(Fields& fields) {
  ItemShare said;
  TRY_LET(said.item, fields.id<ItemId>("item"));
  TRY_LET(said.recipient, fields.text("recipient", 128));
  TRY_LET(said.state, fields.state("state"));
  TRY_LET(said.authority, read_words(fields, "authority"));
  TRY_LET(said.reason, read_words(fields, "reason"));
  TRY_LET(said.consent, fields.optional_digest("consent"));
  return said;
}

Result<Statement> deputy_appoint(Fields& fields) {
  DeputyAppoint said;
  TRY_LET(said.officer, fields.digest("officer"));
  TRY_LET(said.from, fields.instant("from"));
  TRY_LET(said.to, fields.instant("to"));
  if (said.to <= said.from) return fields.refuse("to", "must be later than from");
  TRY_LET(said.reason, read_words(fields, "reason"));
  return said;
}

Result<Statement> act_review(Fields& fields) {
  ActReview said;
  TRY_LET(said.act, fields.digest("act"));
  TRY_LET(said.agrees, fields.boolean("agrees"));
  TRY_LET(said.reason, read_words(fields, "reason"));
  return said;
}

Result<Statement> item_screen(Fields& fields) {
  ItemScreen said;
  TRY_LET(said.exchange, fields.id<ExchangeId>("exchange"));
  TRY_LET(said.sha256, fields.digest("sha256"));
  TRY_LET(said.withheld, item_remarks(fields, "withheld"));
  TRY_LET(said.reason, read_words(fields, "reason"));
  return said;
}

Result<Statement> item_quarantine(Fields& fields) {
  ItemQuarantine said;
  TRY_LET(said.item, fields.id<ItemId>("item"));
  TRY_LET(said.reason, read_words(fields, "reason"));
  return said;
}

Result<Statement> item_clear(Fields& fields) {
  ItemClear said;
  TRY_LET(said.item, fields.id<ItemId>("item"));
  TRY_LET(said.reason, read_words(fields, "reason"));
  return said;
}

/// All but what the node adds.
Result<Statement> read_members(Fields& fields) {
  constexpr std::array<std::string_view, 15> kinds{
      "officer.add",    "officer.revoke", "entry.accept", "entry.revoke",         "callback.record",
      "item.destroy",   "entry.renew",    "log.origin",   "backup.evidence_keys", "item.share",
      "deputy.appoint", "act.review",     "item.screen",  "item.quarantine",      "item.clear"};
  constexpr std::array readers{officer_add,          officer_revoke,  entry_accept,   entry_revoke,
                               callback_record,      item_destroy,    entry_renew,    log_origin,
                               backup_evidence_keys, item_share,      deputy_appoint, act_review,
                               item_screen,          item_quarantine, item_clear};
  static_assert(kinds.size() == readers.size());
  constexpr std::array<std::string_view, 1> types{"statement"};
  TRY(fields.choice("type", types));
  TRY_LET(const auto kind, fields.choice("kind", kinds));
  TRY_LET(auto statement, readers[kind](fields));
  TRY(fields.end());
  return statement;
}

}  // namespace

Result<Statement> read_asked_statement(const Json& input) {
  Fields fields(input, "statement");
  return read_members(fields);
}

Result<Statement> read_signed_statement(const Json& content) {
  Fields fields(content, "statement");
  constexpr std::array<std::string_view, 1> formats{"statement/1"};
  TRY(fields.choice("comity", formats));
  TRY_LET(const auto draft, fields.id<DraftId>("draft"));
  TRY(fields.state("by"));  // not "state": that is whom a callback.record is about
  TRY(fields.boolean("exercise"));
  TRY(fields.instant("made_at"));
  TRY_LET(auto said, read_members(fields));
  if (auto* keys = std::get_if<BackupEvidenceKeys>(&said)) keys->draft = draft;
  if (auto* share = std::get_if<ItemShare>(&said)) share->draft = draft;
  if (auto* deputy = std::get_if<DeputyAppoint>(&said)) deputy->draft = draft;
  if (auto* accept = std::get_if<EntryAccept>(&said)) accept->draft = draft;
  const auto signed_as = [&](auto& one) {
    one.draft = draft;
    one.statement = crypto::sha256(as_bytes(formats::canonical(content)));
  };
  if (auto* destroy = std::get_if<ItemDestroy>(&said)) signed_as(*destroy);
  if (auto* screen = std::get_if<ItemScreen>(&said)) signed_as(*screen);
  if (auto* quarantine = std::get_if<ItemQuarantine>(&said)) signed_as(*quarantine);
  if (auto* clear = std::get_if<ItemClear>(&said)) signed_as(*clear);
  if (auto* call = std::get_if<CallbackRecord>(&said)) call->draft = draft;
  return said;
}

Result<EntryOffer> read_entry_offer(const Json& input) {
  Fields fields(input, "entry");
  TRY_LET(auto offer, read_offer(fields));
  TRY(fields.end());
  return offer;
}

}  // namespace comity::node
