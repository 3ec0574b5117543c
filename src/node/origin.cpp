// A new origin for a log: declared by two officers when a disk was lost and a partner holds a
// checkpoint that nobody can lead on from. The declaration carries the statement that the officers
// signed and the authority's signature around it; it names the last of the old log that is known,
// so the old one ends in the open instead of being forked.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "exchange/duty.hpp"
#include "node/restored.hpp"
#include "node/statement_text.hpp"

namespace comity::node {
namespace {

using formats::Fields;

constexpr std::string_view k_kind = "origin/1";
constexpr std::size_t k_declaration_bytes_max = 256 * 1024;

/// The newest checkpoint of our log with a partner that anybody is known to have.
std::string last_known(const Turn& turn, const Unsettled& one, const std::string& log) {
  return one.gap ? one.held : published(turn, log).second;
}

Result<Unsettled*> unsettled_with(Turn& turn, const StateCode& partner) {
  const auto found = turn.office.unsettled.find(partner);
  if (found == turn.office.unsettled.end() || found->second.agreed)
    return fault(FaultCode::conflict, "our log with " + partner.text() + " goes on as it is");
  if (found->second.declared)
    return fault(FaultCode::conflict, "a new origin was declared to " + partner.text());
  return &found->second;
}

struct Declaration {
  Digest id;           // SHA-256 of the content
  std::string origin;  // the new one
  std::string log;     // its name
  std::string previous;
  std::string last_known;  // note; empty: none
};

/// Two approvers of the partner's State, each with a certificate that stands.
Result<void> check_officers(Turn& turn, const directory::Accepted& partner, View statement,
                            std::span<const Json> officers, Instant at) {
  const auto refuse = [](std::string why) { return fault(FaultCode::log_origin, std::move(why)); };
  if (officers.size() != 2) return refuse("two officers must sign it");
  std::vector<exchange::Signer> signers;
  for (const auto& one : officers) {
    if (!one.is_text()) return refuse("an officer's signature is no text");
    TRY_LET(const auto signature, from_base64(one.text()));
    TRY_LET(const auto certificate, turn.office.ports.opener.open_detached(signature, statement));
    TRY(directory::usable_at(partner, certificate, crypto::Usage::officer, at));
    signers.push_back(exchange::signer_of("approver", certificate));
    if (std::ranges::find(signers.back().roles, "officer:approver") == signers.back().roles.end())
      return refuse(signers.back().name + " is no approver");
  }
  if (signers[0].key == signers[1].key || signers[0].name == signers[1].name ||
      signers[0].certificate == signers[1].certificate)
    return refuse("one officer signed twice");
  return {};
}

Result<Declaration> read_declaration(Turn& turn, const directory::Accepted& partner, View p7m,
                                     const std::string& current) {
  if (p7m.size() > k_declaration_bytes_max) return fault(FaultCode::limit_size, "declaration");
  TRY_LET(const auto opened, turn.office.ports.opener.open(p7m));
  if (std::ranges::none_of(partner.entry.authorities, [&](const auto& authority) {
        return authority.certificate == opened.signer;
      }))
    return fault(FaultCode::log_origin, "no authority of the accepted entry signed it");
  // As of now, whatever time it bears: a key that was revoked could write any.
  TRY(directory::usable_at(partner, opened.signer, crypto::Usage::authority, turn.now));
  TRY_LET(const auto json,
          formats::parse_canonical(opened.content, {.bytes_max = k_declaration_bytes_max}));
  Fields fields(json, "declaration");
  TRY_LET(const auto kind, fields.text("comity", 32));
  if (kind != k_kind) return fault(FaultCode::format_version, kind);
  TRY_LET(const auto statement, fields.bytes_base64("statement"));
  TRY_LET(const auto officers, fields.array("officers", 8));
  TRY(fields.end());

  TRY_LET(const auto content, formats::parse_canonical(statement));
  TRY_LET(const auto read, read_signed_statement(content));
  const auto* said = std::get_if<LogOrigin>(&read);
  if (!said || !said->previous || !said->origin ||
      content.at("by").text() != partner.entry.state.text() ||
      said->partner != turn.charter().state ||
      content.at("exercise").boolean() != turn.charter().exercise)
    return fault(FaultCode::log_origin, "it is no declaration of this State to us");
  TRY_LET(const auto made_at, instant_from_text(content.at("made_at").text()));
  Declaration declaration{.id = crypto::sha256(opened.content),
                          .origin = *said->origin,
                          .previous = *said->previous,
                          .last_known = said->last_known.value_or("")};
  TRY(check_officers(turn, partner, statement, officers, made_at));

  const auto& prefix = partner.entry.logs.origin_prefix;
  declaration.log = next_log_name(current);
  if (declaration.previous != prefix + current || declaration.origin != prefix + declaration.log)
    return fault(FaultCode::log_origin,
                 fmt::format("it leads from {} to {}; known here is {}", declaration.previous,
                             declaration.origin, prefix + current));
  if (!declaration.last_known.empty()) {
    TRY_LET(const auto entries, entries_of_state(turn, partner.entry.state));
    const auto old = verifiers_of(entries, declaration.previous);
    TRY(formats::open_checkpoint(as_bytes(declaration.last_known), old));
  }
  return declaration;
}

Result<std::uint64_t> size_of(const std::string& note) {
  if (note.empty()) return 0;
  TRY_LET(const auto read, formats::parse_note(as_bytes(note)));
  TRY_LET(const auto checkpoint, formats::parse_checkpoint(read.text));
  return checkpoint.size;
}

}  // namespace

Result<void> complete_origin_statement(Turn& turn, const StateCode& partner, Json& statement) {
  TRY_LET(const auto* one, unsettled_with(turn, partner));
  const auto log = current_log(turn.office, partner_log(partner));
  const auto& prefix = turn.charter().origin_prefix;
  statement.set("previous", prefix + log);
  statement.set("origin", prefix + next_log_name(log));
  // None where the log has no checkpoint yet.
  if (const auto last = last_known(turn, *one, log); !last.empty())
    statement.set("last_known", last);
  return {};
}

Result<Json> declare_origin(Turn& turn, const DraftRecord& draft) {
  TRY_LET(const auto content, formats::parse_canonical(draft.content));
  TRY_LET(const auto statement, read_signed_statement(content));
  const auto* said = std::get_if<LogOrigin>(&statement);
  CHECK(said);
  const auto& partner = said->partner;
  TRY_LET(auto* one, unsettled_with(turn, partner));
  const auto log = current_log(turn.office, partner_log(partner));
  const auto last = last_known(turn, *one, log);
  // What the officers read must still be so.
  if (said->previous != turn.charter().origin_prefix + log || said->last_known.value_or("") != last)
    return fault(FaultCode::conflict, "more is known of the log by now; draft it again");
  auto officers = Json::array();
  for (const auto& signature : draft.signatures) officers.push_back(base64(signature.signature));
  const auto declared = formats::canonical(Json::object({{"comity", k_kind},
                                                         {"statement", base64(draft.content)},
                                                         {"officers", std::move(officers)}}));
  TRY_LET(const auto p7m, turn.office.ports.signer.sign(as_bytes(declared), turn.now));
  one->declared = true;
  one->next_try_at = turn.now;
  one->from = one->asked_from;
  one->later.clear();
  TRY_LET(const auto name, succeed_log(turn, log, last));
  TRY(turn.store().put_setting("origin/" + partner.text(), base64(p7m)));
  TRY(save_restored(turn));
  turn.notices.push_back(Json::object({{"kind", "restored"}, {"partner", partner.text()}}));
  return Json::object({{"state", partner.text()}, {"origin", turn.charter().origin_prefix + name}});
}

Result<std::string> accept_origin(Turn& turn, const directory::Accepted& partner, View p7m) {
  const auto& state = partner.entry.state;
  const auto known = turn.office.their_logs.find(state);
  const auto current =
      known == turn.office.their_logs.end() ? partner_log(turn.charter().state) : known->second;
  TRY_LET(const auto before, turn.store().setting("origin/of/" + state.text()));
  if (before && *before == base64(p7m)) return current;  // told again
  TRY_LET(const auto declaration, read_declaration(turn, partner, p7m, current));
  TRY_LET(auto record, turn.store().partner(state));
  if (!record) record = PartnerRecord{.state = state};
  TRY_LET(const auto last, size_of(declaration.last_known));
  TRY_LET(const auto held, size_of(record->checkpoint));
  // Its end as told and as held here: where they differ, that State lost more than it knows.
  TRY(note(turn, partner_log(state), custody::EntryKind::origin_accepted,
           Json::object({{"declaration", declaration.id.hex()},
                         {"partner", state.text()},
                         {"last_known", last},
                         {"held", held}})));
  TRY(turn.store().put_setting("held/" + state.text() + "/" + current, record->checkpoint));
  TRY(turn.store().put_setting("origin/of/" + state.text(), base64(p7m)));
  record->checkpoint.clear();
  TRY(turn.store().put_partner(*record));
  turn.office.their_logs[state] = declaration.log;
  auto theirs = Json::object();
  for (const auto& [code, log] : turn.office.their_logs) theirs.set(code.text(), log);
  TRY(turn.store().put_setting("logs/theirs", formats::canonical(theirs)));
  turn.notices.push_back(Json::object(
      {{"kind", "origin"}, {"partner", state.text()}, {"last_known", last}, {"held", held}}));
  return declaration.log;
}

}  // namespace comity::node
