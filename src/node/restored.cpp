#include "node/restored.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "custody/consistency.hpp"
#include "node/live.hpp"

namespace comity::node {
namespace {

constexpr std::string_view k_restored = "restored";
constexpr std::string_view k_halted = "halted";
constexpr std::string_view k_successors = "logs/successors";
constexpr std::string_view k_their_logs = "logs/theirs";

Result<Json> kept_json(Store& store, std::string_view name) {
  TRY_LET(const auto text, store.setting(name));
  if (!text || text->empty()) return Json::object();
  return formats::parse_json(as_bytes(*text));
}

Json to_json(const Unsettled& one) {
  return Json::object({{"agreed", one.agreed},
                       {"gap", one.gap},
                       {"declared", one.declared},
                       {"held", one.held},
                       {"asked_from", one.asked_from},
                       {"recovered", one.recovered},
                       {"last_fault", one.last_fault}});
}

Unsettled unsettled_from(const Json& json) {
  Unsettled one;
  one.agreed = json.at("agreed").boolean();
  one.gap = json.at("gap").boolean();
  one.declared = json.at("declared").boolean();
  one.held = json.at("held").text();
  one.asked_from = static_cast<std::uint64_t>(json.at("asked_from").integer());
  one.recovered = static_cast<std::uint64_t>(json.at("recovered").integer());
  one.last_fault = json.at("last_fault").text();
  one.from = one.asked_from;
  return one;
}

/// Where the newest checkpoint of a partner's log that we hold ends, in places.
Result<std::uint64_t> end_of(const std::string& log, const std::string& checkpoint) {
  if (checkpoint.empty()) return place_in(log, 0);
  TRY_LET(const auto note, formats::parse_note(as_bytes(checkpoint)));
  TRY_LET(const auto read, formats::parse_checkpoint(note.text));
  return place_in(log, read.size);
}

Result<void> save_successors(Turn& turn) {
  auto json = Json::object();
  for (const auto& [from, to] : turn.office.successors) json.set(from, to);
  return turn.store().put_setting(k_successors, formats::canonical(json));
}

const Unsettled* unsettled_in(const Office& office, std::string_view log) {
  for (const auto& [state, one] : office.unsettled)
    if (partner_log(state) == log) return &one;
  return nullptr;
}

}  // namespace

Result<void> mark_restored(Store& store, std::string_view backup, Instant made_at, Instant now) {
  TRY_LET(const auto directory, store.directory());
  TRY_LET(const auto theirs, kept_json(store, k_their_logs));
  auto partners = Json::object();
  for (const auto& record : directory) {
    if (partners.find(record.state.text())) continue;
    Unsettled one;
    TRY_LET(const auto partner, store.partner(record.state));
    const auto* log = theirs.find(record.state.text());
    TRY_LET(one.asked_from, end_of(log ? log->text() : "", partner ? partner->checkpoint : ""));
    partners.set(record.state.text(), to_json(one));
  }
  TRY(store.begin());
  TRY(store.put_setting(k_halted, ""));
  TRY(store.put_setting(k_restored,
                        formats::canonical(Json::object({{"backup", backup},
                                                         {"made_at", to_text(made_at)},
                                                         {"restored_at", to_text(now)},
                                                         {"begun", false},
                                                         {"partners", std::move(partners)}}))));
  return store.commit();
}

Result<void> keep_halt(Store& store, const Fault& why) {
  TRY(store.begin());
  TRY(store.put_setting(k_halted, why.detail));
  return store.commit();
}

Result<void> load_restored(Office& office) {
  auto& store = office.ports.store;
  TRY_LET(const auto halted, store.setting(k_halted));
  if (halted && !halted->empty()) return fault(FaultCode::log_rolled_back, *halted);
  TRY_LET(const auto successors, kept_json(store, k_successors));
  for (const auto& [from, to] : successors.members()) office.successors[from] = to.text();
  TRY_LET(const auto theirs, kept_json(store, k_their_logs));
  for (const auto& [text, log] : theirs.members()) {
    TRY_LET(const auto state, StateCode::from_text(text));
    office.their_logs[state] = log.text();
  }
  TRY_LET(const auto restored, kept_json(store, k_restored));
  const auto* partners = restored.find("partners");
  if (!partners) return {};
  for (const auto& [text, one] : partners->members()) {
    TRY_LET(const auto state, StateCode::from_text(text));
    office.unsettled[state] = unsettled_from(one);
  }
  return {};
}

Result<void> save_restored(Turn& turn) {
  TRY_LET(auto restored, kept_json(turn.store(), k_restored));
  auto partners = Json::object();
  for (const auto& [state, one] : turn.office.unsettled) partners.set(state.text(), to_json(one));
  restored.set("partners", std::move(partners));
  return turn.store().put_setting(k_restored, formats::canonical(restored));
}

Result<std::string> succeed_log(Turn& turn, const std::string& log, const std::string& last_known) {
  const std::string next = next_log_name(log);
  std::uint64_t size = 0;
  if (!last_known.empty()) {
    TRY_LET(const auto note, formats::parse_note(as_bytes(last_known)));
    TRY_LET(const auto checkpoint, formats::parse_checkpoint(note.text));
    size = checkpoint.size;
  }
  turn.office.successors[log] = next;
  TRY(save_successors(turn));
  TRY(note(turn, next, custody::EntryKind::log_begun,
           Json::object({{"previous", log},
                         {"size", size},
                         {"checkpoint", crypto::sha256(as_bytes(last_known)).hex()}})));
  return next;
}

Result<void> begin_restored(Turn& turn) {
  TRY_LET(auto restored, kept_json(turn.store(), k_restored));
  const auto* begun = restored.find("begun");
  if (!begun || begun->boolean()) return {};
  for (const auto base : {k_internal_log, k_anchor_log}) {
    const auto log = current_log(turn.office, base);
    const auto [size, checkpoint] = published(turn, log);
    if (size > 0) TRY(succeed_log(turn, log, checkpoint));
  }
  TRY(note(turn, k_internal_log, custody::EntryKind::node_restored,
           Json::object({{"backup", restored.at("backup").text()}})));
  TRY(forget_own_live(turn));
  restored.set("begun", true);
  return turn.store().put_setting(k_restored, formats::canonical(restored));
}

Result<void> check_goes_on(const Office& office, std::string_view log) {
  const auto* one = unsettled_in(office, log);
  if (!one || one->agreed || one->declared) return {};
  return fault(FaultCode::node_restored,
               one->gap ? "two officers must declare a new origin for " + std::string(log)
                        : "the partner was not asked yet what it holds of " + std::string(log));
}

Result<void> check_settled(const Office& office, const StateCode& partner) {
  const auto found = office.unsettled.find(partner);
  if (found == office.unsettled.end()) return {};
  return fault(FaultCode::node_restored,
               partner.text() + " may hold acts that this node lost; it is asked for them");
}

Result<void> check_shown(Turn& turn, const std::string& log, const std::string& known) {
  const auto origin = turn.charter().origin_prefix + log;
  TRY_LET(const auto verifiers, own_verifiers(turn.office, log));
  TRY_LET(const auto shown, formats::open_checkpoint(as_bytes(known), verifiers));
  // In this turn the state may be with a batch already: what was published counts.
  const auto [size, published_text] = published(turn, log);
  formats::TileHashReader reader(size, [&](const formats::Tile& tile) -> Result<Bytes> {
    TRY_LET(auto bytes, turn.office.ports.log_files.read(log, formats::path_of(tile)));
    if (!bytes) return fault(FaultCode::log_corrupt, log + ": a tile is missing");
    return *std::move(bytes);
  });
  auto agrees = custody::check_own(shown, size, reader);
  if (agrees) return agrees;
  // Whoever found a key that was replaced could write this: it stops nothing but this one letter.
  const auto is_ours_now = [&](const formats::Verifier& one) {
    return one.key == verifiers.front().key ||
           (!turn.office.own_entries.empty() &&
            one.key == verifier_in(turn.office.own_entries.front(), log));
  };
  auto present = verifiers;
  std::erase_if(present, std::not_fn(is_ours_now));
  if (!formats::open_checkpoint(as_bytes(known), present))
    return fault(FaultCode::log_proof,
                 origin + ": shown under a key that was replaced, and not what this log says");
  if (agrees.error().code == FaultCode::log_rolled_back)
    return fault(FaultCode::log_rolled_back,
                 fmt::format("the partner shows {} signed by this node at size {}; this disk "
                             "knows {}",
                             origin, shown.size, size));
  if (agrees.error().code != FaultCode::log_inconsistent || size == 0) return agrees;
  // Before anybody is called a forger: do our own tiles still lead to our own checkpoint?
  TRY_LET(const auto own, formats::open_checkpoint(as_bytes(published_text), verifiers));
  const auto derived = formats::root_at(reader, size);
  if (!derived || *derived != own.root)
    return fault(FaultCode::log_corrupt, log + ": its tiles no longer lead to its own checkpoint");
  return agrees;
}

Result<Json> Desk::restored() {
  TRY_LET(const auto kept, kept_json(turn_.store(), k_restored));
  auto partners = Json::array();
  for (const auto& [state, one] : turn_.office.unsettled) {
    auto json = to_json(one);
    json.set("state", state.text());
    json.members().erase("held");
    if (!one.held.empty()) {
      TRY_LET(const auto note, formats::parse_note(as_bytes(one.held)));
      TRY_LET(const auto checkpoint, formats::parse_checkpoint(note.text));
      json.set("held_size", checkpoint.size);
    }
    const auto log = current_log(turn_.office, partner_log(state));
    json.set("log", log);
    json.set("own_size", published(turn_, log).first);
    partners.push_back(std::move(json));
  }
  auto answer = Json::object({{"exercise", turn_.charter().exercise}});
  answer.set("settled", partners.size() == 0);
  answer.set("partners", std::move(partners));
  for (const auto* name : {"backup", "made_at", "restored_at"})
    if (const auto* value = kept.find(name)) answer.set(name, *value);
  return answer;
}

}  // namespace comity::node
