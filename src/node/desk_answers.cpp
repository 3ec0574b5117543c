// What comes back for a letter: receipts are verified to the last hash before they count,
// rejections make the act void, anything else is tried again. A log that denies its past stops
// the traffic with that State until people have spoken.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "custody/consistency.hpp"
#include "formats/shortened.hpp"
#include "formats/sight.hpp"
#include "node/live.hpp"
#include "node/restored.hpp"

namespace comity::node {
namespace {

constexpr std::int64_t k_retry_first_s = 1;
constexpr std::int64_t k_retry_max_s = 300;
constexpr std::size_t k_rejection_text_bytes_max = std::size_t{128} * 1024;  // in base64

Result<void> put_off(Turn& turn, const Digest& act, const Fault& why) {
  TRY_LET(auto record, turn.store().outbox(act));
  if (!record) return {};
  record->attempts += 1;
  const auto wait_s =
      std::min(k_retry_max_s, k_retry_first_s << std::min<std::int64_t>(record->attempts - 1, 9));
  record->next_try_at = turn.now.plus_s(wait_s);
  record->last_fault =
      formats::shortened(fmt::format("{}: {}", row_of(why.code).name, why.detail), 300);
  return turn.store().put_outbox(*record);
}

Result<std::vector<Digest>> read_proof(formats::Fields& fields) {
  TRY_LET(const auto texts, fields.optional_texts("consistency", formats::k_proof_hashes_max));
  std::vector<Digest> proof;
  for (const auto& text : texts) {
    TRY_LET(const auto raw, from_base64(text));
    TRY_LET(const auto hash, Digest::from_bytes(raw));
    proof.push_back(hash);
  }
  return proof;
}

/// The proof that the partner's log grew from one checkpoint we hold to the next.
Result<void> keep_growth(Turn& turn, const StateCode& partner, std::uint64_t from,
                         const std::string& checkpoint, std::span<const Digest> proof) {
  auto hashes = Json::array();
  for (const auto& hash : proof) hashes.push_back(base64(hash.view()));
  const auto log = turn.office.their_logs.find(partner);
  const auto later = log == turn.office.their_logs.end() ? "" : log->second + "/";
  return turn.store().put_setting(
      "growth/" + partner.text() + "/" + later + std::to_string(from),
      formats::canonical(
          Json::object({{"checkpoint", checkpoint}, {"hashes", std::move(hashes)}})));
}

/// Verifies a receipt whole, and that its log did not deny what it said before.
Result<custody::Receipt> verify_receipt(Turn& turn, const directory::Accepted& partner,
                                        const ActRecord& act, const std::string& text,
                                        std::span<const Digest> proof) {
  const auto verifier = verifier_of(turn.office, partner);
  TRY_LET(auto receipt,
          custody::check_receipt(as_bytes(text), std::span(&verifier, 1),
                                 {.origin = verifier.name,
                                  .kind = custody::EntryKind::act_received,
                                  .facts = Json::object({{"act", act.id.hex()},
                                                         {"p7m", crypto::sha256(act.p7m).hex()},
                                                         {"exchange", act.exchange.hex()}})}));
  TRY_LET(auto held_record, turn.store().partner(partner.entry.state));
  PartnerRecord record = held_record.value_or(PartnerRecord{.state = partner.entry.state});
  std::optional<formats::Checkpoint> held;
  if (!record.checkpoint.empty()) {
    // Verified when it was kept, perhaps under the key before this one.
    TRY_LET(const auto note, formats::parse_note(as_bytes(record.checkpoint)));
    TRY_LET(held, formats::parse_checkpoint(note.text));
    if (held->origin != verifier.name)
      return fault(FaultCode::log_origin, held->origin + " was held, not " + verifier.name);
  }
  switch (custody::judge(held, receipt.checkpoint, proof)) {
    case custody::Agreement::first:
    case custody::Agreement::newer:
      // Kept, so that an export can show the same growth to others.
      if (held)
        TRY(keep_growth(turn, partner.entry.state, held->size, receipt.checkpoint_note, proof));
      record.checkpoint = receipt.checkpoint_note;
      TRY(turn.store().put_partner(record));
      break;
    case custody::Agreement::same:
    case custody::Agreement::older:
      break;
    case custody::Agreement::unproven:
      return fault(FaultCode::log_proof,
                   "the receipt's checkpoint was not proven to contain the one held");
    case custody::Agreement::forked: {
      // Both notes are kept: together they prove that the log lied.
      TRY(turn.store().put_setting("fork/" + partner.entry.state.text(),
                                   record.checkpoint + "\n" + receipt.checkpoint_note));
      turn.notices.push_back(
          Json::object({{"kind", "fork"}, {"partner", partner.entry.state.text()}}));
      return fault(FaultCode::log_inconsistent, "log of " + partner.entry.state.text());
    }
  }
  return receipt;
}

Result<void> keep_receipt(Turn& turn, const directory::Accepted& partner, ActRecord act,
                          const std::string& text, std::span<const Digest> proof) {
  if (act.standing != Standing::logged) return turn.store().drop_outbox(act.id);
  TRY_LET(const auto receipt, verify_receipt(turn, partner, act, text, proof));
  TRY(note(turn, partner_log(partner.entry.state), custody::EntryKind::receipt_kept,
           Json::object({{"act", act.id.hex()},
                         {"index", receipt.index},
                         {"checkpoint", crypto::sha256(as_bytes(receipt.checkpoint_note)).hex()}}),
           {.exchange = act.exchange}));
  act.standing = Standing::receipted;
  act.receipt = text;
  TRY(turn.store().put_act(act));
  TRY(turn.store().drop_outbox(act.id));
  turn.notices.push_back(Json::object({{"kind", "receipt"},
                                       {"exchange", act.exchange.hex()},
                                       {"type", exchange::name_of(act.type)}}));
  return {};
}

Result<void> keep_rejection(Turn& turn, const directory::Accepted& partner, const ActRecord& act,
                            View p7m) {
  if (act.standing != Standing::logged) return turn.store().drop_outbox(act.id);
  TRY_LET(const auto opened, turn.office.ports.opener.open(p7m));
  const bool theirs = std::ranges::any_of(partner.entry.authorities, [&](const auto& authority) {
    return authority.certificate == opened.signer;
  });
  if (!theirs)
    return fault(FaultCode::act_signature,
                 "no authority of the accepted entry signed the rejection");
  // Whoever found an authority's key must not make our acts void with it once it is revoked.
  TRY(directory::usable_at(partner, opened.signer, crypto::Usage::authority, turn.now));
  TRY_LET(const auto rejection, exchange::read_rejection(opened.content));
  if (rejection.act != act.id || rejection.from != partner.entry.state ||
      rejection.to != turn.charter().state || rejection.exercise != turn.charter().exercise ||
      (!rejection.exchange.is_zero() && rejection.exchange != act.exchange))
    return fault(FaultCode::peer_protocol, "the rejection is of another act");
  TRY_LET(auto acts, turn.store().acts(act.exchange));
  // Whoever receipted a later act took this one before it. To believe both words would void an act
  // that stands receipted; the receipt was first, and binds (spec/acts.md §10).
  for (const auto& one : acts)
    if (one.side == act.side && one.sequence > act.sequence && one.standing == Standing::receipted)
      return fault(FaultCode::peer_protocol, "the rejection is of an act before one receipted");
  TRY_LET(auto loaded, load_exchange(turn, act.exchange));
  TRY(loaded.life.void_from(act.side, act.sequence));
  TRY(note(turn, partner_log(partner.entry.state), custody::EntryKind::rejection_received,
           Json::object({{"act", act.id.hex()},
                         {"rejection", exchange::act_id(opened.content).hex()},
                         {"code", row_of(rejection.code).name}}),
           {.exchange = act.exchange}));
  TRY_LET(auto items, turn.store().items(act.exchange));
  for (auto& one : acts) {
    // The author's later acts link to the void one: they are void with it.
    if (one.side != act.side || one.sequence < act.sequence || one.standing != Standing::logged)
      continue;
    one.standing = Standing::rejected;
    if (one.id == act.id) one.rejection = to_bytes(p7m);
    TRY(turn.store().put_act(one));
    TRY(turn.store().drop_outbox(one.id));
    for (auto& item : items) {
      if (!item.ours || item.delivery != one.id) continue;
      if (item.state == ItemState::released) TRY(recall_item(turn, item));
      item.delivery = {};  // two officers may release it again
      TRY(turn.store().put_item(item));
    }
    if (one.type == ActType::completion) TRY(completion_void(turn, one));
    // What nobody took can never be answered: its recipient opens nothing.
    if (one.type == ActType::request)
      turn.once_durable.push_back([&turn, name = "request-" + one.exchange.hex()] {
        if (const auto gone = turn.office.ports.evidence_keys.destroy(name); !gone)
          turn.fatal = gone.error();
      });
  }
  TRY(save_exchange(turn, loaded));
  turn.notices.push_back(Json::object({{"kind", "rejection"},
                                       {"exchange", act.exchange.hex()},
                                       {"code", row_of(rejection.code).name}}));
  return {};
}

Result<void> take_answer(Turn& turn, const directory::Accepted& partner, const Digest& act_id,
                         formats::Fields one) {
  TRY_LET(const auto act, turn.store().act(act_id));
  if (!act) return fault(FaultCode::store_corrupt, "an act that was sent is not there");
  // One of three (spec/peer-protocol.md §4), whole and with nothing beside it: an answer that says
  // yes and no is none.
  if (one.has("fault")) {
    TRY_LET(auto why, one.object("fault"));
    TRY(one.end());
    TRY_LET(const auto code, why.text("code", 64));
    TRY_LET(const auto detail, why.optional_text("detail", 2000));
    TRY(why.end());
    // Officers read it: what could show them something else is left out.
    const bool is_plain = detail && !formats::text_flaw(*detail, true);
    return fault(fault_code(code).value_or(FaultCode::peer_protocol), is_plain ? *detail : "");
  }
  TRY_LET(const auto named, one.digest("act"));
  if (named != act_id) return fault(FaultCode::peer_protocol, "the answer is to another act");
  if (one.has("rejection")) {
    TRY_LET(const auto text, one.text("rejection", k_rejection_text_bytes_max));
    TRY(one.end());
    TRY_LET(const auto p7m, from_base64(text));
    return keep_rejection(turn, partner, *act, p7m);
  }
  TRY_LET(const auto receipt, one.text("receipt", formats::k_tlog_proof_bytes_max));
  TRY_LET(const auto proof, read_proof(one));
  TRY(one.end());
  return keep_receipt(turn, partner, *act, receipt, proof);
}

Result<void> judge_greeting(Turn& turn, const Letter& letter, const Result<Bytes>& answer) {
  if (!answer) return std::unexpected(answer.error());
  TRY_LET(const auto* accepted, partner_in_force(turn.office, letter.to, turn.now));
  TRY_LET(const auto json,
          formats::parse_json(*answer, {.bytes_max = 8 * 1024 * 1024, .depth_max = 8}));
  return take_greeting(turn, *accepted, json);
}

Result<void> greeting_answered(Turn& turn, const Letter& letter, const Result<Bytes>& answer) {
  const auto taken = judge_greeting(turn, letter, answer);
  if (taken || turn.fatal) return taken;
  for (const auto& act : letter.acts) TRY(put_off(turn, act, taken.error()));
  const auto found = turn.office.unsettled.find(letter.to);
  if (found == turn.office.unsettled.end()) return {};
  auto& one = found->second;
  one.attempts += 1;
  one.next_try_at = turn.now.plus_s(
      std::min(k_retry_max_s, k_retry_first_s << std::min<std::int64_t>(one.attempts - 1, 9)));
  one.last_fault = formats::shortened(
      fmt::format("{}: {}", row_of(taken.error().code).name, taken.error().detail), 300);
  one.from = one.asked_from;  // acts that came back already are known by then
  one.later.clear();
  return save_restored(turn);
}

}  // namespace

Result<void> Desk::letter_answered(const Letter& letter, const Result<Bytes>& answer) {
  auto& turn = turn_;
  turn.office.letters_under_way.erase(letter.to);
  if (letter.greeting) return greeting_answered(turn, letter, answer);
  const auto put_off_all = [&](const Fault& why) -> Result<void> {
    for (const auto& act : letter.acts) TRY(put_off(turn, act, why));
    return {};
  };
  if (!answer) {
    turn.office.letter_rooms.was_lost(letter.to);
    return put_off_all(answer.error());
  }
  turn.office.letter_rooms.came_through(letter.to, letter.size);
  const auto accepted = partner_in_force(turn.office, letter.to, turn.now);
  if (!accepted) return put_off_all(accepted.error());
  const auto json =
      formats::parse_json(*answer, {.bytes_max = std::size_t{8} * 1024 * 1024, .depth_max = 8});
  const auto* answers = json && json->size() == 1 ? json->find("answers") : nullptr;
  if (!answers || !answers->is_array() || answers->size() != letter.acts.size())
    return put_off_all({FaultCode::peer_protocol, "the answer does not fit the letter"});
  for (std::size_t i = 0; i < letter.acts.size(); ++i) {
    const auto& one = answers->items()[i];
    auto taken = one.is_object()
                     ? take_answer(turn, **accepted, letter.acts[i], formats::Fields(one, "answer"))
                     : Result<void>(fault(FaultCode::peer_protocol, "not an object"));
    if (!taken) TRY(put_off(turn, letter.acts[i], taken.error()));
  }
  return {};
}

Result<std::optional<Instant>> Desk::next_due() {
  TRY_LET(auto due, turn_.store().next_due());
  for (const auto& [state, one] : turn_.office.unsettled) {
    // Neither one whose entry must be renewed first, nor one whose answer will be a turn of its
    // own.
    if (!partner_in_force(turn_.office, state, turn_.now) ||
        turn_.office.letters_under_way.contains(state))
      continue;
    if (!due || one.next_try_at < *due) due = one.next_try_at;
  }
  return due;
}

}  // namespace comity::node
