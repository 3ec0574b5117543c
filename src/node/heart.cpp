#include "node/heart.hpp"

#include <limits>

#include "node/leftovers.hpp"
#include "node/restored.hpp"

namespace comity::node {
namespace {

constexpr std::size_t k_no_limit = std::numeric_limits<std::size_t>::max();

/// A seal that was under way when the node died can not be continued: its source is gone.
Result<void> give_up_sealing(Turn& turn) {
  TRY_LET(auto items, turn.store().item_page({.state = ItemState::sealing, .limit = k_no_limit}));
  for (auto& item : items) TRY(give_up_item(turn, item, FaultCode::evidence_incomplete));
  return {};
}

/// Keys are made durable before the rows that name them, and outlive the decision to end them: a
/// node that died in between left keys that open nothing. If we die here, the next start goes on.
Result<void> end_leftover_keys(Office& office) {
  TRY_LET(const auto names, office.ports.evidence_keys.names());
  for (const auto& name : names) {
    TRY_LET(const auto need, need_of_key(office.ports.store, name));
    if (need == Need::leftover) TRY(office.ports.evidence_keys.destroy(name));
  }
  return {};
}

/// A turn of the heart's own, when nobody else asks anything.
Result<void> alone(Office& office, Instant now, const std::function<Result<void>(Turn&)>& work) {
  Turn turn{.office = office, .now = now};
  TRY(turn.store().begin());
  TRY(work(turn));
  TRY(seal_books(turn));
  TRY(turn.store().commit());
  TRY(publish(turn));
  for (auto& next : turn.once_durable) next();
  if (turn.fatal) return std::unexpected(*turn.fatal);
  return {};
}

}  // namespace

Heart::Heart(Ports ports, Charter charter, Notify notify)
    : office_(
          new Office{.ports = ports, .charter = std::move(charter), .notify = std::move(notify)}) {}
Heart::~Heart() = default;

Result<void> Heart::start(Instant now) {
  TRY(load_restored(*office_));
  TRY(load_own_entries(*office_));
  TRY(open_books(*office_));
  TRY(load_officers(*office_));
  TRY(load_directory(*office_));
  TRY(load_first(*office_));
  TRY(alone(*office_, now, [](Turn& first) -> Result<void> {
    TRY(give_up_sealing(first));
    TRY(begin_restored(first));
    auto unvouched = Json::array();
    for (const auto& state : first.office.unvouched) unvouched.push_back(state.text());
    TRY(first.store().put_setting("unvouched", formats::canonical(unvouched)));
    TRY(note(first, k_internal_log, custody::EntryKind::node_started,
             Json::object({{"version", COMITY_VERSION}})));
    return first.store().drop_tokens(first.now);
  }));
  // After the rows are settled, and before anybody could make a key or an item.
  // While acts may still come back, a key that no row names may be that of a lost request.
  return office_->unsettled.empty() ? end_leftover_keys(*office_) : Result<void>();
}

Result<void> Heart::stop(Instant now) {
  TRY(alone(*office_, now, [](Turn& last) -> Result<void> {
    TRY(note(last, k_internal_log, custody::EntryKind::node_stopped, Json::object()));
    return {};
  }));
  return settle(now);
}

Result<void> Heart::turn(std::vector<Job> jobs, Instant now) {
  Turn turn{.office = *office_, .now = now};
  Desk desk(turn);
  TRY(turn.store().begin());
  std::vector<Afterwards> afterwards;
  for (auto& job : jobs) afterwards.push_back(job(desk));
  if (turn.fatal) {
    turn.store().rollback();
    const auto code = turn.fatal->code;
    if (code == FaultCode::log_rolled_back || code == FaultCode::log_inconsistent)
      TRY(keep_halt(turn.store(), *turn.fatal));
    return std::unexpected(*turn.fatal);
  }
  TRY(seal_books(turn));
  // If we die here, nothing of this turn ever happened and nobody was told.
  TRY(turn.store().commit());
  // If we die here, all of it happened: files are written at start, acts are sent from the outbox,
  // and a peer or officer who asks again gets the same answer.
  TRY(publish(turn));
  for (auto& work : turn.once_durable) work();
  if (turn.fatal) return std::unexpected(*turn.fatal);
  for (auto& work : afterwards)
    if (work) work();
  if (office_->notify)
    for (const auto& notice : turn.notices) office_->notify(notice);
  return {};
}

Result<void> Heart::settle(Instant) {
  std::vector<LogRecord> settled;
  for (const auto& [name, book] : office_->books) {
    if (!book.state || book.state->size() == book.installed) continue;
    settled.push_back({.name = name,
                       .origin = book.state->origin(),
                       .size = book.state->size(),
                       .edge = book.state->edge().bytes(),
                       .checkpoint = book.state->checkpoint(),
                       .installed = book.state->size()});
  }
  if (settled.empty()) return {};
  TRY(office_->ports.log_files.sync());
  // If we die here, files that are durable already are written once more at start.
  TRY(office_->ports.store.begin());
  for (const auto& log : settled) TRY(office_->ports.store.put_log(log));
  TRY(office_->ports.store.commit());
  for (const auto& log : settled) office_->books.find(log.name)->second.installed = log.size;
  return {};
}

}  // namespace comity::node
