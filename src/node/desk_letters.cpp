// Letters: acts to and from the other States, receipts and rejections. The order of work is the
// order of the proof: logged first, then sent; verified first, then logged, then receipted.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "custody/consistency.hpp"
#include "exchange/body.hpp"
#include "formats/shortened.hpp"
#include "formats/sight.hpp"
#include "node/intake.hpp"
#include "node/restored.hpp"

namespace comity::node {
namespace {

constexpr std::size_t k_letter_acts_max = 128;
constexpr std::size_t k_due_max = 1024;
constexpr formats::JsonLimits k_letter_limits{.bytes_max = std::size_t{8} * 1024 * 1024,
                                              .depth_max = 8};

Json to_json(const exchange::Part& part) {
  return Json::object({{"name", part.name},
                       {"media_type", part.media_type},
                       {"salt", base64(part.salt)},
                       {"bytes", base64(part.bytes)}});
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

Json fault_json(const Fault& why) {
  auto json = Json::object({{"code", row_of(why.code).name}});
  if (!why.detail.empty()) json.set("detail", formats::shortened(why.detail, 1000));
  return json;
}

struct Arrived {
  Bytes p7m;
  std::vector<exchange::Part> parts;
};
struct ReadLetter {
  std::vector<Arrived> acts;
  std::optional<std::string> known;
  std::optional<Json> greeting;  // the letter, when it carries no act
};

Result<ReadLetter> read_letter(View body) {
  TRY_LET(const Json json, formats::parse_json(body, k_letter_limits));
  if (!json.is_object()) return fault(FaultCode::format_field, "letter: not an object");
  formats::Fields fields(json, "letter");
  ReadLetter letter;
  TRY_LET(const auto acts, fields.array("acts", k_letter_acts_max));
  for (std::size_t i = 0; i < acts.size(); ++i) {
    auto one = formats::item_fields(fields, "acts", i, acts[i]);
    Arrived arrived;
    TRY_LET(const auto p7m, one.value("p7m"));
    if (!p7m->is_text()) return one.refuse("p7m", "base64");
    TRY_LET(arrived.p7m, from_base64(p7m->text()));
    TRY_LET(const auto parts, one.array("parts", exchange::k_parts_max));
    for (std::size_t k = 0; k < parts.size(); ++k) {
      TRY_LET(auto part, read_part(formats::item_fields(one, "parts", k, parts[k])));
      arrived.parts.push_back(std::move(part));
    }
    TRY(one.end());
    letter.acts.push_back(std::move(arrived));
  }
  const auto* known = fields.optional_value("known");
  if (known && !known->is_null()) {
    if (!known->is_text()) return fields.refuse("known", "a checkpoint or null");
    letter.known = known->text();
  }
  if (letter.acts.empty()) {
    fields.optional_value("lost");
    fields.optional_value("origin");
    letter.greeting = json;
  }
  TRY(fields.end());
  return letter;
}

/// Signs, logs and keeps that an act is not taken. The same act later gets the same rejection.
Result<Bytes> reject(Turn& turn, const StateCode& partner, const Digest& act,
                     const NotTaken& refused) {
  const auto setting = "rejection/" + act.hex();
  TRY_LET(const auto before, turn.store().setting(setting));
  if (before) {
    TRY_LET(auto kept, from_base64(*before));
    TRY_LET(const auto opened, turn.office.ports.opener.open(kept));
    if (opened.signer == turn.office.ports.signer.certificate()) return kept;
    // The authority's key was replaced since: the same word, under the key that is believed now.
    TRY_LET(auto again, turn.office.ports.signer.sign(opened.content, turn.now));
    TRY(turn.store().put_setting(setting, base64(again)));
    return again;
  }
  // What is wrong may stand in the partner's own words: none that he could not read himself.
  auto detail = formats::shortened(refused.why.detail, 1000);
  if (formats::text_flaw(detail, true)) detail.clear();
  const exchange::Rejection rejection{.exercise = turn.charter().exercise,
                                      .act = act,
                                      .exchange = refused.exchange.value_or(ExchangeId{}),
                                      .from = turn.charter().state,
                                      .to = partner,
                                      .code = refused.why.code,
                                      .detail = std::move(detail),
                                      .made_at = turn.now};
  const auto content = exchange::rejection_content(rejection);
  TRY_LET(auto p7m, turn.office.ports.signer.sign(content, turn.now));
  TRY(note(turn, partner_log(partner), custody::EntryKind::act_rejected,
           Json::object({{"act", act.hex()}, {"code", row_of(refused.why.code).name}}),
           {.exchange = refused.exchange}));
  TRY(turn.store().put_setting(setting, base64(p7m)));
  return p7m;
}

/// Logs and keeps an act that is taken.
Result<ActRecord> take(Turn& turn, Taken& taken, View p7m,
                       const std::vector<exchange::Part>& parts) {
  const auto& substance = taken.act.substance;
  const auto p7m_hash = crypto::sha256(p7m);
  TRY_LET(const auto index,
          note(turn, partner_log(substance.from), custody::EntryKind::act_received,
               Json::object({{"act", taken.id.hex()},
                             {"p7m", p7m_hash.hex()},
                             {"sequence", taken.act.order.sequence},
                             {"side", exchange::name_of(taken.side)},
                             {"type", exchange::name_of(substance.type)}}),
               {.exchange = substance.exchange}));
  taken.loaded.life.add(taken.step);
  TRY(save_exchange(turn, taken.loaded));
  for (const auto& part : parts)
    TRY(turn.store().put_part({.owner = taken.id.hex(), .part = part}));
  ActRecord record{
      .id = taken.id,
      .exchange = substance.exchange,
      .side = taken.side,
      .sequence = taken.act.order.sequence,
      .type = substance.type,
      .draft = substance.draft,
      .p7m = to_bytes(p7m),
      .logged_at = turn.now,
      .log_index = place_in(current_log(turn.office, partner_log(substance.from)), index),
      .standing = Standing::logged};
  TRY(turn.store().put_act(record));
  if (taken.delivered) {
    TRY_LET(const auto body, exchange::body_as<exchange::DeliveryBody>(substance));
    const auto part = std::ranges::find(parts, body.manifest, &exchange::Part::name);
    const auto situation = taken.loaded.life.now();
    const auto* standing = situation.delivery(taken.id);
    const bool is_void = standing && standing->state == exchange::DeliveryState::void_;
    TRY(turn.store().put_item({.id = taken.delivered->item,
                               .exchange = substance.exchange,
                               .ours = false,
                               .state = is_void ? ItemState::failed : ItemState::announced,
                               .name = taken.delivered->name,
                               .manifest = part->bytes,
                               .delivery = taken.id,
                               .changed_at = turn.now}));
    if (taken.delivered->opening) TRY(note_live(turn, taken.delivered->item));
  }
  if (taken.completed) {
    TRY_LET(const auto body, exchange::body_as<exchange::CompletionBody>(substance));
    TRY_LET(auto item, turn.store().item(body.item));
    item->manifest = *taken.completed;
    TRY(put_item_state(turn, *item, item->state));
  }
  turn.notices.push_back(Json::object({{"kind", "act"},
                                       {"exchange", substance.exchange.hex()},
                                       {"type", exchange::name_of(substance.type)},
                                       {"phase", taken.loaded.record.phase}}));
  if (must_call_back(turn.office, substance.from))
    turn.notices.push_back(Json::object({{"kind", "call_back"},
                                         {"partner", substance.from.text()},
                                         {"exchange", substance.exchange.hex()}}));
  return record;
}

/// From the checkpoint the partner holds to the one in its receipt.
Json consistency(Office& office, const std::string& log, const std::optional<std::string>& known,
                 std::string_view checkpoint) {
  auto proofs = Json::array();
  const auto verifiers = own_verifiers(office, log);
  if (!known || !verifiers) return proofs;
  const auto held = formats::open_checkpoint(as_bytes(*known), *verifiers);
  const auto shown = formats::open_checkpoint(as_bytes(checkpoint), *verifiers);
  if (!held || !shown) return proofs;
  const auto hashes =
      formats::consistency_proof(*hashes_of(office, log), std::min(held->size, shown->size),
                                 std::max(held->size, shown->size));
  if (hashes)
    for (const auto& hash : *hashes) proofs.push_back(base64(hash.view()));
  return proofs;
}

/// A receipt that was made before the log's key was replaced proves the same under the new key:
/// whoever lost it knows only that one. Nothing if the receipt is of today's key anyway, or of a
/// log that another one has followed since.
Result<std::optional<std::string>> receipt_anew(Office& office, const std::string& log,
                                                const ActRecord& record) {
  if (place_in(log, 0) != record.log_index - record.log_index % k_places_of_log)
    return std::nullopt;
  TRY_LET(const auto verifiers, own_verifiers(office, log));
  TRY_LET(const auto proof, formats::parse_tlog_proof(as_bytes(record.receipt)));
  TRY_LET(const auto shown, formats::parse_note(as_bytes(proof.checkpoint)));
  TRY_LET(const auto receipted, formats::parse_checkpoint(shown.text));
  if (receipted.origin != verifiers.front().name ||
      formats::open_checkpoint(as_bytes(proof.checkpoint), std::span(verifiers).first(1)))
    return std::nullopt;
  const auto& book = office.books.find(log)->second;
  TRY_LET(const auto note, formats::parse_note(as_bytes(book.state->checkpoint())));
  TRY_LET(auto checkpoint, office.ports.log_signer.sign_checkpoint(
                               log, office.charter.origin_prefix + log, note.text));
  const auto index = record.log_index % k_places_of_log;
  TRY_LET(const auto rows, office.ports.store.entries(log, index, index + 1));
  if (rows.empty()) return fault(FaultCode::log_corrupt, log + ": a row is missing");
  const auto reader = hashes_of(office, log);
  return custody::make_receipt(index, rows.front().entry, std::move(checkpoint), *reader);
}

std::shared_ptr<LetterAnswer> greeting_answer(const Json& json) {
  auto answer = std::make_shared<LetterAnswer>();
  answer->body = to_bytes(formats::canonical(json));
  return answer;
}

/// A letter without acts: what does the partner hold of us? It goes before the first letter since
/// this process began, so that an old disk is found out before it has signed anything anew.
Result<Letter> greeting_to(Turn& turn, const directory::Accepted& to,
                           std::span<const OutboxRecord> waiting) {
  const auto& state = to.entry.state;
  TRY_LET(const auto partner, turn.store().partner(state));
  Letter letter{.to = state,
                .endpoint = to.entry.endpoint,
                .tls_certificates = usable_tls(to, turn.now),
                .greeting = true};
  for (const auto& record : waiting) letter.acts.push_back(record.act);
  auto body = Json::object({{"acts", Json::array()}});
  body.set("known", partner && !partner->checkpoint.empty() ? Json(partner->checkpoint) : Json());
  add_questions(turn, state, body);
  letter.body = to_bytes(formats::canonical(body));
  return letter;
}

}  // namespace

std::optional<StateCode> Desk::pinned(const Digest& tls_certificate) {
  for (const auto& [state, accepted] : turn_.office.partners) {
    if (directory::status_at(accepted, turn_.now) != directory::EntryStatus::in_force) continue;
    for (const auto& certificate : accepted.entry.tls)
      if (certificate.fingerprint() == tls_certificate &&
          directory::usable_at(accepted, certificate, crypto::Usage::tls, turn_.now))
        return state;
  }
  return std::nullopt;
}

Result<std::shared_ptr<LetterAnswer>> Desk::take_letter(const StateCode& partner, View body) {
  auto& turn = turn_;
  TRY_LET(const auto* accepted, partner_in_force(turn.office, partner, turn.now));
  TRY_LET(const auto letter, read_letter(body));
  const auto log = current_log(turn.office, partner_log(partner));
  if (letter.greeting && turn.office.unsettled.contains(partner)) {
    // What it shows of us is asked for in our own greeting; it may be in the same need.
    TRY_LET(auto answer, answer_greeting(turn, *accepted, *letter.greeting));
    return greeting_answer(answer);
  }
  TRY(check_settled(turn.office, partner));
  if (letter.known) {
    const auto shown = check_shown(turn, log, *letter.known);
    // Signed with our own key, so it is no partner's invention: this node stops and says so.
    if (!shown && (shown.error().code == FaultCode::log_rolled_back ||
                   shown.error().code == FaultCode::log_inconsistent ||
                   shown.error().code == FaultCode::log_corrupt))
      turn.fatal = shown.error();
    TRY(shown);
  }

  if (letter.greeting) {
    TRY_LET(auto answer, answer_greeting(turn, *accepted, *letter.greeting));
    return greeting_answer(answer);
  }

  // Earlier acts of the letter are noted already: half a letter must not become durable.
  const auto broken_off = [&turn](const Fault& why) {
    turn.fatal = why;
    return std::unexpected(why);
  };
  auto answers = std::make_shared<Json>(Json::array());
  auto finished = std::make_shared<std::vector<std::function<Result<void>()>>>();
  auto repeated =
      std::make_shared<std::vector<std::pair<std::size_t, std::shared_ptr<ActRecord>>>>();
  for (std::size_t i = 0; i < letter.acts.size(); ++i) {
    const auto& arrived = letter.acts[i];
    auto judged = judge_arrival(turn, *accepted, arrived.p7m, arrived.parts);
    if (!judged) {
      answers->push_back(Json::object({{"fault", fault_json(judged.error())}}));
      continue;
    }
    if (auto* refused = std::get_if<NotTaken>(&*judged)) {
      TRY_LET(const auto opened, turn.office.ports.opener.open(arrived.p7m));
      const auto id = exchange::act_id(opened.content);
      const auto p7m = reject(turn, partner, id, *refused);
      if (!p7m) return broken_off(p7m.error());
      answers->push_back(Json::object({{"act", id.hex()}, {"rejection", base64(*p7m)}}));
      continue;
    }
    std::shared_ptr<ActRecord> record;
    if (auto* known = std::get_if<Known>(&*judged)) {
      record = std::make_shared<ActRecord>(known->record);
      repeated->emplace_back(i, record);
    } else {
      auto& taken = std::get<Taken>(*judged);
      auto fresh = take(turn, taken, arrived.p7m, arrived.parts);
      if (!fresh) return broken_off(fresh.error());
      record = std::make_shared<ActRecord>(*std::move(fresh));
    }
    answers->push_back(Json::object({{"act", record->id.hex()}}));
    finished->push_back([&turn, log, record, answers, i]() -> Result<void> {
      if (record->receipt.empty()) {
        // The receipt proves the entry under this turn's checkpoint; kept, so that a repeated act
        // gets the same one.
        auto& batch = turn.batches.find(log)->second;
        record->receipt = batch.receipt(record->log_index % k_places_of_log);
        TRY(turn.store().put_act(*record));
      }
      answers->items()[i].set("receipt", record->receipt);
      return {};
    });
  }
  turn.once_sealed.push_back([finished]() -> Result<void> {
    for (auto& work : *finished) TRY(work());
    return {};
  });
  auto answer = std::make_shared<LetterAnswer>();
  // Consistency needs the files of the new checkpoint, which are written once all is durable.
  turn.once_durable.push_back([office = &turn.office, log, answers, answer, repeated,
                               known = letter.known] {
    for (const auto& [i, record] : *repeated) {
      const auto anew = receipt_anew(*office, log, *record);
      if (anew && *anew) answers->items()[i].set("receipt", **anew);
    }
    std::map<std::string, Json, std::less<>> proofs;  // by checkpoint: the acts of a turn share one
    for (auto& one : answers->items()) {
      const auto* receipt = one.find("receipt");
      const auto proof = receipt ? formats::parse_tlog_proof(as_bytes(receipt->text()))
                                 : Result<formats::TlogProof>(fault(FaultCode::log_proof));
      if (!proof) continue;
      auto found = proofs.find(proof->checkpoint);
      if (found == proofs.end())
        found =
            proofs.emplace(proof->checkpoint, consistency(*office, log, known, proof->checkpoint))
                .first;
      one.set("consistency", found->second);
    }
    answer->body = to_bytes(formats::canonical(Json::object({{"answers", *answers}})));
  });
  return answer;
}

Result<std::vector<Letter>> Desk::letters() {
  auto& turn = turn_;
  TRY_LET(const auto due, turn.store().due(turn.now, k_due_max));
  std::map<StateCode, std::vector<OutboxRecord>> by_partner;
  for (const auto& one : due)
    if (!turn.office.letters_under_way.contains(one.partner))
      by_partner[one.partner].push_back(one);
  std::vector<Letter> letters;
  for (const auto& [state, one] : turn.office.unsettled) {
    by_partner.erase(state);  // nothing is sent before it told what it holds
    const auto accepted = partner_in_force(turn.office, state, turn.now);
    // What lies far ahead was set by a clock that ran ahead and is right again.
    const bool waits = one.next_try_at > turn.now && one.next_try_at <= turn.now.plus_s(k_hour_s);
    if (!accepted || waits || turn.office.letters_under_way.contains(state)) continue;
    TRY_LET(auto letter, greeting_to(turn, **accepted, {}));
    turn.office.letters_under_way.insert(state);
    letters.push_back(std::move(letter));
  }
  for (const auto& [state, records] : by_partner) {
    const auto accepted = partner_in_force(turn.office, state, turn.now);
    if (!accepted) continue;  // waits until the entry is renewed
    if (!turn.office.greeted.contains(state)) {
      TRY_LET(auto letter, greeting_to(turn, **accepted, records));
      turn.office.letters_under_way.insert(state);
      letters.push_back(std::move(letter));
      continue;
    }
    TRY_LET(const auto partner, turn.store().partner(state));
    Letter letter{.to = state,
                  .endpoint = (*accepted)->entry.endpoint,
                  .tls_certificates = usable_tls(**accepted, turn.now)};
    auto acts = Json::array();
    const auto room = turn.office.letter_rooms.of(state);
    std::size_t size = 0;
    for (const auto& record : records) {
      TRY_LET(const auto act, turn.store().act(record.act));
      if (!act) return fault(FaultCode::store_corrupt, "the outbox names an act that is not there");
      TRY_LET(const auto parts, turn.store().parts(record.act.hex()));
      auto list = Json::array();
      std::size_t more = act->p7m.size();
      for (const auto& part : parts) {
        list.push_back(to_json(part.part));
        more += part.part.bytes.size();
      }
      if (!letter.acts.empty() && (size + more > room || letter.acts.size() == k_letter_acts_max))
        break;
      size += more;
      acts.push_back(Json::object({{"p7m", base64(act->p7m)}, {"parts", std::move(list)}}));
      letter.acts.push_back(record.act);
    }
    auto body = Json::object({{"acts", std::move(acts)}});
    body.set("known", partner && !partner->checkpoint.empty() ? Json(partner->checkpoint) : Json());
    letter.body = to_bytes(formats::canonical(body));
    letter.size = size;
    turn.office.letters_under_way.insert(state);
    letters.push_back(std::move(letter));
  }
  return letters;
}

}  // namespace comity::node
