// What the doors need of the desk: who is known there, and what may be read without asking a
// person.
#include "node/office.hpp"

namespace comity::node {

Result<void> Desk::keep_token(const Officer& who, const Digest& token_hash, Instant expires_at) {
  TRY(officer(who.fingerprint));
  TRY(turn_.store().drop_tokens(turn_.now));
  TRY(note(turn_, k_internal_log, custody::EntryKind::token_made,
           Json::object({{"officer", who.fingerprint.hex()}})));
  return turn_.store().put_token(token_hash, who.fingerprint.hex(), expires_at);
}

Result<Officer> Desk::officer_by_token(const Digest& token_hash) {
  TRY_LET(const auto token, turn_.store().token(token_hash));
  if (!token || token->second <= turn_.now)
    return fault(FaultCode::unauthenticated, "the token is unknown, or its time is over");
  TRY_LET(const auto fingerprint, Digest::from_hex(token->first));
  return officer(fingerprint);  // revoked since: refused
}

std::map<Digest, StateCode> Desk::pinned_peers() {
  std::map<Digest, StateCode> peers;
  for (const auto& [state, accepted] : turn_.office.partners)
    for (const auto& certificate : accepted.entry.tls)
      if (pinned(certificate.fingerprint()) == state)
        peers.emplace(certificate.fingerprint(), state);
  return peers;
}

Result<Bytes> Desk::own_entry() {
  TRY_LET(const auto own, turn_.store().setting("entry/own"));
  if (!own) return fault(FaultCode::directory_unknown, turn_.charter().state.text());
  return from_base64(*own);
}

}  // namespace comity::node
