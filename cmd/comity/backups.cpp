#include "backups.hpp"

namespace comity {
namespace {

constexpr int k_pages_a_turn = 512;  // 2 MiB: some milliseconds between two turns

Result<store::BackupOrder> order_of(const node::BackupOrder& asked) {
  store::BackupOrder order{.file = asked.file, .evidence_keys = asked.evidence_keys};
  TRY_LET(order.id, store::BackupId::from_hex(asked.id));
  for (const auto& text : asked.recipients) {
    TRY_LET(const auto recipient, formats::AgeRecipient::from_text(text));
    order.recipients.push_back(recipient);
  }
  return order;
}

Result<std::unique_ptr<store::DatabaseCopy>> begin_copy(const HomeBackups::Parts& parts,
                                                        const node::BackupOrder& order) {
  // Found out before gigabytes are copied, not after.
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(order.file, error)))
    return fault(FaultCode::store_exists, store::Path(order.file).filename().string());
  TRY(HomeBackups::clear(parts.home));
  return parts.store.copy_to(store::backup_scratch(parts.home));
}

}  // namespace

Result<void> HomeBackups::clear(const store::Home& home) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::error_code error;
    const store::Path path = store::Path(store::backup_scratch(home)) += suffix;
    if (std::filesystem::exists(std::filesystem::symlink_status(path, error)))
      TRY(store::remove_durably(path));
  }
  return {};
}

Result<node::BackupOutcome> HomeBackups::write(const Parts& parts, const node::BackupOrder& asked,
                                               Instant copied_at) {
  TRY_LET(const auto order, order_of(asked));
  const auto made = store::write_backup(parts.home, store::backup_scratch(parts.home), order,
                                        copied_at, parts.random);
  TRY(clear(parts.home));
  if (!made) return std::unexpected(made.error());
  return node::BackupOutcome{made->manifest.made_at, made->sha256, made->size};
}

Result<node::BackupOutcome> HomeBackups::make_now(const Parts& parts,
                                                  const node::BackupOrder& order) {
  {
    TRY_LET(const auto copy, begin_copy(parts, order));
    for (bool whole = false; !whole;) {
      TRY_LET(whole, copy->step(k_pages_a_turn));
    }
  }
  return write(parts, order, parts.clock.now());
}

void HomeBackups::make(const node::BackupOrder& order, Done done) {
  if (copy_ || writing_) return done(fault(FaultCode::limit_busy, "a backup is being made"));
  auto copy = begin_copy(parts_, order);
  if (!copy) return done(std::unexpected(copy.error()));
  copy_ = *std::move(copy);
  order_ = order;
  done_ = std::move(done);
}

void HomeBackups::copy_some() {
  if (!copy_) return;
  const auto whole = copy_->step(k_pages_a_turn);
  if (whole && !*whole) return;
  copy_.reset();
  if (!whole) {
    std::ignore = clear(parts_.home);
    return std::exchange(done_, {})(std::unexpected(whole.error()));
  }
  // The copy is the database as of this moment, between two turns.
  const std::lock_guard lock(mutex_);
  if (is_stopping_)
    return std::exchange(done_, {})(fault(FaultCode::node_stopping, "the backup was not written"));
  if (writer_.joinable()) writer_.join();
  writing_ = true;
  writer_ = std::thread(
      [this, order = order_, done = std::exchange(done_, {}), copied_at = parts_.clock.now()] {
        auto outcome = write(parts_, order, copied_at);
        writing_ = false;
        done(std::move(outcome));
      });
}

void HomeBackups::stop() {
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
  if (writer_.joinable()) writer_.join();
}

}  // namespace comity
