// What is due, at the desk: the clocks of all open work and of all that was received and is still
// held. Reading is logged; what passed its date is told to oversight once, in the internal log.
#include <algorithm>
#include <tuple>

#include "node/answer.hpp"
#include "node/clocks.hpp"
#include "node/footing.hpp"
#include "node/hold.hpp"
#include "node/roles.hpp"
#include "node/use.hpp"

namespace comity::node {
namespace {

using exchange::Phase;

constexpr std::size_t k_no_limit = 1'000'000;
constexpr std::size_t k_page = 200;

struct Known {
  ExchangeRecord record;
  Due due;
};

std::optional<Instant> secret_until(const Json& fields) {
  const auto* until = fields.find("confidential_until");
  if (until == nullptr || !until->is_text()) return std::nullopt;
  const auto at = instant_from_text(until->text());
  return at ? std::optional(*at) : std::nullopt;
}

/// Whether domestic law has somebody authorise what is asked for.
bool is_authorised_at_home(const law::Profile& profile, const Json& asked) {
  const auto* categories = asked.find("data_categories");
  return categories != nullptr && categories->is_array() &&
         std::ranges::any_of(categories->items(), [&](const Json& one) {
           return one.is_text() && profile.authorisation(one.text()) != nullptr;
         });
}

Result<CaseFile> case_file(Turn& turn, const Loaded& loaded) {
  CaseFile file{.our_side = loaded.record.our_side, .situation = loaded.life.now()};
  TRY_LET(file.acts, history_of(turn, loaded.record.id));
  Json asked = Json::object();
  for (const auto& act : file.acts)
    if (const auto* body = std::get_if<exchange::RequestBody>(&act.body)) asked = body->fields;
  file.secret_until = secret_until(asked);
  TRY_LET(file.retention, retention_of(turn, loaded));
  TRY_LET(const auto items, turn.store().items(loaded.record.id));
  for (const auto& item : items)
    if (!item.ours && (item.state == ItemState::arrived || item.state == ItemState::announced))
      file.items_held.push_back(item.id);
  if (const auto* measure =
          measure_of(turn.charter(), loaded.record.instrument, loaded.record.measure)) {
    file.asks_to_preserve = measure->preserves;
    file.is_emergency = measure->emergency;
    TRY_LET(file.execute_by, execute_by(turn, *measure, asked, file.acts));
    file.needs_authorisation = is_authorised_at_home(turn.charter().profile, asked);
  }
  if (file.situation.preserves) {
    TRY_LET(const auto hold, hold_on(turn, loaded));
    file.extended = hold.extended;
    file.held = file.our_side == Side::requested && !hold.by.empty();
  }
  for (const auto& act : file.acts) {
    if (act.record.side != file.our_side ||
        !was_decided_alone(turn, act.act.substance, act.act.officers))
      continue;
    TRY_LET(const auto review, review_of_act(turn, act.record.id));
    if (!review) file.to_review.push_back(act.record.id);
  }
  return file;
}

/// Open work by its phase; ended work as long as something of it is held here. History costs
/// nothing.
Result<std::vector<ExchangeId>> watched(Turn& turn) {
  std::vector<ExchangeId> ids;
  for (const auto phase :
       {Phase::open, Phase::returned, Phase::postponed, Phase::accepted, Phase::delivered}) {
    TRY_LET(const auto records,
            turn.store().exchanges(
                {.phase = std::string(exchange::name_of(phase)), .limit = k_no_limit}));
    for (const auto& record : records) ids.push_back(record.id);
  }
  for (ItemFilter filter{.state = ItemState::arrived, .limit = k_page};;) {
    TRY_LET(const auto items, turn.store().item_page(filter));
    for (const auto& item : items)
      if (std::ranges::find(ids, item.exchange) == ids.end()) ids.push_back(item.exchange);
    if (items.size() < k_page) break;
    filter.after = items.back().id;
  }
  TRY_LET(const auto awaiting, awaiting_review(turn));
  for (const auto& id : awaiting)
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  return ids;
}

Result<std::vector<Known>> all_dues(Turn& turn) {
  std::vector<Known> dues;
  const auto practice = practice_of(turn.charter().profile);
  TRY_LET(const auto ids, watched(turn));
  for (const auto& id : ids) {
    TRY_LET(const auto loaded, load_exchange(turn, id));
    TRY_LET(const auto file, case_file(turn, loaded));
    const auto own = dues_of(file, practice, turn.now);
    for (const auto& due : own) dues.push_back({loaded.record, due});
    const bool has_ended = !exchange::is_in_work(file.situation.phase);
    if (own.empty() && has_ended) TRY(end_review(turn, id));
  }
  std::ranges::sort(dues, {}, [](const Known& one) {
    return std::tuple(one.due.at, one.record.id, one.due.clock);
  });
  return dues;
}

/// Told once for each date that passed, however often it is looked at and whatever the clock did
/// in between.
Result<void> tell_oversight(Turn& turn, const Known& known) {
  const auto& due = known.due;
  const std::string clock(name_of(due.clock));
  const auto setting = "overdue/" + known.record.id.hex() + "/" + clock + "/" + to_text(due.at);
  TRY_LET(const auto told, turn.store().setting(setting));
  if (told) return {};
  TRY(turn.store().put_setting(setting, to_text(turn.now)));
  TRY(note(turn, k_internal_log, custody::EntryKind::clock_overdue,
           Json::object({{"clock", clock}, {"at", to_text(due.at)}}),
           {.exchange = known.record.id}));
  turn.notices.push_back(Json::object({{"kind", "overdue"},
                                       {"exchange", known.record.id.hex()},
                                       {"clock", clock},
                                       {"at", to_text(due.at)}}));
  return {};
}

Json to_json(const Known& known) {
  const auto& due = known.due;
  return Json::object({{"clock", name_of(due.clock)},
                       {"at", to_text(due.at)},
                       {"nearness", name_of(due.nearness)},
                       {"ours", due.from == known.record.our_side},
                       {"held", due.held},
                       {"exchange", known.record.id.hex()},
                       {"partner", known.record.partner.text()},
                       {"measure", known.record.measure},
                       {"act", due.act.hex()}});
}

}  // namespace

Result<Json> Desk::due(const Officer& who) {
  TRY(require_role(who, {}));
  TRY_LET(const auto dues, all_dues(turn_));
  auto list = Json::array();
  for (const auto& known : dues) {
    list.push_back(to_json(known));
    if (known.due.nearness == Nearness::overdue) TRY(tell_oversight(turn_, known));
  }
  TRY(note(turn_, k_internal_log, custody::EntryKind::due_read,
           Json::object({{"officer", who.fingerprint.hex()}})));
  return Json::object({{"now", to_text(turn_.now)},
                       {"due", std::move(list)},
                       {"exercise", turn_.charter().exercise}});
}

Result<void> Desk::watch_clocks() {
  TRY_LET(const auto dues, all_dues(turn_));
  for (const auto& known : dues)
    if (known.due.nearness == Nearness::overdue) TRY(tell_oversight(turn_, known));
  return {};
}

}  // namespace comity::node
