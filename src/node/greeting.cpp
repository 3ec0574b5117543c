// Greetings: what two nodes ask and tell each other before letters, and, after a restore, how the
// acts come back that a disk had lost (spec/peer-protocol.md §3, §8). Whatever a partner brings is
// believed only as far as a signature of our own proves it.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "node/live.hpp"
#include "node/restored.hpp"

namespace comity::node {
namespace {

constexpr std::size_t k_scanned_max = 4096;  // entries looked at for one answer
constexpr std::size_t k_found_max = 32;      // acts in one answer
constexpr std::size_t k_found_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t k_newest_scanned_max = 1024;

/// All names that our log with a partner has borne, the first one first.
std::vector<std::string> names_of(const Office& office, const StateCode& partner) {
  std::vector<std::string> names{partner_log(partner)};
  for (auto next = office.successors.find(names.back()); next != office.successors.end();
       next = office.successors.find(names.back()))
    names.push_back(next->second);
  return names;
}

Result<std::optional<Digest>> act_of(const LogEntryRecord& row, std::string_view kind) {
  if (row.kind != kind) return std::nullopt;
  TRY_LET(const auto entry, custody::read_entry(row.entry));
  TRY_LET(const auto act, Digest::from_hex(entry.facts.at("act").text()));
  return act;
}

/// The newest act of the partner's that was taken here: that it is ours too, its author can not
/// deny.
Result<Json> newest_act(Turn& turn, const StateCode& partner) {
  const auto log = current_log(turn.office, partner_log(partner));
  const auto size = published(turn, log).first;
  constexpr std::uint64_t step = 64;
  for (std::uint64_t looked = 0; looked < std::min<std::uint64_t>(size, k_newest_scanned_max);
       looked += step) {
    const auto to = size - looked;
    TRY_LET(const auto rows, turn.store().entries(log, to > step ? to - step : 0, to));
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      TRY_LET(const auto id, act_of(*row, "act.received"));
      if (!id) continue;
      TRY_LET(const auto act, turn.store().act(*id));
      if (act) return Json(base64(act->p7m));
    }
  }
  return Json();
}

Json part_json(const exchange::Part& part) {
  return Json::object({{"name", part.name},
                       {"media_type", part.media_type},
                       {"salt", base64(part.salt)},
                       {"bytes", base64(part.bytes)}});
}

/// Both sides' acts that were logged here from `from` on: the partner's that were taken, and ours
/// that the partner receipted.
Result<Json> found_from(Turn& turn, const StateCode& partner, std::uint64_t from) {
  auto acts = Json::array();
  std::size_t scanned = 0, bytes = 0;
  std::uint64_t next = 0;
  for (const auto& log : names_of(turn.office, partner)) {
    const auto first = place_in(log, 0), end = first + published(turn, log).first;
    for (auto at = std::max(from, first); at < end && next == 0;) {
      TRY_LET(const auto rows,
              turn.store().entries(log, at - first, std::min(at + 256, end) - first));
      if (rows.empty()) break;
      for (const auto& row : rows) {
        if (++scanned > k_scanned_max || acts.size() >= k_found_max || bytes > k_found_bytes_max) {
          next = first + row.index;
          break;
        }
        at = first + row.index + 1;
        TRY_LET(const auto received, act_of(row, "act.received"));
        TRY_LET(const auto receipted, act_of(row, "receipt.kept"));
        const auto id = received ? received : receipted;
        if (!id) continue;
        TRY_LET(const auto act, turn.store().act(*id));
        if (!act || act->receipt.empty()) continue;
        TRY_LET(const auto parts, turn.store().parts(id->hex()));
        auto list = Json::array();
        bytes += act->p7m.size();
        for (const auto& part : parts) {
          bytes += part.part.bytes.size();
          list.push_back(part_json(part.part));
        }
        acts.push_back(Json::object({{"yours", received.has_value()},
                                     {"p7m", base64(act->p7m)},
                                     {"parts", std::move(list)},
                                     {"receipt", act->receipt}}));
      }
    }
  }
  auto found = Json::object({{"acts", std::move(acts)}});
  found.set("next", next == 0 ? Json() : Json(next));
  return found;
}

Result<exchange::Part> read_part(formats::Fields fields) {
  exchange::Part part;
  TRY_LET(part.name, fields.text("name", 64));
  TRY_LET(part.media_type, fields.text("media_type", 128));
  TRY_LET(const auto salt, fields.bytes_base64("salt", 16));
  if (salt.size() != part.salt.size()) return fields.refuse("salt", "16 bytes");
  std::ranges::copy(salt, part.salt.begin());
  TRY_LET(const auto text, fields.value("bytes"));
  if (!text->is_text()) return fields.refuse("bytes", "base64");
  TRY_LET(part.bytes, from_base64(text->text()));
  if (part.bytes.size() > exchange::k_part_bytes_max)
    return fault(FaultCode::limit_size, part.name);
  TRY(fields.end());
  return part;
}

/// Under the root of its day: the present one may be another.
Result<void> was_our_authority(Turn& turn, const crypto::Certificate& signer, Instant made_at) {
  const auto& office = turn.office;
  const auto now = office.ports.opener.verify_issued(signer, turn.charter().root,
                                                     crypto::Usage::authority, made_at);
  if (now || office.own_entries.empty()) return now;
  return issued_under(turn.office, office.own_entries, signer, crypto::Usage::authority, made_at);
}

/// An act that came back, proved: ours by our authority's signature, theirs by our own receipt.
struct Recovered {
  Digest id;
  exchange::Act act;
  Bytes p7m;
  std::vector<exchange::Part> parts;
  std::string receipt;
  bool ours = false;
};

Result<void> prove_ours(Turn& turn, const directory::Accepted& partner, const Recovered& one,
                        const crypto::Certificate& signer) {
  TRY(was_our_authority(turn, signer, one.act.order.made_at));
  const auto& substance = one.act.substance;
  if (substance.from != turn.charter().state || substance.to != partner.entry.state)
    return fault(FaultCode::act_addressee, "it is no act of ours to this partner");
  // Of the partner's present log or of one before it, so the origin is taken from the note.
  TRY_LET(const auto proof, formats::parse_tlog_proof(as_bytes(one.receipt)));
  TRY_LET(const auto note, formats::parse_note(as_bytes(proof.checkpoint)));
  TRY_LET(const auto checkpoint, formats::parse_checkpoint(note.text));
  const auto first = partner.entry.logs.origin_prefix + partner_log(turn.charter().state);
  if (checkpoint.origin != first && !checkpoint.origin.starts_with(first + "."))
    return fault(FaultCode::log_proof, "a receipt of another log");
  TRY_LET(const auto entries, entries_of_state(turn, partner.entry.state));
  const auto verifiers = verifiers_of(entries, checkpoint.origin);
  TRY(custody::check_receipt(
      as_bytes(one.receipt), verifiers,
      {.origin = checkpoint.origin,
       .kind = custody::EntryKind::act_received,
       .facts = Json::object({{"act", one.id.hex()}, {"p7m", crypto::sha256(one.p7m).hex()}})}));
  return {};
}

Result<void> prove_theirs(Turn& turn, const directory::Accepted& partner, const Recovered& one,
                          const crypto::Certificate& signer) {
  TRY_LET(const auto entries, entries_of_state(turn, partner.entry.state));
  TRY(issued_under(turn.office, entries, signer, crypto::Usage::authority, one.act.order.made_at));
  const auto& substance = one.act.substance;
  if (substance.from != partner.entry.state || substance.to != turn.charter().state)
    return fault(FaultCode::act_addressee, "it is no act of the partner's to us");
  // Our own receipt: only what this State took before is taken here without judging it anew.
  for (const auto& log : names_of(turn.office, partner.entry.state)) {
    const auto origin = turn.charter().origin_prefix + log;
    TRY_LET(const auto own, own_verifiers(turn.office, log));
    if (custody::check_receipt(as_bytes(one.receipt), own,
                               {.origin = origin,
                                .kind = custody::EntryKind::act_received,
                                .facts = Json::object({{"act", one.id.hex()},
                                                       {"p7m", crypto::sha256(one.p7m).hex()}})}))
      return {};
  }
  return fault(FaultCode::log_proof, "no receipt of ours for it");
}

/// Nothing when it is here already.
Result<std::optional<Recovered>> read_found(Turn& turn, const directory::Accepted& partner,
                                            const Json& json) {
  formats::Fields fields(json, "found");
  Recovered one;
  TRY_LET(one.ours, fields.boolean("yours"));
  TRY_LET(const auto* p7m, fields.value("p7m"));
  if (!p7m->is_text()) return fields.refuse("p7m", "base64");
  TRY_LET(one.p7m, from_base64(p7m->text()));
  TRY_LET(one.receipt, fields.text("receipt", formats::k_tlog_proof_bytes_max));
  TRY_LET(const auto parts, fields.array("parts", exchange::k_parts_max));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    TRY_LET(auto part, read_part(formats::item_fields(fields, "parts", i, parts[i])));
    one.parts.push_back(std::move(part));
  }
  TRY(fields.end());
  TRY_LET(const auto opened, turn.office.ports.opener.open(one.p7m));
  one.id = exchange::act_id(opened.content);
  TRY_LET(const auto known, turn.store().act(one.id));
  if (known) return std::nullopt;
  TRY_LET(one.act, exchange::read_act(opened.content));
  TRY(exchange::check_parts(one.act.substance.parts, one.parts));
  if (one.ours)
    TRY(prove_ours(turn, partner, one, opened.signer));
  else
    TRY(prove_theirs(turn, partner, one, opened.signer));
  return one;
}

