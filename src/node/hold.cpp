#include "node/hold.hpp"

#include <algorithm>
#include <set>

#include "node/history.hpp"

namespace comity::node {
namespace {

using exchange::Phase;

constexpr std::size_t k_no_limit = 1'000'000;

/// What a form names: accounts, addresses and devices, and other exchanges.
struct Named {
  std::set<std::string> identifiers;
  std::set<std::string> texts;
};

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

void collect(const Json& value, Named& named) {
  if (value.is_text()) named.texts.insert(value.text());
  if (value.is_array())
    for (const auto& item : value.items()) collect(item, named);
  if (!value.is_object()) return;
  const auto* identifier = value.find("identifier");
  const auto* kind = value.find("kind");
  if (identifier != nullptr && identifier->is_text() && kind != nullptr && kind->is_text())
    named.identifiers.insert(kind->text() + ":" + lowered(identifier->text()));
  for (const auto& [key, member] : value.members()) collect(member, named);
}

Result<Named> named_in(Turn& turn, const ExchangeId& exchange) {
  TRY_LET(const auto request, request_of(turn, exchange));
  TRY_LET(const Json fields, request_fields(turn, request));
  Named named;
  collect(fields, named);
  return named;
}

bool share(const std::set<std::string>& some, const std::set<std::string>& others) {
  return std::ranges::any_of(some, [&](const auto& one) { return others.contains(one); });
}

}  // namespace

Result<Hold> hold_on(Turn& turn, const Loaded& preservation) {
  const auto& id = preservation.record.id;
  Hold hold;
  TRY_LET(const auto about, named_in(turn, id));
  TRY_LET(const auto others, turn.store().exchanges({.partner = preservation.record.partner,
                                                     .our_side = preservation.record.our_side,
                                                     .limit = k_no_limit}));
  for (const auto& other : others) {
    if (other.id == id) continue;
    TRY_LET(const auto life, exchange::Life::from_text(other.life));
    const auto situation = life.now();
    // Another preservation holds for itself; one that is asked to go on from this one holds this.
    const bool asks = is_undecided(situation.phase);
    const bool executes = situation.delivers && is_in_work(situation.phase);
    if (!asks && !executes && !situation.preserves) continue;
    TRY_LET(const auto named, named_in(turn, other.id));
    const bool names_this = named.texts.contains(id.hex());
    if (asks || executes) {
      const bool is_about_it = situation.delivers && share(named.identifiers, about.identifiers);
      if (other.linked == id || names_this || is_about_it) hold.by.push_back(other.id);
    } else if (names_this) {
      TRY_LET(const auto acts, history_of(turn, other.id));
      const auto until = preserved_until(acts);
      if (until && (!hold.extended || *until > hold.extended->until))
        hold.extended = Extension{*until, situation.acceptance};
    }
  }
  return hold;
}

Result<void> check_release(Turn& turn, const Loaded& loaded) {
  const auto situation = loaded.life.now();
  if (loaded.record.our_side != Side::requested || situation.delivers ||
      situation.phase != Phase::accepted)
    return {};
  TRY_LET(const auto acts, history_of(turn, loaded.record.id));
  if (!preserved_until(acts)) return {};  // it preserves nothing
  const auto* told = latest_notice(acts, exchange::NoticeKind::preservation_ending);
  if (told == nullptr)
    return fault(FaultCode::decision_held, "the requesting State was not told when it ends");
  const auto until = *std::get<exchange::NoticeBody>(told->body).until;
  if (turn.now < until)
    return fault(FaultCode::decision_held, "it was told to end on " + to_text(until));
  TRY_LET(const auto hold, hold_on(turn, loaded));
  if (hold.extended && turn.now < hold.extended->until)
    return fault(FaultCode::decision_held, "it was extended to " + to_text(hold.extended->until));
  if (!hold.by.empty())
    return fault(FaultCode::decision_held,
                 "a request for the data is not decided and carried out: " + hold.by[0].hex());
  return {};
}

}  // namespace comity::node
