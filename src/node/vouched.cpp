#include "node/vouched.hpp"

#include <algorithm>

#include "node/draft.hpp"

namespace comity::node {
namespace {

/// The officer as our root certifies him. A new root certifies the officers who go on, with their
/// keys and names (spec/directory.md §6): so it vouches for what they signed under the one before.
Result<crypto::Certificate> certified(const Office& office, crypto::Certificate officer,
                                      Instant at) {
  auto& opener = office.ports.opener;
  const auto& root = office.charter.root;
  const auto today = opener.verify_issued(officer, root, crypto::Usage::officer, at);
  if (today) return officer;
  for (const auto& [fingerprint, record] : office.officers) {
    TRY_LET(auto later, crypto::Certificate::from_der(record.certificate));
    if (later.public_spki() != officer.public_spki() || later.subject() != officer.subject())
      continue;
    const Instant since{std::max(at.ms, later.not_before().ms)};
    if (opener.verify_issued(later, root, crypto::Usage::officer, since)) return later;
  }
  return std::unexpected(today.error());
}

Result<exchange::Signer> signer_of(const Office& office, const DraftRecord& draft,
                                   const exchange::OfficerSignature& signature, Instant made_at) {
  TRY_LET(auto signer, office.ports.opener.open_detached(signature.signature, draft.content));
  // Who signed may have been certified while the draft lay there.
  const Instant at{std::max(made_at.ms, signer.not_before().ms)};
  TRY_LET(const auto certificate, certified(office, std::move(signer), at));
  return exchange::signer_of(signature.duty, certificate);
}

/// The statement of the draft that a setting names, when those who must have signed it did.
Result<std::shared_ptr<const Vouched>> vouched(Office& office, const std::string& setting) {
  const auto refuse = [&](std::string_view why) {
    return fault(FaultCode::store_corrupt, setting + ": " + std::string(why));
  };
  TRY_LET(const auto named, office.ports.store.setting(setting));
  const auto id = DraftId::from_hex(named.value_or(""));
  if (!id) return refuse("no officers' statement is named");
  if (const auto known = office.vouched.find(*id); known != office.vouched.end())
    return known->second;
  TRY_LET(const auto draft, office.ports.store.draft(*id));
  if (!draft) return refuse("the officers' statement is gone");
  const auto content = formats::parse_canonical(draft->content);
  if (!content) return refuse(content.error().detail);
  auto said = read_signed_statement(*content);
  if (!said) return refuse(said.error().detail);
  const auto made_at = instant_from_text(content->at("made_at").text());
  if (!made_at) return refuse(made_at.error().detail);
  std::vector<exchange::Signer> signers;
  for (const auto& signature : draft->signatures) {
    auto signer = signer_of(office, *draft, signature, *made_at);
    if (!signer) return refuse(signer.error().detail);
    signers.push_back(*std::move(signer));
  }
  // What trust asks for, it asks for also where there are fewer officers.
  const auto signed_by =
      check_signers(duties_of_statement(content->at("kind").text(), draft->content, 2), signers);
  if (!signed_by) return refuse("officers' signatures: " + signed_by.error().detail);
  auto verified = std::make_shared<const Vouched>(*std::move(said), *made_at);
  office.vouched.emplace(*id, verified);
  return verified;
}

}  // namespace

std::string acceptance_setting(const StateCode& state, std::int64_t serial) {
  return "accepted/" + state.text() + "/" + std::to_string(serial);
}

std::string callback_setting(const StateCode& state) {
  return "callback/" + state.text();
}

std::string deputy_setting(const Digest& officer) {
  return "deputy/" + officer.hex();
}

std::string privilege_setting(const ItemId& item) {
  return "privilege/" + item.hex();
}

std::string screening_setting(const ExchangeId& exchange, const Digest& sha256) {
  return "screened/" + exchange.hex() + "/" + sha256.hex();
}

Result<std::optional<DeputyAppoint>> appointed_by_officers(Office& office, const Digest& officer) {
  const auto setting = deputy_setting(officer);
  TRY_LET(const auto named, office.ports.store.setting(setting));
  if (!named) return std::nullopt;
  TRY_LET(const auto statement, vouched(office, setting));
  const auto* appoint = std::get_if<DeputyAppoint>(&statement->said);
  if (!appoint || appoint->officer != officer)
    return fault(FaultCode::store_corrupt, setting + ": officers appointed another");
  return *appoint;
}

Result<Instant> accepted_by_officers(Office& office, const DirectoryRecord& record) {
  const auto setting = acceptance_setting(record.state, record.serial);
  TRY_LET(const auto statement, vouched(office, setting));
  const auto* accept = std::get_if<EntryAccept>(&statement->said);
  if (!accept || accept->offer.p7m != record.p7m)
    return fault(FaultCode::store_corrupt, setting + ": officers accepted another entry");
  return statement->made_at;
}

Result<std::optional<Vouched>> privilege_by_officers(Office& office, const ItemId& item) {
  const auto setting = privilege_setting(item);
  TRY_LET(const auto named, office.ports.store.setting(setting));
  if (!named) return std::nullopt;
  TRY_LET(const auto statement, vouched(office, setting));
  const auto* quarantine = std::get_if<ItemQuarantine>(&statement->said);
  const auto* clear = std::get_if<ItemClear>(&statement->said);
  if ((quarantine && quarantine->item == item) || (clear && clear->item == item)) return *statement;
  return fault(FaultCode::store_corrupt, setting + ": officers spoke of another item");
}

Result<std::optional<ItemScreen>> screening_by_officers(Office& office, const ExchangeId& exchange,
                                                        const Digest& sha256) {
  const auto setting = screening_setting(exchange, sha256);
  TRY_LET(const auto named, office.ports.store.setting(setting));
  if (!named) return std::nullopt;
  TRY_LET(const auto statement, vouched(office, setting));
  const auto* screen = std::get_if<ItemScreen>(&statement->said);
  if (!screen || screen->exchange != exchange || screen->sha256 != sha256)
    return fault(FaultCode::store_corrupt, setting + ": officers screened other bytes");
  return *screen;
}

bool called_by_officer(Office& office, const StateCode& state, Instant since) {
  const auto statement = vouched(office, callback_setting(state));
  if (!statement || (*statement)->made_at < since) return false;
  const auto* call = std::get_if<CallbackRecord>(&(*statement)->said);
  return call && call->state == state;
}

}  // namespace comity::node