/// The item that a delivery or an arrival speaks of.
Result<void> recover_item(Turn& turn, const Recovered& one, const exchange::Situation& situation) {
  const auto& substance = one.act.substance;
  if (substance.type == ActType::arrival && one.ours) {
    TRY_LET(const auto body, exchange::body_as<exchange::ArrivalBody>(substance));
    TRY_LET(auto item, turn.store().item(body.item));
    if (!item || item->state != ItemState::announced) return {};
    item->state = ItemState::arrived;
    item->changed_at = turn.now;
    return turn.store().put_item(*item);
  }
  if (substance.type == ActType::completion) {
    TRY_LET(const auto completed, completion_of(turn, substance, one.parts));
    TRY_LET(const auto body, exchange::body_as<exchange::CompletionBody>(substance));
    TRY_LET(auto item, turn.store().item(body.item));
    if (!item || !completed) return {};
    item->manifest = *completed;
    return turn.store().put_item(*item);
  }
  if (substance.type != ActType::delivery) return {};
  TRY_LET(const auto body, exchange::body_as<exchange::DeliveryBody>(substance));
  const auto part = std::ranges::find(one.parts, body.manifest, &exchange::Part::name);
  if (part == one.parts.end()) return fault(FaultCode::act_part, body.manifest);
  TRY_LET(const auto manifest, describe(part->bytes));
  TRY_LET(auto item, turn.store().item(manifest.item));
  if (!item)
    item = ItemRecord{.id = manifest.item, .exchange = substance.exchange, .ours = one.ours};
  const auto* standing = situation.delivery(one.id);
  const bool is_void = standing && standing->state == exchange::DeliveryState::void_;
  item->state = is_void ? ItemState::failed : one.ours ? ItemState::released : ItemState::announced;
  item->name = manifest.name;
  item->manifest = part->bytes;
  item->delivery = one.id;
  item->changed_at = turn.now;
  return turn.store().put_item(*item);
}

