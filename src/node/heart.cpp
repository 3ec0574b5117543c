#include "node/heart.hpp"

#include "node/office.hpp"

namespace comity::node {
namespace {

/// Destruction was decided and logged, but the node may have died before the key was gone.
Result<void> finish_destructions(Office& office) {
  TRY_LET(const auto items, office.ports.store.items(std::nullopt));
  for (const auto& item : items) {
    if (item.state != ItemState::destroyed) continue;
    TRY(office.ports.evidence_keys.destroy(item.ours ? "item-" + item.id.hex()
                                                     : "request-" + item.exchange.hex()));
  }
  return {};
}

/// A seal that was under way when the node died can not be continued: its source is gone.
Result<void> give_up_sealing(Turn& turn) {
  TRY_LET(auto items, turn.store().items(std::nullopt));
  for (auto& item : items) {
    if (item.state != ItemState::sealing) continue;
    item.state = ItemState::failed;
    item.changed_at = turn.now;
    TRY(turn.store().put_item(item));
  }
  return {};
}

}  // namespace

Heart::Heart(Ports ports, Charter charter, Notify notify)
    : office_(
          new Office{.ports = ports, .charter = std::move(charter), .notify = std::move(notify)}) {}
Heart::~Heart() = default;

Result<void> Heart::start(Instant now) {
  TRY(open_books(*office_));
  TRY(load_officers(*office_));
  TRY(load_directory(*office_));
  TRY(finish_destructions(*office_));
  Turn first{.office = *office_, .now = now};
  TRY(office_->ports.store.begin());
  TRY(give_up_sealing(first));
  TRY(note(first, k_internal_log, custody::EntryKind::node_started,
           Json::object({{"version", COMITY_VERSION}})));
  TRY(seal_books(first));
  TRY(office_->ports.store.commit());
  return publish(first);
}

Result<void> Heart::turn(std::vector<Job> jobs, Instant now) {
  Turn turn{.office = *office_, .now = now};
  Desk desk(turn);
  TRY(turn.store().begin());
  std::vector<Afterwards> afterwards;
  for (auto& job : jobs) afterwards.push_back(job(desk));
  if (turn.fatal) {
    turn.store().rollback();
    return std::unexpected(*turn.fatal);
  }
  TRY(seal_books(turn));
  // If we die here, nothing of this turn ever happened and nobody was told.
  TRY(turn.store().commit());
  // If we die here, all of it happened: files are written at start, acts are sent from the outbox,
  // and a peer or officer who asks again gets the same answer.
  TRY(publish(turn));
  for (auto& work : turn.once_durable) work();
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