/// False when it follows an act that is not here yet.
Result<bool> take_back(Turn& turn, const StateCode& partner, const Recovered& one) {
  const auto& substance = one.act.substance;
  TRY_LET(auto record, turn.store().exchange(substance.exchange));
  Loaded loaded;
  if (record) {
    if (record->partner != partner)
      return fault(FaultCode::act_illegal, "this exchange is with another State");
    TRY_LET(loaded, load_exchange(turn, substance.exchange));
  } else {
    if (substance.type != ActType::request) return false;
    TRY_LET(const auto body, exchange::body_as<exchange::RequestBody>(substance));
    loaded.record = {.id = substance.exchange,
                     .partner = partner,
                     .our_side = one.ours ? Side::requester : Side::requested,
                     .instrument = substance.instrument,
                     .measure = substance.measure,
                     .opened_at = one.act.order.made_at,
                     .linked = body.linked};
  }
  const auto side = one.ours ? loaded.record.our_side : exchange::other(loaded.record.our_side);
  const auto step = exchange::step_of(one.act, one.id, side);
  const auto judgement = loaded.life.judge(step);
  if (!judgement.takes()) return false;
  TRY_LET(const auto index, note(turn, partner_log(partner), custody::EntryKind::act_recovered,
                                 Json::object({{"act", one.id.hex()},
                                               {"p7m", crypto::sha256(one.p7m).hex()},
                                               {"sequence", one.act.order.sequence},
                                               {"side", exchange::name_of(side)},
                                               {"type", exchange::name_of(substance.type)}}),
                                 {.exchange = substance.exchange}));
  loaded.life.add(step);
  TRY(save_exchange(turn, loaded));
  for (const auto& part : one.parts)
    TRY(turn.store().put_part({.owner = one.id.hex(), .part = part}));
  TRY(turn.store().put_act(
      {.id = one.id,
       .exchange = substance.exchange,
       .side = side,
       .sequence = one.act.order.sequence,
       .type = substance.type,
       .draft = substance.draft,
       .p7m = one.p7m,
       .logged_at = turn.now,
       .log_index = place_in(current_log(turn.office, partner_log(partner)), index),
       .standing = one.ours ? Standing::receipted : Standing::logged,
       .receipt = one.receipt}));
  // The officers' signatures were used: the draft must not become a second act.
  TRY_LET(auto draft, turn.store().draft(substance.draft));
  if (draft && one.ours && draft->state == "open") {
    draft->state = "used";
    TRY(turn.store().put_draft(*draft));
  }
  TRY(recover_item(turn, one, loaded.life.now()));
  turn.notices.push_back(Json::object({{"kind", "act"},
                                       {"exchange", substance.exchange.hex()},
                                       {"type", exchange::name_of(substance.type)},
                                       {"phase", loaded.record.phase}}));
  return true;
}

/// Takes what it can, in whatever order it came; the rest waits for what it follows.
Result<void> take_found(Turn& turn, const directory::Accepted& partner, Unsettled& one,
                        const Json& found) {
  const auto* acts = found.find("acts");
  const auto* next = found.find("next");
  if (!acts || !acts->is_array() || acts->size() > k_found_max || !next ||
      !(next->is_null() || next->is_integer()))
    return fault(FaultCode::peer_protocol, "what was found is not told as agreed");
  for (const auto& act : acts->items()) one.later.push_back(act);
  for (bool moved = true; moved;) {
    moved = false;
    std::vector<Json> later;
    for (auto& json : one.later) {
      TRY_LET(const auto recovered, read_found(turn, partner, json));
      bool taken = true;
      if (recovered) {
        TRY_LET(taken, take_back(turn, partner.entry.state, *recovered));
        if (taken) ++one.recovered;
      }
      moved = moved || taken;
      if (!taken) later.push_back(std::move(json));
    }
    one.later = std::move(later);
    if (one.later.empty()) break;
  }
  if (next->is_integer()) {
    const auto place = static_cast<std::uint64_t>(next->integer());
    if (place <= one.from) return fault(FaultCode::peer_protocol, "it does not come to an end");
    one.from = place;
    one.next_try_at = turn.now;
    return {};
  }
  if (!one.later.empty())
    return fault(FaultCode::act_gap, "acts came back that follow others which did not");
  return {};
}

/// Whether an act that the partner says is ours is ours, and missing here.
Result<bool> is_lost(Turn& turn, const StateCode& partner, const std::string& p7m_base64) {
  TRY_LET(const auto p7m, from_base64(p7m_base64));
  TRY_LET(const auto opened, turn.office.ports.opener.open(p7m));
  TRY_LET(const auto act, exchange::read_act(opened.content));
  if (act.substance.from != turn.charter().state || act.substance.to != partner)
    return fault(FaultCode::peer_protocol, "the act shown is not of this State");
  TRY(was_our_authority(turn, opened.signer, act.order.made_at));
  TRY_LET(const auto known, turn.store().act(exchange::act_id(opened.content)));
  return !known;
}

}  // namespace

void add_questions(Turn& turn, const StateCode& partner, Json& body) {
  const auto found = turn.office.unsettled.find(partner);
  if (found == turn.office.unsettled.end()) return;
  const auto& one = found->second;
  if (one.agreed || one.declared) body.set("lost", Json::object({{"from", one.from}}));
  if (!one.declared) return;
  if (const auto p7m = turn.store().setting("origin/" + partner.text()); p7m && *p7m)
    if (!(*p7m)->empty()) body.set("origin", **p7m);
}

Result<Json> answer_greeting(Turn& turn, const directory::Accepted& partner, const Json& letter) {
  const auto& state = partner.entry.state;
  auto answer = Json::object({{"answers", Json::array()}});
  if (const auto* origin = letter.find("origin")) {
    if (!origin->is_text()) return fault(FaultCode::format_field, "letter.origin: base64");
    TRY_LET(const auto p7m, from_base64(origin->text()));
    TRY_LET(auto name, accept_origin(turn, partner, p7m));
    answer.set("origin", std::move(name));
  }
  TRY_LET(const auto record, turn.store().partner(state));
  TRY_LET(auto newest, newest_act(turn, state));
  auto held = Json::object();
  held.set("checkpoint", record && !record->checkpoint.empty() ? Json(record->checkpoint) : Json());
  held.set("act", std::move(newest));
  answer.set("held", std::move(held));
  if (const auto* lost = letter.find("lost")) {
    formats::Fields fields(*lost, "letter.lost");
    TRY_LET(const auto from, fields.integer("from"));
    TRY(fields.end());
    TRY_LET(auto found, found_from(turn, state, static_cast<std::uint64_t>(from)));
    answer.set("found", std::move(found));
  }
  return answer;
}

Result<void> take_greeting(Turn& turn, const directory::Accepted& partner, const Json& answer) {
  const auto& state = partner.entry.state;
  const auto* held = answer.find("held");
  if (!held || !held->is_object())
    return fault(FaultCode::peer_protocol, "a greeting was not answered by what is held");
  const auto* checkpoint = held->find("checkpoint");
  const auto* act = held->find("act");
  const auto log = current_log(turn.office, partner_log(state));
  const auto found = turn.office.unsettled.find(state);
  auto* one = found == turn.office.unsettled.end() ? nullptr : &found->second;

  // Before anything else: does the partner hold words of ours that this disk does not know?
  if (checkpoint && checkpoint->is_text() && !(one && one->declared)) {
    const auto agrees = check_shown(turn, log, checkpoint->text());
    if (!agrees && agrees.error().code != FaultCode::log_rolled_back &&
        agrees.error().code != FaultCode::log_inconsistent)
      return agrees;
    if (!agrees && !one) {
      turn.fatal = Fault{agrees.error().code, state.text() + ": " + agrees.error().detail};
      return agrees;
    }
    if (one) {
      one->held = checkpoint->text();
      one->gap = !agrees;
    }
  }
  if (!one && act && act->is_text()) {
    TRY_LET(const bool lost, is_lost(turn, state, act->text()));
    if (lost) {
      turn.fatal = Fault{FaultCode::log_rolled_back,
                         state.text() +
                             ": the partner shows an act signed by this node that this "
                             "disk does not know"};
      return std::unexpected(*turn.fatal);
    }
  }
  turn.office.greeted.insert(state);
  if (!one) return {};

  if (!one->declared && !one->gap && !one->agreed) {
    one->agreed = true;
    one->next_try_at = turn.now;  // and now for the acts
    TRY(note(turn, k_internal_log, custody::EntryKind::partner_asked,
             Json::object({{"partner", state.text()}, {"gap", false}})));
    return save_restored(turn);
  }
  if (one->gap && !one->declared) {
    turn.notices.push_back(Json::object({{"kind", "restored"}, {"partner", state.text()}}));
    one->next_try_at = turn.now.plus_s(60);
    return save_restored(turn);
  }
  if (one->declared) {
    const auto* origin = answer.find("origin");
    if (!origin || !origin->is_text() || origin->text() != log)
      return fault(FaultCode::peer_protocol, "the new origin was not confirmed");
  }
  const auto* came = answer.find("found");
  if (!came || !came->is_object())
    return fault(FaultCode::peer_protocol, "it was not told what was lost");
  TRY(take_found(turn, partner, *one, *came));
  if (came->find("next")->is_integer()) return save_restored(turn);

  TRY(note(turn, k_internal_log, custody::EntryKind::partner_asked,
           Json::object({{"partner", state.text()}, {"recovered", one->recovered}})));
  turn.office.unsettled.erase(state);
  turn.notices.push_back(Json::object({{"kind", "restored"}, {"partner", state.text()}}));
  return save_restored(turn);
}

}  // namespace comity::node
